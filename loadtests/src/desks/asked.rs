//! Commands not answered yet. Each keeps its request id until Holdfast has said what became of it, whatever breaks between.

use crate::carrier::Hidden;
use holdfast_proto::desk::v1::WorkRequest;
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::desk::v1::work_response::Answered;
use holdfast_proto::router::v1::{
    AcceptOffer, CancelHandoff, ConfirmHandoff, DeclineOffer, EndContact, FinishWrapUp as FinishWrapUpWire,
    HandoffToward, JoinHandoff, LeaveHandoff, Readiness, RecordConsent, SendText, SetReadiness, StartHandoff,
};
use tonic::Code;

/// The most commands one desk has under way; what comes on top is pressed again a little later.
pub(super) const ASKED_MOST: usize = 64;
/// How long a command that got no definite answer rests before it is said again: at first, and at most.
const PAUSE_MS: (u64, u64) = (50, 1_000);

/// What a command was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Accept { offer: String, contact: String },
    Decline { offer: String },
    End { contact: String },
    FinishWrapUp { contact: String },
    Become(Readiness),
    Send { contact: String, words: Hidden },
    StartHandoff { contact: String, toward: HandoffToward },
    Consent { contact: String, given: bool },
    Join { contact: String },
    Confirm { contact: String },
    Leave { contact: String },
    CancelHandoff { contact: String },
}

/// What the person agreed to share, in every handoff of a run.
const NOTE: &str = "They would like to talk with somebody who has been there. They know what will happen next.";

impl Purpose {
    fn say(&self) -> Say {
        // The stream knows who speaks.
        let counselor_id = String::new();
        match self.clone() {
            Self::Accept { offer, .. } => Say::AcceptOffer(AcceptOffer { counselor_id, offer_id: offer }),
            Self::Decline { offer } => Say::DeclineOffer(DeclineOffer { counselor_id, offer_id: offer }),
            Self::End { contact } => Say::EndContact(EndContact { counselor_id, contact_id: contact }),
            Self::FinishWrapUp { contact } => Say::FinishWrapUp(FinishWrapUpWire { counselor_id, contact_id: contact }),
            Self::Become(readiness) => {
                Say::SetReadiness(SetReadiness { counselor_id, readiness: readiness.into(), channels: Vec::new() })
            }
            Self::Send { contact, words } => {
                Say::SendText(SendText { counselor_id, contact_id: contact, words: words.reveal().to_owned() })
            }
            Self::StartHandoff { contact, toward } => Say::StartHandoff(StartHandoff {
                counselor_id,
                contact_id: contact,
                toward: toward.into(),
                ..StartHandoff::default()
            }),
            Self::Consent { contact, given } => {
                let note = if given { NOTE.to_owned() } else { String::new() };
                Say::RecordConsent(RecordConsent { counselor_id, contact_id: contact, given, note })
            }
            Self::Join { contact } => Say::JoinHandoff(JoinHandoff { counselor_id, contact_id: contact }),
            Self::Confirm { contact } => Say::ConfirmHandoff(ConfirmHandoff { counselor_id, contact_id: contact }),
            Self::Leave { contact } => Say::LeaveHandoff(LeaveHandoff { counselor_id, contact_id: contact }),
            Self::CancelHandoff { contact } => Say::CancelHandoff(CancelHandoff { counselor_id, contact_id: contact }),
        }
    }
}

#[derive(Debug)]
struct Waiting {
    request: WorkRequest,
    purpose: Purpose,
    /// When to say it (again); none while it is said and not answered.
    due_ms: Option<u64>,
    pause_ms: u64,
}

/// The commands of one desk, in the order they were given.
#[derive(Debug, Default)]
pub(super) struct Asked {
    waiting: Vec<Waiting>,
}

