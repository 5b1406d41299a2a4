//! Regions form a tree, and an area code or a number belongs to one place only.
//!
//! Deliberately absent: postal codes, exchanges and carriers' geodata, which come with the resolving of regions by them.

use crate::document::{Region, Sections};
use crate::findings::Findings;
use crate::references::Known;
use std::collections::{BTreeMap, BTreeSet};

/// Refuses regions that are above themselves, area codes of two regions and numbers of two lines.
pub(crate) fn check(sections: &Sections, known: &Known<'_>, findings: &mut Findings) {
    no_cycles(sections, known, findings);
    let mut first: BTreeMap<u16, usize> = BTreeMap::new();
    for Region { path, area_codes, .. } in &sections.regions {
        for code in area_codes {
            let at = code.span().start;
            if let Some(earlier) = first.get(code.get_ref()) {
                let earlier = findings.line(*earlier);
                let message = format!("area code {} is taken on line {earlier}", code.get_ref());
                let field = format!("{path}.area_codes");
                findings.refuse(at, field, message, "keep it in one region");
                continue;
            }
            first.insert(*code.get_ref(), at);
        }
    }
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &sections.lines {
        let at = line.number.span().start;
        if let Some(earlier) = first.get(line.number.get_ref().as_str()) {
            let earlier = findings.line(*earlier);
            let message = format!("another line has this number, on line {earlier}");
            findings.refuse(at, format!("{}.number", line.path), message, "give each its own");
            continue;
        }
        first.insert(line.number.get_ref(), at);
    }
}

/// Refuses each circle of parents once, at the first of its regions in the file.
fn no_cycles(sections: &Sections, known: &Known<'_>, findings: &mut Findings) {
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    for region in &sections.regions {
        let mut path: Vec<&str> = Vec::new();
        let mut on_path: BTreeSet<&str> = BTreeSet::new();
        let mut here = Some(region.id.get_ref().as_str());
        while let Some(id) = here.filter(|id| !settled.contains(id)) {
            if !on_path.insert(id) {
                let circle = path.iter().skip_while(|step| **step != id);
                refuse_circle(&circle.copied().collect::<Vec<_>>(), known, findings);
                break;
            }
            path.push(id);
            let parent = known.regions.get(id).and_then(|region| region.parent.as_ref());
            here = parent.map(|parent| parent.get_ref().as_str());
        }
        settled.extend(path);
    }
}

fn refuse_circle(circle: &[&str], known: &Known<'_>, findings: &mut Findings) {
    /// How many steps of a circle are spelled out.
    const SHOWN_MAX: usize = 5;
    let members = circle.iter().filter_map(|id| known.regions.get(id));
    let Some(region) = members.min_by_key(|region| region.id.span().start) else {
        return;
    };
    let Some(parent) = &region.parent else { return };
    let message = if circle.len() == 1 {
        "a region cannot be its own parent".to_owned()
    } else {
        let mut steps: Vec<&str> = circle.iter().take(SHOWN_MAX).copied().collect();
        if circle.len() > SHOWN_MAX {
            steps.push("…");
        }
        steps.extend(circle.first());
        format!("the parents go round in a circle: {}", steps.join(" → "))
    };
    let field = format!("{}.parent", region.path);
    findings.refuse(parent.span().start, field, message, "leave out the parent of the topmost");
}
