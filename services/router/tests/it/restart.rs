//! Restarts: the same people wait in the same order, the same offers are open, and nobody is offered anew before a desk attests.

use super::house::{House, PLAN, capacity, verified};
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{self as wire, CapacitySnapshot, OptOut};

async fn picture(house: &House) -> CapacitySnapshot {
    let (_, Frame::CapacitySnapshot(snapshot)) = house.watch("olga", None, capacity()).await.next().await else {
        panic!("a snapshot first")
    };
    snapshot
}

#[tokio::test]
async fn a_restart_loses_nobody_and_offers_nobody_twice() {
    let mut house = House::build().await;
    house.on_shift("ana", 1).await;
    house.on_shift("ben", 1).await;
    let talking = house.call("CA1", "").await;
    house.accept("ana", &talking, 1).await.unwrap();
    house.leg(&talking, 0, wire::LegState::InRoom).await;
    house.leg(&talking, 1, wire::LegState::InRoom).await;
    let offered = house.call("CA2", "").await;
    for number in 3..40 {
        house.call(&format!("CA{number}"), "").await;
    }
    let before = picture(&house).await;
    house.close().await;
    assert!(verified(&house.journal_dir()).marked, "a clean stop is marked");
    house.open(PLAN).await;
    let after = picture(&house).await;
    assert_eq!(after.contacts, before.contacts, "everybody is where they were");
    let presence = after.counselors.iter().map(wire::CounselorView::presence);
    assert!(
        presence.eq([wire::Presence::Unsure, wire::Presence::Unsure, wire::Presence::Offline]),
        "desks are unsure until they attest"
    );
    let refused = house.accept("ben", &offered, 1).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition, "{refused}");
    house.on_shift("ben", 1).await;
    house.accept("ben", &offered, 1).await.unwrap();
    let last = picture(&house).await;
    let connected: Vec<_> = last.contacts.iter().filter(|it| it.counselor_id == "ana").collect();
    assert_eq!(connected.len(), 1, "ana still talks with one person, and was offered nobody");
    assert_eq!(connected[0].contact_id, talking);
}

#[tokio::test]
async fn a_plan_that_would_strand_people_leaves_the_one_in_force() {
    let mut house = House::build().await;
    let waiting = house.call("CA1", "").await;
    house.close().await;
    house.open(&PLAN.replace("\"west\"", "\"east\"").replace("area_codes = [206]", "area_codes = [503]")).await;
    let after = picture(&house).await;
    assert_eq!(after.contacts[0].contact_id, waiting);
    assert_eq!(after.queues[0].region, "west", "the plan before it stays in force");
}

#[tokio::test]
async fn who_is_not_in_the_persons_file_yet_is_known_after_a_crash() {
    let mut house = House::build().await;
    let first = house.text("SM1", "+12065550147", "hello", OptOut::Unspecified).await;
    house.close().await;
    // As after a crash before the file was written: the journal alone says who wrote.
    std::fs::remove_file(house.journal_dir().join("people")).unwrap();
    house.open(PLAN).await;
    let again = house.text("SM2", "+12065550147", "are you there", OptOut::Unspecified).await;
    assert_eq!(again, first, "the same person goes on in the same conversation");
    let other = house.text("SM3", "+12065550148", "hello", OptOut::Unspecified).await;
    assert_ne!(other, first);
}
