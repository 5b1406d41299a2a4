//! `holdfast check`: a configuration and its plan, each problem with file and line. Exit code 3 if there are any.
//!
//! Checks what a start would refuse, and that configuration and plan fit each other. Opens no journal and no connection.

use crate::cli::Check;
use crate::config::Config;
use crate::exit;
use holdfast_chassis::access::AccessTable;
use holdfast_chassis::listen::ListenError;
use holdfast_chassis::web::{Bundle, Web};
use serde::Deserialize;
use std::path::Path;
use std::process::ExitCode;
use toml::Spanned;

/// What was found.
#[derive(Default)]
struct Found {
    problems: Vec<String>,
    warnings: Vec<String>,
}

pub(crate) fn run(verb: &Check) -> anyhow::Result<ExitCode> {
    let mut found = Found::default();
    if verb.config.is_none() && verb.plan.is_none() {
        anyhow::bail!("nothing to check: give --config, --plan or both");
    }
    let config = verb.config.as_deref().and_then(|path| check_config(path, &mut found).map(|config| (path, config)));
    let configured = config.as_ref().and_then(|(_, config)| Some(config.router.as_ref()?.plan_file.clone()));
    if let Some(plan) = verb.plan.clone().or(configured)
        && check_plan(&plan, &mut found)
        && let Some((path, config)) = &config
    {
        check_accounts(&plan, path, config, &mut found);
    }
    for warning in &found.warnings {
        exit::err(&format!("warning: {warning}"));
    }
    for problem in &found.problems {
        exit::err(problem);
    }
    if found.problems.is_empty() {
        exit::out("no problems found");
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::from(exit::PROBLEMS))
    }
}

/// The configuration, if it can be read at all.
fn check_config(path: &Path, found: &mut Found) -> Option<Config> {
    let mut config = match Config::load(path) {
        Ok(config) => config,
        Err(error) => {
            found.problems.push(format!("{error:#}"));
            return None;
        }
    };
    let mut refused = |what: String| found.problems.push(format!("{}: {what}", path.display()));
    match config.read_secrets(path) {
        Err(error) => refused(format!("carrier: {error:#}")),
        // Without its tokens an account cannot be judged.
        Ok(()) => {
            if let Err(error) = holdfast_carrier::check(&config.carrier) {
                refused(format!("carrier: {error}"));
            }
        }
    }
    if let Err(error) = AccessTable::new(&config.access.principals) {
        refused(format!("access: {error}"));
    }
    let tls = if config.web.address.is_some() { &config.web.tls } else { &config.http.tls }.is_some();
    let access = AccessTable::default();
    if let Err(error) = Web::new(access, &config.web, tls, Bundle::none()) {
        refused(error.to_string());
    }
    if let Some(Err(error)) = config.router.as_ref().map(|router| router.pressure.check()) {
        refused(format!("router.{error}"));
    }
    if let Err(error) = config.desk.check() {
        refused(error.to_string());
    }
    if let Err(error) = config.handoff.check() {
        refused(error.to_string());
    }
    if let Err(error) = config.dashboard.check() {
        refused(error.to_string());
    }
    let listeners = [
        ("grpc.address", config.grpc.address, config.grpc.tls.is_some()),
        ("http.address", Some(config.http.address), config.http.tls.is_some()),
        ("web.address", config.web.address, config.web.tls.is_some()),
    ];
    for (field, address, tls) in listeners {
        if let Some(address) = address.filter(|address| !tls && !address.ip().is_loopback()) {
            refused(format!("{field}: {}", ListenError::PlaintextBeyondLoopback { address }));
        }
    }
    if config.router.is_some() && config.keys.is_none() {
        refused("keys: the router role needs a [keys] section".to_owned());
    }
    if config.router.is_none() && config.link.is_none() {
        refused("give [router] for the router role, or [link] for a process that has it elsewhere".to_owned());
    }
    found.warnings.extend(config.known_secrets().into_iter().map(|known| format!("{}: {known}", path.display())));
    Some(config)
}

/// Whether the plan is one.
fn check_plan(path: &Path, found: &mut Found) -> bool {
    match holdfast_plan::load(path) {
        Ok(loaded) => found.warnings.extend(loaded.warnings.iter().map(ToString::to_string)),
        Err(error) => {
            found.problems.extend(error.to_string().lines().map(str::to_owned));
            return false;
        }
    }
    true
}

/// A plan's lines, as far as this room reads them.
#[derive(Deserialize)]
struct Lines {
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    account: Spanned<String>,
}

/// The one thing that neither the plan nor the configuration can say alone: each line's account is one of ours.
fn check_accounts(plan: &Path, path: &Path, config: &Config, found: &mut Found) {
    let Ok(text) = std::fs::read_to_string(plan) else { return };
    let Ok(Lines { lines }) = toml::from_str::<Lines>(&text) else { return };
    let known: Vec<&str> = config.carrier.accounts.iter().map(|account| account.name.as_str()).collect();
    for (index, line) in lines.iter().enumerate() {
        let account = line.account.get_ref();
        if known.contains(&account.as_str()) {
            continue;
        }
        let number = text.get(..line.account.span().start).unwrap_or_default().matches('\n').count() + 1;
        let place = format!("{}:{number}: lines[{index}].account", plan.display());
        if known.is_empty() {
            // A router whose carrier role runs elsewhere.
            found
                .warnings
                .push(format!("{place}: {} has no [[carrier.accounts]] to compare `{account}` with", path.display()));
        } else {
            let known = known.join(", ");
            found.problems.push(format!(
                "{place}: no [[carrier.accounts]] of {} is named `{account}`; there is {known}",
                path.display()
            ));
        }
    }
}
