//! `holdfast init`: the master key and the journal's directory of a new installation.

use crate::cli::Init;
use crate::config::Config;
use crate::exit;
use anyhow::Context as _;
use holdfast_router::MasterKey;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::process::ExitCode;

pub(crate) fn run(verb: &Init) -> anyhow::Result<ExitCode> {
    let config = Config::load(&verb.config)?;
    let master = &config.keys()?.master_file;
    let dir = &config.router()?.journal_dir;
    for dir in [Some(dir.as_path()), master.parent()].into_iter().flatten() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .with_context(|| format!("cannot make {}", dir.display()))?;
    }
    MasterKey::create(master)?;
    exit::out(&format!("made the master key {}", master.display()));
    exit::out(
        "Keep a copy of it apart from the journal's backups: without it no number, word or note can be read again.",
    );
    Ok(ExitCode::SUCCESS)
}
