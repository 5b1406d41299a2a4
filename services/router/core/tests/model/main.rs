//! Every way in which a contact, its offers and its handoffs can go, with two counselors, one peer and two people, where anything
//! may fail or die at every step: explored breadth first over the real core, from every stage of a handoff.
//!
//! Bounded by depth within `cargo test`; `HOLDFAST_MODEL_DEPTH=…` goes further. What must always hold: somebody owns the person, or
//! three are together, and never nobody; nobody is hung up on; nobody stays in a room they have no part in. What must come in the
//! end, by time alone: every handoff is over. What must happen sometimes, so that this says something: each way in which it can end.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod actions;
mod always;
mod explore;
mod key;
mod stages;
mod world;

use explore::{Census, Explorer};
use holdfast_core::contact::Channel;
use std::env;

fn depth(usual: u32) -> u32 {
    env::var("HOLDFAST_MODEL_DEPTH").ok().and_then(|it| it.parse().ok()).unwrap_or(usual)
}

fn explored(channel: Channel, usual: u32) -> Census {
    let mut explorer = Explorer::new(channel, stages::of(channel));
    let census = explorer.run(depth(usual));
    println!("{channel:?}: {census}");
    census
}

#[test]
fn a_call_always_has_somebody_and_every_handoff_ends() {
    let census = explored(Channel::Voice, 3);
    for what in [
        "completed",
        "cancelled",
        "confirmed because the owner was lost",
        "a callback is asked for",
        "a callback is reached",
        "they call before they are called",
        "returned: ConsentTimedOut",
        "returned: NobodyFree",
        "returned: PeerSilent",
        "returned: LegFailed",
        "returned: LegLost",
        "returned: DeskLost",
        "returned: NotConfirmed",
        "returned: Withdrew",
        "returned: PersonLeft",
        "returned: OwnerLost",
    ] {
        assert!(census.happened(what), "never seen: {what}");
    }
}

#[test]
fn a_conversation_always_has_somebody_and_every_handoff_ends() {
    let census = explored(Channel::Text, 4);
    for what in [
        "completed",
        "cancelled",
        "confirmed because the owner was lost",
        "taken up again",
        "returned: ConsentTimedOut",
        "returned: NobodyFree",
        "returned: PeerSilent",
        "returned: DeskLost",
        "returned: NotConfirmed",
        "returned: Withdrew",
        "returned: OwnerLost",
    ] {
        assert!(census.happened(what), "never seen: {what}");
    }
}
