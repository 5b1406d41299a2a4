//! Whether every kind of peer support in the plan can be had.
//!
//! Deliberately absent: which kinds there are; the plan names them, and what no peer gives cannot be asked for.

use crate::document::{Member, Sections};
use crate::findings::Findings;
use crate::limits::PEER_TYPES_MAX;
use crate::read::Text;
use crate::spelling::{nearest, quoted};
use holdfast_core::time::Timestamp;
use std::collections::BTreeMap;

/// Refuses more types than anybody could choose from. Warns of a type that only people give who cannot be asked, and of one that is
/// probably another's name misspelt.
pub(crate) fn check(sections: &Sections, now: Option<Timestamp>, findings: &mut Findings) {
    let mut given: BTreeMap<&str, Vec<(&Text, &Member)>> = BTreeMap::new();
    for peer in &sections.peers {
        for kind in peer.types.iter().flatten() {
            if given.len() == PEER_TYPES_MAX && !given.contains_key(kind.get_ref().as_str()) {
                let message = format!("with this there are more than {PEER_TYPES_MAX} types of peer support");
                let remedy = "use fewer: a counselor chooses among them with a person waiting";
                findings.refuse(kind.span().start, format!("{}.types", peer.path), message, remedy);
                return;
            }
            given.entry(kind.get_ref()).or_default().push((kind, peer));
        }
    }
    for (word, givers) in &given {
        let Some((kind, peer)) = givers.first() else { continue };
        let (at, field) = (kind.span().start, format!("{}.types", peer.path));
        if givers.iter().all(|(_, peer)| has_run_out(peer, now)) {
            let message = format!("nobody can be asked for {}: what they must hold has run out", quoted(word));
            findings.warn(at, field, message, "renew it for one of them, or add another peer");
            continue;
        }
        if givers.len() > 1 {
            continue;
        }
        let more = given.iter().filter(|(_, others)| others.len() > 1).map(|(other, _)| *other);
        if let Some(near) = nearest(word, more) {
            let message = format!("only one peer gives {}", quoted(word));
            findings.warn(at, field, message, format!("did you mean {near:?}?"));
        }
    }
}

fn has_run_out(member: &Member, now: Option<Timestamp>) -> bool {
    now.is_some_and(|now| member.credentials.iter().any(|credential| credential.good_until <= now))
}
