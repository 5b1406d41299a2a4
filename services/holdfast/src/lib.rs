//! Holdfast as one binary: `serve` runs all roles in one process or any of them, and the operator's verbs stand beside it.
//!
//! The only crate that sees two services. Each verb is a file; what they share is the configuration and how roles are bolted
//! together. Deliberately absent: anything a role could do by itself.

mod check;
pub mod cli;
pub mod config;
pub mod demo;
mod desk;
mod direct;
mod erase;
mod exit;
mod explain;
mod init;
mod journal;
pub mod serve;
mod token;

use cli::{Cli, Verb};
use std::process::ExitCode;

/// Runs one verb.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    holdfast_chassis::crypto::install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::failed(&anyhow::Error::new(error).context("the runtime cannot be started")),
    };
    let ended = match cli.verb {
        Verb::Serve(verb) => runtime.block_on(serve::run(verb)),
        Verb::Demo(verb) => runtime.block_on(demo::run(verb)),
        Verb::Desk(verb) => runtime.block_on(desk::run(verb)),
        Verb::Explain(verb) => runtime.block_on(explain::run(verb)),
        Verb::Direct(verb) => runtime.block_on(direct::run(verb)),
        Verb::Erase(verb) => runtime.block_on(erase::run(verb)),
        Verb::Check(verb) => check::run(&verb),
        Verb::Journal(verb) => journal::run(&verb),
        Verb::Init(verb) => init::run(&verb),
        Verb::Token => token::run(),
    };
    // What is left of the runtime must not hold up the end: everything that matters has been drained.
    runtime.shutdown_background();
    match ended {
        Ok(code) => code,
        Err(error) => exit::failed(&error),
    }
}
