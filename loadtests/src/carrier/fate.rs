//! What the dice make of each callback, hook and REST request: pure draws, keyed by what they are about.
//!
//! A draw depends on the seed and on its subject only, never on timing, so two runs with one seed treat the same
//! callback the same way.

use super::ledger::{CallbackFate, RestFault};
use super::settings::Faults;
use crate::prng::Prng;

const DEFAULT_LATE_MS: u64 = 5_000;
const DEFAULT_SLOW_MS: u64 = 3_000;

fn or_default(value_ms: u64, default_ms: u64) -> u64 {
    if value_ms == 0 { default_ms } else { value_ms }
}

/// The fate of the callback numbered `sequence` of `subject`.
pub(crate) fn of_callback(faults: &Faults, seed: u64, subject: &str, event: &str, sequence: u32) -> CallbackFate {
    let mut dice = Prng::keyed(seed, &["callback", subject, event, &sequence.to_string()]);
    // Every draw is made whether or not it is needed: changing one probability leaves the other outcomes as they were.
    let lost = dice.happens(faults.callback_lost);
    let duplicated = dice.happens(faults.callback_duplicated);
    let extra = u32::try_from(dice.between(1, 2)).unwrap_or(1);
    let reordered = dice.happens(faults.callback_reordered);
    let reordered_by_ms = dice.between(50, 500);
    let late = dice.happens(faults.callback_late);
    let late_by_ms = dice.between(1, or_default(faults.late_ms, DEFAULT_LATE_MS));
    let delay_ms = if late {
        late_by_ms
    } else if reordered {
        reordered_by_ms
    } else {
        0
    };
    CallbackFate { lost, copies: if duplicated { 1 + extra } else { 1 }, delay_ms }
}

/// Whether the answer to try `attempt` of hook number `number` of `call` is lost.
pub(crate) fn loses_answer(faults: &Faults, seed: u64, call: &str, number: u32, attempt: u32) -> bool {
    Prng::keyed(seed, &["hook", call, &number.to_string(), &attempt.to_string()]).happens(faults.hook_answer_lost)
}

/// Whether the hook of a person's message is sent a second time.
pub(crate) fn repeats_text(faults: &Faults, seed: u64, message: &str) -> bool {
    Prng::keyed(seed, &["text again", message]).happens(faults.text_duplicated)
}

/// Whether a message of Holdfast's never reaches the phone.
pub(crate) fn loses_text(faults: &Faults, seed: u64, message: &str) -> bool {
    Prng::keyed(seed, &["text undelivered", message]).happens(faults.text_undelivered)
}

/// The fate of the `nth` request for `key`; reads cannot have an effect, so for them only refusal and slowness count.
pub(crate) fn of_rest(faults: &Faults, seed: u64, key: &str, nth: u64, writes: bool) -> Option<RestFault> {
    let mut dice = Prng::keyed(seed, &["rest", key, &nth.to_string()]);
    let after_ms = dice.between(500, or_default(faults.late_ms, DEFAULT_LATE_MS).max(500));
    let by_ms = dice.between(200, or_default(faults.slow_ms, DEFAULT_SLOW_MS).max(200));
    let status = if dice.happens(0.5) { 429 } else { 503 };
    let choices = [
        (faults.rest_refused, true, RestFault::Refused { status }),
        (faults.rest_slow, true, RestFault::Slow { by_ms }),
        (faults.rest_effect_then_500, writes, RestFault::EffectThen500),
        (faults.rest_effect_then_cut, writes, RestFault::EffectThenCut),
        (faults.rest_effect_late, writes, RestFault::EffectLate { after_ms }),
        (faults.rest_cut_before, writes, RestFault::CutBefore),
    ];
    let mut met = None;
    for (chance, applies, fault) in choices {
        let drawn = dice.happens(chance);
        if drawn && applies && met.is_none() {
            met = Some(fault);
        }
    }
    met
}

#[cfg(test)]
mod tests {
    use super::{loses_answer, of_callback, of_rest};
    use crate::carrier::Faults;
    use crate::carrier::ledger::RestFault;

    fn bad_day() -> Faults {
        Faults {
            callback_duplicated: 0.3,
            callback_reordered: 0.3,
            callback_late: 0.2,
            callback_lost: 0.1,
            hook_answer_lost: 0.2,
            rest_effect_then_500: 0.2,
            rest_refused: 0.2,
            ..Faults::default()
        }
    }

    #[test]
    fn one_seed_gives_one_fate_and_another_seed_another() {
        let draw = |seed| (0..200).map(|n| of_callback(&bad_day(), seed, "CF1", "join", n)).collect::<Vec<_>>();
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
        assert!(draw(3).iter().any(|fate| fate.lost));
        assert!(draw(3).iter().any(|fate| fate.copies == 3));
        assert!(draw(3).iter().any(|fate| fate.delay_ms > 0));
        assert!(draw(3).iter().any(|fate| fate.delay_ms == 0 && fate.copies == 1 && !fate.lost));
    }

    #[test]
    fn a_perfect_day_has_no_faults() {
        let perfect = Faults::default();
        assert!((0..200).all(|n| !of_callback(&perfect, 3, "CF1", "join", n).lost));
        assert!((0..200).all(|n| of_callback(&perfect, 3, "CF1", "join", n).copies == 1));
        assert!((0..200).all(|n| !loses_answer(&perfect, 3, "CA1", n, 0)));
        assert!((0..200).all(|n| of_rest(&perfect, 3, "dial", n, true).is_none()));
    }

    #[test]
    fn a_read_never_meets_an_ambiguous_effect() {
        let faults = Faults { rest_effect_then_500: 1.0, rest_effect_late: 1.0, ..Faults::default() };
        assert_eq!(of_rest(&faults, 3, "list", 0, false), None);
        assert_eq!(of_rest(&faults, 3, "dial", 0, true), Some(RestFault::EffectThen500));
    }
}
