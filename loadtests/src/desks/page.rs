//! One contact on a counselor's screen: what they are to it, its messages, its handoff; and the ledger lines of every change.

use super::book::Book;
use crate::auditor::{DeskHappened, DeskPart, HandoffStep, TextAuthor};
use crate::mark::Mark;
use holdfast_proto::router::v1::{
    Author, ContactState, Delivery, DeskContact, DeskHandoff, DeskMessage, HandoffState, HandoffView, Part,
};
use std::collections::BTreeMap;

/// The most messages a page remembers; the oldest are forgotten.
const MESSAGES_MOST: usize = 1_000;

#[derive(Debug)]
struct Shown {
    mark: Mark,
    failed: bool,
}

/// A contact on the screen.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) state: ContactState,
    pub(super) part: DeskPart,
    /// Whether this counselor has talked with the person.
    pub(super) talked: bool,
    pub(super) written: bool,
    messages: BTreeMap<u32, Shown>,
    handoff: Option<(u32, HandoffStep, String, String)>,
}

pub(super) fn step_of(view: &HandoffView) -> Option<HandoffStep> {
    Some(match view.state() {
        HandoffState::Consenting => HandoffStep::Consenting,
        HandoffState::Seeking => HandoffStep::Seeking,
        HandoffState::Briefing => HandoffStep::Briefing,
        HandoffState::Joining => HandoffStep::Joining,
        HandoffState::Together => HandoffStep::Together,
        HandoffState::Confirmed => HandoffStep::Confirmed,
        HandoffState::Completed => HandoffStep::Completed,
        HandoffState::Cancelled => HandoffStep::Cancelled,
        HandoffState::Returned => HandoffStep::Returned,
        HandoffState::Unspecified => return None,
    })
}

impl Page {
    pub(super) fn new(state: ContactState, part: DeskPart, written: bool) -> Self {
        Self { state, part, talked: false, written, messages: BTreeMap::new(), handoff: None }
    }

    /// What the counselor sees the contact do: who has left after a handoff writes up, whatever the others do.
    pub(super) fn state_of(view: &DeskContact) -> ContactState {
        if view.part() == Part::WritingUp { ContactState::WrappingUp } else { view.state() }
    }

    /// What a view makes of the counselor's part; one that does not say leaves it.
    pub(super) fn take_part(&mut self, view: &DeskContact, book: &Book) {
        let part = match view.part() {
            Part::Owner => DeskPart::Owner,
            Part::Joining => DeskPart::Joining,
            Part::Leaving => DeskPart::Leaving,
            Part::WritingUp => DeskPart::WritingUp,
            Part::Unspecified => return,
        };
        if std::mem::replace(&mut self.part, part) != part {
            book.write(DeskHappened::Part { contact: view.contact_id.clone(), part, written: self.written });
        }
    }

    /// Where the handoff is, if it is somewhere else than before.
    pub(super) fn take_handoff(&mut self, id: &str, handoff: Option<&DeskHandoff>, book: &Book) -> Option<HandoffStep> {
        let view = handoff?.view.as_ref()?;
        let step = step_of(view)?;
        let now = (view.number, step, view.to_id.clone(), view.owner_id.clone());
        if self.handoff.as_ref() == Some(&now) {
            return None;
        }
        let before = self.handoff.replace(now).map(|(number, step, ..)| (number, step));
        book.write(DeskHappened::Handoff {
            contact: id.to_owned(),
            number: view.number,
            step,
            from: view.from_id.clone(),
            to: view.to_id.clone(),
            owner: view.owner_id.clone(),
            reason: view.reason.clone(),
        });
        (before != Some((view.number, step))).then_some(step)
    }

    /// Where the latest handoff is, unless it is over.
    pub(super) fn open_handoff(&self) -> Option<HandoffStep> {
        self.handoff.as_ref().map(|(_, step, ..)| *step).filter(|step| !step.is_over())
    }

    /// Takes messages that are new or came further; true if the person wrote something new.
    pub(super) fn take_message(&mut self, message: &DeskMessage, book: &Book) -> bool {
        let author = match message.author() {
            Author::Person => TextAuthor::Person,
            Author::Line => TextAuthor::Line,
            Author::Counselor | Author::Peer => TextAuthor::Desk,
            Author::Unspecified => return false,
        };
        self.written = true;
        let (contact, number, mark) = (message.contact_id.clone(), message.number, Mark::of(&message.words));
        let failed = message.delivery() == Delivery::Failed;
        let before = self.messages.insert(number, Shown { mark, failed });
        if self.messages.len() > MESSAGES_MOST {
            self.messages.pop_first();
        }
        let known = before.as_ref().is_some_and(|shown| shown.mark == mark);
        if !known {
            book.write(DeskHappened::TextSeen { contact: contact.clone(), number, author, mark });
        }
        if failed && !before.is_some_and(|shown| shown.failed) {
            book.write(DeskHappened::TextFailed { contact, number, mark });
        }
        !known && author == TextAuthor::Person
    }
}
