//! One handoff and one decision of the router about it: which steps it made, in order.

use holdfast_proto::handoff::v1::Handoff;
use holdfast_proto::router::v1::{HandoffState, HandoffView, OfferState, OfferView, Position, QueueKey};

use crate::step::{self, ASKED, PASSED, Step, parts};

/// The moment of a frame: where the router stood, and its network time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) place: Position,
    pub(crate) at_ms: u64,
}

/// One handoff and one decision about it.
pub(crate) struct Turn {
    /// The state before; absent if the handoff was not known.
    before: Option<HandoffState>,
    /// What was known of it, as it would have been told again.
    told: Option<(Option<HandoffView>, Option<QueueKey>)>,
    /// Who had a part until now.
    parts: Vec<String>,
    handoff: Handoff,
    steps: Vec<Step>,
}

impl Turn {
    /// A turn of a handoff that is `handoff` now and was `known` until now.
    pub(crate) fn new(known: Option<&Handoff>, mut handoff: Handoff, now: Moment) -> Self {
        handoff.position = Some(now.place);
        handoff.at_ms = now.at_ms;
        if let Some(known) = known {
            handoff.what.clone_from(&known.what);
            handoff.asking_id.clone_from(&known.asking_id);
        }
        Self {
            before: known.map(state),
            told: known.map(|known| (known.view.clone(), known.queue.clone())),
            parts: known.map(names).unwrap_or_default(),
            handoff,
            steps: Vec::new(),
        }
    }

    /// The handoff after it, and the steps.
    pub(crate) fn over(self) -> (Handoff, Vec<Step>) {
        (self.handoff, self.steps)
    }

    fn tell(&mut self, what: &str) {
        what.clone_into(&mut self.handoff.what);
        self.steps.push(Step::new(self.handoff.clone(), std::mem::take(&mut self.parts)));
        self.parts = names(&self.handoff);
    }

    /// It came to another state.
    pub(crate) fn moved(&mut self) {
        let now = state(&self.handoff);
        if now != HandoffState::Seeking {
            self.handoff.asking_id.clear();
        }
        for what in step::words(self.before, now) {
            self.tell(what);
        }
    }

    /// Somebody was asked, or whoever was asked passed.
    pub(crate) fn offered(&mut self, offers: &[OfferView]) {
        if state(&self.handoff) != HandoffState::Seeking {
            return;
        }
        let contact_id = self.handoff.contact_id.clone();
        for offer in offers {
            if offer.offer_id.split_once('-').is_none_or(|(contact, _)| contact != contact_id) {
                continue;
            }
            match offer.state() {
                OfferState::Open => {
                    self.handoff.asking_id.clone_from(&offer.counselor_id);
                    self.tell(ASKED);
                }
                OfferState::Declined | OfferState::Expired | OfferState::Rescinded => {
                    // Whoever was asked before this service looked had a part as well.
                    self.parts.push(offer.counselor_id.clone());
                    self.handoff.asking_id.clear();
                    self.tell(PASSED);
                }
                OfferState::Accepted | OfferState::Unspecified => {}
            }
        }
    }

    /// Nothing happened that has a word, and still something is not as it was told.
    pub(crate) fn detail(&mut self) {
        let Some((view, queue)) = &self.told else { return };
        if self.steps.is_empty() && (*view != self.handoff.view || *queue != self.handoff.queue) {
            let what = self.handoff.what.clone();
            self.tell(&what);
        }
    }
}

/// Where it is.
pub(crate) fn state(handoff: &Handoff) -> HandoffState {
    handoff.view.as_ref().map_or(HandoffState::Unspecified, HandoffView::state)
}

/// Who has a part in it.
pub(crate) fn names(handoff: &Handoff) -> Vec<String> {
    parts(handoff).map(str::to_owned).collect()
}

/// An open handoff of which is known only that it is over.
pub(crate) fn gone(handoff: &Handoff, now: Moment) -> Handoff {
    let view = handoff.view.clone().map(|view| HandoffView {
        state: HandoffState::Unspecified.into(),
        owner_id: String::new(),
        deadline_ms: 0,
        ..view
    });
    Handoff {
        view,
        what: step::word(HandoffState::Unspecified).to_owned(),
        asking_id: String::new(),
        position: Some(now.place),
        at_ms: now.at_ms,
        ..handoff.clone()
    }
}
