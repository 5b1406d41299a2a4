//! Simulated counselors against a tiny desk service over real gRPC: whole contacts, refusals, misses, breaks, broken streams.

mod fake_desk;

use fake_desk::{FakeDesk, PROMPT, ana, delta, lines, offer, own, snapshot, view};
use holdfast_loadtests::auditor::DeskHappened;
use holdfast_loadtests::desks::Habits;
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::router::v1::{ContactState, OfferState, Position, Readiness};
use tonic::Code;

const BEGUN: [&str; 2] = ["signed-in", "available"];

#[tokio::test]
async fn a_contact_from_the_offer_to_the_last_word() {
    let mut desk = FakeDesk::open().await;
    let counselors = ana(&desk.uri, PROMPT);
    desk.begins().await;
    desk.brings("c1").await;
    desk.says(delta(None, vec![], vec![view("c1", ContactState::Connected)])).await;
    let (id, say) = desk.hears().await;
    assert!(matches!(say, Say::EndContact(end) if end.contact_id == "c1"));
    desk.answers(id, Code::Ok, "").await;
    desk.says(delta(None, vec![], vec![view("c1", ContactState::WrappingUp)])).await;
    let (id, say) = desk.hears().await;
    assert!(matches!(say, Say::FinishWrapUp(finish) if finish.contact_id == "c1"));
    desk.answers(id, Code::Ok, "").await;
    assert_eq!((counselors.signed_in(), counselors.busy()), (1, 1));
    desk.says(delta(None, vec![], vec![view("c1", ContactState::Closed)])).await;
    let rest = [
        "offered c1",
        "not-available",
        "accept-sent c1-1",
        "confirmed c1-1",
        "closed c1-1 Accepted",
        "connected c1",
        "ended c1",
        "wrap-up c1",
        "done c1",
        "available",
    ];
    assert_eq!(lines(&counselors, 12).await, [&BEGUN[..], &rest[..]].concat());
    counselors.stop().await;
    assert_eq!(lines(&counselors, 14).await[12..], ["not-available", "stream-over"]);
    assert_eq!((counselors.signed_in(), counselors.busy()), (0, 0));
    assert!(counselors.ledgers_are_whole());
}

#[tokio::test]
async fn deadlines_are_on_the_run_clock() {
    let mut desk = FakeDesk::open().await;
    let counselors = ana(&desk.uri, PROMPT);
    desk.begins().await;
    desk.brings("c1").await;
    lines(&counselors, 5).await;
    let ledgers = counselors.ledgers();
    let shown = ledgers[0].entries.iter().find_map(|entry| match entry.what {
        DeskHappened::Offered { deadline_ms, .. } => Some((entry.at_ms, deadline_ms)),
        _ => None,
    });
    let (at_ms, deadline_ms) = shown.unwrap();
    // The service's clock stood at a few milliseconds past 1,000,000 when the run's stood at 0 or later.
    assert!((29_900..=at_ms + 30_000).contains(&deadline_ms), "{deadline_ms} seen at {at_ms}");
}

#[tokio::test]
async fn an_offer_is_declined_and_another_is_gone_when_accepted() {
    let mut desk = FakeDesk::open().await;
    let decliner = ana(&desk.uri, Habits { decline_percent: 100, ..PROMPT });
    desk.begins().await;
    desk.says(delta(None, vec![offer("c1", OfferState::Open)], vec![])).await;
    let (id, say) = desk.hears().await;
    assert!(matches!(say, Say::DeclineOffer(decline) if decline.offer_id == "c1-1"));
    desk.answers(id, Code::Ok, "").await;
    desk.says(delta(None, vec![offer("c1", OfferState::Declined)], vec![])).await;
    let rest = ["offered c1", "not-available", "decline-sent c1-1", "closed c1-1 Declined", "available"];
    assert_eq!(lines(&decliner, 7).await, [&BEGUN[..], &rest[..]].concat());
    decliner.stop().await;

    let mut desk = FakeDesk::open().await;
    let accepter = ana(&desk.uri, PROMPT);
    desk.begins().await;
    desk.says(delta(None, vec![offer("c2", OfferState::Open)], vec![])).await;
    let (id, _) = desk.hears().await;
    desk.answers(id, Code::FailedPrecondition, "OFFER_NOT_OPEN").await;
    desk.says(delta(None, vec![offer("c2", OfferState::Rescinded)], vec![])).await;
    let rest = [
        "offered c2",
        "not-available",
        "accept-sent c2-1",
        "refused c2-1 OFFER_NOT_OPEN",
        "closed c2-1 Rescinded",
        "available",
    ];
    assert_eq!(lines(&accepter, 8).await, [&BEGUN[..], &rest[..]].concat());
}

