//! What whoever runs it asks over HTTP: alive, ready, which version, which numbers, and the board.

use crate::house::{House, Served, YOUTH};
use crate::wire::{hook, incoming};

/// Of the names that services of this kind are expected to bring, those that exist here.
const NAMES: &[&str] = &[
    "holdfast_contacts_waiting",
    "holdfast_contacts_arrived_total",
    "holdfast_offers_total",
    "holdfast_routing_decision_seconds",
    "holdfast_contact_oldest_wait_seconds",
    "holdfast_counselors",
];

async fn get(served: &Served, path: &str) -> (u16, String) {
    let answer = reqwest::get(served.url(path)).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_answer_and_the_board_needs_no_script() {
    let house = House::new();
    let served = house.serve();
    assert_eq!(get(&served, "/healthz").await.0, 200);
    let (status, ready) = get(&served, "/readyz").await;
    assert_eq!((status, ready.as_str()), (200, "{\"ready\":true}"));
    let (status, version) = get(&served, "/version").await;
    let version: serde_json::Value = serde_json::from_str(&version).unwrap();
    assert_eq!((status, &version["service"]), (200, &"holdfast".into()));
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));

    hook(&served, "/v1/carriers/twilio-main/voice", &incoming(1, "+12065550147", YOUTH)).await;
    let metrics = loop {
        let (status, metrics) = get(&served, "/metrics").await;
        assert_eq!(status, 200);
        if metrics.contains("holdfast_contacts_arrived_total") && metrics.contains("holdfast_contacts_waiting") {
            break metrics;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let missing: Vec<_> = NAMES.iter().filter(|name| !metrics.contains(&format!("# TYPE {name} "))).collect();
    assert!(missing.is_empty(), "{missing:?} of\n{metrics}");
    assert!(!metrics.contains("2065550147"));

    let (status, board) = get(&served, "/board/plain").await;
    assert_eq!(status, 200);
    assert!(!board.to_lowercase().contains("<script"));
    assert_eq!(get(&served, "/nothing").await.0, 404);
}
