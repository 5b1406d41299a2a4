//! How simulated counselors behave, and the draws that follow from it.
//!
//! Durations are human time and are divided by the run's speed. What is drawn depends on the seed and the counselor's name only.

use super::manners::{HandoffHabits, TextHabits};
use crate::phrases;
use crate::prng::Prng;
use std::time::Duration;

/// The longest a conversation lasts once the run is being drained, milliseconds of human time.
const LAST_TALK_MS: u64 = 500;

/// The habits of all counselors of a run. Pairs are (least, most), milliseconds of human time; percentages are 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// How long somebody looks at an offer before they answer it.
    pub answer_ms: (u64, u64),
    /// How many offers in a hundred are declined.
    pub decline_percent: u32,
    /// How many offers in a hundred nobody answers.
    pub miss_percent: u32,
    /// How long a conversation lasts before the counselor ends it, if the person does not.
    pub talk_ms: (u64, u64),
    /// How long writing up takes; as long until somebody who missed an offer says that they are there.
    pub wrap_up_ms: (u64, u64),
    /// After how many contacts in a hundred somebody takes a break.
    pub break_percent: u32,
    /// How long a break lasts.
    pub break_ms: u64,
}

/// What somebody does with an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Accept,
    Decline,
    Miss,
}

/// One counselor's habits with their own stream of chance. Everything it answers is in real milliseconds.
#[derive(Debug)]
pub(super) struct Temper {
    habits: Habits,
    texts: TextHabits,
    handoffs: HandoffHabits,
    speed: f64,
    prng: Prng,
    hurried: bool,
}

impl Temper {
    pub(super) fn new(habits: Habits, speed: f64, seed: u64, name: &str) -> Self {
        let speed = if speed > 0.0 && speed.is_finite() { speed } else { 1.0 };
        let (texts, handoffs) = (TextHabits::USUAL, HandoffHabits::WILLING);
        Self { habits, texts, handoffs, speed, prng: Prng::keyed(seed, &["desk", name]), hurried: false }
    }

    pub(super) const fn with(mut self, texts: TextHabits, handoffs: HandoffHabits) -> Self {
        self.texts = texts;
        self.handoffs = handoffs;
        self
    }

    /// From now on: no declining, missing or breaks, no handoffs begun, and short talks. True the first time.
    pub(super) fn hurry(&mut self) -> bool {
        !std::mem::replace(&mut self.hurried, true)
    }

    pub(super) fn choice(&mut self) -> Choice {
        let drawn = self.prng.between(1, 100);
        let declines = u64::from(self.habits.decline_percent);
        let misses = u64::from(self.habits.miss_percent);
        if self.hurried {
            Choice::Accept
        } else if drawn <= declines {
            Choice::Decline
        } else if drawn <= declines + misses {
            Choice::Miss
        } else {
            Choice::Accept
        }
    }

    pub(super) fn takes_break(&mut self) -> bool {
        let drawn = self.prng.between(1, 100);
        !self.hurried && drawn <= u64::from(self.habits.break_percent)
    }

    pub(super) fn answer_ms(&mut self) -> u64 {
        self.draw(self.habits.answer_ms)
    }

    pub(super) fn talk_ms(&mut self) -> u64 {
        let (least_ms, most_ms) = self.habits.talk_ms;
        if self.hurried {
            return self.real(least_ms.min(LAST_TALK_MS));
        }
        self.draw((least_ms, most_ms))
    }

    pub(super) fn wrap_up_ms(&mut self) -> u64 {
        self.draw(self.habits.wrap_up_ms)
    }

    pub(super) fn break_ms(&self) -> u64 {
        if self.hurried { 0 } else { self.real(self.habits.break_ms) }
    }

    pub(super) fn first_reply_ms(&mut self) -> u64 {
        self.draw(self.texts.first_reply_ms)
    }

    pub(super) fn reply_ms(&mut self) -> u64 {
        self.draw(self.texts.reply_ms)
    }

    /// How many messages are written before a conversation is brought to its end.
    pub(super) fn replies(&mut self) -> u64 {
        self.prng.between(self.texts.replies.0, self.texts.replies.1)
    }

    pub(super) fn closes_after_ms(&mut self) -> u64 {
        self.draw(self.texts.closes_after_ms)
    }

