//! Every sentence a person at the desk reads, in one place: what happened, what it means, what to do. No blame.

use holdfast_proto::router::v1::{Channel, DeskOffer, DeskSelf, Outcome, Presence, QueueKey, Readiness};

use crate::client::SendError;

pub(super) mod talk;

pub(super) const CONNECTING: &str = "Connecting to the desk.";
pub(super) const LEFT: &str =
    "You have left the desk. Your shift is not signed off; you will get no new contacts while you are away.";
pub(super) const LEFT_UNCONFIRMED: &str =
    "You have left the desk. Signing off was not confirmed; you will get no new contacts while you are away.";
pub(super) const RECONNECTED: &str = "The connection is back. Nothing was lost.";
pub(super) const UNKNOWN: &str = "I did not understand that. Nothing was changed. Type help to see what you can say.";
pub(super) const NO_OFFER: &str = "No one is offered to you right now.";
pub(super) const NO_PERSON: &str = "You are not with anybody right now.";
pub(super) const NO_WRAP_UP: &str = "There is nothing to write up right now.";
pub(super) const STILL_TALKING: &str =
    "You are still with a person. Type end first, and done when you have written up.";
pub(super) const NOTE_EMPTY: &str = "Type note and then your words, on one line.";
pub(super) const YOU_HAVE_IT: &str = "You have it.";
pub(super) const TIME_RAN_OUT: &str = "Time ran out — you are set to check in, so that the next person is not kept waiting. Type ready when you are there.";
pub(super) const PASSED_ON: &str = "Passed on. They keep their place.";
pub(super) const FIVE_SECONDS: &str = "5 seconds left.";
pub(super) const NOTE_SAVED: &str = "Note saved.";
pub(super) const SIGNED_OFF: &str = "Your shift is over. Thank you.";
pub(super) const PHONE_RINGS: &str = "Your phone is ringing. Pick up to talk.";
pub(super) const CONNECTED: &str = "You are connected.";
pub(super) const CONNECTING_YOU: &str = "We are connecting you. Your phone will ring.";
pub(super) const ON_HOLD: &str = "The person is on hold. Type resume to go back to them.";
pub(super) const OFF_HOLD: &str = "The person is with you again.";
pub(super) const WENT_BACK: &str =
    "The contact went back to its place in the queue. They are offered to somebody else.";
pub(super) const THEY_LEFT: &str = "The person left before you were connected.";
pub(super) const FINISHED: &str = "Finished. Thank you.";

pub(super) const HELP: &[&str] = &[
    "ready: you can take a contact.  break, training: not now.",
    "accept (or a): take the offer.  not now (or n): pass it on, no reason needed.",
    "hold, resume: put the person on hold and come back.  end: end the contact.",
    "note WORDS: write a note.  more time, done: while writing up.",
    "give back: return the person to their place in the queue.",
    "say WORDS: write to the person.  with 2: turn to the second of several people.",
    "handoff: begin to hand over.  consent yes WORDS, consent no: what the person answered, and agreed to share.",
    "join, confirm, leave, cancel: the steps of a handoff.",
    "question, help me, emergency: ask a supervisor.  help over: it is settled.",
    "status: how things stand.  quit: end your shift.  help: this list.",
];

/// Words a router wrote may hold anything; a terminal must not.
pub(super) fn plain(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

pub(super) fn signed_in(who: &str) -> String {
    format!("You are signed in as {}. Type help to see what you can say.", plain(who))
}

pub(super) fn not_sent(error: SendError) -> String {
    match error {
        SendError::Busy => "Too much is waiting for an answer. Please try again in a moment.".to_owned(),
        SendError::Ended => "This desk has ended. Start it again to go on.".to_owned(),
    }
}

pub(super) fn disconnected(returns: bool, message: &str) -> String {
    if returns {
        "The connection broke. Trying again by itself; anyone with you stays connected by phone.".to_owned()
    } else {
        format!("The desk has closed: {}.", plain(message))
    }
}

pub(super) fn did_not_work(message: &str) -> String {
    let message = plain(message);
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("That did not work: {message}{end}")
}

pub(super) fn state(mine: &DeskSelf) -> String {
    match mine.presence() {
        Presence::Offline => "You are off shift.".to_owned(),
        Presence::Unsure => "The router is making sure that you are there. Nothing for you to do.".to_owned(),
        Presence::Connected | Presence::Unspecified => readiness(mine.readiness(), mine.channels()),
    }
}

fn readiness(readiness: Readiness, channels: impl Iterator<Item = Channel>) -> String {
    match readiness {
        Readiness::Unspecified => "Your state is not known yet.".to_owned(),
        Readiness::Available => "You are ready.".to_owned(),
        Readiness::AvailableFor => {
            let names: Vec<_> = channels.map(channel).collect();
            format!("You are ready for {} only.", names.join(" and "))
        }
        Readiness::Break => "You are on a break. Type ready when you are there.".to_owned(),
        Readiness::Training => "You are in training. Type ready when you are there.".to_owned(),
        Readiness::CheckIn => "You are set to check in. Type ready when you are there.".to_owned(),
        Readiness::Debrief => "You are taking time for yourself. Type ready when you are there.".to_owned(),
    }
}

/// What was asked for and begins after the contact.
pub(super) fn afterwards(next: Readiness) -> Option<&'static str> {
    match next {
        Readiness::Unspecified => None,
        Readiness::Available | Readiness::AvailableFor => Some("You will be ready after this contact."),
        Readiness::Break => Some("Your break begins after this contact."),
        Readiness::Training => Some("Your training begins after this contact."),
        Readiness::CheckIn => Some("You will be asked to check in after this contact."),
        Readiness::Debrief => Some("Your time for yourself begins after this contact."),
    }
}

