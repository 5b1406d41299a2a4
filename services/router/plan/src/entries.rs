//! Reading one entry of each kind: its keys, which of them it needs, and what their values may be.
//!
//! Deliberately absent: counselors and peers, and whether what an entry refers to exists.

use crate::document::{Center, Line, Need, Network, Queue, Region};
use crate::findings::Findings;
use crate::hours::hours_of;
use crate::limits::{AREA_CODES, PRIORITY_MAX};
use crate::read::{Table, Text, check_id, number_of, text_of};
use crate::rings::rings_of;
use crate::spelling::{is_number, quoted};
use crate::timing::{read_offer, read_wrap_up};
use holdfast_core::contact::Channel;
use std::collections::BTreeMap;
use toml::Spanned;

/// The channels as the file writes them.
pub(crate) const CHANNELS: [(&str, Channel); 3] =
    [("voice", Channel::Voice), ("text", Channel::Text), ("chat", Channel::Chat)];

/// A channel as the file writes it.
pub(crate) const fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "voice",
        Channel::Text => "text",
        Channel::Chat => "chat",
    }
}

pub(crate) fn network(mut table: Table<'_, '_>, findings: &mut Findings) -> Option<Network> {
    let id = table.id(findings);
    let name = table.name(id.as_ref().map_or("", |id| id.get_ref()), findings);
    let region = "name the region of people whose place is not known";
    let default_region = table.required("default_region", region, findings);
    let need = "name the need of people who did not say";
    let default_need = table.required("default_need", need, findings);
    if !table.has("default_language") {
        let remedy = "name the language of people who did not say, such as \"en\"";
        table.missing("default_language", remedy, findings);
    }
    let default_language = table.language("default_language", findings);
    table.finish(findings);
    Some(Network {
        id: id?,
        name,
        default_region: default_region?,
        default_need: default_need?,
        default_language: default_language?,
    })
}

pub(crate) fn line(mut table: Table<'_, '_>, findings: &mut Findings) -> Option<Line> {
    let id = table.id(findings);
    let account = table.required("account", "name the carrier account it belongs to", findings);
    if let Some(account) = &account {
        check_id(account, &table.field("account"), findings);
    }
    let number = table.required("number", "give the number that people dial", findings);
    if let Some(number) = &number
        && !is_number(number.get_ref())
    {
        let remedy = "write a plus sign and 7 to 15 digits, as in \"+12065550100\"";
        let field = table.field("number");
        findings.refuse(number.span().start, field, "is not an E.164 number", remedy);
    }
    let need = table.text("need", findings);
    let language = table.language("language", findings);
    let menu_table = table.table("menu", findings);
    if let (Some(need), Some(menu)) = (&need, &menu_table) {
        let message = format!("the line has a need and also a menu, on line {}", findings.line(menu.at));
        let remedy = "keep the need if everybody who dials it wants the same, otherwise the menu";
        findings.refuse(need.span().start, table.field("need"), message, remedy);
    }
    let menu = menu_table.map_or_else(BTreeMap::new, |menu| menu_of(&menu, findings));
    let path = table.path.clone();
    table.finish(findings);
    Some(Line { path, id: id?, account: account?, number: number?, need, language, menu })
}

fn menu_of(table: &Table<'_, '_>, findings: &mut Findings) -> BTreeMap<u8, Text> {
    if table.pairs().next().is_none() {
        let remedy = "leave it out if there is no menu";
        findings.refuse(table.at, table.path.clone(), "is empty", remedy);
    }
    digits_of(table, "is not a key of a phone", findings)
}

/// Digits and the need that each of them asks for. `otherwise` is what a key that is no digit is said to be.
pub(crate) fn digits_of(table: &Table<'_, '_>, otherwise: &str, findings: &mut Findings) -> BTreeMap<u8, Text> {
    let mut digits = BTreeMap::new();
    for (key, at, value) in table.pairs() {
        let digit = match key.as_bytes() {
            [digit @ b'0'..=b'9'] => *digit - b'0',
            _ => {
                let message = format!("{} {otherwise}", quoted(key));
                findings.refuse(at, table.path.clone(), message, "use one digit, 0 to 9");
                continue;
            }
        };
        let Some(need) = text_of(value) else {
            let message = "each digit names a need in quotes";
            findings.refuse(value.span().start, table.field(key), message, "");
            continue;
        };
        digits.insert(digit, need);
    }
    digits
}

