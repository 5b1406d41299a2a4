//! `holdfast explain`: why a contact that waits now waits.

use crate::cli::{Explain, Operator, Output};
use crate::exit;
use holdfast_chassis::channel::{Address, Line, RemoteSettings, connect};
use holdfast_chassis::settings::Secret;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::{ContactState, ExplainRequest, ExplainResponse};
use serde_json::json;
use std::process::ExitCode;

/// The router, as an operator reaches it.
pub(crate) fn router(operator: &Operator) -> anyhow::Result<RouterServiceClient<Line>> {
    let remote = RemoteSettings { ca_file: operator.ca_file.clone(), ..RemoteSettings::new(operator.server.clone()) };
    let token = Secret::from_file(&operator.token_file)?;
    Ok(RouterServiceClient::new(connect(&Address::Remote(remote), Some(&token))?))
}

pub(crate) async fn run(verb: Explain) -> anyhow::Result<ExitCode> {
    let request = ExplainRequest { contact_id: verb.contact };
    let explained = router(&verb.operator)?.explain(request).await?.into_inner();
    match verb.output {
        Output::Json => exit::out(&as_json(&explained).to_string()),
        Output::Table => as_table(&explained).iter().for_each(|line| exit::out(line)),
    }
    Ok(ExitCode::SUCCESS)
}

fn queue(it: &ExplainResponse) -> String {
    let queue = it.contact.as_ref().and_then(|contact| contact.queue.as_ref());
    queue.map_or_else(|| "not queued yet".to_owned(), |queue| format!("{} / {}", queue.region, queue.need))
}

fn state(it: &ExplainResponse) -> &'static str {
    let state = it.contact.as_ref().map_or(0, |contact| contact.state);
    ContactState::try_from(state).unwrap_or(ContactState::Unspecified).as_str_name()
}

fn as_table(it: &ExplainResponse) -> Vec<String> {
    let mut lines = vec![
        format!("state    {}", state(it)),
        format!("queue    {} (region by {})", queue(it), it.region_method),
        format!("ahead    {}", it.ahead),
        format!("plan     {}, rules {}", it.plan_version, it.policy_version),
        format!("{:<20} {:>4}  {}", "counselor", "ring", "ruled out by"),
    ];
    for candidate in &it.candidates {
        let ring = candidate.ring.map_or_else(|| "-".to_owned(), |ring| ring.to_string());
        let out = match (candidate.ruled_out_by.as_str(), candidate.detail.as_str()) {
            ("", _) => "nothing: may be offered".to_owned(),
            (word, "") => word.to_owned(),
            (word, detail) => format!("{word} {detail}"),
        };
        lines.push(format!("{:<20} {ring:>4}  {out}", candidate.counselor_id));
    }
    lines
}

fn as_json(it: &ExplainResponse) -> serde_json::Value {
    json!({
        "contact_id": it.contact.as_ref().map(|contact| contact.contact_id.clone()),
        "state": state(it),
        "queue": queue(it),
        "region_method": it.region_method,
        "key_ms": it.key_ms,
        "ahead": it.ahead,
        "plan_version": it.plan_version,
        "policy_version": it.policy_version,
        "candidates": it.candidates.iter().map(|candidate| json!({
            "counselor_id": candidate.counselor_id,
            "ring": candidate.ring,
            "ruled_out_by": candidate.ruled_out_by,
            "detail": candidate.detail,
        })).collect::<Vec<_>>(),
    })
}
