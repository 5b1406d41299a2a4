//! What a plan may say but probably does not mean: warnings, never refusals.
//!
//! Deliberately absent: queues that nobody can serve, which are judged where the rings are, and what is wrong with peers, texts and
//! credentials, which stands with each of those.

use crate::document::{Queue, Sections};
use crate::findings::Findings;
use crate::read::Text;
use crate::spelling::{nearest, quoted};
use std::collections::{BTreeMap, BTreeSet};

/// Warns of skills, languages, needs and centers that lead nowhere.
pub(crate) fn check(sections: &Sections, findings: &mut Findings) {
    skills(sections, findings);
    languages(sections, findings);
    needs(sections, findings);
    centers(sections, findings);
    if sections.lines.is_empty() {
        let remedy = "add [[lines]] with the numbers that people dial";
        findings.warn(0, "lines", "nobody can reach this network", remedy);
    }
}

pub(crate) fn words<'d>(texts: impl Iterator<Item = &'d Text>) -> BTreeSet<&'d str> {
    texts.map(|text| text.get_ref().as_str()).collect()
}

fn skills(sections: &Sections, findings: &mut Findings) {
    let had = words(sections.counselors.iter().flat_map(|one| &one.skills));
    let asked = words(sections.needs.iter().flat_map(|need| &need.skills));
    for need in &sections.needs {
        for skill in need.skills.iter().filter(|skill| !had.contains(skill.get_ref().as_str())) {
            let word = skill.get_ref();
            let message = format!("no counselor has the skill {}", quoted(word));
            let otherwise = "give it to a counselor who is trained for it";
            let remedy = findings.did_you_mean(word, had.iter().copied(), otherwise);
            findings.warn(skill.span().start, format!("{}.skills", need.path), message, remedy);
        }
    }
    // A skill that no need asks for does no harm, unless it was meant to be one that is asked for.
    let mut meant: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for counselor in &sections.counselors {
        for skill in counselor.skills.iter().filter(|skill| !asked.contains(skill.get_ref().as_str())) {
            let word = skill.get_ref().as_str();
            let near = *meant.entry(word).or_insert_with(|| nearest(word, asked.iter().copied()));
            if let Some(near) = near {
                let message = format!("no need asks for the skill {}", quoted(word));
                let field = format!("{}.skills", counselor.path);
                findings.warn(skill.span().start, field, message, format!("did you mean {near:?}?"));
            }
        }
    }
}

fn languages(sections: &Sections, findings: &mut Findings) {
    let spoken = words(sections.counselors.iter().flat_map(|one| &one.languages));
    for line in &sections.lines {
        if let Some(language) = &line.language
            && !spoken.contains(language.get_ref().as_str())
        {
            let message = format!("no counselor speaks {}", quoted(language.get_ref()));
            let field = format!("{}.language", line.path);
            findings.warn(language.span().start, field, message, "add somebody who does");
        }
    }
}

fn needs(sections: &Sections, findings: &mut Findings) {
    let served = words(sections.queues.iter().flat_map(|queue| &queue.needs));
    for need in sections.needs.iter().filter(|need| !served.contains(need.id.get_ref().as_str())) {
        let message = "no queue serves this need: its people go to the default queue";
        let remedy = "add it to the needs of a queue";
        findings.warn(need.id.span().start, need.path.clone(), message, remedy);
    }
}

fn centers(sections: &Sections, findings: &mut Findings) {
    let ringed = words(sections.queues.iter().flat_map(Queue::centers));
    let staffed = words(sections.counselors.iter().map(|one| &one.center));
    let with_peers = words(sections.peers.iter().map(|one| &one.center));
    for center in &sections.centers {
        let (at, id) = (center.id.span().start, center.id.get_ref().as_str());
        if !ringed.contains(id) && !with_peers.contains(id) {
            let message = "it is in no ring: nobody there is ever asked";
            findings.warn(at, center.path.clone(), message, "add it to the rings of a queue");
        } else if ringed.contains(id) && !staffed.contains(id) {
            let message = "no counselor works there";
            findings.warn(at, center.path.clone(), message, "add some, or take it out");
        }
    }
}
