//! Wishes about conversations, handoffs and help, checked field by field.

use super::{
    BadField, MEDIA_MAX, NAME_BYTES_MAX, Received, SKILLS_MAX, TEXT_BYTES_MAX, WORDS_BYTES_MAX, Wish, bad, contact,
    counselor, name, optional, personal,
};
use crate::convert::{talk, terms};
use crate::edge::personal::Personal;
use holdfast_core::command::Command;
use holdfast_core::contact::Channel;
use holdfast_core::handoff::Wish as Bring;
use holdfast_core::id::{AccountId, CounselorId, ExternalId, PeerType, SkillId};
use holdfast_proto::router::v1 as wire;
use holdfast_proto::router::v1::command::Kind;

/// The longest ago that a text found late counts as written.
const DAY_MS: u64 = 86_400_000;

/// Checks one of them.
///
/// # Errors
/// The first field that is not as it must be.
pub(super) fn wish(kind: Kind, by: &str) -> Result<Wish, BadField> {
    match kind {
        Kind::ReceiveText(it) => receive(it),
        Kind::SendText(it) => Ok(Wish::SendText {
            counselor: counselor(&it.counselor_id)?,
            contact: contact(&it.contact_id)?,
            words: personal("command.send_text.words", it.words, TEXT_BYTES_MAX)?
                .ok_or(bad("command.send_text.words", "is empty"))?,
        }),
        Kind::RecordConsent(it) => Ok(Wish::RecordConsent {
            counselor: counselor(&it.counselor_id)?,
            contact: contact(&it.contact_id)?,
            given: it.given,
            note: personal("command.record_consent.note", it.note, WORDS_BYTES_MAX)?,
        }),
        kind => plain(kind, by).map(Wish::Plain),
    }
}

fn receive(it: wire::ReceiveText) -> Result<Wish, BadField> {
    let external = ExternalId {
        account: AccountId::from(name("command.receive_text.account", &it.account)?),
        id: name("command.receive_text.external_id", &it.external_id)?.into(),
    };
    if it.line_number.len() > NAME_BYTES_MAX {
        return Err(bad("command.receive_text.line_number", "is longer than 128 bytes"));
    }
    let channel = terms::channel_in(it.channel).filter(|it| *it != Channel::Voice);
    let words = personal("command.receive_text.words", it.words, WORDS_BYTES_MAX)?;
    Ok(Wish::ReceiveText(Box::new(Received {
        external,
        line_number: it.line_number,
        person_number: personal("command.receive_text.person_number", it.person_number, NAME_BYTES_MAX)?
            .ok_or(bad("command.receive_text.person_number", "is required"))?,
        channel: channel.ok_or(bad("command.receive_text.channel", "must be text or chat"))?,
        words: words.unwrap_or_else(|| Personal::new(String::new())),
        opt_out: talk::opt_out_in(it.opt_out).ok_or(bad("command.receive_text.opt_out", "is not a kind"))?,
        carrier_replied: it.carrier_replied,
        media: it.media.min(MEDIA_MAX),
        missed: it.missed,
        written_ago_ms: if it.missed { it.written_ago_ms.min(DAY_MS) } else { 0 },
    })))
}

fn plain(kind: Kind, by: &str) -> Result<Command, BadField> {
    Ok(match kind {
        Kind::ReportText(it) => Command::ReportText {
            contact: contact(&it.contact_id)?,
            message: it.message,
            delivery: talk::delivery_in(it.delivery).ok_or(bad("command.report_text.delivery", "is required"))?,
            external: optional("command.report_text.external_id", &it.external_id)?.map(Into::into),
            code: optional("command.report_text.code", &it.code)?.map(Into::into),
        },
        Kind::StartHandoff(it) => start(it)?,
        Kind::JoinHandoff(it) => {
            Command::JoinHandoff { counselor: counselor(&it.counselor_id)?, contact: contact(&it.contact_id)? }
        }
        Kind::ConfirmHandoff(it) => {
            Command::ConfirmHandoff { counselor: counselor(&it.counselor_id)?, contact: contact(&it.contact_id)? }
        }
        Kind::LeaveHandoff(it) => {
            Command::LeaveHandoff { counselor: counselor(&it.counselor_id)?, contact: contact(&it.contact_id)? }
        }
        Kind::CancelHandoff(it) => {
            Command::CancelHandoff { counselor: counselor(&it.counselor_id)?, contact: contact(&it.contact_id)? }
        }
        Kind::AskHelp(it) => Command::AskHelp {
            counselor: counselor(&it.counselor_id)?,
            contact: if it.contact_id.is_empty() { None } else { Some(contact(&it.contact_id)?) },
            level: talk::help_level_in(it.level).ok_or(bad("command.ask_help.level", "is required"))?,
        },
        Kind::AnswerHelp(it) => Command::AnswerHelp { counselor: counselor(&it.counselor_id)?, by: by.into() },
        Kind::EndHelp(it) => Command::EndHelp { counselor: counselor(&it.counselor_id)? },
        _ => return Err(bad("command", "is not about a conversation, a handoff or help")),
    })
}

fn start(it: wire::StartHandoff) -> Result<Command, BadField> {
    if it.skills.len() > SKILLS_MAX {
        return Err(bad("command.start_handoff.skills", "are more than 16"));
    }
    let mut skills = std::collections::BTreeSet::new();
    for skill in &it.skills {
        skills.insert(SkillId::from(name("command.start_handoff.skills", skill)?));
    }
    Ok(Command::StartHandoff {
        counselor: counselor(&it.counselor_id)?,
        contact: contact(&it.contact_id)?,
        toward: talk::toward_in(it.toward).ok_or(bad("command.start_handoff.toward", "must be peer or counselor"))?,
        wish: Bring {
            peer_type: optional("command.start_handoff.peer_type", &it.peer_type)?.map(PeerType::from),
            skills,
            wanted: optional("command.start_handoff.wanted_id", &it.wanted_id)?.map(CounselorId::from),
        },
    })
}