pub(super) fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "voice",
        Channel::Text => "text",
        Channel::Chat => "chat",
        Channel::Unspecified => "unknown",
    }
}

/// A contact in a few words: channel, need, language, region.
pub(super) fn contact(queue: Option<&QueueKey>, language: &str) -> String {
    let Some(queue) = queue else {
        return "A contact".to_owned();
    };
    let kind = match queue.channel() {
        Channel::Voice => "A call",
        Channel::Text => "A text",
        Channel::Chat => "A chat",
        Channel::Unspecified => "A contact",
    };
    let parts = [queue.need.as_str(), language, queue.region.as_str()];
    let named: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).map(plain).collect();
    format!("{kind} ({})", named.join(", "))
}

pub(super) fn offer(offer: &DeskOffer, left_s: u64) -> String {
    let what = contact(offer.queue.as_ref(), &offer.language);
    if offer.handoff {
        let from = plain(&offer.from_id);
        return format!(
            "{from} asks you to take over, in a warm handoff: {what}. You have {}: type accept or not now.",
            span(left_s)
        );
    }
    format!(
        "{} is offered to you. They have waited {}. You have {}: type accept or not now.",
        what,
        span(offer.waited_ms / 1_000),
        span(left_s)
    )
}

pub(super) fn taken_back(reason: &str) -> &'static str {
    match reason {
        "person_left" => "The person left.",
        "desk_lost" => "The offer was taken back while your connection was away. They are offered to somebody else.",
        "counselor_not_ready" => {
            "The offer was taken back, since you are not set to ready. They are offered to somebody else."
        }
        "handoff_ended" => "The handoff is over. Nothing for you to do.",
        "center_closed" => "Your center was closed for now. They are offered to somebody elsewhere.",
        "plan_changed" => "The offer was taken back because the routing plan changed. Nothing for you to do.",
        _ => "The offer was taken back. They are offered to somebody else.",
    }
}

pub(super) fn wrap_up(left_s: u64) -> String {
    format!("The contact is over. You have {} to write up. Type note WORDS, more time, or done.", span(left_s))
}

pub(super) fn more_time(left_s: u64) -> String {
    format!("You now have {} to write up.", span(left_s))
}

pub(super) fn closed(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Completed | Outcome::Merged => FINISHED,
        Outcome::Abandoned => THEY_LEFT,
        Outcome::Diverted => "Another service has them now.",
        Outcome::Unspecified => WENT_BACK,
    }
}

fn span(seconds: u64) -> String {
    let (minutes, rest) = (seconds / 60, seconds % 60);
    let part = |count: u64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    match (minutes, rest) {
        (0, rest) => part(rest, "second"),
        (minutes, 0) => part(minutes, "minute"),
        (minutes, rest) => format!("{} and {}", part(minutes, "minute"), part(rest, "second")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_a_person_says_them() {
        assert_eq!(span(1), "1 second");
        assert_eq!(span(60), "1 minute");
        assert_eq!(span(125), "2 minutes and 5 seconds");
    }

    #[test]
    fn words_from_elsewhere_cannot_move_the_cursor() {
        assert_eq!(did_not_work("a\u{1b}[2Jb\r\nc"), "That did not work: a [2Jb  c.");
    }
}
