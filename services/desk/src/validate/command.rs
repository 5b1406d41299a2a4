//! Each command of a desk, field by field, as the router takes it.

use holdfast_chassis::access::Principal;
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{
    AskHelp, Channel, EndHelp, HandoffToward, HelpLevel, Readiness, RecordConsent, SetReadiness, SignOff, StartHandoff,
};

use super::{Malformed, NOTE_BYTES_MAX, TEXT_BYTES_MAX, contact_id, malformed, offer_id};

/// Bytes in a name of the plan, at most: a type of peer, a skill, somebody's id.
const NAME_BYTES_MAX: usize = 64;

/// Skills asked for in one handoff, at most.
const SKILLS_MAX: usize = 16;

/// A command about one contact, checked that it names one, with whoever speaks put in.
macro_rules! about_a_contact {
    ($name:literal, $kind:ident, $said:expr, $who:expr) => {{
        let mut said = $said;
        contact_id(concat!($name, ".contact_id"), &said.contact_id)?;
        said.counselor_id = $who;
        (Kind::$kind(said), $name)
    }};
}

/// The same about one offer.
macro_rules! about_an_offer {
    ($name:literal, $kind:ident, $said:expr, $who:expr) => {{
        let mut said = $said;
        offer_id(concat!($name, ".offer_id"), &said.offer_id)?;
        said.counselor_id = $who;
        (Kind::$kind(said), $name)
    }};
}

/// A command as the router takes it, spoken by `who`, and its name for metrics.
pub(crate) fn command(say: Say, who: &Principal) -> Result<(Kind, &'static str), Malformed> {
    let who = who.name.clone();
    // The desk's own idea of who speaks is overwritten, never compared: the token decides.
    Ok(match say {
        Say::SignIn(_) => return malformed("sign_in", "this stream is signed in already; open a new one"),
        Say::Beat(_) => return malformed("beat", "a beat is no command"),
        Say::SetReadiness(set) => {
            readiness(&set)?;
            (Kind::SetReadiness(SetReadiness { counselor_id: who, ..set }), "set_readiness")
        }
        Say::AcceptOffer(said) => about_an_offer!("accept_offer", AcceptOffer, said, who),
        Say::DeclineOffer(said) => about_an_offer!("decline_offer", DeclineOffer, said, who),
        Say::HoldPerson(said) => about_a_contact!("hold_person", HoldPerson, said, who),
        Say::EndContact(said) => about_a_contact!("end_contact", EndContact, said, who),
        Say::GiveBack(said) => about_a_contact!("give_back", GiveBack, said, who),
        Say::FinishWrapUp(said) => about_a_contact!("finish_wrap_up", FinishWrapUp, said, who),
        Say::ExtendWrapUp(said) => about_a_contact!("extend_wrap_up", ExtendWrapUp, said, who),
        Say::WriteNote(said) => {
            words("write_note.words", &said.words, NOTE_BYTES_MAX)?;
            about_a_contact!("write_note", WriteNote, said, who)
        }
        Say::SendText(said) => {
            words("send_text.words", &said.words, TEXT_BYTES_MAX)?;
            about_a_contact!("send_text", SendText, said, who)
        }
        Say::StartHandoff(said) => {
            looked_for(&said)?;
            about_a_contact!("start_handoff", StartHandoff, said, who)
        }
        Say::RecordConsent(said) => {
            consent(&said)?;
            about_a_contact!("record_consent", RecordConsent, said, who)
        }
        Say::JoinHandoff(said) => about_a_contact!("join_handoff", JoinHandoff, said, who),
        Say::ConfirmHandoff(said) => about_a_contact!("confirm_handoff", ConfirmHandoff, said, who),
        Say::LeaveHandoff(said) => about_a_contact!("leave_handoff", LeaveHandoff, said, who),
        Say::CancelHandoff(said) => about_a_contact!("cancel_handoff", CancelHandoff, said, who),
        Say::AskHelp(said) => {
            help(&said)?;
            (Kind::AskHelp(AskHelp { counselor_id: who, ..said }), "ask_help")
        }
        Say::EndHelp(_) => (Kind::EndHelp(EndHelp { counselor_id: who }), "end_help"),
        Say::SignOff(_) => (Kind::SignOff(SignOff { counselor_id: who }), "sign_off"),
    })
}

fn readiness(set: &SetReadiness) -> Result<(), Malformed> {
    let wanted = Readiness::try_from(set.readiness).unwrap_or(Readiness::Unspecified);
    if wanted == Readiness::Unspecified {
        return malformed("set_readiness.readiness", "must say what you are ready for");
    }
    let known = |channel: &i32| !matches!(Channel::try_from(*channel), Ok(Channel::Unspecified) | Err(_));
    let channels = &set.channels;
    match wanted {
        Readiness::AvailableFor if channels.is_empty() => {
            malformed("set_readiness.channels", "must name at least one channel")
        }
        Readiness::AvailableFor if channels.len() > 3 || !channels.iter().all(known) => {
            malformed("set_readiness.channels", "must be voice, text or chat, each once")
        }
        Readiness::AvailableFor => Ok(()),
        _ if !channels.is_empty() => {
            malformed("set_readiness.channels", "must be empty unless the readiness is for some channels")
        }
        _ => Ok(()),
    }
}

fn words(field: &'static str, words: &str, most: usize) -> Result<(), Malformed> {
    match words.len() {
        0 => malformed(field, "must not be empty"),
        length if length > most => {
            malformed(field, format!("must be at most {most} bytes; this has {length}. Split it in two"))
        }
        _ => Ok(()),
    }
}

fn looked_for(start: &StartHandoff) -> Result<(), Malformed> {
    if matches!(HandoffToward::try_from(start.toward), Ok(HandoffToward::Unspecified) | Err(_)) {
        return malformed("start_handoff.toward", "must be peer or counselor");
    }
    if start.skills.len() > SKILLS_MAX {
        return malformed("start_handoff.skills", format!("must be at most {SKILLS_MAX} skills of the plan"));
    }
    for skill in &start.skills {
        name("start_handoff.skills", skill)?;
        if skill.is_empty() {
            return malformed("start_handoff.skills", "must not hold an empty name");
        }
    }
    name("start_handoff.peer_type", &start.peer_type)?;
    name("start_handoff.wanted_id", &start.wanted_id)
}

fn name(field: &'static str, name: &str) -> Result<(), Malformed> {
    if name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return malformed(field, format!("must be a name of the plan, at most {NAME_BYTES_MAX} bytes"));
    }
    Ok(())
}

fn consent(consent: &RecordConsent) -> Result<(), Malformed> {
    match consent.note.len() {
        length if length > NOTE_BYTES_MAX => malformed(
            "record_consent.note",
            format!("must be at most {NOTE_BYTES_MAX} bytes; this note has {length}. Keep what the other needs most"),
        ),
        length if length > 0 && !consent.given => {
            malformed("record_consent.note", "must be empty when the person did not agree: nothing of theirs is shared")
        }
        _ => Ok(()),
    }
}

fn help(ask: &AskHelp) -> Result<(), Malformed> {
    if matches!(HelpLevel::try_from(ask.level), Ok(HelpLevel::Unspecified) | Err(_)) {
        return malformed("ask_help.level", "must be question, join or emergency");
    }
    if ask.contact_id.is_empty() { Ok(()) } else { contact_id("ask_help.contact_id", &ask.contact_id) }
}
