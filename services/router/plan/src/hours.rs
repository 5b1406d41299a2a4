//! Reading a center's opening hours: days and times as people write them, and the days on which others hold.
//!
//! Deliberately absent: what is open now, which is the calendar's to say.

use crate::calendar::number_of;
use crate::entries::{CHANNELS, unknown_channel};
use crate::findings::Findings;
use crate::limits::{HOLIDAYS_MAX, OPENINGS_MAX};
use crate::read::{Table, Text, texts_of};
use crate::spelling::quoted;
use holdfast_core::contact::Channel;
use holdfast_core::hours::{Hours, Opening, Span};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::DeValue;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY_DAY: u32 = 0b111_1111;
const OPENING: &str = "write days and times, as in \"mon-fri 08:00-22:00\" or \"daily 18:00-02:00\"";
const SPAN: &str = "write from when to when, as in \"08:00-12:00\"";

/// Reads `time_zone`, `hours` and `holidays` of a center; none where it has no hours.
pub(crate) fn hours_of(table: &mut Table<'_, '_>, findings: &mut Findings) -> Option<Hours> {
    let zone = table.text("time_zone", findings);
    let hours = table.table("hours", findings);
    let holidays = table.table("holidays", findings);
    if let Some(zone) = &zone {
        check_zone(zone, &table.field("time_zone"), findings);
    }
    let Some(hours) = hours else {
        if let Some(holidays) = &holidays {
            let remedy = "add hours, or take the holidays out: without hours it is always open";
            findings.refuse(holidays.at, holidays.path.clone(), "there are holidays and no hours", remedy);
        }
        return None;
    };
    if zone.is_none() {
        table.missing("time_zone", "say whose clock the hours follow, as in \"America/Denver\"", findings);
    }
    let weekly = weekly_of(&hours, findings);
    let holidays = holidays.map_or_else(BTreeMap::new, |holidays| holidays_of(&holidays, findings));
    Some(Hours { time_zone: zone?.into_inner(), weekly, holidays })
}

fn check_zone(zone: &Text, field: &str, findings: &mut Findings) {
    if TimeZone::get(zone.get_ref()).is_err() {
        let message = format!("there is no time zone {}", quoted(zone.get_ref()));
        let remedy = "use a name of the IANA time zone database, such as \"America/Denver\"";
        findings.refuse(zone.span().start, field, message, remedy);
    }
}

fn weekly_of(hours: &Table<'_, '_>, findings: &mut Findings) -> BTreeMap<Channel, Vec<Opening>> {
    let mut weekly = BTreeMap::new();
    for (key, at, value) in hours.pairs() {
        let Some((_, channel)) = CHANNELS.iter().find(|(name, _)| *name == key) else {
            unknown_channel(at, &hours.path, key, findings);
            continue;
        };
        let field = hours.field(key);
        let openings = some_of(value, &field, OPENINGS_MAX, findings);
        if value.get_ref().as_array().is_some_and(|list| list.is_empty()) {
            let remedy = "leave the channel out if it is always open, or take it from everybody's capacity";
            findings.refuse(value.span().start, field.clone(), "is never open", remedy);
        }
        let read = |text: &Text| {
            let opening = opening(text.get_ref());
            if opening.is_none() {
                refuse(text, &field, "is no opening", OPENING, findings);
            }
            opening
        };
        weekly.insert(*channel, openings.iter().filter_map(read).collect());
    }
    weekly
}

fn holidays_of(table: &Table<'_, '_>, findings: &mut Findings) -> BTreeMap<u32, Vec<Span>> {
    let mut holidays = BTreeMap::new();
    for (index, (key, at, value)) in table.pairs().enumerate() {
        if index == HOLIDAYS_MAX {
            let message = format!("at most {HOLIDAYS_MAX} are allowed");
            findings.refuse(at, table.path.clone(), message, "take out those that are over");
        }
        let Ok(date) = key.parse::<Date>() else {
            let message = format!("{} is not a date", quoted(key));
            findings.refuse(at, table.path.clone(), message, "write year, month and day, as in \"2026-12-25\"");
            continue;
        };
        let field = table.field(key);
        let spans = some_of(value, &field, OPENINGS_MAX, findings);
        let read = |text: &Text| {
            let span = span(text.get_ref());
            if span.is_none() {
                refuse(text, &field, "is no span of time", SPAN, findings);
            }
            span
        };
        holidays.insert(number_of(date), spans.iter().filter_map(read).collect());
    }
    holidays
}

/// The texts of a list, and a word about more than are allowed.
fn some_of(value: &Spanned<DeValue<'_>>, field: &str, most: usize, findings: &mut Findings) -> Vec<Text> {
    let Some(list) = value.get_ref().as_array() else {
        findings.refuse(value.span().start, field, "must be a list in square brackets", "");
        return Vec::new();
    };
    if list.len() > most {
        let message = format!("there are {}, and at most {most} are allowed", list.len());
        findings.refuse(value.span().start, field, message, "join some of them");
    }
    texts_of(list, field, findings)
}

fn refuse(text: &Text, field: &str, what: &str, remedy: &str, findings: &mut Findings) {
    findings.refuse(text.span().start, field, format!("{} {what}", quoted(text.get_ref())), remedy);
}

/// `mon-fri 08:00-22:00`.
fn opening(text: &str) -> Option<Opening> {
    let (days, times) = text.split_once(' ')?;
    let days = if days == "daily" {
        EVERY_DAY
    } else {
        days.split(',').map(days_of).try_fold(0, |all, some| Some(all | some?))?
    };
    Some(Opening { days, span: span(times)? })
}

/// `mon`, or `fri-mon`.
fn days_of(text: &str) -> Option<u32> {
    let day = |name: &str| DAYS.iter().position(|it| *it == name);
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (day(first)?, day(last)?),
        None => (day(text)?, day(text)?),
    };
    let count = (last + 7 - first) % 7;
    Some((0..=count).fold(0, |all, ahead| all | 1 << ((first + ahead) % 7)))
}

/// `08:00-22:00`; `22:00-02:00` ends on the next day, `00:00-24:00` is a whole one.
fn span(text: &str) -> Option<Span> {
    let (from, to) = text.split_once('-')?;
    let (from_min, to_min) = (minutes(from)?, minutes(to)?);
    let to_min = if to_min < from_min { to_min + 1_440 } else { to_min };
    (from_min < 1_440 && from_min != to_min).then_some(Span { from_min, to_min })
}

/// `08:00`, and `24:00` for the end of a day.
fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |it: &str| it.len() == 2 && it.bytes().all(|b| b.is_ascii_digit());
    let (hour, minute) = (digits(hour).then_some(hour)?, digits(minute).then_some(minute)?);
    let at = hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok().filter(|minute| *minute < 60)?;
    (at <= 1_440).then_some(at)
}
