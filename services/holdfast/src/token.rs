//! `holdfast token`: a new token, shown once, and the hash that goes into the configuration.

use crate::exit;
use holdfast_chassis::access::{generate_token, hash_token};
use std::process::ExitCode;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let token = generate_token()?;
    exit::out(&format!("token        {}", token.expose()));
    exit::out(&format!("token_sha256 {}", hash_token(token.expose())));
    exit::err("Give the token to its owner in a file of mode 0600; only the hash goes into the configuration.");
    Ok(ExitCode::SUCCESS)
}
