//! Answers as TwiML documents. The carrier acts on the first verb it gets, so every document here is complete by itself.
//!
//! Left out: recording (a person in crisis is not recorded by us) and every verb we do not use.

mod xml;

use crate::model::{OfferAnswer, RejectReason, Speech, WaitStep};
use xml::Element;

/// The content type of every answer.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";
/// The most steps in one wait document; further steps are left for the next tick.
pub const MAX_WAIT_STEPS: usize = 32;

const EVENTS: &str = "start end join leave mute hold";

/// The document for an answer to an incoming call.
#[must_use]
pub fn answer(answer: &OfferAnswer) -> String {
    match answer {
        OfferAnswer::Reject(reason) => reject(*reason),
        OfferAnswer::HangUp { say } => hang_up(say.as_ref()),
        OfferAnswer::WaitInRoom { room, label, say, wait_url, room_status_url } => {
            let conference = Element::new("Conference")
                .attribute("startConferenceOnEnter", "false")
                .attribute("endConferenceOnExit", "true")
                .attribute("beep", "false")
                .attribute("waitUrl", wait_url)
                .attribute("waitMethod", "POST")
                .attribute("statusCallback", room_status_url)
                .attribute("statusCallbackEvent", EVENTS)
                .attribute("statusCallbackMethod", "POST")
                .attribute("participantLabel", label.as_str())
                .text(room.as_str());
            response(say.as_ref().map(spoken).into_iter().chain([Element::new("Dial").child(conference)]))
        }
        OfferAnswer::AskNeed { say, key_wait_s, action_url } => {
            let gather = Element::new("Gather")
                .attribute("input", "dtmf")
                .attribute("numDigits", "1")
                .attribute("timeout", &key_wait_s.to_string())
                .attribute("action", action_url)
                .attribute("method", "POST")
                .child(spoken(say));
            response([gather, redirect(action_url)])
        }
        OfferAnswer::Redirect { url } => response([redirect(url)]),
    }
}

/// What a waiting person hears until the next tick. Steps beyond [`MAX_WAIT_STEPS`] are left out.
#[must_use]
pub fn wait(steps: &[WaitStep]) -> String {
    response(steps.iter().take(MAX_WAIT_STEPS).map(|step| match step {
        WaitStep::Say(speech) => spoken(speech),
        WaitStep::Play { url } => Element::new("Play").text(url),
        WaitStep::Pause { pause_s } => Element::new("Pause").attribute("length", &pause_s.to_string()),
    }))
}

/// Says something, if given, and ends the call.
#[must_use]
pub fn hang_up(say: Option<&Speech>) -> String {
    response(say.map(spoken).into_iter().chain([Element::new("Hangup")]))
}

/// Refuses the call unanswered.
#[must_use]
pub fn reject(reason: RejectReason) -> String {
    let reason = match reason {
        RejectReason::Busy => "busy",
        RejectReason::Declined => "rejected",
    };
    response([Element::new("Reject").attribute("reason", reason)])
}

/// The answer to a notification: nothing to do. On a live call it ends the call.
#[must_use]
pub fn empty() -> String {
    response([])
}

fn spoken(speech: &Speech) -> Element {
    Element::new("Say").attribute("language", speech.language()).text(speech.text())
}

fn redirect(url: &str) -> Element {
    Element::new("Redirect").attribute("method", "POST").text(url)
}

fn response(verbs: impl IntoIterator<Item = Element>) -> String {
    verbs.into_iter().fold(Element::new("Response"), Element::child).document()
}