#[tokio::test]
async fn who_misses_an_offer_comes_back_and_in_a_hurry_nobody_misses_one() {
    let mut desk = FakeDesk::open().await;
    let counselors = ana(&desk.uri, Habits { miss_percent: 100, ..PROMPT });
    desk.begins().await;
    desk.says(delta(None, vec![offer("c1", OfferState::Open)], vec![])).await;
    lines(&counselors, 4).await;
    desk.says(delta(Some(own(Readiness::CheckIn)), vec![offer("c1", OfferState::Expired)], vec![])).await;
    desk.grants(Readiness::Available).await;
    let rest = ["offered c1", "not-available", "closed c1-1 Expired", "available"];
    assert_eq!(lines(&counselors, 6).await, [&BEGUN[..], &rest[..]].concat());

    desk.says(delta(None, vec![offer("c2", OfferState::Open)], vec![])).await;
    lines(&counselors, 8).await;
    counselors.finish_quickly();
    let (_, say) = desk.hears().await;
    assert!(matches!(say, Say::AcceptOffer(accept) if accept.offer_id == "c2-1"));
}

#[tokio::test]
async fn after_a_contact_comes_a_break_and_after_the_break_they_are_back() {
    let mut desk = FakeDesk::open().await;
    let counselors = ana(&desk.uri, Habits { break_percent: 100, ..PROMPT });
    desk.begins().await;
    desk.brings("c1").await;
    desk.says(delta(None, vec![], vec![view("c1", ContactState::Connected)])).await;
    assert!(matches!(desk.hears().await.1, Say::EndContact(_)));
    // The person hangs up at the same moment, and nothing is left to write up.
    desk.says(delta(None, vec![], vec![view("c1", ContactState::Closed)])).await;
    desk.grants(Readiness::Break).await;
    desk.grants(Readiness::Available).await;
    let words = lines(&counselors, 13).await;
    assert_eq!(words[7..], ["connected c1", "ended c1", "done c1", "available", "not-available", "available"]);
}

#[tokio::test]
async fn a_cut_stream_is_resumed_and_the_unanswered_command_keeps_its_id() {
    let mut desk = FakeDesk::open().await;
    let counselors = ana(&desk.uri, PROMPT);
    desk.begins().await;
    desk.brings("c1").await;
    desk.says(delta(None, vec![], vec![view("c1", ContactState::Connected)])).await;
    let (first_id, _) = desk.hears().await;
    let last = desk.sequence;
    desk.cuts().await;
    let sign_in = desk.hears_sign_in().await;
    assert_eq!(sign_in.from, Some(Position { epoch: 1, sequence: last }));
    let (id, say) = desk.hears().await;
    assert!(matches!(say, Say::EndContact(end) if end.contact_id == "c1"));
    assert_eq!(id, first_id);
    desk.answers(id, Code::Ok, "").await;
    desk.says(delta(Some(own(Readiness::Available)), vec![], vec![view("c1", ContactState::Closed)])).await;
    let words = lines(&counselors, 13).await;
    assert_eq!(words[7..], ["connected c1", "stream-over", "signed-in", "ended c1", "done c1", "available"]);
}

#[tokio::test]
async fn after_a_break_the_snapshot_is_what_is_acted_on() {
    let mut desk = FakeDesk::open().await;
    let counselors = ana(&desk.uri, PROMPT);
    desk.begins().await;
    desk.brings("c1").await;
    desk.says(delta(None, vec![offer("c2", OfferState::Open)], vec![])).await;
    let (accept_id, say) = desk.hears().await;
    assert!(matches!(say, Say::AcceptOffer(accept) if accept.offer_id == "c2-1"));
    desk.cuts().await;
    desk.hears_sign_in().await;
    let (id, _) = desk.hears().await;
    assert_eq!(id, accept_id);
    // c2 was accepted and is over; c1 is being written up; c3 is new.
    let open = vec![offer("c3", OfferState::Open)];
    desk.says(snapshot(Readiness::Available, open, vec![view("c1", ContactState::WrappingUp)])).await;
    desk.answers(id, Code::Ok, "").await;
    let mut heard = [desk.hears().await.1, desk.hears().await.1];
    heard.sort_by_key(|say| matches!(say, Say::AcceptOffer(_)));
    assert!(matches!(&heard[0], Say::FinishWrapUp(finish) if finish.contact_id == "c1"));
    assert!(matches!(&heard[1], Say::AcceptOffer(accept) if accept.offer_id == "c3-1"));
    let words = lines(&counselors, 17).await;
    assert_eq!(words[7..12], ["offered c2", "accept-sent c2-1", "stream-over", "signed-in", "wrap-up c1"]);
    let late: Vec<&String> = words[12..].iter().filter(|word| word.contains("c2")).collect();
    assert_eq!(late, ["confirmed c2-1", "closed c2-1 Accepted", "done c2"]);
}

#[tokio::test]
async fn who_finds_nobody_keeps_trying_and_follows_the_service_to_another_place() {
    // A port that was free a moment ago, and where nobody listens.
    let nowhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", nowhere.local_addr().unwrap());
    drop(nowhere);
    let counselors = ana(&uri, PROMPT);
    let mut desk = FakeDesk::open().await;
    counselors.set_uri(desk.uri.clone());
    desk.begins().await;
    let mut other = FakeDesk::open().await;
    let last = desk.sequence;
    lines(&counselors, 2).await;
    counselors.set_uri(other.uri.clone());
    let sign_in = other.hears_sign_in().await;
    assert_eq!(sign_in.from, Some(Position { epoch: 1, sequence: last }));
    assert_eq!(lines(&counselors, 5).await[2..], ["not-available", "stream-over", "signed-in"]);
}
