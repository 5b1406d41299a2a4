//! Whatever the feed says: a client that applies every delta has at every number what a snapshot of that number says.

use std::collections::BTreeMap;

use holdfast_proto::router::v1::{
    CapacityDelta, CapacitySnapshot, Channel, ContactView, CounselorView, HandoffView, HelpView, QueueKey,
    counselor_view,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::Value;

use super::{Place, Rows, delta, snapshot};
use crate::decisions::Decisions;
use crate::figures::Figures;
use crate::fold::State;
use crate::settings::DashboardSettings;
use crate::view::View;

/// 14:02:11 UTC on some day.
const NOW_MS: u64 = (20_000 * 86_400 + 14 * 3_600 + 131) * 1_000;

/// What happens between two frames.
#[derive(Debug, Clone)]
enum Step {
    Contact(Box<ContactView>),
    Counselor(Box<CounselorView>),
    Pass { ms: u64 },
    Everything { queues: u8 },
    Acknowledge,
}

fn key(queue: u8) -> QueueKey {
    let channel = [Channel::Voice, Channel::Text, Channel::Chat][usize::from(queue % 3)];
    QueueKey { region: format!("r{}", queue / 6), need: format!("n{}", queue % 2), channel: channel.into() }
}

fn moment() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), (0..4_000_000_u64).prop_map(|ago| NOW_MS + 400_000 - ago)]
}

fn contact() -> impl Strategy<Value = Step> {
    let who = (0..40_u8, 0..8_i32, proptest::option::of(0..90_u8), 0..5_i32);
    let when = [moment(), moment(), moment(), moment(), moment()];
    let handoff = proptest::option::of((0..3_u32, 0..10_i32, moment()));
    (who, when, handoff, any::<bool>()).prop_map(|((id, state, queue, outcome), when, handoff, outbound)| {
        let [arrived_at_ms, enqueued_at_ms, connected_at_ms, closed_at_ms, unanswered_since_ms] = when;
        Step::Contact(Box::new(ContactView {
            contact_id: format!("c{id}"),
            state,
            queue: queue.map(key),
            arrived_at_ms,
            enqueued_at_ms,
            connected_at_ms,
            closed_at_ms,
            unanswered_since_ms,
            outcome,
            outbound,
            handoff: handoff.map(|(number, state, since_ms)| HandoffView {
                number,
                state,
                since_ms,
                started_at_ms: since_ms,
                ..HandoffView::default()
            }),
            ..ContactView::default()
        }))
    })
}

fn counselor() -> impl Strategy<Value = Step> {
    let rooms = proptest::collection::vec((1..4_i32, 0..2_u32), 0..3);
    let help = proptest::option::of((0..4_i32, moment(), any::<bool>()));
    let load = (0..2_u32, 0..2_u32);
    ((0..20_u8, 0..4_i32, 0..7_i32, 0..3_i32), rooms, help, load, moment()).prop_map(
        |((id, presence, readiness, kind), rooms, help, (held, wrapping_up), presence_since_ms)| {
            let room = |(channel, free)| counselor_view::Room { channel, free, most: 2 };
            Step::Counselor(Box::new(CounselorView {
                counselor_id: format!("m{id}"),
                center: format!("center{}", id % 4),
                presence,
                readiness,
                kind,
                held,
                wrapping_up,
                presence_since_ms,
                rooms: rooms.into_iter().map(room).collect(),
                help: help.map(|(level, asked_at_ms, answered)| HelpView {
                    level,
                    asked_at_ms,
                    answered_by: if answered { "sam".to_owned() } else { String::new() },
                    ..HelpView::default()
                }),
                ..CounselorView::default()
            }))
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => contact(),
        3 => counselor(),
        2 => (0..90_000_u64).prop_map(|ms| Step::Pass { ms }),
        1 => (0..90_u8).prop_map(|queues| Step::Everything { queues }),
        1 => Just(Step::Acknowledge),
    ]
}

/// What a client knows, and how it comes to know it.
#[derive(Default)]
struct Client {
    board: Value,
    rows: BTreeMap<String, Value>,
    order: Vec<String>,
}

impl Client {
    fn apply(&mut self, frame: &str) {
        let frame: Value = serde_json::from_str(frame).unwrap();
        let name = |row: &Value| row["key"].as_str().unwrap().to_owned();
        let rows = frame["queues"].as_array().cloned().unwrap_or_default();
        if frame["type"] == "snapshot" {
            self.rows.clear();
            self.order = rows.iter().map(name).collect();
            self.board = frame.clone();
        }
        for gone in frame["gone"].as_array().into_iter().flatten() {
            self.rows.remove(gone.as_str().unwrap()).unwrap();
        }
        self.rows.extend(rows.iter().map(|row| (name(row), row.clone())));
        if let Some(order) = frame["order"].as_array() {
            self.order = order.iter().map(|key| key.as_str().unwrap().to_owned()).collect();
        }
        for (part, value) in frame.as_object().unwrap() {
            if !["type", "queues", "gone", "order"].contains(&part.as_str()) {
                self.board[part] = value.clone();
            }
        }
        assert_eq!(self.rows.len(), self.order.len(), "every row has a place");
        self.board["queues"] = self.order.iter().map(|key| self.rows[key].clone()).collect();
        self.board["type"] = "snapshot".into();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn deltas_lead_to_what_a_snapshot_says(steps in proptest::collection::vec(step(), 1..60)) {
        let settings = DashboardSettings::default();
        let mut state = State::new(5_000, 20_000, TimeZone::UTC);
        let mut decisions = Decisions::default();
        let mut now_ms = NOW_MS;
        state.snapshot(CapacitySnapshot { network: "Coast".to_owned(), ..CapacitySnapshot::default() }, now_ms);
        let mut clients = [(Rows::Top, Client::default()), (Rows::All, Client::default())];
        let mut before: Option<View> = None;
        for (seq, step) in (1..).zip(steps) {
            match step {
                Step::Contact(view) => state.delta(CapacityDelta { contacts: vec![*view], ..CapacityDelta::default() }, now_ms),
                Step::Counselor(view) => {
                    state.delta(CapacityDelta { counselors: vec![*view], ..CapacityDelta::default() }, now_ms);
                }
                Step::Pass { ms } => now_ms += ms,
                Step::Everything { queues } => {
                    let queues = (0..queues).map(key).collect();
                    state.snapshot(CapacitySnapshot { queues, network: "Coast".to_owned(), ..CapacitySnapshot::default() }, now_ms);
                }
                Step::Acknowledge => {
                    let first = decisions.shown().first().map(|decision| decision.id.clone());
                    if let Some(id) = first {
                        decisions.acknowledge(&id, "sam").unwrap();
                    }
                }
            }
            state.tick(now_ms);
            let figures = Figures::of(&state, &settings, now_ms);
            state.hour.sample(now_ms, figures.all.waiting, figures.all.overdue);
            decisions.observe(&state, &figures, &settings);
            let view = View::of(&state, &figures, &decisions, &settings, None);
            let place = Place { epoch: 1, seq };
            for (rows, client) in &mut clients {
                let whole = snapshot(place, &view, *rows);
                match &before {
                    Some(before) => client.apply(&delta(place, before, &view, *rows)),
                    None => client.apply(&whole),
                }
                prop_assert_eq!(&client.board, &serde_json::from_str::<Value>(&whole).unwrap());
            }
            before = Some(view);
        }
    }
}
