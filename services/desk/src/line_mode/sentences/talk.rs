//! What is read of a conversation in writing and of a handoff, step by step, from both sides of it.

use holdfast_proto::router::v1::{Author, DeskHandoff, DeskMessage, HandoffState, OptOut};

use super::plain;

pub(in crate::line_mode) const SAY_EMPTY: &str = "Type say and then your words, on one line.";
pub(in crate::line_mode) const NOT_IN_WRITING: &str =
    "You are with this person by phone. Speak to them, or type note WORDS.";
pub(in crate::line_mode) const WRITE_NOW: &str = "You have them. Write to them: type say WORDS.";
pub(in crate::line_mode) const NO_SUCH_PERSON: &str =
    "There is nobody with that number. Type status to see who is with you.";
pub(in crate::line_mode) const NO_HANDOFF: &str = "There is no handoff under way.";
pub(in crate::line_mode) const HELP_ASKED: &str =
    "Help is asked for. Stay with the person; type help over when it is settled.";
pub(in crate::line_mode) const HELP_OVER: &str = "Your request for help is over.";
const STOPPED: &str = "They wrote a word that makes their phone company block our messages. Take it as an alarm, and tell your supervisor.";
const MAYBE_STOPPED: &str = "Phone companies take this word as a wish for no more messages, and may block ours. Take it as an alarm: tell your supervisor, and write on; you are told if it does not reach them.";

/// Which of several people a command is for.
pub(in crate::line_mode) fn several(numbers: &[u32]) -> String {
    let numbers: Vec<_> = numbers.iter().map(|number| format!("with {number}")).collect();
    format!("You are with several people. Type {} first.", numbers.join(" or "))
}

/// One message, as it is read aloud.
pub(in crate::line_mode) fn message(message: &DeskMessage, mine: bool) -> Vec<String> {
    let who = match message.author() {
        Author::Person => "They".to_owned(),
        Author::Line => "The line".to_owned(),
        _ if mine => "You".to_owned(),
        _ => plain(&message.author_id),
    };
    let pictures = if message.media > 0 { " (with a picture that is not shown here)" } else { "" };
    let mut lines = vec![format!("{who}: {}{pictures}", plain(&message.words))];
    match message.opt_out() {
        OptOut::Stop => lines.push(STOPPED.to_owned()),
        OptOut::MaybeStop => lines.push(MAYBE_STOPPED.to_owned()),
        OptOut::Unspecified | OptOut::Start | OptOut::Help => {}
    }
    lines
}

/// A message of ours that will not arrive.
pub(in crate::line_mode) fn not_delivered(message: &DeskMessage) -> String {
    format!("This did not reach them: {}", plain(&message.words))
}

/// One that was taken for lost, and arrived.
pub(in crate::line_mode) fn delivered_after_all(message: &DeskMessage) -> String {
    format!("This did reach them after all: {}", plain(&message.words))
}

/// A step of a handoff, for whoever hands over.
pub(in crate::line_mode) fn handing_over(handoff: &DeskHandoff) -> String {
    let view = handoff.view.clone().unwrap_or_default();
    let to = if view.to_id.is_empty() { "the other".to_owned() } else { plain(&view.to_id) };
    match view.state() {
        HandoffState::Consenting => {
            "Ask the person if they want this. Type consent yes WORDS, with what they agree to share, or consent no."
                .to_owned()
        }
        HandoffState::Seeking => "We look for somebody to take over. The person stays with you.".to_owned(),
        HandoffState::Briefing => format!("{to} reads your note. The person stays with you."),
        HandoffState::Joining => format!("{to} is joining. The person stays with you."),
        HandoffState::Together => format!("You are three together. {to} says when they have them."),
        HandoffState::Confirmed if handoff.may_leave => format!("{to} has them now. Say goodbye, then type leave."),
        HandoffState::Confirmed => format!("{to} has them now. Stay until they can hear each other."),
        HandoffState::Completed => "The handoff is complete.".to_owned(),
        HandoffState::Cancelled => "The handoff was called off. The person is with you.".to_owned(),
        HandoffState::Returned => format!("{} The person is with you.", returned(&view.reason)),
        HandoffState::Unspecified => "The handoff goes on.".to_owned(),
    }
}

/// A step of a handoff, for whoever takes over.
pub(in crate::line_mode) fn taking_over(handoff: &DeskHandoff) -> String {
    let view = handoff.view.clone().unwrap_or_default();
    let note = if handoff.note.is_empty() { "nothing was written down".to_owned() } else { plain(&handoff.note) };
    match view.state() {
        HandoffState::Briefing => format!("Read this first: {note}. Type join when you are ready, or cancel."),
        HandoffState::Joining => "You are being brought in.".to_owned(),
        HandoffState::Together => "You are three together. Type confirm when you have them.".to_owned(),
        HandoffState::Confirmed => "The person is with you now.".to_owned(),
        HandoffState::Completed => "The handoff is complete. The person is with you.".to_owned(),
        HandoffState::Cancelled | HandoffState::Returned => {
            "The handoff is over. Thank you for being there.".to_owned()
        }
        HandoffState::Consenting | HandoffState::Seeking | HandoffState::Unspecified => {
            "The handoff is being prepared.".to_owned()
        }
    }
}

fn returned(reason: &str) -> &'static str {
    match reason {
        "nobody_free" => "Nobody is free to take over right now.",
        "peer_silent" => "Whoever was asked did not answer in time.",
        "leg_failed" | "leg_lost" => "The other phone could not be connected.",
        "desk_lost" => "The other desk was lost.",
        "not_confirmed" => "The other did not confirm in time.",
        "withdrew" => "The other cannot take over now.",
        "consent_timed_out" => "There was no answer from the person in time.",
        _ => "The handoff did not work out.",
    }
}
