//! What a counselor or peer must hold to be asked at all, and until which day.
//!
//! A credential is good through its last day in UTC. Deliberately absent: what it attests; the plan's author knows.

use crate::document::{Credential, Sections};
use crate::findings::Findings;
use crate::limits::CREDENTIALS_MAX;
use crate::read::{Table, Text, check_name};
use crate::spelling::quoted;
use holdfast_core::time::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// The first year that is a date and not a slip.
const FIRST_YEAR: i16 = 2_000;

pub(crate) fn credentials_of(table: &mut Table<'_, '_>, findings: &mut Findings) -> Vec<Credential> {
    let field = table.field("credentials");
    let mut credentials: Vec<Credential> = Vec::new();
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for entry in table.entries("credentials", CREDENTIALS_MAX, "leave out those that nobody is asked for", findings) {
        let Some(credential) = credential(entry, findings) else { continue };
        let (at, name) = (credential.name.span().start, credential.name.get_ref());
        if let Some(earlier) = first.insert(name.clone(), at) {
            let message = format!("{} is here twice, first on line {}", quoted(name), findings.line(earlier));
            findings.refuse(at, field.clone(), message, "take one out");
            continue;
        }
        credentials.push(credential);
    }
    credentials
}

fn credential(mut table: Table<'_, '_>, findings: &mut Findings) -> Option<Credential> {
    let name = table.required("name", "say what they hold", findings);
    if let Some(name) = &name {
        check_name(name, &table.field("name"), findings);
    }
    let expires = table.required("expires", "give the last day it is good, as in \"2027-05-01\"", findings);
    let good_until = expires.and_then(|expires| {
        let until = good_until(&expires);
        if until.is_none() {
            let message = format!("{} is not a day", quoted(expires.get_ref()));
            let remedy = "write year, month and day, as in \"2027-05-01\"";
            findings.refuse(expires.span().start, table.field("expires"), message, remedy);
        }
        until
    });
    table.finish(findings);
    Some(Credential { name: name?, good_until: good_until? })
}

/// The end of the day in UTC, in Unix milliseconds, near which network time runs.
fn good_until(day: &Text) -> Option<Timestamp> {
    let is_plain = day.get_ref().len() == "2027-05-01".len();
    let date = day.get_ref().parse::<Date>().ok().filter(|date| is_plain && date.year() >= FIRST_YEAR)?;
    let end = TimeZone::UTC.to_timestamp(date.tomorrow().ok()?.to_datetime(Time::midnight())).ok()?;
    u64::try_from(end.as_millisecond()).ok().map(Timestamp)
}

/// Warns of everybody who cannot be asked because something of theirs has run out.
pub(crate) fn check(sections: &Sections, now: Option<Timestamp>, findings: &mut Findings) {
    let Some(now) = now else { return };
    for member in sections.members() {
        for credential in member.credentials.iter().filter(|it| it.good_until <= now) {
            let who = member.id.get_ref();
            let message = format!("{who} cannot be asked: {} has run out", quoted(credential.name.get_ref()));
            let field = format!("{}.credentials", member.path);
            findings.warn(credential.name.span().start, field, message, "renew it, or take it out if it is not needed");
        }
    }
}
