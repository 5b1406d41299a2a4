//! `holdfast desk`: a whole desk in this terminal, for a person who takes a call.

use crate::cli::Desk;
use holdfast_chassis::channel::{Address, RemoteSettings, connect};
use holdfast_chassis::settings::Secret;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_desk::client::{ClientSettings, DeskClient};
use holdfast_desk::line_mode;
use std::process::ExitCode;
use tokio::io::BufReader;

pub(crate) async fn run(verb: Desk) -> anyhow::Result<ExitCode> {
    let remote = RemoteSettings { ca_file: verb.ca_file, ..RemoteSettings::new(verb.server) };
    let token = Secret::from_file(&verb.token_file)?;
    let line = connect(&Address::Remote(remote), Some(&token))?;
    let client = DeskClient::start(line, verb.phone, ClientSettings::default());
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    line_mode::run(client, BufReader::new(tokio::io::stdin()), tokio::io::stdout(), shutdown).await?;
    Ok(ExitCode::SUCCESS)
}
