//! The clocks of the network: what each is called in the file, what it is when the file says nothing, and its bounds.
//!
//! Deliberately absent: the clocks of conversations and handoffs, which stand with the rest of those.

use crate::findings::Findings;
use crate::read::Table;
use holdfast_core::plan::Timing;

/// One setting of `[timing]`, `[texts]` or `[handoff]` that is a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    /// Its key, unit last.
    pub key: &'static str,
    /// Its value where the plan says nothing, in its unit.
    pub default: u64,
    /// The lowest value allowed.
    pub least: u64,
    /// The highest value allowed.
    pub most: u64,
    /// Milliseconds of its unit.
    pub(crate) unit_ms: u64,
}

pub(crate) const fn seconds(key: &'static str, default: u64) -> Clock {
    Clock { key, default, least: 1, most: 3_600, unit_ms: 1_000 }
}

const MENU: Clock = seconds("menu_s", 8);
const RING: Clock = seconds("ring_s", 20);
const JOIN: Clock = seconds("join_s", 10);
const DESK_GRACE: Clock = seconds("desk_grace_s", 30);
const REST: Clock = seconds("rest_s", 20);
const AGEING: Clock = seconds("ageing_s_per_priority", 60);
const CLOSED_KEEP: Clock = seconds("closed_keep_s", 600);
const EXTERNAL_KEEP: Clock = Clock { key: "external_keep_days", default: 30, least: 1, most: 400, unit_ms: 86_400_000 };
const SHORT_ABANDON: Clock = Clock { key: "short_abandon_s", default: 10, least: 0, most: 600, unit_ms: 1_000 };
/// A key of each ring.
pub(crate) const AFTER: Clock = Clock { key: "after_s", default: 0, least: 0, most: 3_600, unit_ms: 1_000 };
/// Also a key of each queue.
const OFFER: Clock = seconds("offer_s", 20);
/// Also a key of each queue.
const WRAP_UP: Clock = seconds("wrap_up_s", 120);

/// Every setting of `[timing]`, in the order of a contact's life.
///
/// | key | what it is |
/// |---|---|
/// | `menu_s` | how long a person may think at the menu before they are queued for the default need |
/// | `offer_s` | how long a counselor has to answer an offer; a queue may have its own |
/// | `rest_s` | how long a contact is not offered again to somebody who declined or missed it |
/// | `ring_s` | how long a counselor's phone rings |
/// | `join_s` | how long an answered leg may take to reach the room |
/// | `wrap_up_s` | how long a counselor has to write up; a queue may have its own |
/// | `desk_grace_s` | how long a desk may be silent before the counselor has to say they are there |
/// | `ageing_s_per_priority` | the waiting that one step of priority is worth |
/// | `closed_keep_s` | how long a closed contact stays on the screens |
/// | `external_keep_days` | how long a carrier's id is remembered so that it makes no second contact |
/// | `short_abandon_s` | whoever leaves sooner had no time to be answered, and says nothing about how a queue fares |
pub const CLOCKS: &[Clock] =
    &[MENU, OFFER, REST, RING, JOIN, WRAP_UP, DESK_GRACE, AGEING, CLOSED_KEEP, EXTERNAL_KEEP, SHORT_ABANDON];

/// The clocks of the network, and those of queues that have none of their own.
#[derive(Clone, Debug)]
pub(crate) struct Clocks {
    pub(crate) timing: Timing,
    pub(crate) offer_ms: u64,
    pub(crate) wrap_up_ms: u64,
}

/// Reads `[timing]`; every key of it is optional, and so is the table.
pub(crate) fn read_clocks(mut table: Option<Table<'_, '_>>, findings: &mut Findings) -> Clocks {
    let mut ms = |clock: Clock| clock.read_or_default(&mut table, findings);
    let clocks = Clocks {
        timing: Timing {
            menu_ms: ms(MENU),
            ring_ms: ms(RING),
            join_ms: ms(JOIN),
            desk_grace_ms: ms(DESK_GRACE),
            rest_ms: ms(REST),
            ageing_ms: ms(AGEING),
            closed_keep_ms: ms(CLOSED_KEEP),
            external_keep_ms: ms(EXTERNAL_KEEP),
            short_abandon_ms: ms(SHORT_ABANDON),
        },
        offer_ms: ms(OFFER),
        wrap_up_ms: ms(WRAP_UP),
    };
    if let Some(table) = table {
        table.finish(findings);
    }
    clocks
}

/// A queue's own time to answer an offer, in milliseconds.
pub(crate) fn read_offer(table: &mut Table<'_, '_>, findings: &mut Findings) -> Option<u64> {
    OFFER.read(table, findings)
}

/// A queue's own time to write up, in milliseconds.
pub(crate) fn read_wrap_up(table: &mut Table<'_, '_>, findings: &mut Findings) -> Option<u64> {
    WRAP_UP.read(table, findings)
}

impl Clock {
    /// What the plan says, in milliseconds, if it says anything.
    pub(crate) fn read(self, table: &mut Table<'_, '_>, findings: &mut Findings) -> Option<u64> {
        let value = table.number(self.key, self.least..=self.most, findings)?;
        Some(value * self.unit_ms)
    }

    /// What the plan says, in milliseconds, or what holds where it says nothing.
    pub(crate) fn read_or_default(self, table: &mut Option<Table<'_, '_>>, findings: &mut Findings) -> u64 {
        let written = table.as_mut().and_then(|table| self.read(table, findings));
        written.unwrap_or(self.default * self.unit_ms)
    }
}
