//! The laws over random nights: whatever people, phones, carriers and routers do, in whatever order.

use super::moves::{self, Move};
use super::{legs, night, tables};
use holdfast_core::contact::{ContactState, Place};
use holdfast_core::event::Event;
use holdfast_core::id::ContactId;
use holdfast_core::invariants;
use holdfast_core::state::State;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::collections::{BTreeMap, BTreeSet};
use std::env;

/// How many nights: more under `HOLDFAST_NIGHTS`.
fn nights() -> ProptestConfig {
    let cases = env::var("HOLDFAST_NIGHTS").ok().and_then(|it| it.parse().ok()).unwrap_or(160);
    ProptestConfig { cases, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() }
}

/// S8: the sequence of a place never changes, and its key only once, nearer to the front, when acuity is raised.
#[derive(Default)]
struct Places {
    known: BTreeMap<ContactId, Place>,
    raised: BTreeSet<ContactId>,
}

impl Places {
    fn follow(&mut self, state: &State, news: &[Event]) {
        for event in news {
            if let Event::AcuityRaised { contact, place } = event {
                assert!(self.raised.insert(*contact), "acuity of {contact} raised twice");
                if let (Some(place), Some(known)) = (place, self.known.get_mut(contact)) {
                    assert!(
                        place.sequence == known.sequence && place.key < known.key,
                        "S8: {known:?} became {place:?}"
                    );
                    *known = *place;
                }
            }
        }
        for contact in state.parts().contacts.values() {
            if let Some(place) = contact.place {
                assert_eq!(*self.known.entry(contact.id).or_insert(place), place, "S8: a place changed");
            }
        }
    }
}

proptest! {
    #![proptest_config(nights())]

    /// S3, S4, S14, S18, S27, L1, L2 after every record; S7 of every offer; S8, S9, S10, S12 along the way; replay and snapshots give
    /// the same state.
    #[test]
    fn laws_hold_on_every_night(staff in 0..64_u8, moves in prop::collection::vec(moves::any_move(), 1..200)) {
        let mut night = night::Night::with(staff);
        let mut tables = tables::Tables::default();
        let mut places = Places::default();
        for a_move in &moves {
            night.play(a_move);
            prop_assert_eq!(invariants::check(&night.state), vec![]);
            let news = night.news();
            tables.follow(&news);
            places.follow(&night.state, &news);
        }
        prop_assert_eq!(&State::restore(night.state.parts().clone()), &night.state);
        let mut replayed = State::default();
        for record in &night.records {
            replayed.apply(record);
        }
        prop_assert_eq!(&replayed, &night.state);
    }

    /// Everybody hangs up and the clock runs: every handoff ends and every call with a counselor closes. Whoever still waits (for a
    /// word, or to be called back) is served by those who come, nobody holds anybody, and only the carrier's open entries keep a
    /// contact in the hot state (L2, S9).
    #[test]
    fn nothing_is_stuck(staff in 0..64_u8, moves in prop::collection::vec(moves::any_move(), 1..140)) {
        let mut night = night::Night::with(staff);
        for a_move in &moves {
            night.play(a_move);
        }
        night.everybody_hangs_up();
        night.settle_everything();
        night.run_clock(7_200_000);
        for contact in night.state.parts().contacts.values() {
            prop_assert!(contact.open_handoff().is_none(), "a handoff lasts: {contact:?}");
            prop_assert!(contact.state == ContactState::Waiting, "it is held: {contact:?}");
        }
        night.everybody_is_served();
        night.run_clock(3_600_000);
        prop_assert!(night.state.parts().contacts.is_empty(), "left: {:?}", night.state.parts().contacts);
        for counselor in night.state.parts().counselors.values() {
            prop_assert!(counselor.load.is_empty());
        }
    }

    /// A router that dies at any moment, after the same night: nobody has lost what they had, and what is to be dialed or said is
    /// still to be dialed or said.
    #[test]
    fn a_restart_takes_nothing_away(staff in 0..64_u8, moves in prop::collection::vec(moves::any_move(), 1..120), gap_s in 0..60_u8) {
        let mut night = night::Night::with(staff);
        for a_move in &moves {
            night.play(a_move);
        }
        let parts = |night: &night::Night| -> Vec<_> {
            let contacts = night.state.parts().contacts.values();
            contacts
                .filter(|it| matches!(it.state, ContactState::Connecting | ContactState::Connected | ContactState::WrappingUp))
                .map(|it| (it.id, it.state, it.holder.clone(), it.handoff.as_ref().map(|it| (it.state, it.to.clone())), it.outbox.clone()))
                .collect()
        };
        let before = parts(&night);
        night.play(&Move::Restart { gap_s });
        prop_assert_eq!(parts(&night), before);
        prop_assert_eq!(invariants::check(&night.state), vec![]);
    }

    /// The room ends because the person hung up, and the carrier tells of the counselor's leg first: whoever talked with them
    /// writes up, and nobody is offered a person who has gone (S11, S20).
    #[test]
    fn the_counselors_leg_may_be_told_of_first(first in 0..1_400_u64) {
        let told = legs::hang_up_told_backwards(first);
        prop_assert_eq!(told, (ContactState::WrappingUp, 1));
    }

    /// S11: reports of a leg may come in any order and any number of times; the end state is the same.
    #[test]
    fn reports_are_confluent(order in Just(vec![0_usize, 1, 2, 3, 4, 5, 0, 2, 4, 5]).prop_shuffle()) {
        let expected = legs::legs_after(&[0, 1, 2, 3, 4, 5]);
        prop_assert_eq!(legs::legs_after(&order), expected);
    }

    /// S11 for messages: the carrier's answer, its doubt and its receipts may come in any order and any number of times.
    #[test]
    fn receipts_are_confluent(order in Just(vec![0_usize, 1, 2, 3, 4, 0, 1, 2, 3, 4]).prop_shuffle()) {
        prop_assert_eq!(legs::message_after(&order), legs::message_after(&[0, 1, 2, 3, 4]));
    }
}

