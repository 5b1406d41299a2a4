//! The table at the top of `ladder`, line by line, and what must hold whatever is measured.

use super::*;

const MS: f64 = 0.001;

fn settings() -> PressureSettings {
    PressureSettings::default()
}

fn waits(ms: f64) -> Signals {
    Signals { wait_s: ms * MS, commit_s: 0.0 }
}

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn each_threshold_takes_its_level_at_once_and_each_level_turns_its_classes_away() {
    let commits = |ms: f64| Signals { wait_s: 0.0, commit_s: ms * MS };
    for (signals, level) in [
        (waits(0.0), Level::Calm),
        (waits(5.0), Level::Calm),
        (waits(5.1), Level::Raised),
        (waits(20.1), Level::High),
        (waits(50.1), Level::Severe),
        (commits(250.0), Level::Calm),
        (commits(250.1), Level::Raised),
        (commits(1_000.1), Level::High),
        (commits(2_500.1), Level::Severe),
    ] {
        let mut ladder = Ladder::default();
        ladder.observe(s(1), signals, &settings());
        assert_eq!(ladder.level(s(1), &settings()), level, "{signals:?}");
        for (class, off_at) in
            [(Class::T3, Some(Level::Raised)), (Class::T2, Some(Level::High)), (Class::T1, None), (Class::T0, None)]
        {
            let let_in = off_at.is_none_or(|off_at| level < off_at);
            let share = ladder.share(s(1), class, &settings());
            assert!(if let_in { share >= 1.0 } else { share <= 0.0 }, "{class:?} at {level:?}: {share}");
        }
    }
}

#[test]
fn a_level_is_left_only_after_its_hold_and_the_ones_below_it_keep_their_own_time() {
    let mut ladder = Ladder::default();
    ladder.observe(s(0), waits(60.0), &settings());
    ladder.observe(s(30), waits(30.0), &settings());
    ladder.observe(s(40), waits(6.0), &settings());
    for (at, level) in [
        (59, Level::Severe),
        (60, Level::High),
        (89, Level::High),
        (90, Level::Raised),
        (99, Level::Raised),
        (100, Level::Calm),
    ] {
        ladder.observe(s(at), waits(5.0), &settings());
        assert_eq!(ladder.level(s(at), &settings()), level, "after {at} s");
    }
    ladder.observe(s(101), waits(21.0), &settings());
    assert_eq!(ladder.level(s(101), &settings()), Level::High, "it is taken again at once");
}

#[test]
fn an_overload_that_ends_at_once_is_over_one_hold_later() {
    let mut ladder = Ladder::default();
    ladder.observe(s(10), waits(500.0), &settings());
    assert_eq!(ladder.level(s(69), &settings()), Level::Severe);
    assert_eq!(ladder.level(s(70), &settings()), Level::Calm);
}

#[test]
fn those_who_come_back_are_let_in_by_a_growing_share() {
    let mut ladder = Ladder::default();
    ladder.observe(s(0), waits(30.0), &settings());
    let mut before = -1.0;
    for at in 59..=71 {
        let share = ladder.share(s(at), Class::T2, &settings());
        assert!((0.0..=1.0).contains(&share) && share >= before, "{share} after {at} s");
        before = share;
    }
    assert!(ladder.share(s(65), Class::T2, &settings()) > 0.4 && ladder.share(s(65), Class::T2, &settings()) < 0.6);
    assert!(before >= 1.0);
}

#[test]
fn another_process_is_believed_while_it_speaks() {
    let mut ladder = Ladder::default();
    ladder.told(s(0), Level::High);
    assert_eq!(ladder.level(s(4), &settings()), Level::High);
    assert_eq!(ladder.level(s(5), &settings()), Level::Calm);
    ladder.told(s(6), Level::Raised);
    ladder.observe(s(6), waits(60.0), &settings());
    assert_eq!(ladder.level(s(6), &settings()), Level::Severe, "the higher of the two holds");
}

#[test]
fn whatever_is_measured_a_higher_signal_never_means_a_lower_level() {
    let mut dice = crate::backoff::SeededDice::new(7);
    let mut roll = |most: u64| crate::backoff::Dice::roll(&mut dice) % most;
    for _ in 0..200 {
        let (mut lower, mut higher) = (Ladder::default(), Ladder::default());
        let mut now = Duration::ZERO;
        for _ in 0..100 {
            now += Duration::from_millis(roll(20_000));
            let (wait, more) = (roll(60_000), roll(30_000));
            let signals = |us: u64| waits(Duration::from_micros(us).as_secs_f64() / MS);
            lower.observe(now, signals(wait), &settings());
            higher.observe(now, signals(wait + more), &settings());
            assert!(higher.level(now, &settings()) >= lower.level(now, &settings()));
            for class in [Class::T0, Class::T1] {
                assert!(higher.share(now, class, &settings()) >= 1.0, "{class:?} is never turned away");
            }
            let (t2, t3) = (higher.share(now, Class::T2, &settings()), higher.share(now, Class::T3, &settings()));
            assert!(t3 <= t2, "T3 goes before T2 and comes back after it");
        }
    }
}

#[test]
fn a_number_on_the_wire_is_the_level_and_an_unknown_one_the_highest() {
    for level in Level::ALL {
        assert_eq!(Level::of_number(level.number().into()), level);
    }
    assert_eq!(Level::of_number(9), Level::Severe);
}
