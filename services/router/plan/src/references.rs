//! Whether ids are unique and everything that is referred to exists.
//!
//! Deliberately absent: whether what exists makes sense together.

use crate::document::{Line, Member, Need, Region, Sections};
use crate::findings::Findings;
use crate::read::Text;
use crate::spelling::quoted;
use std::collections::BTreeMap;

/// The entries of the plan by id; of two with the same id the first.
pub(crate) struct Known<'d> {
    pub(crate) regions: BTreeMap<&'d str, &'d Region>,
    pub(crate) needs: BTreeMap<&'d str, &'d Need>,
    centers: BTreeMap<&'d str, ()>,
}

impl<'d> Known<'d> {
    /// Indexes the entries and refuses ids that are given twice.
    pub(crate) fn of(sections: &'d Sections, findings: &mut Findings) -> Self {
        let lines = sections.lines.iter().map(|it| (&it.id, it.path.as_str(), ()));
        by_id("line", lines, findings);
        members(sections, findings);
        let regions = sections.regions.iter().map(|it| (&it.id, it.path.as_str(), it));
        let needs = sections.needs.iter().map(|it| (&it.id, it.path.as_str(), it));
        let centers = sections.centers.iter().map(|it| (&it.id, it.path.as_str(), ()));
        Self {
            regions: by_id("region", regions, findings),
            needs: by_id("need", needs, findings),
            centers: by_id("center", centers, findings),
        }
    }
}

/// Counselors and peers sign in alike, so that no two of them may have the same id.
fn members(sections: &Sections, findings: &mut Findings) {
    let kind = |member: &Member| if member.types.is_some() { "peer" } else { "counselor" };
    let mut first: BTreeMap<&str, &Member> = BTreeMap::new();
    for member in sections.members() {
        let Some(earlier) = first.get(member.id.get_ref().as_str()) else {
            first.insert(member.id.get_ref(), member);
            continue;
        };
        let article = if kind(earlier) == kind(member) { "another" } else { "a" };
        let line = findings.line(earlier.id.span().start);
        let message = format!("{article} {} has this id, on line {line}", kind(earlier));
        findings.refuse(member.id.span().start, format!("{}.id", member.path), message, "give each its own");
    }
}

fn by_id<'d, T>(
    kind: &str,
    entries: impl Iterator<Item = (&'d Text, &'d str, T)>,
    findings: &mut Findings,
) -> BTreeMap<&'d str, T> {
    let mut known = BTreeMap::new();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, path, entry) in entries {
        let at = id.span().start;
        if let Some(earlier) = first.get(id.get_ref().as_str()) {
            let earlier = findings.line(*earlier);
            let message = format!("another {kind} has this id, on line {earlier}");
            findings.refuse(at, format!("{path}.id"), message, "give each its own");
            continue;
        }
        first.insert(id.get_ref(), at);
        known.insert(id.get_ref().as_str(), entry);
    }
    known
}

/// Refuses every reference to something that is not in the plan.
pub(crate) fn check(sections: &Sections, known: &Known<'_>, findings: &mut Findings) {
    let region = |at: &Text, field: String, findings: &mut Findings| {
        exists("region", at, field, &known.regions, findings);
    };
    let need = |at: &Text, field: String, findings: &mut Findings| {
        exists("need", at, field, &known.needs, findings);
    };
    if let Some(network) = &sections.network {
        region(&network.default_region, "network.default_region".to_owned(), findings);
        need(&network.default_need, "network.default_need".to_owned(), findings);
        default_for_everybody(&network.default_need, known, findings);
    }
    for Line { path, need: settled, menu, .. } in &sections.lines {
        if let Some(settled) = settled {
            need(settled, format!("{path}.need"), findings);
        }
        for (digit, chosen) in menu {
            need(chosen, format!("{path}.menu.{digit}"), findings);
        }
    }
    for Region { path, parent, .. } in &sections.regions {
        if let Some(parent) = parent {
            region(parent, format!("{path}.parent"), findings);
        }
    }
    for Need { path, regions, .. } in &sections.needs {
        for offered in regions {
            region(offered, format!("{path}.regions"), findings);
        }
    }
    for queue in &sections.queues {
        for served in &queue.regions {
            region(served, format!("{}.regions", queue.path), findings);
        }
        for served in &queue.needs {
            need(served, format!("{}.needs", queue.path), findings);
        }
        for center in queue.centers() {
            exists("center", center, format!("{}.rings", queue.path), &known.centers, findings);
        }
    }
    for question in &sections.texts.questions {
        for (digit, chosen) in &question.choices {
            need(chosen, format!("{}.choices.{digit}", question.path), findings);
        }
    }
    for (word, meant) in &sections.texts.keywords {
        need(meant, format!("texts.keywords.{word}"), findings);
    }
    for Member { path, center, .. } in sections.members() {
        exists("center", center, format!("{path}.center"), &known.centers, findings);
    }
    languages_agree(sections, known, findings);
}

/// Refuses a default need that somebody is not offered: it is for whoever did not say.
fn default_for_everybody(default: &Text, known: &Known<'_>, findings: &mut Findings) {
    let need = known.needs.get(default.get_ref().as_str());
    if need.is_some_and(|need| !need.regions.is_empty() || !need.channels.is_empty()) {
        let message = format!("{} is not for everybody: it has regions or channels", quoted(default.get_ref()));
        let remedy = "name a need without them: people who did not say get it";
        findings.refuse(default.span().start, "network.default_need", message, remedy);
    }
}

fn exists<T>(kind: &str, reference: &Text, field: String, known: &BTreeMap<&str, T>, findings: &mut Findings) {
    let id = reference.get_ref().as_str();
    if known.contains_key(id) {
        return;
    }
    let otherwise = format!("add it under [[{kind}s]], or name another");
    let remedy = findings.did_you_mean(id, known.keys().copied(), &otherwise);
    let message = format!("there is no {kind} {}", quoted(id));
    findings.refuse(reference.span().start, field, message, remedy);
}

/// Refuses a line that settles one language and a need that implies another.
fn languages_agree(sections: &Sections, known: &Known<'_>, findings: &mut Findings) {
    for line in &sections.lines {
        let need = line.need.as_ref().and_then(|need| known.needs.get(need.get_ref().as_str()));
        if let (Some(own), Some(implied)) = (&line.language, need.and_then(|need| need.language.as_ref()))
            && own.get_ref() != implied.get_ref()
        {
            let message = format!(
                "the line says {}, and its need implies {}, on line {}",
                quoted(own.get_ref()),
                quoted(implied.get_ref()),
                findings.line(implied.span().start)
            );
            let field = format!("{}.language", line.path);
            findings.refuse(own.span().start, field, message, "take out one of them");
        }
    }
}
