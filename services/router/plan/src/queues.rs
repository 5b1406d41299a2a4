//! Writing out `[[queues]]` as one queue for each region, need and channel, and the default queues that must be among them.
//!
//! Deliberately absent: whether anybody can serve them.

use crate::document::{Queue, Sections};
use crate::entries::channel_name;
use crate::findings::Findings;
use crate::limits::QUEUES_MAX;
use crate::references::Known;
use crate::spelling::quoted;
use holdfast_core::contact::Channel;
use std::collections::{BTreeMap, BTreeSet};

/// Region, need and channel as the file names them.
pub(crate) type Key<'d> = (&'d str, &'d str, Channel);

/// The queues of a plan, written out.
pub(crate) type Written<'d> = BTreeMap<Key<'d>, &'d Queue>;

/// Writes out every queue; refuses those defined twice. None, and refused, where there are more than [`QUEUES_MAX`].
pub(crate) fn write_out<'d>(sections: &'d Sections, findings: &mut Findings) -> Option<Written<'d>> {
    let mut written = Written::new();
    let mut defined: usize = 0;
    for queue in &sections.queues {
        let pairs = queue.regions.len().saturating_mul(queue.needs.len());
        let more = pairs.saturating_mul(queue.channels.len());
        defined = defined.saturating_add(more);
        if defined > QUEUES_MAX {
            let message = format!("with this there are more than {QUEUES_MAX} queues (regions × needs × channels)");
            let remedy = "serve the region above them instead of each of its parts";
            findings.refuse(queue.at, queue.path.clone(), message, remedy);
            return None;
        }
        add(queue, &mut written, findings);
    }
    Some(written)
}

/// Adds the queues of one definition. Refuses an overlap once for each earlier definition that it overlaps.
fn add<'d>(queue: &'d Queue, written: &mut Written<'d>, findings: &mut Findings) {
    let mut overlapped: BTreeSet<usize> = BTreeSet::new();
    for region in &queue.regions {
        for need in &queue.needs {
            for channel in &queue.channels {
                let channel = *channel.get_ref();
                let key = (region.get_ref().as_str(), need.get_ref().as_str(), channel);
                let Some(earlier) = written.get(&key) else {
                    written.insert(key, queue);
                    continue;
                };
                if overlapped.insert(earlier.at) {
                    let (region, need, channel) = (quoted(key.0), quoted(key.1), channel_name(channel));
                    let message = format!(
                        "the queue of {region}, {need} and {channel} is already defined on line {}",
                        findings.line(earlier.at)
                    );
                    let field = format!("{}.regions", queue.path);
                    findings.refuse(queue.at, field, message, "take it out of one of them");
                }
            }
        }
    }
}

/// Refuses a plan without a default queue for voice, and for each channel that some queue serves.
pub(crate) fn check_defaults(sections: &Sections, known: &Known<'_>, queues: &Written<'_>, findings: &mut Findings) {
    let Some(network) = &sections.network else {
        return;
    };
    let (region, need) = (network.default_region.get_ref(), network.default_need.get_ref());
    // That they do not exist was said already.
    if !known.regions.contains_key(region.as_str()) || !known.needs.contains_key(need.as_str()) {
        return;
    }
    let served = queues.keys().map(|(_, _, channel)| *channel);
    let channels: BTreeSet<Channel> = served.chain([Channel::Voice]).collect();
    for channel in channels {
        if queues.contains_key(&(region.as_str(), need.as_str(), channel)) {
            continue;
        }
        let channel = channel_name(channel);
        let message = format!("no queue serves {region:?}, {need:?} and {channel}, so {channel} has no default queue");
        let remedy = "add one under [[queues]]: people whom no other queue fits go there";
        let at = network.default_region.span().start;
        findings.refuse(at, "network.default_region", message, remedy);
    }
}
