//! A wire command, checked field by field, on its way to the edge. Personal fields are in a type that cannot be printed.

mod direct;
mod talk;

use super::terms;
use crate::edge::personal::Personal;
use holdfast_core::command::Command;
use holdfast_core::contact::Channel;
use holdfast_core::conversation::OptOut;
use holdfast_core::effect::Settlement;
use holdfast_core::id::{AccountId, ContactId, CounselorId, ExternalId, OfferId, PersonId};
use holdfast_proto::router::v1 as wire;
use holdfast_proto::router::v1::command::Kind;

/// The longest name, id or code that is accepted, in bytes.
pub const NAME_BYTES_MAX: usize = 128;
/// The longest note, in bytes.
pub const WORDS_BYTES_MAX: usize = 8_000;
/// The longest message to a person, in bytes: what carriers send as one.
pub const TEXT_BYTES_MAX: usize = 1_600;
/// How many pictures or files are counted at most.
pub const MEDIA_MAX: u32 = 100;
/// How many skills a handoff may ask for.
pub const SKILLS_MAX: usize = 16;

/// A command as asked for, before anything in it is sealed.
#[derive(Debug)]
pub enum Wish {
    /// Nothing personal in it.
    Plain(Command),
    /// A person reached a line.
    Arrive {
        /// The carrier's name for it.
        external: ExternalId,
        /// The dialed number: what people dial is public.
        line_number: String,
        /// The person's number; absent when withheld.
        person_number: Option<Personal>,
        /// By which channel.
        channel: Channel,
    },
    /// A desk attests.
    ConnectDesk {
        /// Whose.
        counselor: CounselorId,
        /// Which session.
        session: u64,
        /// Where their phone is.
        audio_address: Option<Personal>,
    },
    /// A counselor writes a note.
    WriteNote {
        /// Who.
        counselor: CounselorId,
        /// About which contact.
        contact: ContactId,
        /// What.
        words: Personal,
    },
    /// The person wrote.
    ReceiveText(Box<Received>),
    /// A counselor or peer writes to the person.
    SendText {
        /// Who.
        counselor: CounselorId,
        /// In which contact.
        contact: ContactId,
        /// What.
        words: Personal,
    },
    /// What the person answered when they were asked about a handoff.
    RecordConsent {
        /// Who says so.
        counselor: CounselorId,
        /// Which contact.
        contact: ContactId,
        /// Whether they agreed.
        given: bool,
        /// What they agreed to share.
        note: Option<Personal>,
    },
}

/// A message of a person, before it is sealed.
#[derive(Debug)]
pub struct Received {
    /// The carrier's name for it.
    pub external: ExternalId,
    /// The number they wrote to: public.
    pub line_number: String,
    /// Their number.
    pub person_number: Personal,
    /// Text or chat.
    pub channel: Channel,
    /// What they wrote; may be empty.
    pub words: Personal,
    /// What the carrier took it for.
    pub opt_out: OptOut,
    /// Whether the carrier has answered by itself.
    pub carrier_replied: bool,
    /// How many pictures or files came with it.
    pub media: u32,
    /// Whether it was found in the carrier's list.
    pub missed: bool,
    /// How long ago it was written, in milliseconds.
    pub written_ago_ms: u64,
}

/// Whom to erase.
#[derive(Debug)]
pub enum Whom {
    /// By the random person id.
    Person(PersonId),
    /// By their number.
    Number(Personal),
}

/// A field that is missing, too long or malformed. Never carries the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct BadField {
    /// The field's path in the request.
    pub field: &'static str,
    /// What is wrong and what is wanted.
    pub reason: &'static str,
}

const fn bad(field: &'static str, reason: &'static str) -> BadField {
    BadField { field, reason }
}

