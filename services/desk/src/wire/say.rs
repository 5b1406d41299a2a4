//! What a window says: JSON into the words every desk speaks. A field that is missing or unknown is named, never quoted.

use holdfast_proto::desk::v1::work_request::{Say, SignIn};
use holdfast_proto::router::v1::{
    AcceptOffer, AskHelp, CancelHandoff, Channel, ConfirmHandoff, DeclineOffer, EndContact, EndHelp, ExtendWrapUp,
    FinishWrapUp, GiveBack, HandoffToward, HelpLevel, HoldPerson, JoinHandoff, LeaveHandoff, Position, Readiness,
    RecordConsent, SendText, SetReadiness, SignOff, StartHandoff, WriteNote,
};
use serde::Deserialize;

use super::word::{Worded, value};
use crate::drafts::Words;
use crate::validate::Malformed;

/// One word of a window.
#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    request_id: String,
    #[serde(flatten)]
    say: RawSay,
}

#[derive(Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
enum RawSay {
    SignIn(RawSignIn),
    Take,
    Beat,
    SetReadiness(RawReadiness),
    AcceptOffer(AboutOffer),
    DeclineOffer(AboutOffer),
    HoldPerson(RawHold),
    EndContact(AboutContact),
    GiveBack(AboutContact),
    FinishWrapUp(AboutContact),
    ExtendWrapUp(AboutContact),
    WriteNote(RawWords),
    SendText(RawWords),
    SaveDraft(RawWords),
    StartHandoff(RawHandoff),
    RecordConsent(RawConsent),
    JoinHandoff(AboutContact),
    ConfirmHandoff(AboutContact),
    LeaveHandoff(AboutContact),
    CancelHandoff(AboutContact),
    AskHelp(RawHelp),
    EndHelp,
    SignOff,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct RawSignIn {
    audio_address: String,
    from: Option<RawPlace>,
    take: bool,
    quiet: bool,
    has_contact: bool,
}

#[derive(Deserialize)]
struct RawPlace {
    epoch: u64,
    seq: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AboutOffer {
    offer_id: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AboutContact {
    contact_id: String,
}

#[derive(Deserialize)]
struct RawHold {
    #[serde(default)]
    contact_id: String,
    on: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawWords {
    contact_id: String,
    words: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawReadiness {
    readiness: String,
    channels: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawHandoff {
    contact_id: String,
    toward: String,
    peer_type: String,
    skills: Vec<String>,
    wanted_id: String,
}

#[derive(Deserialize)]
struct RawConsent {
    #[serde(default)]
    contact_id: String,
    given: bool,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawHelp {
    contact_id: String,
    level: String,
}

/// What a window said, with the id to answer under.
pub(crate) struct Spoken {
    pub(crate) request_id: String,
    pub(crate) said: Said,
}

/// What a window that signs in says about the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Take it from another window.
    Take,
    /// Take it if it is free.
    IfFree,
    /// It had none before it was cut off: whoever had it may come back first.
    Quiet,
}

/// What a window can say.
pub(crate) enum Said {
    /// Start or resume.
    SignIn { sign_in: SignIn, lease: Claim },
    /// Take the lease.
    Take,
    /// A sign of life.
    Beat,
    /// Keep what is being written.
    SaveDraft { contact_id: String, words: Words },
    /// A command, as every desk gives it.
    Command(Say),
}

/// Why a word was not understood, and under which id to say so; empty if not even that could be read.
pub(crate) struct Unread {
    pub(crate) request_id: String,
    pub(crate) wrong: Malformed,
}

/// Understands one word.
pub(crate) fn read(text: &str) -> Result<Spoken, Unread> {
    let raw: Raw = serde_json::from_str(text).map_err(|error| unread(text, &error))?;
    let request_id = raw.request_id;
    match raw.say.said() {
        Ok(said) => Ok(Spoken { request_id, said }),
        Err(wrong) => Err(Unread { request_id, wrong }),
    }
}

/// The parser's own message may quote what it read, and so only its kind and place are told.
fn unread(text: &str, error: &serde_json::Error) -> Unread {
    #[derive(Deserialize)]
    struct Id {
        #[serde(default)]
        request_id: String,
    }
    let request_id = serde_json::from_str::<Id>(text).map(|id| id.request_id).unwrap_or_default();
    let what = match error.classify() {
        serde_json::error::Category::Data => "is no word of a desk, or has a field missing or of another kind",
        _ => "is not JSON",
    };
    let message = format!("{what} (line {}, column {})", error.line(), error.column());
    Unread { request_id, wrong: Malformed { field: "say", message } }
}

fn known<T: Worded + Into<i32>>(field: &'static str, word: &str, list: &str) -> Result<i32, Malformed> {
    value::<T>(word).ok_or_else(|| Malformed { field, message: format!("must be one of {list}") })
}

impl RawSay {
    fn said(self) -> Result<Said, Malformed> {
        let counselor_id = String::new();
        let say = match self {
            Self::SignIn(RawSignIn { audio_address, from, take, quiet, has_contact }) => {
                let from = from.map(|from| Position { epoch: from.epoch, sequence: from.seq });
                let lease = match (take, quiet) {
                    (true, _) => Claim::Take,
                    (false, false) => Claim::IfFree,
                    (false, true) => Claim::Quiet,
                };
                return Ok(Said::SignIn { sign_in: SignIn { audio_address, from, has_contact }, lease });
            }
            Self::Take => return Ok(Said::Take),
            Self::Beat => return Ok(Said::Beat),
            Self::SaveDraft(RawWords { contact_id, words }) => {
                return Ok(Said::SaveDraft { contact_id, words: words.into() });
            }
            Self::SetReadiness(raw) => raw.say()?,
            Self::AcceptOffer(AboutOffer { offer_id }) => Say::AcceptOffer(AcceptOffer { counselor_id, offer_id }),
            Self::DeclineOffer(AboutOffer { offer_id }) => Say::DeclineOffer(DeclineOffer { counselor_id, offer_id }),
            Self::HoldPerson(RawHold { contact_id, on }) => {
                Say::HoldPerson(HoldPerson { counselor_id, contact_id, on })
            }
            Self::EndContact(about) => Say::EndContact(EndContact { counselor_id, contact_id: about.contact_id }),
            Self::GiveBack(about) => Say::GiveBack(GiveBack { counselor_id, contact_id: about.contact_id }),
            Self::FinishWrapUp(about) => Say::FinishWrapUp(FinishWrapUp { counselor_id, contact_id: about.contact_id }),
            Self::ExtendWrapUp(about) => Say::ExtendWrapUp(ExtendWrapUp { counselor_id, contact_id: about.contact_id }),
            Self::WriteNote(RawWords { contact_id, words }) => {
                Say::WriteNote(WriteNote { counselor_id, contact_id, words })
            }
            Self::SendText(RawWords { contact_id, words }) => {
                Say::SendText(SendText { counselor_id, contact_id, words })
            }
            Self::EndHelp => Say::EndHelp(EndHelp { counselor_id }),
            Self::SignOff => Say::SignOff(SignOff { counselor_id }),
            Self::StartHandoff(_)
            | Self::RecordConsent(_)
            | Self::JoinHandoff(_)
            | Self::ConfirmHandoff(_)
            | Self::LeaveHandoff(_)
            | Self::CancelHandoff(_)
            | Self::AskHelp(_) => self.of_two()?,
        };
        Ok(Said::Command(say))
    }

    /// What concerns somebody else at a desk: handoffs and help.
    fn of_two(self) -> Result<Say, Malformed> {
        let counselor_id = String::new();
        Ok(match self {
            Self::StartHandoff(raw) => raw.say()?,
            Self::RecordConsent(RawConsent { contact_id, given, note }) => {
                Say::RecordConsent(RecordConsent { counselor_id, contact_id, given, note })
            }
            Self::JoinHandoff(about) => Say::JoinHandoff(JoinHandoff { counselor_id, contact_id: about.contact_id }),
            Self::ConfirmHandoff(about) => {
                Say::ConfirmHandoff(ConfirmHandoff { counselor_id, contact_id: about.contact_id })
            }
            Self::LeaveHandoff(about) => Say::LeaveHandoff(LeaveHandoff { counselor_id, contact_id: about.contact_id }),
            Self::CancelHandoff(about) => {
                Say::CancelHandoff(CancelHandoff { counselor_id, contact_id: about.contact_id })
            }
            Self::AskHelp(RawHelp { contact_id, level }) => {
                let level = known::<HelpLevel>("ask_help.level", &level, "question, join, emergency")?;
                Say::AskHelp(AskHelp { counselor_id, contact_id, level })
            }
            _ => return Err(Malformed { field: "say", message: "is no command".to_owned() }),
        })
    }
}

impl RawReadiness {
    fn say(self) -> Result<Say, Malformed> {
        let list = "available, available_for, break, training, check_in, debrief";
        let readiness = known::<Readiness>("set_readiness.readiness", &self.readiness, list)?;
        let channel = |word: &String| known::<Channel>("set_readiness.channels", word, "voice, text, chat");
        let channels = self.channels.iter().map(channel).collect::<Result<_, _>>()?;
        Ok(Say::SetReadiness(SetReadiness { counselor_id: String::new(), readiness, channels }))
    }
}

impl RawHandoff {
    fn say(self) -> Result<Say, Malformed> {
        let toward = known::<HandoffToward>("start_handoff.toward", &self.toward, "peer, counselor")?;
        let Self { contact_id, peer_type, skills, wanted_id, .. } = self;
        let counselor_id = String::new();
        Ok(Say::StartHandoff(StartHandoff { counselor_id, contact_id, toward, peer_type, skills, wanted_id }))
    }
}
