//! The one binary: reads the command line, runs one verb, ends with its exit code.

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    holdfast::run(holdfast::cli::Cli::parse())
}