/// Checks a wire command. `by` is the name of whoever sends it.
///
/// # Errors
/// The first field that is not as it must be.
pub fn wish(command: wire::Command, by: &str) -> Result<Wish, BadField> {
    let kind = command.kind.ok_or(bad("command", "is required"))?;
    match kind {
        Kind::ArriveContact(it) => arrive(it),
        Kind::ConnectDesk(it) => Ok(Wish::ConnectDesk {
            counselor: counselor(&it.counselor_id)?,
            session: it.session,
            audio_address: personal("command.connect_desk.audio_address", it.audio_address, NAME_BYTES_MAX)?,
        }),
        Kind::WriteNote(it) => Ok(Wish::WriteNote {
            counselor: counselor(&it.counselor_id)?,
            contact: contact(&it.contact_id)?,
            words: personal("command.write_note.words", it.words, WORDS_BYTES_MAX)?
                .ok_or(bad("command.write_note.words", "is empty"))?,
        }),
        Kind::ReceiveText(_)
        | Kind::ReportText(_)
        | Kind::SendText(_)
        | Kind::StartHandoff(_)
        | Kind::RecordConsent(_)
        | Kind::JoinHandoff(_)
        | Kind::ConfirmHandoff(_)
        | Kind::LeaveHandoff(_)
        | Kind::CancelHandoff(_)
        | Kind::AskHelp(_)
        | Kind::AnswerHelp(_)
        | Kind::EndHelp(_) => talk::wish(kind, by),
        Kind::GiveDirective(it) => direct::give(it, by).map(Wish::Plain),
        Kind::EndDirective(it) => direct::end(it).map(Wish::Plain),
        Kind::ErasePerson(_) => Err(bad("command", "is not decided by the writer alone")),
        Kind::ChooseNeed(_) | Kind::ReportLeg(_) | Kind::SettleEffect(_) | Kind::DoubtEffect(_) => {
            carrier(kind).map(Wish::Plain)
        }
        Kind::LoseDesk(_)
        | Kind::SignOff(_)
        | Kind::SetReadiness(_)
        | Kind::AcceptOffer(_)
        | Kind::DeclineOffer(_)
        | Kind::HoldPerson(_)
        | Kind::EndContact(_)
        | Kind::GiveBack(_)
        | Kind::FinishWrapUp(_)
        | Kind::ExtendWrapUp(_) => desk(kind).map(Wish::Plain),
    }
}

fn arrive(it: wire::ArriveContact) -> Result<Wish, BadField> {
    let external = ExternalId {
        account: AccountId::from(name("command.arrive_contact.account", &it.account)?),
        id: name("command.arrive_contact.external_id", &it.external_id)?.into(),
    };
    if it.line_number.len() > NAME_BYTES_MAX {
        return Err(bad("command.arrive_contact.line_number", "is longer than 128 bytes"));
    }
    Ok(Wish::Arrive {
        external,
        line_number: it.line_number,
        person_number: personal("command.arrive_contact.person_number", it.person_number, NAME_BYTES_MAX)?,
        channel: terms::channel_in(it.channel)
            .ok_or(bad("command.arrive_contact.channel", "must be voice, text or chat"))?,
    })
}

/// Whom to erase: the archive is searched before the writer is asked.
///
/// # Errors
/// The first field that is not as it must be.
pub fn whom(it: wire::ErasePerson) -> Result<Whom, BadField> {
    match it.who {
        Some(wire::erase_person::Who::PersonId(id)) => {
            let id = id.parse().map_err(|_| bad("command.erase_person.person_id", "must be 32 hexadecimal digits"))?;
            Ok(Whom::Person(id))
        }
        Some(wire::erase_person::Who::PersonNumber(number)) => {
            let number = personal("command.erase_person.person_number", number, NAME_BYTES_MAX)?;
            number.map(Whom::Number).ok_or(bad("command.erase_person.person_number", "is empty"))
        }
        None => Err(bad("command.erase_person.who", "is required")),
    }
}

fn carrier(kind: Kind) -> Result<Command, BadField> {
    Ok(match kind {
        Kind::ChooseNeed(it) => Command::ChooseNeed {
            contact: contact(&it.contact_id)?,
            digit: match it.digit {
                None => None,
                Some(digit) => Some(
                    u8::try_from(digit)
                        .ok()
                        .filter(|it| *it <= 9)
                        .ok_or(bad("command.choose_need.digit", "must be 0 to 9"))?,
                ),
            },
        },
        Kind::ReportLeg(it) => Command::ReportLeg {
            contact: contact(&it.contact_id)?,
            leg: it.leg,
            state: terms::leg_state_in(it.state).ok_or(bad("command.report_leg.state", "is required"))?,
            external: optional("command.report_leg.external_id", &it.external_id)?.map(Into::into),
            cause: terms::leg_cause_in(it.cause).map_err(|_| bad("command.report_leg.cause", "is not a cause"))?,
        },
        Kind::SettleEffect(it) => Command::SettleEffect {
            contact: contact(&it.contact_id)?,
            number: it.number,
            settlement: match it.settlement {
                Some(wire::settle_effect::Settlement::AcceptedExternalId(id)) => {
                    Settlement::Accepted(optional("command.settle_effect.accepted_external_id", &id)?.map(Into::into))
                }
                Some(wire::settle_effect::Settlement::RefusedCode(code)) => {
                    Settlement::Refused(name("command.settle_effect.refused_code", &code)?.into())
                }
                None => return Err(bad("command.settle_effect.settlement", "is required")),
            },
        },
        Kind::DoubtEffect(it) => Command::DoubtEffect { contact: contact(&it.contact_id)?, number: it.number },
        _ => return Err(bad("command", "is not a carrier's command")),
    })
}

