//! `holdfast check`: a configuration and its plan, each problem with file and line. Exit code 3 if there are any.

use crate::cli::Check;
use crate::config::Config;
use crate::exit;
use holdfast_chassis::access::AccessTable;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(verb: &Check) -> anyhow::Result<ExitCode> {
    let mut problems = Vec::new();
    let mut plan = verb.plan.clone();
    if let Some(path) = &verb.config {
        match Config::load(path) {
            Ok(config) => {
                if let Err(error) = AccessTable::new(&config.access.principals) {
                    problems.push(format!("{}: access: {error}", path.display()));
                }
                if let Err(error) = config.carrier.check() {
                    problems.push(format!("{}: {error}", path.display()));
                }
                if let Err(error) = config.desk.check() {
                    problems.push(format!("{}: {error}", path.display()));
                }
                plan = plan.or_else(|| config.router.map(|router| router.plan_file));
            }
            Err(error) => problems.push(format!("{error:#}")),
        }
    }
    if verb.config.is_none() && plan.is_none() {
        anyhow::bail!("nothing to check: give --config, --plan or both");
    }
    if let Some(plan) = &plan {
        check_plan(plan, &mut problems);
    }
    for problem in &problems {
        exit::err(problem);
    }
    if problems.is_empty() {
        exit::out("no problems found");
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::from(exit::PROBLEMS))
    }
}

fn check_plan(path: &Path, problems: &mut Vec<String>) {
    match holdfast_plan::load(path) {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                exit::err(&format!("warning: {warning}"));
            }
        }
        Err(error) => problems.extend(error.to_string().lines().map(str::to_owned)),
    }
}
