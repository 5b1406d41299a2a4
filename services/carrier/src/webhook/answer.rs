//! Turns a webhook that was let in into one command for the router, and the router's answer into the carrier's.
//!
//! A person on the line is never answered with silence: where the router cannot be reached the carrier gets 503 and goes to
//! its fallback, and where the router refuses a choice the person is put into their room all the same.

use holdfast_carrier_codec::callback::Callback;
use holdfast_carrier_codec::model::{CallOffered, Digits, Event, EventKind, OfferAnswer};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::submit_response::{Arrived, Outcome};
use holdfast_proto::router::v1::{ArriveContact, Channel, ChooseNeed};
use http::StatusCode;
use tokio::time::Instant;
use tonic::Code;

use super::meaning::{self, Meaning};
use super::{Answered, Hooks, text};
use crate::account::Account;
use crate::names;
use crate::request_id::{fresh_request_id, request_id};
use crate::router::Undone;
use crate::vendor::Reading;

/// Answers a webhook.
pub(super) async fn to(
    hooks: &Hooks,
    account: &Account,
    callback: &Callback,
    reading: Reading,
    until: Instant,
) -> Answered {
    let event = match reading {
        Reading::Event(event) => event,
        Reading::Nothing => return nothing(account, "ignored"),
    };
    // The carrier may tell one thing twice; the router must hear it as one.
    let id = request_id(&[account.name.as_str(), callback.hook.segment(), &event.dedupe_key]);
    match &event.kind {
        EventKind::CallOffered(call) => arrive(hooks, account, &event, call, &id, until).await,
        EventKind::Dtmf { digits } => choose(hooks, account, &event, digits, &id, until).await,
        EventKind::WaitTick { .. } => Answered::document(account.vendor.wait(account.waiting()), "answered"),
        EventKind::Text(written) => text::received(hooks, account, &event, written, &id, until).await,
        EventKind::TextState { message, progress } => {
            text::progressed(hooks, account, &event, (*message, *progress), &id, until).await
        }
        _ => told(hooks, account, &event, &id, until).await,
    }
}

async fn arrive(
    hooks: &Hooks,
    account: &Account,
    event: &Event,
    call: &CallOffered,
    id: &str,
    until: Instant,
) -> Answered {
    let kind = Kind::ArriveContact(ArriveContact {
        account: account.name.as_str().to_owned(),
        external_id: event.external_id.clone(),
        line_number: call.to.expose().to_owned(),
        person_number: call.from.as_ref().map_or_else(String::new, |from| from.expose().to_owned()),
        channel: Channel::Voice.into(),
    });
    let mut answer = hooks.router.submit(id, kind.clone(), until).await;
    if matches!(answer, Ok(Outcome::AlreadyDone(_))) {
        // The request was seen, which does not say whose it was; arriving itself is idempotent by the call's id.
        answer = hooks.router.submit(&fresh_request_id(), kind, until).await;
    }
    match answer {
        Ok(Outcome::Arrived(Arrived { contact_id, menu_digits, .. })) => {
            account.contacts.remember(&event.external_id, &contact_id);
            if menu_digits.is_empty() {
                spoken(account, account.wait_in_room(&contact_id, false))
            } else {
                spoken(account, account.ask_need(&contact_id, &menu_digits))
            }
        }
        // A refusal is not expected here; the carrier's fallback is a human all the same.
        _ => unavailable(),
    }
}

async fn choose(
    hooks: &Hooks,
    account: &Account,
    event: &Event,
    digits: &Digits,
    id: &str,
    until: Instant,
) -> Answered {
    let Some(contact) = event.contact.as_ref().map(|contact| contact.as_str()).filter(|id| names::is_contact(id))
    else {
        return Answered::problem(StatusCode::BAD_REQUEST, "the callback query names no contact", "malformed");
    };
    account.contacts.remember(&event.external_id, contact);
    let digit = digits.expose().chars().next().and_then(|key| key.to_digit(10));
    let kind = Kind::ChooseNeed(ChooseNeed { contact_id: contact.to_owned(), digit });
    match hooks.router.submit(id, kind, until).await {
        Ok(_) => spoken(account, account.wait_in_room(contact, true)),
        Err(Undone::Unavailable) => unavailable(),
        // The router does not know the contact, and the person is on the line: they arrive anew.
        Err(Undone::Refused(Code::NotFound)) => spoken(account, account.start_again()),
        // Too late to choose: they have a place already.
        Err(Undone::Refused(_)) => spoken(account, account.wait_in_room(contact, true)),
    }
}

async fn told(hooks: &Hooks, account: &Account, event: &Event, id: &str, until: Instant) -> Answered {
    let person_of = account.contacts.find(&event.external_id);
    let report = match meaning::of(event, person_of.as_deref()) {
        Meaning::Report(report) => report,
        Meaning::UnknownCall => return nothing(account, "unknown_call"),
        Meaning::Nothing => return nothing(account, "ignored"),
        Meaning::Contradiction(field) => {
            let detail = format!("{field} contradicts the callback's other names");
            return Answered::problem(StatusCode::BAD_REQUEST, detail, "malformed");
        }
    };
    if report.leg == 0 {
        account.contacts.remember(&report.external_id, &report.contact);
    }
    match hooks.router.submit(id, report.command(), until).await {
        Ok(_) => nothing(account, "answered"),
        Err(Undone::Refused(_)) => nothing(account, "closed"),
        Err(Undone::Unavailable) => unavailable(),
    }
}

pub(super) fn nothing(account: &Account, outcome: &'static str) -> Answered {
    Answered::document(account.vendor.nothing(), outcome)
}

fn spoken(account: &Account, answer: Option<OfferAnswer>) -> Answered {
    match answer {
        Some(answer) => Answered::document(account.vendor.answer(&answer), "answered"),
        // The router's contact ids always fit; if one did not, the carrier's fallback is a human.
        None => unavailable(),
    }
}

pub(super) fn unavailable() -> Answered {
    let detail = "nothing could be made durable in time, try again or go to the fallback";
    Answered::problem(StatusCode::SERVICE_UNAVAILABLE, detail, "unavailable")
}
