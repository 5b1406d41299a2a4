//! The auditor's working sheet: persons, offers, holdings and idle times, joined from all ledgers by contact id.

use super::desks::{DeskEntry, DeskHappened, DeskLedger, DeskPart, OfferEnd};
use super::handoffs::{self, Episode};
use super::intervals::Span;
use super::report::{Finding, TextCounts};
use super::settings::AuditSettings;
use crate::carrier::{CarrierLedger, LegStory, Story, TextStory};
use std::collections::{BTreeMap, BTreeSet};

/// The most findings kept; the rest are counted.
const FINDINGS_KEPT: usize = 1_000;

/// One offer on one desk.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) offer: String,
    pub(crate) contact: String,
    pub(crate) counselor: String,
    pub(crate) shown_ms: u64,
    pub(crate) deadline_ms: u64,
    pub(crate) confirmed_ms: Option<u64>,
    pub(crate) declined_ms: Option<u64>,
    pub(crate) refused_ms: Option<u64>,
    pub(crate) closed: Option<(u64, OfferEnd)>,
    /// It asks to take over from somebody.
    pub(crate) handoff: bool,
    /// It is a conversation in writing.
    pub(crate) written: bool,
}

impl Offer {
    pub(crate) fn expired(&self) -> bool {
        self.closed.is_some_and(|(_, end)| end == OfferEnd::Expired)
    }

    /// When the offer stopped binding its counselor, whatever became of it; `None` = still on the screen.
    pub(crate) fn settled_ms(&self) -> Option<u64> {
        let closed_ms = self.closed.map(|(at_ms, _)| at_ms);
        [self.confirmed_ms, self.declined_ms, self.refused_ms, closed_ms].into_iter().flatten().min()
    }
}

/// A contact in a counselor's hands, from the confirmed accept on.
#[derive(Clone, Debug)]
pub(crate) struct Holding {
    pub(crate) counselor: String,
    pub(crate) contact: String,
    /// Until the desk says ended, or the person's call ends.
    pub(crate) span: Span,
    /// When the desk said that it was over.
    pub(crate) ended_ms: Option<u64>,
    /// A conversation in writing.
    pub(crate) written: bool,
    /// It ended because somebody else confirmed that they have the person.
    pub(crate) handed: bool,
}

