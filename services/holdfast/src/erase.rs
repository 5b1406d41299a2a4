//! `holdfast erase`: make everything of a person unreadable, everywhere. Who it is comes from standard input, never a flag.

use crate::cli::Erase;
use crate::exit;
use crate::explain::router;
use anyhow::Context as _;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::erase_person::Who;
use holdfast_proto::router::v1::{Command, ErasePerson, SubmitRequest};
use std::process::ExitCode;

pub(crate) async fn run(verb: Erase) -> anyhow::Result<ExitCode> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("standard input cannot be read")?;
    let text = line.trim().to_owned();
    anyhow::ensure!(!text.is_empty(), "write the number (or, with --by-id, the person id) on standard input");
    let who = if verb.by_id { Who::PersonId(text) } else { Who::PersonNumber(text) };
    let request = SubmitRequest {
        request_id: uuid::Uuid::now_v7().to_string(),
        on_behalf_of: None,
        command: Some(Command { kind: Some(Kind::ErasePerson(ErasePerson { who: Some(who) })) }),
    };
    let response = router(&verb.operator)?.submit(request).await?.into_inner();
    let sequence = response.position.map_or(0, |it| it.sequence);
    exit::out(&format!("erased; recorded at {sequence}"));
    Ok(ExitCode::SUCCESS)
}
