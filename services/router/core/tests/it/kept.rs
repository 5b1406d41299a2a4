//! L3': whoever can only be taken with empty hands does not starve behind later conversations.
//!
//! Written from the outside: texts come without end and conversations last so long at most, so there is a moment by which a caller
//! must have been offered. How that is brought about is not looked at.

use super::moves;
use super::night::Night;
use holdfast_core::command::Command;
use holdfast_core::contact::{Contact, ContactState};
use holdfast_core::id::ContactId;
use proptest::prelude::*;

/// How long a conversation lasts at most.
const LASTS_MS: u64 = 240_000;

/// Everybody takes what they are offered, and ends what has lasted long enough; the one looked at is left alone.
fn attend(night: &mut Night, but: Option<ContactId>) {
    for id in night.contacts().into_iter().filter(|it| Some(*it) != but) {
        let Some(it) = night.state.contact(id) else { continue };
        if let Some(offer) = it.open_offer().cloned() {
            night.decide(moves::accept(id, &offer));
            night.decide(moves::word(&offer.counselor, id));
        } else if let Some(counselor) =
            it.holder.clone().filter(|_| it.state == ContactState::Connected && is_long(night, it))
        {
            night.decide(Command::EndContact { counselor: counselor.clone(), contact: id });
            night.decide(Command::FinishWrapUp { counselor, contact: id });
        }
    }
    night.settle_everything();
}

fn is_long(night: &Night, it: &Contact) -> bool {
    it.connected_at.is_some_and(|at| night.now_ms >= at.0 + LASTS_MS)
}

/// Texts every few seconds, and after some of them somebody who needs empty hands: by how much they have been offered before the
/// moment by which they must have been. Those who came before are served first, each for as long as a conversation lasts.
fn spare_ms(staff: u8, pauses_s: &[u8], before: usize, by_voice: bool) -> Option<u64> {
    let mut night = Night::with(staff);
    let mut one: Option<(ContactId, u64)> = None;
    for (number, pause_s) in pauses_s.iter().cycle().enumerate() {
        night.run_clock(u64::from(*pause_s) * 1_000);
        let text = moves::text(&mut night, (number % 100) as u8, 1, 0);
        night.decide(text);
        if number == before {
            let waiting: usize = night.state.waiting().map(|(_, places)| places.len()).sum();
            let until_ms = night.now_ms + (waiting as u64 + 2) * LASTS_MS;
            one = Some((somebody_comes(&mut night, by_voice), until_ms));
        }
        if let Some((id, until_ms)) = one {
            let left_ms = until_ms.checked_sub(night.now_ms)?;
            if night.state.contact(id).is_some_and(|it| it.open_offer().is_some()) {
                return Some(left_ms);
            }
        }
        attend(&mut night, one.map(|(id, _)| id));
    }
    None
}

/// Somebody calls, or writes STOP.
fn somebody_comes(night: &mut Night, by_voice: bool) -> ContactId {
    let known = night.contacts();
    let comes = if by_voice { moves::arrival(200, 1, 0) } else { moves::text(night, 200, 1, 0) };
    night.decide(comes);
    let id = night.contacts().into_iter().find(|it| !known.contains(it)).unwrap();
    if !by_voice {
        let stop = moves::text(night, 200, 1, 3);
        night.decide(stop);
    }
    id
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_starves_behind_later_texts(
        staff in 1..4_u8, pauses_s in prop::collection::vec(3..9_u8, 1..9), before in 0..40_usize, by_voice: bool,
    ) {
        prop_assert!(spare_ms(staff, &pauses_s, before, by_voice).is_some(), "not offered in time");
    }
}
