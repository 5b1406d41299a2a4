//! One contact's open effects: which may start now, which must not any more, and what is known of each dial. Pure.
//!
//! Effects start in number order, the next once the carrier's answer settled or doubted the last; drop and end-room do not
//! wait. Epochs of one contact never fall with the number: an effect that breaks this comes from a writer that was replaced,
//! and is refused. Bounded by the router's own bound on open effects.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use crate::effect::{Effect, Kind, Settlement};

/// What is known of a dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// This process has not heard of it, or only that it was asked before: it may have been made.
    Unknown,
    /// Not made, by whoever.
    NotMade,
    /// On its way to the carrier.
    InFlight,
    /// It may have been made.
    Doubted,
    /// Made; with the carrier's id.
    Made(String),
}

/// An effect that is to be carried out now.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) effect: Arc<Effect>,
    /// This process did not see it asked: list first.
    pub(crate) redelivered: bool,
    /// Turns true when the effect is over for the router.
    pub(crate) over: watch::Receiver<bool>,
}

/// What became of an effect that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    New,
    Known,
    /// From a writer that was replaced.
    Fenced,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Started,
    Doubted,
    Settled,
}

#[derive(Debug)]
struct Entry {
    effect: Arc<Effect>,
    stage: Stage,
    redelivered: bool,
    settlement: Option<Settlement>,
    over: watch::Sender<bool>,
}

/// One contact's effects.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    entries: BTreeMap<u32, Entry>,
    /// The highest epoch, and the lowest number it was seen with.
    fence: Option<(u64, u32)>,
    dials: BTreeMap<u32, Fate>,
}

impl Outbox {
    /// Takes an effect in. `redelivered` says that this process did not see it asked.
    pub(crate) fn take(&mut self, effect: Effect, redelivered: bool) -> Taken {
        if self.fence.is_some_and(|(epoch, from)| effect.epoch < epoch && effect.number >= from) {
            return Taken::Fenced;
        }
        self.fence = Some(match self.fence {
            Some((epoch, from)) if epoch > effect.epoch => (epoch, from),
            Some((epoch, from)) if epoch == effect.epoch => (epoch, from.min(effect.number)),
            _ => (effect.epoch, effect.number),
        });
        if let Some(entry) = self.entries.get_mut(&effect.number) {
            if entry.effect.epoch == effect.epoch {
                return Taken::Known;
            }
            // The same number from a later writer is another effect: what the earlier one asked was never durable.
            if entry.stage != Stage::Waiting {
                return Taken::Known;
            }
            entry.effect = Arc::new(effect);
            return Taken::New;
        }
        if let Kind::Dial { leg, .. } = effect.kind {
            let fate = match (redelivered, effect.doubted) {
                (_, true) => Fate::Doubted,
                (true, false) => Fate::Unknown,
                (false, false) => Fate::NotMade,
            };
            self.dials.entry(leg).or_insert(fate);
        }
        let entry = Entry {
            effect: Arc::new(effect),
            stage: Stage::Waiting,
            redelivered,
            settlement: None,
            over: watch::Sender::new(false),
        };
        self.entries.insert(entry.effect.number, entry);
        Taken::New
    }

    /// The effects that may start now; they count as started from here on.
    pub(crate) fn begin(&mut self) -> Vec<Begun> {
        let mut begun = Vec::new();
        let mut blocked = false;
        for entry in self.entries.values_mut() {
            let free = entry.effect.overtakes() || entry.effect.doubted || !blocked;
            if entry.stage == Stage::Waiting && free {
                entry.stage = if entry.effect.doubted { Stage::Doubted } else { Stage::Started };
                begun.push(Begun {
                    effect: Arc::clone(&entry.effect),
                    redelivered: entry.redelivered,
                    over: entry.over.subscribe(),
                });
            }
            blocked |= matches!(entry.stage, Stage::Waiting | Stage::Started);
        }
        begun
    }

    /// The last look before a dial is sent: false if it was barred meanwhile.
    pub(crate) fn may_dial(&mut self, number: u32, leg: u32) -> bool {
        let open = self.entries.contains_key(&number);
        if open {
            self.dials.insert(leg, Fate::InFlight);
        }
        open
    }

    /// Whether an effect is not over for the router.
    pub(crate) fn is_open(&self, number: u32) -> bool {
        self.entries.contains_key(&number)
    }

    /// What is known of a dial from its carrier's answer. What was made stays made.
    pub(crate) fn dialed(&mut self, leg: u32, fate: Fate) {
        let known = self.dials.entry(leg).or_insert(Fate::Unknown);
        if !matches!(known, Fate::Made(_)) {
            *known = fate;
        }
    }

    /// What is known of a dial.
    pub(crate) fn fate(&self, leg: u32) -> Fate {
        self.dials.get(&leg).cloned().unwrap_or(Fate::Unknown)
    }

    /// The effect's outcome is in doubt: the next may start.
    pub(crate) fn doubted(&mut self, number: u32) {
        self.move_to(number, Stage::Doubted);
    }

    /// The effect's outcome is known: the next may start.
    pub(crate) fn settled(&mut self, number: u32, settlement: Settlement) {
        self.move_to(number, Stage::Settled);
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.settlement = Some(settlement);
        }
    }

    /// The router says it is over, settled or barred. True if it had not started, and now will not.
    pub(crate) fn end(&mut self, number: u32) -> bool {
        let Some(entry) = self.entries.remove(&number) else { return false };
        entry.over.send_replace(true);
        entry.stage == Stage::Waiting
    }

    /// How this process settled an effect that is still open for the router.
    pub(crate) fn settlement(&self, number: u32) -> Option<(Arc<Effect>, Settlement)> {
        let entry = self.entries.get(&number)?;
        Some((Arc::clone(&entry.effect), entry.settlement.clone()?))
    }

    /// The numbers of the open effects.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.entries.keys().copied().collect()
    }

    /// Whether nothing is open.
    pub(crate) fn is_idle(&self) -> bool {
        self.entries.is_empty()
    }

    fn move_to(&mut self, number: u32, stage: Stage) {
        if let Some(entry) = self.entries.get_mut(&number) {
            entry.stage = stage;
        }
    }
}

#[cfg(test)]
mod tests;
