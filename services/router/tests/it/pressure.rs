//! A pressed writer: who only looks is told to come back, and every command is decided all the same.

use crate::house::{House, NUMBER, capacity};
use holdfast_chassis::pressure::{Level, PressureSettings, Threshold};
use holdfast_proto::router::v1 as wire;
use std::time::Duration;
use tonic::Code;
use tonic_types::StatusExt as _;

/// Any wait at all counts as pressure, and it is over a moment later.
fn touchy(hold_ms: u64) -> PressureSettings {
    let any = Threshold { wait_ms: 0, commit_ms: 3_600_000 };
    let never = Threshold { wait_ms: 3_600_000, commit_ms: 3_600_000 };
    PressureSettings {
        raised: any,
        high: any,
        severe: never,
        smooth_ms: 100,
        hold_ms,
        readmit_ms: 0,
        ..PressureSettings::default()
    }
}

#[tokio::test]
async fn a_pressed_writer_still_decides_every_command_and_turns_questions_away() {
    let house = House::build_under(touchy(3_600_000)).await;
    let contact = house.call("CA-1", NUMBER).await;
    assert_eq!(house.pressure().level(), Level::High);
    let refused = house.client("olga").explain(wire::ExplainRequest { contact_id: contact.clone() }).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let told = refused.get_error_details().retry_info().and_then(|it| it.retry_delay).unwrap();
    assert!(told.as_millis() >= 5_000 && told.as_millis() <= 10_000, "{told:?}");
    // Everything a person on the line needs goes on: shifts begin, offers are made and accepted, contacts arrive.
    house.on_shift("ana", 1).await;
    let mut feed = house.watch("dashboard", None, capacity()).await;
    feed.next().await;
    for call in 2..=20 {
        house.call(&format!("CA-{call}"), &format!("+12065553{call:03}")).await;
    }
    house.accept("ana", &contact, 1).await.unwrap();
    house.leg(&contact, 0, wire::LegState::Ended).await;
}

#[tokio::test]
async fn what_reads_the_whole_journal_waits_for_a_better_moment() {
    let house = House::build_under(touchy(3_600_000)).await;
    house.call("CA-1", NUMBER).await;
    let who = Some(wire::erase_person::Who::PersonNumber(NUMBER.to_owned()));
    let erase = wire::command::Kind::ErasePerson(wire::ErasePerson { who });
    let refused = house.submit_as("adam", 7, erase).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.get_error_details().retry_info().is_some());
}

#[tokio::test]
async fn a_level_is_left_by_time_alone_and_questions_are_answered_again() {
    let house = House::build_under(touchy(50)).await;
    let contact = house.call("CA-1", NUMBER).await;
    assert_eq!(house.pressure().level(), Level::High);
    let calm = async {
        while house.pressure().level() > Level::Calm {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), calm).await.unwrap();
    house.client("olga").explain(wire::ExplainRequest { contact_id: contact }).await.unwrap();
}
