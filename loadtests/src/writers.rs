//! People who write, as open-loop arrivals.
//!
//! People begin with very little, answer a short survey, write in pieces, are silent for
//! long, write an opt-out word now and then, and some write again after it is over. Numbers are apart from those of callers.

use crate::arrivals::{self, Arrival, Spread, Started, Stream};
use crate::carrier::{Carrier, Hidden, PlaceError, Turn, WriterScript};
use crate::phrases::{self, FIRST_WORDS, PIECES};
use crate::prng::Prng;
use std::time::Duration;

/// Numbers per area code, below those of callers.
const NUMBERS_PER_AREA: usize = 3_500_000;
/// The most messages of one script.
const TURNS_MOST: usize = 200;

/// One kind of person in the mix.
#[derive(Clone, Debug)]
pub struct WriterMix {
    /// The line they write to.
    pub line: String,
    /// Three digits.
    pub area_code: String,
    /// `FromState` of the hook.
    pub state: String,
    /// What they answer to the survey, one message a question.
    pub survey: Vec<String>,
    /// The scenario's class.
    pub class: String,
}

/// What people who write do. Shares are 0.0 to 1.0; durations are human time.
#[derive(Clone, Debug)]
pub struct WritersProfile {
    /// People who begin to write, per second of real time, Poisson.
    pub rate_per_s: f64,
    /// Kinds of people with weights.
    pub mix: Vec<(WriterMix, u32)>,
    /// How many lines they write after the survey: least and most.
    pub lines: (u64, u64),
    /// How long they take to write.
    pub lag: Spread,
    /// How long they wait for an answer before they write all the same.
    pub waits: Spread,
    /// The part of lines that come in two or three pieces, and how fast.
    pub in_pieces: (f64, Spread),
    /// The part of lines before which they are silent, and for how long.
    pub silences: (f64, Spread),
    /// The part of people who write an opt-out word on the way; half of them write START later.
    pub stops: f64,
    /// The part of people who write once more long after their last line, and after how long.
    pub writes_again: (f64, Spread),
    /// The part of lines that come with a picture.
    pub pictures: f64,
}

impl WritersProfile {
    /// People as they are, at this rate.
    #[must_use]
    pub fn new(rate_per_s: f64, mix: Vec<(WriterMix, u32)>) -> Self {
        Self {
            rate_per_s,
            mix,
            lines: (2, 6),
            lag: Spread::Exponential { mean_ms: 8_000.0, most_ms: 60_000 },
            waits: Spread::Even { low_ms: 60_000, high_ms: 180_000 },
            in_pieces: (0.25, Spread::Even { low_ms: 300, high_ms: 3_000 }),
            silences: (0.08, Spread::Even { low_ms: 60_000, high_ms: 240_000 }),
            stops: 0.05,
            writes_again: (0.15, Spread::Even { low_ms: 120_000, high_ms: 300_000 }),
            pictures: 0.03,
        }
    }
}

/// The plan of a profile: at most `most` conversations within `lasting`.
#[must_use]
pub fn plan(profile: &WritersProfile, seed: u64, lasting: Duration, most: usize) -> Vec<Arrival<WriterScript>> {
    let stream = Stream { rate_per_s: profile.rate_per_s, mix: &profile.mix, lasting, most };
    stream.plan(&mut Prng::keyed(seed, &["writers"]), |mix, number, prng| script(profile, mix, number, prng))
}

fn script(profile: &WritersProfile, mix: &WriterMix, number: usize, prng: &mut Prng) -> WriterScript {
    let local = 2_000_000 + number % NUMBERS_PER_AREA;
    WriterScript {
        from: Hidden::new(format!("+1{}{local}", mix.area_code)),
        to: mix.line.clone(),
        class: mix.class.clone(),
        from_state: mix.state.clone(),
        turns: turns(profile, mix, prng),
    }
}

fn turn(after_replies: u64, waits_ms: u64, lag_ms: u64, words: String) -> Turn {
    Turn { after_replies, waits_ms, lag_ms, words: Hidden::new(words), media: 0 }
}

