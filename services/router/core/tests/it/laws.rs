//! The laws over random nights: whatever people, phones, carriers and routers do, in whatever order.

use super::{night, tables};
use holdfast_core::contact::{ContactState, Place};
use holdfast_core::id::ContactId;
use holdfast_core::invariants;
use holdfast_core::state::State;
use proptest::prelude::*;
use std::collections::BTreeMap;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    /// S3, S4, S14, S18, L1 after every record; S8, S9, S10 along the way; replay and snapshots give the same state.
    #[test]
    fn laws_hold_on_every_night(moves in prop::collection::vec(night::any_move(), 1..160)) {
        let mut night = night::Night::begin();
        let mut places: BTreeMap<ContactId, Place> = BTreeMap::new();
        for a_move in &moves {
            let before: BTreeMap<ContactId, ContactState> = night.states();
            night.play(a_move);
            prop_assert_eq!(invariants::check(&night.state), vec![]);
            tables::check(&before, &night.last_events());
            for contact in night.state.parts().contacts.values() {
                if let Some(place) = contact.place {
                    prop_assert_eq!(*places.entry(contact.id).or_insert(place), place, "S8: a place changed");
                }
            }
        }
        prop_assert_eq!(&State::restore(night.state.parts().clone()), &night.state);
        let mut replayed = State::default();
        for record in &night.records {
            replayed.apply(record);
        }
        prop_assert_eq!(&replayed, &night.state);
    }

    /// Everybody hangs up and the clock runs: every contact closes, nobody holds anybody, and only the carrier's open
    /// entries keep a contact in the hot state (L2, S9).
    #[test]
    fn nothing_is_stuck(moves in prop::collection::vec(night::any_move(), 1..120)) {
        let mut night = night::Night::begin();
        for a_move in &moves {
            night.play(a_move);
        }
        night.everybody_hangs_up();
        night.settle_everything();
        night.run_clock(3_600_000);
        prop_assert!(night.state.parts().contacts.is_empty(), "left: {:?}", night.state.parts().contacts);
        for counselor in night.state.parts().counselors.values() {
            prop_assert!(counselor.load.is_empty());
        }
    }

    /// The room ends because the person hung up, and the carrier tells of the counselor's leg first: whoever talked with them
    /// writes up, and nobody is offered a person who has gone (S11, S20).
    #[test]
    fn the_counselors_leg_may_be_told_of_first(first in 0..1_400_u64) {
        let told = night::hang_up_told_backwards(first);
        prop_assert_eq!(told, (ContactState::WrappingUp, 1));
    }

    /// S11: reports of a leg may come in any order and any number of times; the end state is the same.
    #[test]
    fn reports_are_confluent(order in Just(vec![0_usize, 1, 2, 3, 4, 5, 0, 2, 4, 5]).prop_shuffle()) {
        let expected = night::legs_after(&[0, 1, 2, 3, 4, 5]);
        prop_assert_eq!(night::legs_after(&order), expected);
    }
}
