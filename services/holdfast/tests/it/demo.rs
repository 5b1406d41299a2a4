//! The demo as a newcomer runs it, for a few seconds: it ends by itself, and the auditor finds nothing wrong.

use crate::house::{House, text};
use serde_json::Value;

#[test]
fn a_short_demo_loses_nobody() {
    let house = House::unfinished();
    let shown = house.run(&["demo", "--headless", "--seconds", "8", "--json"]);
    assert_eq!(shown.status.code(), Some(0), "{}{}", text(&shown.stdout), text(&shown.stderr));
    let found: Value = serde_json::from_slice(&shown.stdout).unwrap();
    for field in ["arrived", "connected", "abandoned", "closed", "waiting", "talking", "lost"] {
        assert!(found["contacts"][field].is_u64(), "{field} in {found}");
    }
    for (part, fields) in [
        ("texts", ["conversations", "inbound", "outbound", "lost", "doubled", "disordered"].as_slice()),
        ("handoffs", &["started", "completed", "returned", "cancelled"]),
        ("offers", &["made", "accepted", "declined", "expired"]),
        ("wait_ms", &["count", "p50", "p99"]),
        ("webhook_ack_ms", &["count", "p50", "p99"]),
        ("webhook_to_offer_ms", &["count", "p50", "p99"]),
    ] {
        for field in fields {
            assert!(found[part][field].is_number(), "{part}.{field} in {found}");
        }
    }
    for happens in [&found["contacts"]["arrived"], &found["texts"]["inbound"], &found["handoffs"]["started"]] {
        assert!(happens.as_u64().unwrap() > 0, "{found}");
    }
    let (contacts, texts) = (&found["contacts"], &found["texts"]);
    let clean = [
        &contacts["lost"],
        &texts["lost"],
        &texts["doubled"],
        &texts["disordered"],
        &found["doubles"],
        &found["ownerless_ms"],
        &found["laws_broken"],
    ];
    assert!(clean.into_iter().all(|count| *count == 0), "{found}");
}
