//! Handoffs as the desks showed them: who, until when, how they ended; and the one company of three that is lawful in them.

use super::desks::{DeskEntry, DeskHappened, HandoffStep};
use super::intervals::Span;
use super::report::HandoffCounts;
use super::sheet::Sheet;
use std::collections::BTreeMap;

/// One handoff of a contact.
#[derive(Clone, Debug)]
pub(crate) struct Episode {
    pub(crate) contact: String,
    pub(crate) number: u32,
    pub(crate) from: String,
    /// Whoever was reserved last.
    pub(crate) to: String,
    /// The first sight of somebody reserved.
    pub(crate) reserved_ms: Option<u64>,
    /// The first sight of the other one's "I have them".
    pub(crate) confirmed_ms: Option<u64>,
    /// The first sight of its end, and which.
    pub(crate) over: Option<(u64, HandoffStep)>,
    /// Other ends that a desk showed.
    contradicted: Option<(u64, HandoffStep)>,
}

/// Reads all handoffs out of all desks' lines.
pub(crate) fn read(lines: &BTreeMap<&str, Vec<&DeskEntry>>) -> Vec<Episode> {
    let mut seen: Vec<(u64, &DeskHappened)> = lines
        .values()
        .flatten()
        .filter(|line| matches!(line.what, DeskHappened::Handoff { .. }))
        .map(|line| (line.at_ms, &line.what))
        .collect();
    seen.sort_by_key(|(at_ms, _)| *at_ms);
    let mut episodes = BTreeMap::<(&str, u32), Episode>::new();
    for (at_ms, what) in seen {
        let DeskHappened::Handoff { contact, number, step, from, to, .. } = what else { continue };
        let episode = episodes.entry((contact, *number)).or_insert_with(|| Episode {
            contact: contact.clone(),
            number: *number,
            from: from.clone(),
            to: String::new(),
            reserved_ms: None,
            confirmed_ms: None,
            over: None,
            contradicted: None,
        });
        if !to.is_empty() {
            episode.to.clone_from(to);
        }
        if *step >= HandoffStep::Briefing && *step <= HandoffStep::Completed {
            episode.reserved_ms.get_or_insert(at_ms);
        }
        if matches!(step, HandoffStep::Confirmed | HandoffStep::Completed) {
            episode.confirmed_ms.get_or_insert(at_ms);
        }
        if step.is_over() {
            match episode.over {
                None => episode.over = Some((at_ms, *step)),
                Some((_, end)) if end != *step => episode.contradicted = Some((at_ms, *step)),
                Some(_) => {}
            }
        }
    }
    episodes.into_values().collect()
}

impl Episode {
    fn binds(&self, one: &str, other: &str) -> bool {
        (self.from == one && self.to == other) || (self.from == other && self.to == one)
    }
}

impl Sheet<'_> {
    /// Whether two counselors' phones may both be with a person for this time: in a handoff between exactly these two, from the
    /// first sight of somebody reserved until it is over and the one who leaves has had time to.
    pub(crate) fn three_together(&self, contact: &str, one: &str, other: &str, both: Span) -> bool {
        self.within_a_handoff(contact, one, other, both, |episode| episode.reserved_ms)
    }

    /// Whether two desks may both show a contact as theirs for this time: from the confirmation until the one who hands over has
    /// heard of it, which takes longer on a dark desk.
    pub(crate) fn hands_over(&self, contact: &str, one: &str, other: &str, both: Span) -> bool {
        self.within_a_handoff(contact, one, other, both, |episode| episode.confirmed_ms)
    }

    fn within_a_handoff(
        &self,
        contact: &str,
        one: &str,
        other: &str,
        both: Span,
        since: impl Fn(&Episode) -> Option<u64>,
    ) -> bool {
        let (settle_ms, reporting_ms) = (self.settings.handoff_settle_ms, self.settings.reporting_ms);
        let mut bound = self.handoffs.iter().filter(|it| it.contact == contact && it.binds(one, other));
        bound.any(|episode| {
            let Some(from_ms) = since(episode) else { return false };
            if both.from_ms.saturating_add(reporting_ms) < from_ms {
                return false;
            }
            let Some((over_ms, _)) = episode.over else { return true };
            let mut until_ms = over_ms.saturating_add(settle_ms);
            for desk in [one, other] {
                if let Some(dark) =
                    self.dark(desk).into_iter().find(|dark| dark.from_ms <= until_ms && until_ms < dark.until_ms)
                {
                    until_ms = until_ms.max(dark.until_ms.saturating_add(settle_ms));
                }
            }
            both.until_ms <= until_ms
        })
    }

    /// When a desk had no stream.
    pub(crate) fn dark(&self, counselor: &str) -> Vec<Span> {
        let whole = Span::new(0, self.carrier.until_ms);
        super::intervals::without(&[whole], self.lit.get(counselor).map_or(&[], Vec::as_slice))
    }
}

/// Every handoff ends once.
pub(crate) fn check(sheet: &mut Sheet<'_>) {
    for episode in sheet.handoffs.clone() {
        if let (Some((_, end)), Some((at_ms, other))) = (episode.over, episode.contradicted) {
            let text = format!("handoff {} of contact {} was {end:?} and {other:?}", episode.number, episode.contact);
            sheet.find("S9", at_ms, text);
        }
    }
}

pub(crate) fn count(sheet: &Sheet<'_>) -> HandoffCounts {
    let ended = |step| sheet.handoffs.iter().filter(|it| it.over.is_some_and(|(_, end)| end == step)).count();
    HandoffCounts {
        started: sheet.handoffs.len(),
        completed: ended(HandoffStep::Completed),
        returned: ended(HandoffStep::Returned),
        cancelled: ended(HandoffStep::Cancelled),
    }
}
