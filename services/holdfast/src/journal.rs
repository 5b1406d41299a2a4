//! `holdfast journal`: look into a journal without changing it. Sealed fields are shown as sealed: no key is needed or used.

use crate::cli::{Journal, JournalVerb, Output};
use crate::exit;
use anyhow::Context as _;
use holdfast_journal::files::RealFiles;
use holdfast_journal::{Sequence, VerifyReport, record, verify};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub(crate) fn run(verb: &Journal) -> anyhow::Result<ExitCode> {
    match &verb.verb {
        JournalVerb::Verify { dir, output } => check(dir, *output),
        JournalVerb::Dump { dir, from, output } => dump(dir, *from, *output),
    }
}

fn check(dir: &Path, output: Output) -> anyhow::Result<ExitCode> {
    let report: VerifyReport = verify(&(Arc::new(RealFiles) as Arc<_>), dir)?;
    match output {
        Output::Table => exit::out(&report.to_string()),
        Output::Json => exit::out(
            &serde_json::json!({
                "records": report.records,
                "batches": report.batches,
                "problems": report.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
            .to_string(),
        ),
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(exit::PROBLEMS) })
}

fn dump(dir: &Path, from: u64, output: Output) -> anyhow::Result<ExitCode> {
    let inspected = holdfast_journal::inspect(&(Arc::new(RealFiles) as Arc<_>), dir)?;
    for stored in inspected.records(Sequence(from)) {
        let stored = stored?;
        let record = record::decode(stored.sequence.0, stored.epoch.0, &stored.body)
            .with_context(|| format!("record {}", stored.sequence.0))?;
        match output {
            Output::Json => exit::out(&record::describe_json(&record)),
            Output::Table => exit::out(record::describe(&record).trim_end()),
        }
    }
    Ok(ExitCode::SUCCESS)
}
