//! Everybody who entered is in exactly one place: answered, left, left soon, diverted, or still waiting. However often the feed
//! says the same again, and whatever snapshots come between.

use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, Channel, ContactState, ContactView, Outcome, QueueKey,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::figures::Figures;
use crate::fold::State;
use crate::settings::DashboardSettings;

const BEGAN_MS: u64 = 20_000 * 86_400_000 + 43_200_000;

/// One contact's life: which queue, when it comes, how long it waits, and what becomes of it.
#[derive(Debug, Clone)]
struct Life {
    queue: u8,
    writes: bool,
    came_ms: u64,
    waited_ms: u64,
    end: u8,
    /// How often the feed repeats what it said.
    again: u8,
    /// Given back to the queue once after having been connected.
    back: bool,
}

fn life() -> impl Strategy<Value = Life> {
    (0..4_u8, any::<bool>(), 0..600_000_u64, 0..200_000_u64, 0..5_u8, 0..3_u8, any::<bool>()).prop_map(
        |(queue, writes, came_ms, waited_ms, end, again, back)| Life {
            queue,
            writes,
            came_ms,
            waited_ms,
            end,
            again,
            back,
        },
    )
}

/// What the feed says of a life, in order: (when, what).
fn views(index: usize, life: &Life) -> Vec<(u64, ContactView)> {
    let channel = if life.writes { Channel::Text } else { Channel::Voice };
    let queue = QueueKey { region: format!("r{}", life.queue), need: "general".to_owned(), channel: channel.into() };
    let came_ms = BEGAN_MS + life.came_ms;
    let at_ms = came_ms + life.waited_ms;
    let arriving = ContactView {
        contact_id: format!("c{index}"),
        state: ContactState::Arriving.into(),
        arrived_at_ms: came_ms,
        ..ContactView::default()
    };
    let waiting = ContactView {
        state: ContactState::Waiting.into(),
        queue: Some(queue),
        enqueued_at_ms: came_ms,
        ..arriving.clone()
    };
    let connected = ContactView { state: ContactState::Connected.into(), connected_at_ms: at_ms, ..waiting.clone() };
    let close = |view: &ContactView, outcome: Outcome, at_ms| ContactView {
        state: ContactState::Closed.into(),
        outcome: outcome.into(),
        closed_at_ms: at_ms,
        ..view.clone()
    };
    let mut views = vec![(came_ms, arriving), (came_ms, waiting.clone())];
    match life.end {
        0 => {}
        1 => views.push((at_ms, close(&waiting, Outcome::Abandoned, at_ms))),
        2 => views.push((at_ms, close(&waiting, Outcome::Diverted, at_ms))),
        _ => {
            views.push((at_ms, connected.clone()));
            if life.back {
                let again = ContactView { state: ContactState::Waiting.into(), ..connected.clone() };
                views.extend([(at_ms + 1, again), (at_ms + 2, connected.clone())]);
            }
            if life.end == 4 {
                let closed = close(&connected, Outcome::Completed, at_ms + 3);
                views.push((at_ms + 3, closed.clone()));
                // A conversation may open again under its old id.
                if life.writes && life.back {
                    views.extend([(at_ms + 4, connected), (at_ms + 5, closed)]);
                }
            }
        }
    }
    views
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn entered_is_answered_and_gone_and_waiting(
        lives in proptest::collection::vec(life(), 1..40),
        snapshots in proptest::collection::btree_set(0..200_usize, 0..4),
    ) {
        let settings = DashboardSettings::default();
        let mut state = State::new(5_000, 20_000, TimeZone::UTC);
        state.snapshot(CapacitySnapshot::default(), BEGAN_MS);
        let mut said: Vec<(u64, ContactView, u8)> = Vec::new();
        for (index, life) in lives.iter().enumerate() {
            said.extend(views(index, life).into_iter().map(|(at_ms, view)| (at_ms, view, life.again)));
        }
        said.sort_by_key(|(at_ms, _, _)| *at_ms);
        let mut open = std::collections::BTreeMap::new();
        for (number, (at_ms, view, again)) in said.into_iter().enumerate() {
            let closed = view.state() == ContactState::Closed;
            // A closed contact is told of once.
            for _ in 0..=if closed { 0 } else { again } {
                state.delta(CapacityDelta { contacts: vec![view.clone()], ..CapacityDelta::default() }, at_ms);
            }
            if closed {
                open.remove(&view.contact_id);
            } else {
                open.insert(view.contact_id.clone(), view);
            }
            if snapshots.contains(&number) {
                let contacts = open.values().cloned().collect();
                state.snapshot(CapacitySnapshot { contacts, ..CapacitySnapshot::default() }, at_ms);
            }
        }
        let now_ms = state.at_ms;
        let figures = Figures::of(&state, &settings, now_ms);
        let still: u64 = state.contacts().map(|(_, live)| u64::from(live.waits() && !live.ever_connected)).sum();
        let (mut entered, mut gone) = (0, 0);
        for tally in state.window.sums(now_ms).values() {
            entered += tally.entered;
            gone += tally.connected.total() + tally.left + tally.left_short + tally.diverted.total();
        }
        prop_assert_eq!(entered, gone + still);
        prop_assert_eq!(entered, u64::try_from(lives.len()).unwrap());
        prop_assert_eq!(state.today.arrived, entered);
        // By hand, from the lives themselves.
        let ends = |kinds: &[u8]| lives.iter().filter(|life| kinds.contains(&life.end)).cloned().collect::<Vec<_>>();
        let count = |lives: &[Life], fits: &dyn Fn(&Life) -> bool| u64::try_from(lives.iter().filter(|it| fits(it)).count()).unwrap();
        let (answered, left, diverted, waiting) = (ends(&[3, 4]), ends(&[1]), ends(&[2]), ends(&[0]));
        let in_time = count(&answered, &|it| it.waited_ms <= 20_000);
        let late = count(&diverted, &|it| it.waited_ms > 20_000);
        let gone_long = count(&left, &|it| it.waited_ms >= 5_000);
        let overdue = count(&waiting, &|it| now_ms - BEGAN_MS - it.came_ms > 20_000);
        let finished = count(&answered, &|_| true) + gone_long + late;
        prop_assert_eq!((figures.all.sl_finished.part, figures.all.sl_finished.whole), (in_time, finished));
        prop_assert_eq!((figures.all.sl.part, figures.all.sl.whole), (in_time, finished + overdue));
        prop_assert_eq!((figures.all.left.part, figures.all.left.whole), (gone_long, entered));
        prop_assert_eq!((state.today.answered, state.today.left), (count(&answered, &|_| true), gone_long));
        let sum: u64 = answered.iter().map(|it| it.waited_ms).sum();
        prop_assert_eq!(state.today.mean_ms(), sum.checked_div(state.today.answered));
    }
}
