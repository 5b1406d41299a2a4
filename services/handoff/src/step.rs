//! What happened to a handoff, in one stable word, and whom it concerns.

use holdfast_proto::handoff::v1::Handoff;
use holdfast_proto::router::v1::{HandoffState, HandoffView};

use crate::metrics;

/// Somebody is offered it.
pub(crate) const ASKED: &str = "asked";

/// Whoever was offered it cannot or does not want to.
pub(crate) const PASSED: &str = "passed";

/// One step of a handoff.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// The handoff after it.
    pub(crate) handoff: Handoff,
    /// Who has a part in it now or had one until now: they are told.
    concerns: Vec<String>,
}

impl Step {
    /// A step that left `handoff` as it is. `before` are those who had a part until now.
    pub(crate) fn new(handoff: Handoff, before: Vec<String>) -> Self {
        metrics::step(stable(&handoff.what));
        let mut concerns = before;
        concerns.extend(parts(&handoff).map(str::to_owned));
        Self { handoff, concerns }
    }

    pub(crate) fn concerns(&self, who: &str) -> bool {
        self.concerns.iter().any(|it| it == who)
    }
}

/// Who has a part in a handoff: hands over, is being asked, is reserved or has joined.
pub(crate) fn parts(handoff: &Handoff) -> impl Iterator<Item = &str> {
    let view = handoff.view.iter().flat_map(|view| [view.from_id.as_str(), view.to_id.as_str()]);
    view.chain([handoff.asking_id.as_str()]).filter(|name| !name.is_empty())
}

/// Whether the handoff is not over.
pub(crate) fn is_open(view: &HandoffView) -> bool {
    matches!(
        view.state(),
        HandoffState::Consenting
            | HandoffState::Seeking
            | HandoffState::Briefing
            | HandoffState::Joining
            | HandoffState::Together
            | HandoffState::Confirmed
    )
}

/// What happened when it came to this state.
pub(crate) const fn word(state: HandoffState) -> &'static str {
    match state {
        HandoffState::Unspecified => "gone",
        HandoffState::Consenting => "started",
        HandoffState::Seeking => "consented",
        HandoffState::Briefing => "reserved",
        HandoffState::Joining => "joining",
        HandoffState::Together => "together",
        HandoffState::Confirmed => "confirmed",
        HandoffState::Completed => "completed",
        HandoffState::Cancelled => "cancelled",
        HandoffState::Returned => "returned",
    }
}

/// What happened on the way from one state to another, in order. Nothing is completed that was not confirmed: when one decision
/// did both, both are told.
pub(crate) fn words(before: Option<HandoffState>, now: HandoffState) -> Vec<&'static str> {
    if before == Some(now) {
        return Vec::new();
    }
    let at_once = now == HandoffState::Completed && before != Some(HandoffState::Confirmed);
    let confirmed = at_once.then_some(word(HandoffState::Confirmed));
    confirmed.into_iter().chain([word(now)]).collect()
}

/// A word as a label: only ours ever are.
fn stable(what: &str) -> &'static str {
    const WORDS: [&str; 12] = [
        "started",
        "consented",
        ASKED,
        PASSED,
        "reserved",
        "joining",
        "together",
        "confirmed",
        "completed",
        "cancelled",
        "returned",
        "gone",
    ];
    WORDS.into_iter().find(|word| *word == what).unwrap_or("gone")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_word_and_nothing_is_completed_unconfirmed() {
        assert_eq!(words(None, HandoffState::Consenting), ["started"]);
        assert_eq!(words(Some(HandoffState::Consenting), HandoffState::Seeking), ["consented"]);
        assert_eq!(words(Some(HandoffState::Seeking), HandoffState::Seeking), [""; 0]);
        assert_eq!(words(Some(HandoffState::Together), HandoffState::Completed), ["confirmed", "completed"]);
        assert_eq!(words(Some(HandoffState::Confirmed), HandoffState::Completed), ["completed"]);
        for state in (0..=9).map(|state| HandoffState::try_from(state).unwrap()) {
            assert_eq!(stable(word(state)), word(state));
        }
    }
}
