//! When a center is open, as the plan says it: by the wall clock of where it is.
//!
//! Only the words. What is open in a given moment is the calendar's to say (it knows time zones), and reaches the core as a command.

use crate::contact::Channel;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// A center's opening hours. A channel that is absent has none: it is open day and night.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hours {
    /// The time zone whose clock they follow, by its IANA name.
    pub time_zone: String,
    /// Each week, by channel.
    pub weekly: BTreeMap<Channel, Vec<Opening>>,
    /// Days on which other hours hold, for every channel that has hours: year, month and day as one number, as in 20261225. On a day
    /// without a span nothing begins: a night that began the day before goes on.
    pub holidays: BTreeMap<u32, Vec<Span>>,
}

/// From when to when, in minutes after midnight of the day on which it begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span {
    /// Open from this minute on, 0 to 1,439.
    pub from_min: u32,
    /// Until this one, later than `from_min`; beyond 1,440 it is on the next day. At most a whole day.
    pub to_min: u32,
}

/// The same span on some days of the week.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Opening {
    /// On which days it begins: bit 0 is Monday.
    pub days: u32,
    /// From when to when.
    pub span: Span,
}

impl Opening {
    /// Whether it begins on this day of the week, 0 for Monday.
    #[must_use]
    pub const fn begins_on(&self, day: u32) -> bool {
        day < 7 && self.days & (1 << day) != 0
    }
}