fn desk(kind: Kind) -> Result<Command, BadField> {
    Ok(match kind {
        Kind::LoseDesk(it) => Command::LoseDesk { counselor: counselor(&it.counselor_id)?, session: it.session },
        Kind::SignOff(it) => Command::SignOff { counselor: counselor(&it.counselor_id)? },
        Kind::SetReadiness(it) => Command::SetReadiness {
            counselor: counselor(&it.counselor_id)?,
            readiness: terms::readiness_in(it.readiness, &it.channels)
                .ok_or(bad("command.set_readiness.readiness", "is required, with channels for available_for"))?,
        },
        Kind::AcceptOffer(it) => {
            Command::AcceptOffer { counselor: counselor(&it.counselor_id)?, offer: offer(&it.offer_id)? }
        }
        Kind::DeclineOffer(it) => {
            Command::DeclineOffer { counselor: counselor(&it.counselor_id)?, offer: offer(&it.offer_id)? }
        }
        Kind::HoldPerson(it) => Command::HoldPerson {
            counselor: counselor(&it.counselor_id)?,
            contact: contact(&it.contact_id)?,
            on: it.on,
        },
        Kind::EndContact(it) => {
            Command::EndContact { counselor: counselor(&it.counselor_id)?, contact: contact(&it.contact_id)? }
        }
        Kind::GiveBack(it) => {
            Command::GiveBack { counselor: counselor(&it.counselor_id)?, contact: contact(&it.contact_id)? }
        }
        Kind::FinishWrapUp(it) => {
            Command::FinishWrapUp { counselor: counselor(&it.counselor_id)?, contact: contact(&it.contact_id)? }
        }
        Kind::ExtendWrapUp(it) => {
            Command::ExtendWrapUp { counselor: counselor(&it.counselor_id)?, contact: contact(&it.contact_id)? }
        }
        _ => return Err(bad("command", "is not a desk's command")),
    })
}

/// The counselor a desk's command speaks for, if it is one.
#[must_use]
pub fn speaks_for(command: &wire::Command) -> Option<&str> {
    Some(match command.kind.as_ref()? {
        Kind::ConnectDesk(it) => &it.counselor_id,
        Kind::LoseDesk(it) => &it.counselor_id,
        Kind::SignOff(it) => &it.counselor_id,
        Kind::SetReadiness(it) => &it.counselor_id,
        Kind::AcceptOffer(it) => &it.counselor_id,
        Kind::DeclineOffer(it) => &it.counselor_id,
        Kind::HoldPerson(it) => &it.counselor_id,
        Kind::EndContact(it) => &it.counselor_id,
        Kind::GiveBack(it) => &it.counselor_id,
        Kind::FinishWrapUp(it) => &it.counselor_id,
        Kind::ExtendWrapUp(it) => &it.counselor_id,
        Kind::WriteNote(it) => &it.counselor_id,
        Kind::SendText(it) => &it.counselor_id,
        Kind::StartHandoff(it) => &it.counselor_id,
        Kind::RecordConsent(it) => &it.counselor_id,
        Kind::JoinHandoff(it) => &it.counselor_id,
        Kind::ConfirmHandoff(it) => &it.counselor_id,
        Kind::LeaveHandoff(it) => &it.counselor_id,
        Kind::CancelHandoff(it) => &it.counselor_id,
        Kind::AskHelp(it) => &it.counselor_id,
        Kind::EndHelp(it) => &it.counselor_id,
        Kind::ReceiveText(_)
        | Kind::ReportText(_)
        | Kind::AnswerHelp(_)
        | Kind::GiveDirective(_)
        | Kind::EndDirective(_)
        | Kind::ArriveContact(_)
        | Kind::ChooseNeed(_)
        | Kind::ReportLeg(_)
        | Kind::SettleEffect(_)
        | Kind::DoubtEffect(_)
        | Kind::ErasePerson(_) => return None,
    })
}

fn name<'a>(field: &'static str, text: &'a str) -> Result<&'a str, BadField> {
    match text.len() {
        0 => Err(bad(field, "is required")),
        1..=NAME_BYTES_MAX => Ok(text),
        _ => Err(bad(field, "is longer than 128 bytes")),
    }
}

fn optional<'a>(field: &'static str, text: &'a str) -> Result<Option<&'a str>, BadField> {
    if text.is_empty() { Ok(None) } else { name(field, text).map(Some) }
}

fn personal(field: &'static str, text: String, bytes_max: usize) -> Result<Option<Personal>, BadField> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > bytes_max {
        return Err(bad(field, "is too long"));
    }
    Ok(Some(Personal::new(text)))
}

fn counselor(text: &str) -> Result<CounselorId, BadField> {
    name("counselor_id", text).map(CounselorId::from)
}

fn contact(text: &str) -> Result<ContactId, BadField> {
    text.parse().map_err(|_| bad("contact_id", "must be 32 hexadecimal digits"))
}

fn offer(text: &str) -> Result<OfferId, BadField> {
    text.parse().map_err(|_| bad("offer_id", "must be a contact id, a hyphen and the offer's number"))
}
