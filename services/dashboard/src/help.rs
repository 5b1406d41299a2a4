//! Answering a request for help: the one command this service ever sends, in the name of the person at the board.

use std::time::Duration;

use holdfast_chassis::access::Principal;
use holdfast_chassis::channel::Line;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::{Actor, AnswerHelp, Command, SubmitRequest};
use tokio::time::timeout;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::say::Answer;

/// How long the router may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells the router that `by` comes to help, and gives what to tell them. The router is idempotent by the request id: said again
/// after a lost answer, it changes nothing.
pub(crate) async fn answer_help(router: Line, by: Principal, request_id: String, counselor_id: String) -> Answer {
    let request = SubmitRequest {
        request_id: request_id.clone(),
        on_behalf_of: Some(Actor { name: by.name, role: by.role.name().to_owned() }),
        command: Some(Command { kind: Some(Kind::AnswerHelp(AnswerHelp { counselor_id })) }),
    };
    match timeout(PATIENCE, RouterServiceClient::new(router).submit(request)).await {
        Ok(Ok(_)) => Answer::ok(request_id),
        Ok(Err(status)) => refusal(request_id, &status),
        Err(_) => unconfirmed(request_id),
    }
}

fn refusal(request_id: String, status: &Status) -> Answer {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.to_lowercase());
    match status.code() {
        Code::FailedPrecondition | Code::NotFound | Code::AlreadyExists => {
            let reason = reason.unwrap_or_else(|| "not_found".to_owned());
            Answer::refused(request_id, &reason, "This request for help is over, or somebody is answering it already.")
        }
        Code::PermissionDenied => {
            Answer::refused(request_id, "not_allowed", "Your role may not answer a request for help.")
        }
        Code::InvalidArgument => Answer::refused(request_id, "malformed", "The router did not understand who asked."),
        code => {
            tracing::warn!(?code, "the router did not confirm an answer to a request for help");
            unconfirmed(request_id)
        }
    }
}

fn unconfirmed(request_id: String) -> Answer {
    Answer::refused(request_id, "unavailable", "Not confirmed: the router did not answer. Try again, or call them.")
}
