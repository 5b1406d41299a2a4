//! Reading one counselor or peer: who they are, what they bring, and how many they can hold.
//!
//! Deliberately absent: whether their center exists, and whether anybody ever asks them.

use crate::credentials::credentials_of;
use crate::document::Member;
use crate::entries::{CHANNELS, skills_of, unknown_channel};
use crate::findings::Findings;
use crate::limits::{WRITTEN_AT_ONCE, WRITTEN_AT_ONCE_MAX};
use crate::read::{Table, Text, check_id, check_language, number_of};
use holdfast_core::contact::Channel;
use std::collections::BTreeMap;

pub(crate) fn counselor(table: Table<'_, '_>, findings: &mut Findings) -> Option<Member> {
    member(table, |_, _| None, findings)
}

pub(crate) fn peer(table: Table<'_, '_>, findings: &mut Findings) -> Option<Member> {
    member(table, |table, findings| Some(types_of(table, findings)), findings)
}

fn types_of(table: &mut Table<'_, '_>, findings: &mut Findings) -> Vec<Text> {
    let remedy = "name the kinds of support they give, such as [\"substance-use\"]";
    let types = table.some_texts("types", remedy, findings);
    for kind in &types {
        check_id(kind, &table.field("types"), findings);
    }
    types
}

fn member(
    mut table: Table<'_, '_>,
    types: impl Fn(&mut Table<'_, '_>, &mut Findings) -> Option<Vec<Text>>,
    findings: &mut Findings,
) -> Option<Member> {
    let id = table.id(findings);
    let name = table.name(id.as_ref().map_or("", |id| id.get_ref()), findings);
    let center = table.required("center", "name the center they work at", findings);
    let types = types(&mut table, findings);
    let skills = skills_of(&mut table, findings);
    let speak = "name what they speak, such as [\"en\"]";
    let languages = table.some_texts("languages", speak, findings);
    for language in &languages {
        check_language(language, &table.field("languages"), findings);
    }
    let capacity = match table.table("capacity", findings) {
        Some(capacity) => capacity_of(&capacity, findings),
        None => BTreeMap::from([(Channel::Voice, 1), (Channel::Text, WRITTEN_AT_ONCE)]),
    };
    let credentials = credentials_of(&mut table, findings);
    let path = table.path.clone();
    table.finish(findings);
    Some(Member { path, id: id?, name, center: center?, skills, languages, capacity, types, credentials })
}

fn capacity_of(table: &Table<'_, '_>, findings: &mut Findings) -> BTreeMap<Channel, u32> {
    let mut capacity = BTreeMap::new();
    for (key, at, value) in table.pairs() {
        let Some((_, channel)) = CHANNELS.iter().find(|(name, _)| *name == key) else {
            unknown_channel(at, &table.path, key, findings);
            continue;
        };
        let most = match channel {
            Channel::Voice => 1,
            Channel::Text | Channel::Chat => WRITTEN_AT_ONCE_MAX,
        };
        let number = number_of(value.get_ref()).filter(|number| (1..=most).contains(number));
        let Some(number) = number.and_then(|number| u32::try_from(number).ok()) else {
            let (message, remedy) = match channel {
                Channel::Voice => {
                    ("nobody talks with two people at once: it is 1", "leave it out if they take no calls".to_owned())
                }
                Channel::Text | Channel::Chat => {
                    ("is not a number of conversations", format!("use 1 to {most}, or leave it out"))
                }
            };
            findings.refuse(value.span().start, table.field(key), message, remedy);
            continue;
        };
        capacity.insert(*channel, number);
    }
    if table.pairs().next().is_none() {
        let remedy = "leave it out for one call at a time";
        findings.refuse(table.at, table.path.clone(), "is empty", remedy);
    }
    capacity
}
