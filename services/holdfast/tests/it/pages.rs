//! What whoever runs it asks over HTTP: alive, ready, which version, which numbers, and the board.

use crate::house::{House, MAIN, PATIENCE, Served};
use crate::persons::{AtDesk, carrier, ends_it, reach, takes_a_call};
use std::time::Duration;

fn absent(metrics: &str) -> Vec<&'static str> {
    NAMES.iter().copied().filter(|name| !metrics.contains(&format!("# TYPE {name} "))).collect()
}

/// Of the names that services of this kind are expected to bring, those that exist here.
const NAMES: &[&str] = &[
    "holdfast_contacts_waiting",
    "holdfast_contact_oldest_wait_seconds",
    "holdfast_contacts_arrived_total",
    "holdfast_answered_total",
    "holdfast_time_to_answer_seconds",
    "holdfast_offers_total",
    "holdfast_counselors",
    "holdfast_routing_decision_seconds",
];

async fn get(served: &Served, path: &str) -> (u16, String) {
    let answer = reqwest::get(served.url(path)).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_answer_and_the_board_needs_no_script() {
    let house = House::new();
    let carrier = carrier(&house).await;
    let served = house.serve();
    assert_eq!(get(&served, "/healthz").await.0, 200);
    let (status, ready) = get(&served, "/readyz").await;
    assert_eq!((status, ready.as_str()), (200, "{\"ready\":true}"));
    let (status, version) = get(&served, "/version").await;
    let version: serde_json::Value = serde_json::from_str(&version).unwrap();
    assert_eq!((status, &version["service"]), (200, &"holdfast".into()));
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));

    reach(&carrier, &served);
    let mut desk = AtDesk::start(&house, &served, "ana", "+12065550271");
    takes_a_call(&mut desk, &carrier, "+12065550147", MAIN, "All is well.");
    ends_it(&mut desk);
    let counted = async {
        loop {
            let (status, metrics) = get(&served, "/metrics").await;
            assert_eq!(status, 200);
            if absent(&metrics).is_empty() {
                return metrics;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let counted = tokio::time::timeout(PATIENCE, counted).await;
    let Ok(metrics) = counted else { panic!("missing: {:?}", absent(&get(&served, "/metrics").await.1)) };
    assert!(!metrics.contains("2065550147") && !metrics.contains("ana\""), "{metrics}");

    let (status, board) = served.get_as("operator", "/board/plain").await;
    assert_eq!(status, 200);
    assert_eq!(get(&served, "/board/plain").await.0, 401, "nobody looks who is not known");
    assert_eq!(served.get_as("ana", "/board/plain").await.0, 403, "a counselor sees no pile of waiting people");
    assert_eq!(served.get_as("operator", "/desk").await.0, 403, "an operator has no desk");
    assert!(!board.to_lowercase().contains("<script"));
    assert_eq!(get(&served, "/nothing").await.0, 404);
}