    pub(super) fn patience_ms(&mut self) -> u64 {
        let (least_ms, most_ms) = self.texts.patience_ms;
        if self.hurried { self.real(least_ms.min(LAST_TALK_MS)) } else { self.draw((least_ms, most_ms)) }
    }

    pub(super) fn words(&mut self) -> String {
        phrases::desk(&mut self.prng)
    }

    /// Whether this person is offered somebody else, by a counselor or by a peer.
    pub(super) fn hands_over(&mut self, is_peer: bool) -> bool {
        let percent = if is_peer { self.handoffs.back_percent } else { self.handoffs.starts_percent };
        self.happens(percent) && !self.hurried
    }

    pub(super) fn starts_after_ms(&mut self) -> u64 {
        self.draw(self.handoffs.starts_after_ms)
    }

    pub(super) fn consent_ms(&mut self) -> u64 {
        self.draw(self.handoffs.consent_ms)
    }

    pub(super) fn person_agrees(&mut self) -> bool {
        self.happens(self.handoffs.consent_percent)
    }

    /// After how long a handoff is called off, if it is.
    pub(super) fn calls_off_after_ms(&mut self) -> Option<u64> {
        let after_ms = self.draw(self.handoffs.cancels_after_ms);
        self.happens(self.handoffs.cancels_percent).then_some(after_ms)
    }

    pub(super) fn reads_ms(&mut self) -> u64 {
        self.draw(self.handoffs.reads_ms)
    }

    pub(super) fn together_ms(&mut self) -> u64 {
        self.draw(self.handoffs.together_ms)
    }

    pub(super) fn leaves_after_ms(&mut self) -> u64 {
        self.draw(self.handoffs.leaves_after_ms)
    }

    /// Whether a step that somebody reserved is about to take is not taken.
    pub(super) fn withdraws(&mut self) -> bool {
        self.happens(self.handoffs.withdraws_percent) && !self.hurried
    }

    /// For how long the desk is away, if it loses its line now.
    pub(super) fn away_ms(&mut self) -> Option<u64> {
        let away_ms = self.draw(self.handoffs.away_ms);
        (self.happens(self.handoffs.loses_desk_percent) && !self.hurried).then_some(away_ms)
    }

    fn happens(&mut self, percent: u32) -> bool {
        self.prng.between(1, 100) <= u64::from(percent)
    }

    fn draw(&mut self, (least_ms, most_ms): (u64, u64)) -> u64 {
        let drawn_ms = self.prng.between(least_ms, most_ms);
        self.real(if self.hurried { least_ms } else { drawn_ms })
    }

    fn real(&self, human_ms: u64) -> u64 {
        let seconds = Duration::from_millis(human_ms).as_secs_f64() / self.speed;
        Duration::try_from_secs_f64(seconds).map_or(human_ms, crate::clock::whole_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, Habits, Temper};

    const HABITS: Habits = Habits {
        answer_ms: (1_000, 3_000),
        decline_percent: 20,
        miss_percent: 10,
        talk_ms: (60_000, 90_000),
        wrap_up_ms: (5_000, 5_000),
        break_percent: 50,
        break_ms: 30_000,
    };

    #[test]
    fn percentages_speed_and_seed_are_respected() {
        let mut temper = Temper::new(HABITS, 10.0, 1, "ana");
        let choices: Vec<Choice> = (0..2_000).map(|_| temper.choice()).collect();
        let count = |which| choices.iter().filter(|choice| **choice == which).count();
        assert!((320..480).contains(&count(Choice::Decline)), "{}", count(Choice::Decline));
        assert!((140..260).contains(&count(Choice::Miss)), "{}", count(Choice::Miss));
        assert!((0..100).all(|_| (100..=300).contains(&temper.answer_ms())));
        assert_eq!(temper.wrap_up_ms(), 500);
        let mut same = Temper::new(HABITS, 10.0, 1, "ana");
        assert_eq!(choices, (0..2_000).map(|_| same.choice()).collect::<Vec<_>>());
    }

    #[test]
    fn in_a_hurry_everybody_accepts_talks_briefly_and_takes_no_break() {
        let mut temper = Temper::new(HABITS, 1.0, 1, "ana");
        assert!(temper.hurry());
        assert!(!temper.hurry());
        assert!((0..200).all(|_| temper.choice() == Choice::Accept && !temper.takes_break()));
        assert_eq!((temper.talk_ms(), temper.break_ms(), temper.answer_ms()), (500, 0, 1_000));
    }
}
