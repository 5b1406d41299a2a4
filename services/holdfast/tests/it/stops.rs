//! Stopping and starting again: asked politely, or killed. Who waits is still there afterwards.

use crate::house::{House, Served, YOUTH, text};
use crate::wire::{contact_in, hook, incoming};

const VOICE: &str = "/v1/carriers/twilio-main/voice";

async fn arrives(served: &Served, call: u32) -> String {
    let form = incoming(call, "+12065550147", YOUTH);
    contact_in(&hook(served, VOICE, &form).await.text().await.unwrap())
}

fn verified(house: &House) -> String {
    let verified = house.run(&["journal", "verify", "journal"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
    text(&verified.stdout)
}

#[tokio::test]
async fn asked_to_stop_it_finishes_and_starts_again_where_it_was() {
    let house = House::new();
    let served = house.serve();
    let contact = arrives(&served, 1).await;
    let (code, said) = served.terminate();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("holdfast has stopped"));
    let report = verified(&house);
    assert!(report.contains("marked complete"), "{report}");

    let served = house.serve();
    assert_eq!(arrives(&served, 1).await, contact, "the same call is the same contact after a restart");
    assert_ne!(arrives(&served, 2).await, contact);
    assert_eq!(served.terminate().0, Some(0));
    assert!(verified(&house).contains("marked complete"));
    assert_eq!(house.events("ContactArrived").len(), 2);
}

#[tokio::test]
async fn what_was_answered_survives_being_killed() {
    let house = House::new();
    let served = house.serve();
    let contact = arrives(&served, 1).await;
    drop(served);
    let served = house.serve();
    assert_eq!(arrives(&served, 1).await, contact);
    assert_eq!(served.terminate().0, Some(0));
    verified(&house);
    assert_eq!(house.events("ContactArrived").len(), 1);
}

/// Whoever collected the log has died: lines go nowhere, and people are served and the end is clean all the same.
#[tokio::test]
async fn nobody_need_read_the_log() {
    let house = House::new();
    let mut served = house.serve();
    let contact = arrives(&served, 1).await;
    served.nobody_listens();
    for _ in 0..5 {
        let refused = reqwest::Client::new().post(served.url(VOICE)).body("From=x").send().await.unwrap();
        assert_eq!(refused.status(), 403, "this is logged, and the answer is the refusal all the same");
    }
    assert_eq!(arrives(&served, 1).await, contact);
    assert_eq!(served.terminate().0, Some(0));
    verified(&house);
}