pub(crate) fn region(mut table: Table<'_, '_>, findings: &mut Findings) -> Option<Region> {
    let id = table.id(findings);
    let name = table.name(id.as_ref().map_or("", |id| id.get_ref()), findings);
    let parent = table.text("parent", findings);
    let mut area_codes = Vec::new();
    for value in table.list("area_codes", findings) {
        let code = number_of(value.get_ref()).filter(|code| AREA_CODES.contains(code));
        match code.and_then(|code| u16::try_from(code).ok()) {
            Some(code) => area_codes.push(Spanned::new(value.span(), code)),
            None => {
                let message = "an area code is a number from 200 to 999, without quotes";
                findings.refuse(value.span().start, table.field("area_codes"), message, "");
            }
        }
    }
    let path = table.path.clone();
    table.finish(findings);
    Some(Region { path, id: id?, name, parent, area_codes })
}

pub(crate) fn need(mut table: Table<'_, '_>, findings: &mut Findings) -> Option<Need> {
    let id = table.id(findings);
    let name = table.name(id.as_ref().map_or("", |id| id.get_ref()), findings);
    let skills = skills_of(&mut table, findings);
    let language = table.language("language", findings);
    let priority = table.number("priority", 0..=PRIORITY_MAX, findings);
    let regions = table.texts("regions", findings);
    let names = table.texts("channels", findings);
    let channels = channels_of(&table, names, findings);
    let path = table.path.clone();
    table.finish(findings);
    Some(Need {
        path,
        id: id?,
        name,
        skills,
        language,
        priority: priority.and_then(|p| u8::try_from(p).ok()).unwrap_or(0),
        regions,
        channels,
    })
}

pub(crate) fn skills_of(table: &mut Table<'_, '_>, findings: &mut Findings) -> Vec<Text> {
    let skills = table.texts("skills", findings);
    for skill in &skills {
        check_id(skill, &table.field("skills"), findings);
    }
    skills
}

pub(crate) fn queue(mut table: Table<'_, '_>, findings: &mut Findings) -> Option<Queue> {
    let regions = table.some_texts("regions", "name the regions it serves", findings);
    let needs = table.some_texts("needs", "name the needs it serves", findings);
    let names = table.some_texts("channels", "name the channels it serves: voice, text, chat", findings);
    let channels = channels_of(&table, names, findings);
    let rings = rings_of(&mut table, findings);
    let offer_ms = read_offer(&mut table, findings);
    let wrap_up_ms = read_wrap_up(&mut table, findings);
    let (path, at) = (table.path.clone(), table.at);
    table.finish(findings);
    Some(Queue { path, at, regions, needs, channels, rings, offer_ms, wrap_up_ms })
}

fn channels_of(table: &Table<'_, '_>, names: Vec<Text>, findings: &mut Findings) -> Vec<Spanned<Channel>> {
    let mut channels = Vec::new();
    for text in names {
        let word = text.get_ref().as_str();
        match CHANNELS.iter().find(|(name, _)| *name == word) {
            Some((_, channel)) => channels.push(Spanned::new(text.span(), *channel)),
            None => unknown_channel(text.span().start, &table.field("channels"), word, findings),
        }
    }
    channels
}

pub(crate) fn unknown_channel(at: usize, field: &str, word: &str, findings: &mut Findings) {
    let names = CHANNELS.iter().map(|(name, _)| *name);
    let remedy = findings.did_you_mean(word, names, "use voice, text or chat");
    let message = format!("{} is not a channel", quoted(word));
    findings.refuse(at, field, message, remedy);
}

pub(crate) fn center(mut table: Table<'_, '_>, findings: &mut Findings) -> Option<Center> {
    let id = table.id(findings);
    let name = table.name(id.as_ref().map_or("", |id| id.get_ref()), findings);
    let hours = hours_of(&mut table, findings);
    let path = table.path.clone();
    table.finish(findings);
    Some(Center { path, id: id?, name, hours })
}