/// What is rare on a night, and must happen on some.
const RARE: &[&str] = &[
    "AcuityRaised",
    "ContactClosed Merged",
    "ContactReopened",
    "ContactRequeued DeskSilent",
    "ContactRequeued GivenBack",
    "ContactRequeued LegFailed",
    "ContactRequeued LegLost",
    "ContactRequeued NobodyWrote",
    "EffectBarred",
    "HandoffCompleted",
    "HandoffConfirmed",
    "HandoffReturned ConsentTimedOut",
    "HandoffReturned DeskLost",
    "HandoffReturned LegFailed",
    "HandoffReturned LegLost",
    "HandoffReturned NobodyFree",
    "HandoffReturned OwnerLost",
    "HandoffReturned PeerSilent",
    "HandoffReturned PersonLeft",
    "HandoffReturned Withdrew",
    "HandoffWrittenUp",
    "HelpEnded",
    "OfferDeclined",
    "OfferRescinded AcuityRaised",
    "OfferRescinded PersonLeft",
    "PersonResumed",
    "ReadinessRequested",
];

/// The nights are not empty: everything that can happen does, somewhere in a few hundred of them.
#[test]
fn nights_are_not_empty() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let nights = prop::collection::vec(moves::any_move(), 100..200);
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for staff in (0..64).cycle().take(400) {
        let mut night = night::Night::with(staff);
        for a_move in nights.new_tree(&mut runner).unwrap().current() {
            night.play(&a_move);
        }
        for event in night.news() {
            let told = format!("{event:?}");
            let name = told.split([' ', '{', '(']).next().unwrap().to_owned();
            let detail = match &event {
                Event::HandoffReturned { reason, .. } => format!("{name} {reason:?}"),
                Event::ContactRequeued { reason, .. } => format!("{name} {reason:?}"),
                Event::ContactClosed { outcome, .. } => format!("{name} {outcome:?}"),
                Event::OfferRescinded { reason, .. } => format!("{name} {reason:?}"),
                _ => name,
            };
            *seen.entry(detail).or_default() += 1;
        }
    }
    let missing: Vec<&str> = RARE.iter().copied().filter(|it| !seen.contains_key(*it)).collect();
    assert!(missing.is_empty(), "never: {missing:?} in {seen:#?}");
}
