//! The calendar: which centers are open in a moment, and when that changes next, by the clocks of where they are.
//!
//! A span is between two moments, each found on the local clock: where the clock is put back, its first pass counts; where it is put
//! forward over one, as much later as it was put forward. Deliberately absent: any clock of its own. Whoever asks says when.

use holdfast_core::contact::Channel;
use holdfast_core::hours::{Hours, Span};
use holdfast_core::id::CenterId;
use holdfast_core::plan::Plan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet};

/// How far ahead a change is looked for. Whoever finds none asks again after this time.
const AHEAD_DAYS: i64 = 8;

/// Which channels of each center that has hours are open.
pub type Open = BTreeMap<CenterId, BTreeSet<Channel>>;

/// The opening hours of a plan, with their time zones found.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    centers: Vec<(CenterId, TimeZone, Hours)>,
}

impl Calendar {
    /// The calendar of a plan. A center whose time zone is not known here counts as one without hours: open.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let centers = plan.hours.iter().filter_map(|(center, hours)| {
            let zone = TimeZone::get(&hours.time_zone).ok()?;
            Some((center.clone(), zone, hours.clone()))
        });
        Self { centers: centers.collect() }
    }

    /// Whether no center has hours.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.centers.is_empty()
    }

    /// What is open at this moment, in Unix milliseconds.
    #[must_use]
    pub fn open_at(&self, now_ms: i64) -> Open {
        let Ok(now) = Timestamp::from_millisecond(now_ms) else { return Open::new() };
        self.centers.iter().map(|(center, zone, hours)| (center.clone(), open_channels(zone, hours, now))).collect()
    }

    /// When that changes next, in Unix milliseconds: at the latest eight days from now. None where no center has hours.
    #[must_use]
    pub fn changes_after(&self, now_ms: i64) -> Option<i64> {
        let now = Timestamp::from_millisecond(now_ms).ok()?;
        if self.is_empty() {
            return None;
        }
        let here = self.open_at(now_ms);
        let edges: BTreeSet<i64> = self.centers.iter().flat_map(|(_, zone, hours)| edges(zone, hours, now)).collect();
        let next = edges.into_iter().find(|at| *at > now_ms && self.open_at(*at) != here);
        Some(next.unwrap_or_else(|| now_ms.saturating_add(AHEAD_DAYS * 24 * 60 * 60 * 1_000)))
    }
}

fn open_channels(zone: &TimeZone, hours: &Hours, now: Timestamp) -> BTreeSet<Channel> {
    let today = zone.to_datetime(now).date();
    let days = [today.yesterday().ok(), Some(today)];
    let is_open = |channel: &Channel| {
        let days = days.iter().flatten();
        days.flat_map(|day| spans(hours, *channel, *day)).any(|(day, span)| {
            let begins = moment(zone, day, span.from_min).is_some_and(|at| at <= now);
            begins && moment(zone, day, span.to_min).is_some_and(|at| now < at)
        })
    };
    let always = |channel: &Channel| !hours.weekly.contains_key(channel);
    [Channel::Voice, Channel::Text, Channel::Chat].into_iter().filter(|it| always(it) || is_open(it)).collect()
}

/// When something begins or ends, from yesterday on.
fn edges(zone: &TimeZone, hours: &Hours, now: Timestamp) -> Vec<i64> {
    let today = zone.to_datetime(now).date();
    let days = (-1..=AHEAD_DAYS).filter_map(|ahead| today.checked_add(ahead.days()).ok());
    let each = days.flat_map(|day| hours.weekly.keys().flat_map(move |channel| spans(hours, *channel, day)));
    let ends = each.flat_map(|(day, span)| [moment(zone, day, span.from_min), moment(zone, day, span.to_min)]);
    ends.flatten().map(Timestamp::as_millisecond).collect()
}

/// The spans of a channel that begin on a day.
fn spans(hours: &Hours, channel: Channel, day: Date) -> Vec<(Date, Span)> {
    if let Some(other) = hours.holidays.get(&number_of(day)) {
        return other.iter().map(|span| (day, *span)).collect();
    }
    let weekday = u32::from(day.weekday().to_monday_zero_offset().unsigned_abs());
    let openings = hours.weekly.get(&channel).into_iter().flatten();
    openings.filter(|it| it.begins_on(weekday)).map(|it| (day, it.span)).collect()
}

/// A date as the plan has it: 20261225.
pub(crate) fn number_of(day: Date) -> u32 {
    let (year, month, date) = (day.year().unsigned_abs(), day.month().unsigned_abs(), day.day().unsigned_abs());
    u32::from(year) * 10_000 + u32::from(month) * 100 + u32::from(date)
}

/// So many minutes after midnight of a day, on the clock of a zone.
fn moment(zone: &TimeZone, day: Date, minutes: u32) -> Option<Timestamp> {
    let day = day.checked_add(i64::from(minutes / 1_440).days()).ok()?;
    let minutes = minutes % 1_440;
    let at = day.at(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0);
    zone.to_ambiguous_timestamp(at).compatible().ok()
}
