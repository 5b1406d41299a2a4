//! What a decided command answers, on the wire.

use holdfast_core::command::Answer;
use holdfast_proto::router::v1 as wire;
use holdfast_proto::router::v1::submit_response as response;

/// The answer, at the position the journal had when it left.
#[must_use]
pub fn answer(answer: &Answer, position: wire::Position) -> wire::SubmitResponse {
    let outcome = match answer {
        Answer::Done => response::Outcome::Done(response::Done {}),
        Answer::AlreadyDone => response::Outcome::AlreadyDone(response::AlreadyDone {}),
        Answer::Ignored => response::Outcome::Ignored(response::Ignored {}),
        Answer::Arrived { contact, menu, repeated } => response::Outcome::Arrived(response::Arrived {
            contact_id: contact.to_string(),
            menu_digits: menu.iter().map(|digit| u32::from(*digit)).collect(),
            repeated: *repeated,
        }),
    };
    wire::SubmitResponse { position: Some(position), outcome: Some(outcome) }
}
