//! Breadth first, from every stage at once: each distinct state is looked at once, and each step from it is held against what must
//! always hold. Of each state with an open handoff, time alone must end it.

use super::actions::{self, Action};
use super::{always, key, world};
use holdfast_core::contact::{Channel, Contact, Direction};
use holdfast_core::event::Event;
use holdfast_core::id::ContactId;
use holdfast_core::state::{Parts, State};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// By how many deadlines every handoff must be over.
const DEADLINES_MAX: usize = 60;

/// What was seen.
#[derive(Default)]
pub(crate) struct Census {
    states: usize,
    steps: usize,
    depth: u32,
    open: usize,
    happened: BTreeMap<String, usize>,
}

impl Census {
    pub(crate) fn happened(&self, what: &str) -> bool {
        self.happened.get(what).is_some_and(|it| *it > 0)
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.open == 0 { "all there are".to_owned() } else { format!("{} not looked at", self.open) };
        writeln!(f, "{} states, {} steps, depth {} ({how})", self.states, self.steps, self.depth)?;
        self.happened.iter().try_for_each(|(what, times)| writeln!(f, "  {times:>8} {what}"))
    }
}

/// Where a state was first reached from: a stage, or another state by one of the things that could happen there.
#[derive(Clone, Copy)]
enum Origin {
    Stage(usize),
    Step(u128, usize),
}

fn packed(state: &State) -> Parts {
    Parts { plan: None, ..state.parts().clone() }
}

pub(crate) struct Explorer {
    channel: Channel,
    stages: Vec<State>,
    seen: HashMap<u128, Origin>,
    /// States from which time alone is known to end every handoff.
    ends: HashSet<u128>,
    census: Census,
}

impl Explorer {
    pub(crate) fn new(channel: Channel, stages: Vec<State>) -> Self {
        Self { channel, stages, seen: HashMap::new(), ends: HashSet::new(), census: Census::default() }
    }

    pub(crate) fn run(&mut self, depth: u32) -> Census {
        let mut here: Vec<(u128, Parts)> = Vec::new();
        for (at, stage) in self.stages.iter().enumerate() {
            let key = key::of(stage);
            if self.seen.insert(key, Origin::Stage(at)).is_none() {
                here.push((key, packed(stage)));
            }
        }
        while !here.is_empty() {
            self.census.open = here.len();
            if self.census.depth == depth {
                break;
            }
            self.census.depth += 1;
            let mut next = Vec::new();
            for (from, parts) in here {
                let state = self.unpacked(parts);
                self.look(from, &state, &mut next);
            }
            here = next;
            self.census.open = here.len();
        }
        self.census.states = self.seen.len();
        std::mem::take(&mut self.census)
    }

    fn look(&mut self, from: u128, state: &State, next: &mut Vec<(u128, Parts)>) {
        self.time_ends_it(from, state);
        for (number, action) in actions::of(state, self.channel).into_iter().enumerate() {
            let mut after = state.clone();
            let events = action.happens(&mut after);
            self.census.steps += 1;
            if let Some(wrong) = always::went_wrong(state, &action, &after) {
                panic!("{wrong}\nafter:\n{}", self.way(from, &action));
            }
            self.count(&after, &events);
            let key = key::of(&after);
            if !self.seen.contains_key(&key) {
                if let Some(wrong) = always::broken(&after) {
                    panic!("{wrong}\nafter:\n{}", self.way(from, &action));
                }
                self.seen.insert(key, Origin::Step(from, number));
                next.push((key, packed(&after)));
            }
        }
    }

    /// The plan is the same in all of them, and large.
    fn unpacked(&self, parts: Parts) -> State {
        State::restore(Parts { plan: self.stages.first().and_then(|it| it.plan().cloned()), ..parts })
    }

    /// Nobody does anything any more, and every handoff is over before long.
    fn time_ends_it(&mut self, from: u128, state: &State) {
        let mut way = vec![from];
        let mut state = state.clone();
        for _ in 0..DEADLINES_MAX {
            let key = *way.last().unwrap_or(&from);
            if self.ends.contains(&key) || !state.parts().contacts.values().any(|it| it.open_handoff().is_some()) {
                self.ends.extend(way);
                return;
            }
            if world::time_moves(&mut state).is_none() {
                break;
            }
            way.push(key::of(&state));
        }
        panic!("a handoff does not end by itself:\n{}", self.way(from, &Action::TimeMoves));
    }

    fn count(&mut self, after: &State, events: &[Event]) {
        let mut saw = |what: String| *self.census.happened.entry(what).or_default() += 1;
        let outbound =
            |id: &ContactId| after.contact(*id).is_some_and(|it: &Contact| it.direction == Direction::Outbound);
        let confirmed = events.iter().any(|it| matches!(it, Event::HandoffConfirmed { .. }));
        for event in events {
            match event {
                Event::HandoffCompleted { .. } if confirmed => saw("confirmed because the owner was lost".to_owned()),
                Event::HandoffCompleted { .. } => saw("completed".to_owned()),
                Event::HandoffCancelled { .. } => saw("cancelled".to_owned()),
                Event::HandoffReturned { reason, .. } => saw(format!("returned: {reason:?}")),
                Event::ContactArrived { direction: Direction::Outbound, .. } => {
                    saw("a callback is asked for".to_owned())
                }
                Event::ContactArrived { channel: Channel::Voice, follows: Some(_), .. } => {
                    saw("they call before they are called".to_owned());
                }
                Event::ContactArrived { follows: Some(_), .. } => saw("taken up again".to_owned()),
                Event::ContactReopened { .. } => saw("goes on".to_owned()),
                Event::ContactConnected { contact, .. } if outbound(contact) => saw("a callback is reached".to_owned()),
                Event::ContactRequeued { reason, .. } => saw(format!("back in the queue: {reason:?}")),
                _ => {}
            }
        }
    }

    /// The way from a stage to here, and what happened last.
    fn way(&self, from: u128, last: &Action) -> String {
        let mut numbers = Vec::new();
        let mut at = from;
        let stage = loop {
            match self.seen.get(&at) {
                Some(Origin::Step(earlier, number)) => {
                    numbers.push(*number);
                    at = *earlier;
                }
                Some(Origin::Stage(stage)) => break *stage,
                None => panic!("a way that begins nowhere"),
            }
        };
        let mut state = self.stages[stage].clone();
        let mut told = format!("stage {stage}: {:#?}\n", state.parts().contacts);
        for number in numbers.into_iter().rev() {
            let action = actions::of(&state, self.channel)[number].clone();
            let events = action.happens(&mut state);
            told.push_str(&format!("{action:?}\n    {events:?}\n"));
        }
        let events = last.happens(&mut state);
        told + &format!("{last:?}\n    {events:?}\n{:#?}\n", state.parts().contacts)
    }
}