fn turns(profile: &WritersProfile, mix: &WriterMix, prng: &mut Prng) -> Vec<Turn> {
    let mut turns = vec![turn(0, 0, 0, phrases::pick(prng, FIRST_WORDS))];
    for answer in &mix.survey {
        let (waits_ms, lag_ms) = (profile.waits.draw(prng), profile.lag.draw(prng));
        turns.push(turn(1, waits_ms, lag_ms, answer.clone()));
    }
    let lines = prng.between(profile.lines.0, profile.lines.1);
    let stops_at = prng.happens(profile.stops).then(|| prng.between(1, lines.max(1)));
    for line in 1..=lines {
        push_line(profile, prng, &mut turns);
        if stops_at == Some(line) {
            let lag_ms = profile.lag.draw(prng);
            turns.push(turn(0, 0, lag_ms, "STOP".to_owned()));
            if prng.happens(0.5) {
                turns.push(turn(0, 0, lag_ms.saturating_mul(2), "START".to_owned()));
            }
        }
    }
    let after_ms = profile.writes_again.1.draw(prng);
    if prng.happens(profile.writes_again.0) {
        turns.push(turn(0, 0, after_ms, format!("Hello again. {}", phrases::person(prng))));
    }
    turns.truncate(TURNS_MOST);
    turns
}

/// One line, maybe after a silence, maybe in pieces, maybe with a picture.
fn push_line(profile: &WritersProfile, prng: &mut Prng, turns: &mut Vec<Turn>) {
    let (waits_ms, mut lag_ms) = (profile.waits.draw(prng), profile.lag.draw(prng));
    let silence_ms = profile.silences.1.draw(prng);
    if prng.happens(profile.silences.0) {
        lag_ms = lag_ms.saturating_add(silence_ms);
    }
    let mut line = turn(1, waits_ms, lag_ms, phrases::person(prng));
    line.media = u32::from(prng.happens(profile.pictures));
    turns.push(line);
    if prng.happens(profile.in_pieces.0) {
        for _piece in 0..prng.between(1, 2) {
            let fast_ms = profile.in_pieces.1.draw(prng);
            turns.push(turn(0, 0, fast_ms, phrases::pick(prng, PIECES)));
        }
    }
}

/// Starts the conversations of a plan at their intended times, counted from now. Resolves when the last has begun.
///
/// # Errors
/// If the carrier's run has stopped at a bound.
pub async fn start_writers(carrier: &Carrier, plan: Vec<Arrival<WriterScript>>) -> Result<Started, PlaceError> {
    arrivals::start(plan, |script| carrier.start_writing(script).map(drop)).await
}

#[cfg(test)]
mod tests {
    use super::{WriterMix, WritersProfile, plan};
    use std::collections::BTreeSet;
    use std::time::Duration;

    fn profile(rate_per_s: f64) -> WritersProfile {
        let mix = WriterMix {
            line: "+12065550100".to_owned(),
            area_code: "206".to_owned(),
            state: "WA".to_owned(),
            survey: vec!["2".to_owned()],
            class: "general/king-county".to_owned(),
        };
        WritersProfile::new(rate_per_s, vec![(mix, 1)])
    }

    #[test]
    fn a_seed_gives_one_plan_in_which_everything_occurs() {
        let made = |seed| plan(&profile(20.0), seed, Duration::from_secs(30), 10_000);
        let starts = |seed| made(seed).iter().map(|arrival| arrival.at).collect::<Vec<_>>();
        assert_eq!(starts(1), starts(1));
        assert_ne!(starts(1), starts(2));
        let one = made(1);
        assert!((450..750).contains(&one.len()), "{}", one.len());
        let numbers: BTreeSet<&str> = one.iter().map(|arrival| arrival.script.from.reveal()).collect();
        assert_eq!(numbers.len(), one.len());
        let turns = || one.iter().flat_map(|arrival| &arrival.script.turns);
        assert!(one.iter().all(|arrival| (4..60).contains(&arrival.script.turns.len())));
        assert!(one.iter().all(|arrival| arrival.script.turns[1].words.reveal() == "2"));
        assert!(
            turns().any(|turn| turn.words.reveal() == "STOP") && turns().any(|turn| turn.words.reveal() == "START")
        );
        assert!(turns().any(|turn| turn.lag_ms >= 60_000) && turns().any(|turn| turn.media == 1));
        assert!(turns().any(|turn| turn.words.reveal().starts_with("Hello again.")));
        assert!(!format!("{one:?}").contains("Hello again"));
        assert!(plan(&profile(0.0), 1, Duration::from_secs(30), 7).is_empty());
        assert_eq!(plan(&profile(20.0), 1, Duration::from_secs(30), 7).len(), 7);
    }
}