pub(crate) struct Sheet<'a> {
    pub(crate) carrier: &'a CarrierLedger,
    pub(crate) settings: &'a AuditSettings,
    pub(crate) stories: Vec<Story>,
    pub(crate) legs: Vec<LegStory>,
    /// Person by contact id.
    pub(crate) by_contact: BTreeMap<String, usize>,
    /// By time shown.
    pub(crate) offers: Vec<Offer>,
    /// Offers by person.
    pub(crate) offers_of: BTreeMap<usize, Vec<usize>>,
    pub(crate) holdings: Vec<Holding>,
    /// When each counselor was available with empty hands and no offer.
    pub(crate) idle: BTreeMap<String, Vec<Span>>,
    /// When each desk had a stream.
    pub(crate) lit: BTreeMap<String, Vec<Span>>,
    /// Every handoff that a desk showed.
    pub(crate) handoffs: Vec<Episode>,
    /// Each desk's lines, in order.
    pub(crate) lines: BTreeMap<&'a str, Vec<&'a DeskEntry>>,
    /// Conversations in writing, as the carrier had them.
    pub(crate) conversations: Vec<TextStory>,
    pub(crate) texts: TextCounts,
    pub(crate) ownerless_ms: u64,
    pub(crate) findings: Vec<Finding>,
    pub(crate) findings_left_out: usize,
    /// Persons lost.
    pub(crate) lost: BTreeSet<usize>,
    /// What was held twice, named so that one double is counted once however many ways it shows.
    pub(crate) doubles: BTreeSet<String>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(carrier: &'a CarrierLedger, desks: &'a [DeskLedger], settings: &'a AuditSettings) -> Self {
        let stories = carrier.stories();
        let mut by_contact = BTreeMap::new();
        for (index, story) in stories.iter().enumerate() {
            for contact in story.contacts() {
                by_contact.insert(contact.to_owned(), index);
            }
        }
        let mut sheet = Self {
            carrier,
            settings,
            stories,
            legs: carrier.legs(),
            by_contact,
            offers: Vec::new(),
            offers_of: BTreeMap::new(),
            holdings: Vec::new(),
            idle: BTreeMap::new(),
            lit: BTreeMap::new(),
            handoffs: Vec::new(),
            lines: BTreeMap::new(),
            conversations: carrier.conversations(),
            texts: TextCounts::default(),
            ownerless_ms: 0,
            findings: Vec::new(),
            findings_left_out: 0,
            lost: BTreeSet::new(),
            doubles: BTreeSet::new(),
        };
        let mut lines: BTreeMap<&str, Vec<&DeskEntry>> = BTreeMap::new();
        for entry in desks.iter().flat_map(|desk| &desk.entries) {
            lines.entry(&entry.counselor).or_default().push(entry);
        }
        sheet.handoffs = handoffs::read(&lines);
        for (counselor, lines) in &lines {
            let counselor = *counselor;
            let desk = Desk::read(counselor, lines, carrier.until_ms);
            sheet.offers.extend(desk.offers);
            sheet.holdings.extend(desk.holdings);
            sheet.idle.insert(counselor.to_owned(), desk.idle);
            sheet.lit.insert(counselor.to_owned(), desk.lit);
        }
        sheet.lines = lines;
        sheet.offers.sort_by_key(|offer| offer.shown_ms);
        for (index, offer) in sheet.offers.iter().enumerate() {
            if let Some(person) = sheet.by_contact.get(&offer.contact) {
                sheet.offers_of.entry(*person).or_default().push(index);
            }
        }
        for holding in &mut sheet.holdings {
            let person = sheet.by_contact.get(&holding.contact).and_then(|person| sheet.stories.get(*person));
            // A callback that was not answered is dialed again for the same contact.
            let person = person.filter(|story| !story.outbound);
            if let Some((ended_ms, _)) = person.and_then(|story| story.ended) {
                holding.span.until_ms = holding.span.until_ms.min(ended_ms).max(holding.span.from_ms);
            }
        }
        sheet
    }

    pub(crate) fn find(&mut self, law: &'static str, at_ms: u64, text: String) {
        if self.findings.len() < FINDINGS_KEPT {
            self.findings.push(Finding { law, at_ms, text });
        } else {
            self.findings_left_out += 1;
        }
    }

    /// A person's or counselor's double holding: a finding, and counted once by name.
    pub(crate) fn double(&mut self, law: &'static str, at_ms: u64, name: String, text: String) {
        self.doubles.insert(name);
        self.find(law, at_ms, text);
    }

    pub(crate) fn offers_of(&self, person: usize) -> impl Iterator<Item = &Offer> {
        self.offers_of.get(&person).into_iter().flatten().filter_map(|index| self.offers.get(*index))
    }

    pub(crate) fn first_offer_ms(&self, person: usize) -> Option<u64> {
        self.offers_of(person).map(|offer| offer.shown_ms).min()
    }

    /// When the counselor who accepted let go of the contact. Without a conversation before it, the person waits again.
    fn let_go_ms(&self, offer: &Offer) -> Option<u64> {
        let theirs = |holding: &&Holding| holding.contact == offer.contact && holding.counselor == offer.counselor;
        self.holdings.iter().rev().find(theirs).and_then(|holding| holding.ended_ms)
    }

    /// When the person was on the line, acknowledged, with neither an offer out for them nor a counselor.
    pub(crate) fn waiting(&self, person: usize) -> Vec<Span> {
        let Some(story) = self.stories.get(person) else { return Vec::new() };
        let Some(acked_ms) = story.acked_ms else { return Vec::new() };
        let over_ms = [story.ended.map(|(at_ms, _)| at_ms), story.diverted_ms, story.accompanied_ms];
        let over_ms = over_ms.into_iter().flatten().min().unwrap_or(self.carrier.until_ms);
        let mut spans = Vec::new();
        let mut free_from_ms = Some(acked_ms);
        for offer in self.offers_of(person) {
            if let Some(from_ms) = free_from_ms {
                spans.push(Span::new(from_ms, offer.shown_ms.min(over_ms)));
            }
            free_from_ms = if offer.confirmed_ms.is_some() { self.let_go_ms(offer) } else { offer.settled_ms() };
        }
        if let Some(from_ms) = free_from_ms {
            spans.push(Span::new(from_ms, over_ms));
        }
        spans.retain(|span| span.from_ms < span.until_ms);
        spans
    }
}

/// What one desk's lines come to.
struct Desk {
    offers: Vec<Offer>,
    holdings: Vec<Holding>,
    idle: Vec<Span>,
    lit: Vec<Span>,
}

/// A desk's lines being read.
struct Reading<'a> {
    counselor: &'a str,
    offers: Vec<Offer>,
    holdings: Vec<Holding>,
    /// Contacts accepted and not done with.
    busy_with: BTreeSet<&'a str>,
    available: bool,
    idle_from_ms: Option<u64>,
    idle: Vec<Span>,
    lit_from_ms: Option<u64>,
    lit: Vec<Span>,
    /// Contacts known to be in writing.
    written: BTreeSet<&'a str>,
}

impl Desk {
    fn read<'a>(counselor: &'a str, lines: &[&'a DeskEntry], until_ms: u64) -> Self {
        let mut reading = Reading {
            counselor,
            offers: Vec::new(),
            holdings: Vec::new(),
            busy_with: BTreeSet::new(),
            available: false,
            idle_from_ms: None,
            idle: Vec::new(),
            lit_from_ms: None,
            lit: Vec::new(),
            written: BTreeSet::new(),
        };
        for line in lines {
            reading.line(line.at_ms, &line.what, until_ms);
            reading.mark_idle(line.at_ms);
        }
        if let Some(from_ms) = reading.idle_from_ms {
            reading.idle.push(Span::new(from_ms, until_ms));
        }
        if let Some(from_ms) = reading.lit_from_ms {
            reading.lit.push(Span::new(from_ms, until_ms));
        }
        Self { offers: reading.offers, holdings: reading.holdings, idle: reading.idle, lit: reading.lit }
    }
}