impl Asked {
    /// Takes a command, and answers its request id; none when too many are under way.
    pub(super) fn ask(&mut self, purpose: Purpose, now_ms: u64) -> Option<String> {
        if self.waiting.len() >= ASKED_MOST {
            return None;
        }
        let request_id = uuid::Uuid::new_v4().to_string();
        let request = WorkRequest { request_id: request_id.clone(), say: Some(purpose.say()) };
        self.waiting.push(Waiting { request, purpose, due_ms: Some(now_ms), pause_ms: PAUSE_MS.0 });
        Some(request_id)
    }

    pub(super) fn any(&self, which: impl Fn(&Purpose) -> bool) -> bool {
        self.waiting.iter().any(|waiting| which(&waiting.purpose))
    }

    /// A new stream knows of none of them.
    pub(super) fn all_due(&mut self, now_ms: u64) {
        for waiting in &mut self.waiting {
            waiting.due_ms = Some(now_ms);
        }
    }

    /// Says what is due, in order. `say` answers false when the wire takes no more.
    pub(super) fn say_due(&mut self, now_ms: u64, mut say: impl FnMut(WorkRequest) -> bool) {
        for waiting in &mut self.waiting {
            if waiting.due_ms.is_some_and(|due_ms| due_ms <= now_ms) {
                let said = say(waiting.request.clone());
                waiting.due_ms = if said { None } else { Some(now_ms.saturating_add(PAUSE_MS.0)) };
            }
        }
    }

    pub(super) fn next_ms(&self) -> Option<u64> {
        self.waiting.iter().filter_map(|waiting| waiting.due_ms).min()
    }

    /// What a definite answer was about. An answer that leaves it open has the command said again under its id.
    pub(super) fn settle(&mut self, answered: &Answered, now_ms: u64) -> Option<Purpose> {
        let index = self.waiting.iter().position(|waiting| waiting.request.request_id == answered.request_id)?;
        let open = matches!(
            Code::from_i32(answered.code),
            Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded | Code::Unknown | Code::Internal
        );
        if !open {
            return Some(self.waiting.remove(index).purpose);
        }
        if let Some(waiting) = self.waiting.get_mut(index) {
            waiting.due_ms = Some(now_ms.saturating_add(waiting.pause_ms));
            waiting.pause_ms = waiting.pause_ms.saturating_mul(2).min(PAUSE_MS.1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{ASKED_MOST, Asked, Purpose};
    use holdfast_proto::desk::v1::WorkRequest;
    use holdfast_proto::desk::v1::work_response::Answered;
    use tonic::Code;

    fn said(asked: &mut Asked, now_ms: u64) -> Vec<WorkRequest> {
        let mut requests = Vec::new();
        asked.say_due(now_ms, |request| {
            requests.push(request);
            true
        });
        requests
    }

    fn answer(request: &WorkRequest, code: Code) -> Answered {
        Answered { request_id: request.request_id.clone(), code: code.into(), ..Answered::default() }
    }

    #[test]
    fn a_command_keeps_its_id_until_it_is_definitely_answered() {
        let purpose = Purpose::Decline { offer: "o".to_owned() };
        let mut asked = Asked::default();
        assert!(asked.ask(purpose.clone(), 0).is_some());
        let first = said(&mut asked, 0);
        assert_eq!(first.len(), 1);
        assert!(said(&mut asked, 10_000).is_empty());
        asked.all_due(1);
        assert_eq!(said(&mut asked, 1), first);
        assert_eq!(asked.settle(&answer(&first[0], Code::Unavailable), 1), None);
        assert!(said(&mut asked, 2).is_empty());
        assert_eq!(said(&mut asked, 1_000), first);
        assert_eq!(asked.settle(&answer(&first[0], Code::Ok), 1), Some(purpose));
        assert_eq!(asked.settle(&answer(&first[0], Code::Ok), 1), None);
    }

    #[test]
    fn at_the_bound_a_command_is_not_taken() {
        let mut asked = Asked::default();
        let purpose = || Purpose::End { contact: "c".to_owned() };
        assert!((0..ASKED_MOST).all(|_| asked.ask(purpose(), 0).is_some()));
        assert!(asked.ask(purpose(), 0).is_none());
    }
}