impl<'a> Reading<'a> {
    fn offer(&mut self, id: &str) -> Option<&mut Offer> {
        self.offers.iter_mut().rev().find(|offer| offer.offer == id)
    }

    fn line(&mut self, at_ms: u64, what: &'a DeskHappened, until_ms: u64) {
        match what {
            DeskHappened::Available => self.available = true,
            DeskHappened::NotAvailable => self.available = false,
            DeskHappened::SignedIn => {
                self.lit_from_ms.get_or_insert(at_ms);
            }
            DeskHappened::StreamOver => {
                if let Some(from_ms) = self.lit_from_ms.take() {
                    self.lit.push(Span::new(from_ms, at_ms));
                }
            }
            DeskHappened::AcceptConfirmed { offer, contact } => {
                let mut takes_over = false;
                if let Some(offer) = self.offer(offer) {
                    offer.confirmed_ms.get_or_insert(at_ms);
                    takes_over = offer.handoff;
                }
                self.busy_with.insert(contact);
                if !takes_over {
                    self.hold(contact, at_ms, until_ms);
                }
            }
            DeskHappened::Connected { contact } | DeskHappened::Part { contact, part: DeskPart::Owner, .. } => {
                if self.busy_with.contains(contact.as_str()) && !self.holds(contact) {
                    self.hold(contact, at_ms, until_ms);
                }
            }
            DeskHappened::Part { contact, part, .. } => {
                self.busy_with.insert(contact);
                self.let_go(contact, at_ms, matches!(part, DeskPart::Leaving | DeskPart::WritingUp));
            }
            DeskHappened::TextSeen { contact, .. } => {
                self.written.insert(contact);
                self.holdings.iter_mut().rev().filter(|it| it.contact == *contact).for_each(|it| it.written = true);
            }
            DeskHappened::Ended { contact } | DeskHappened::WrapUp { contact } => self.let_go(contact, at_ms, false),
            DeskHappened::Done { contact } => {
                self.let_go(contact, at_ms, false);
                self.busy_with.remove(contact.as_str());
            }
            _ => self.offer_line(at_ms, what),
        }
    }

    fn offer_line(&mut self, at_ms: u64, what: &'a DeskHappened) {
        match what {
            DeskHappened::Offered { offer, contact, deadline_ms } => self.offers.push(Offer {
                offer: offer.clone(),
                contact: contact.clone(),
                counselor: self.counselor.to_owned(),
                shown_ms: at_ms,
                deadline_ms: *deadline_ms,
                confirmed_ms: None,
                declined_ms: None,
                refused_ms: None,
                closed: None,
                handoff: false,
                written: false,
            }),
            DeskHappened::OfferIs { offer, contact, written, from } => {
                if *written {
                    self.written.insert(contact);
                }
                if let Some(offer) = self.offer(offer) {
                    offer.handoff = from.is_some();
                    offer.written = *written;
                }
            }
            DeskHappened::AcceptRefused { offer, .. } => {
                if let Some(offer) = self.offer(offer) {
                    offer.refused_ms.get_or_insert(at_ms);
                }
            }
            DeskHappened::DeclineSent { offer } => {
                if let Some(offer) = self.offer(offer) {
                    offer.declined_ms.get_or_insert(at_ms);
                }
            }
            DeskHappened::OfferClosed { offer, reason } => {
                if let Some(offer) = self.offer(offer) {
                    offer.closed.get_or_insert((at_ms, *reason));
                }
            }
            _ => {}
        }
    }

    fn hold(&mut self, contact: &str, at_ms: u64, until_ms: u64) {
        self.holdings.push(Holding {
            counselor: self.counselor.to_owned(),
            contact: contact.to_owned(),
            span: Span::new(at_ms, until_ms.max(at_ms)),
            ended_ms: None,
            written: self.written.contains(contact),
            handed: false,
        });
    }

    fn latest(&mut self, contact: &str) -> Option<&mut Holding> {
        self.holdings.iter_mut().rev().find(|holding| holding.contact == contact)
    }

    fn holds(&mut self, contact: &str) -> bool {
        self.latest(contact).is_some_and(|holding| holding.ended_ms.is_none())
    }

    fn let_go(&mut self, contact: &str, at_ms: u64, handed: bool) {
        if let Some(holding) = self.latest(contact).filter(|holding| holding.ended_ms.is_none()) {
            holding.ended_ms = Some(at_ms);
            holding.span.until_ms = at_ms;
            holding.handed = handed;
        }
    }

    fn mark_idle(&mut self, at_ms: u64) {
        // Offers are settled in order on one desk; only the newest few can still be open.
        let offered = self.offers.iter().rev().take(4).any(|offer| offer.settled_ms().is_none());
        let idle = self.available && self.busy_with.is_empty() && !offered;
        match (self.idle_from_ms, idle) {
            (None, true) => self.idle_from_ms = Some(at_ms),
            (Some(from_ms), false) => {
                self.idle.push(Span::new(from_ms, at_ms));
                self.idle_from_ms = None;
            }
            _ => {}
        }
    }
}
