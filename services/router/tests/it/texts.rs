//! Conversations in writing, from the carrier's command to the desk's and the carrier's feeds, over real gRPC.

use super::house::{House, NUMBER, PLAN, WORDS, contains, desk, effects};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::effect::Kind as Do;
use holdfast_proto::router::v1::erase_person::Who;
use holdfast_proto::router::v1::submit_response::Outcome;
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{self as wire, DeskSnapshot};
use tonic::Code;
use tonic_types::StatusExt as _;

async fn seen_by(house: &House, name: &str) -> DeskSnapshot {
    let (_, Frame::DeskSnapshot(snapshot)) = house.watch(name, None, desk(name)).await.next().await else {
        panic!("a snapshot first")
    };
    snapshot
}

async fn to_send(house: &House) -> Vec<wire::effect::SendText> {
    let (_, Frame::EffectsSnapshot(snapshot)) = house.watch("carrier", None, effects()).await.next().await else {
        panic!("a snapshot first")
    };
    let texts = snapshot.effects.into_iter().filter_map(|it| match it.kind {
        Some(Do::SendText(text)) => Some(text),
        _ => None,
    });
    texts.collect()
}

#[tokio::test]
async fn any_first_message_opens_a_conversation_and_the_first_word_connects_it() {
    let house = House::build().await;
    house.on_shift("ana", 1).await;
    let contact = house.text("SM1", NUMBER, "hi", wire::OptOut::Unspecified).await;
    assert_eq!(
        house.text("SM1", NUMBER, "hi", wire::OptOut::Unspecified).await,
        contact,
        "a repeat is the same message"
    );
    house.accept("ana", &contact, 1).await.unwrap();
    assert_eq!(
        house.text("SM2", NUMBER, WORDS, wire::OptOut::Unspecified).await,
        contact,
        "and so is the next message"
    );
    house.write("ana", &contact, 77, "I am here").await;
    house.write("ana", &contact, 77, "I am here").await;
    let seen = seen_by(&house, "ana").await;
    let mine = &seen.contacts[0];
    assert_eq!(mine.state(), wire::ContactState::Connected);
    let said: Vec<_> = mine.messages.iter().map(|it| (it.number, it.author(), it.words.as_str())).collect();
    let reply = "We have your message. Somebody will write to you.";
    let expected = [
        (1, wire::Author::Person, "hi"),
        (2, wire::Author::Line, reply),
        (3, wire::Author::Person, WORDS),
        (4, wire::Author::Counselor, "I am here"),
    ];
    assert_eq!(said, expected, "each message once, in order, whoever repeats themself");
    assert_eq!(
        mine.messages[3].request_id, "00000000-0000-0000-0000-00000000004d",
        "the sender finds their own message again"
    );
    let sending: Vec<_> = to_send(&house).await.into_iter().map(|it| (it.message, it.to, it.words)).collect();
    assert_eq!(sending, [(2, NUMBER.to_owned(), reply.to_owned()), (4, NUMBER.to_owned(), "I am here".to_owned())]);
}

#[tokio::test]
async fn where_the_plan_has_no_queue_for_texts_the_carrier_is_told_so() {
    let mut house = House::build().await;
    house.close().await;
    house.open(&PLAN.replace(r#"["voice", "text"]"#, r#"["voice"]"#)).await;
    let text = Kind::ReceiveText(wire::ReceiveText {
        account: "main".into(),
        external_id: "SM1".into(),
        line_number: "+12065550100".into(),
        person_number: NUMBER.into(),
        channel: wire::Channel::Text as i32,
        words: "hi".into(),
        ..wire::ReceiveText::default()
    });
    let refused = house.submit_as("carrier", 1, text).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition, "its fallback says whom to call: {refused}");
}

#[tokio::test]
async fn receipts_move_a_message_forward_only_and_settle_what_was_in_doubt() {
    let house = House::build().await;
    house.on_shift("ana", 1).await;
    let contact = house.text("SM1", NUMBER, "hi", wire::OptOut::Unspecified).await;
    house.accept("ana", &contact, 1).await.unwrap();
    let report = |delivery: wire::Delivery| {
        Kind::ReportText(wire::ReportText {
            contact_id: contact.clone(),
            message: 2,
            delivery: delivery as i32,
            external_id: "SM9".into(),
            code: String::new(),
        })
    };
    house.submit("carrier", Kind::DoubtEffect(wire::DoubtEffect { contact_id: contact.clone(), number: 1 })).await;
    assert_eq!(seen_by(&house, "ana").await.contacts[0].messages[1].delivery(), wire::Delivery::InDoubt);
    house.submit("carrier", report(wire::Delivery::Delivered)).await;
    house.submit("carrier", report(wire::Delivery::Sent)).await;
    assert_eq!(seen_by(&house, "ana").await.contacts[0].messages[1].delivery(), wire::Delivery::Delivered);
    assert!(to_send(&house).await.is_empty(), "what arrived is sent no more");
}

#[tokio::test]
async fn an_opt_out_word_is_an_alarm_and_closes_nothing() {
    let house = House::build().await;
    house.on_shift("ana", 1).await;
    let contact = house.text("SM1", NUMBER, "hi", wire::OptOut::Unspecified).await;
    house.accept("ana", &contact, 1).await.unwrap();
    house.write("ana", &contact, 1, "hello").await;
    house.text("SM2", NUMBER, "STOP", wire::OptOut::Stop).await;
    let seen = seen_by(&house, "ana").await;
    let mine = &seen.contacts[0];
    assert_eq!(
        (mine.state(), mine.acuity(), mine.opted_out),
        (wire::ContactState::Connected, wire::Acuity::High, true)
    );
    assert_eq!(mine.messages.last().unwrap().opt_out(), wire::OptOut::Stop);
    let text =
        wire::SendText { counselor_id: "ana".into(), contact_id: contact.clone(), words: "are you there".into() };
    let refused = house.submit_as("ana", 9, Kind::SendText(text)).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition, "the carrier would not send it, and the desk is told so");
    house.text("SM3", NUMBER, "START", wire::OptOut::Start).await;
    house.write("ana", &contact, 10, "good to hear from you").await;
}

#[tokio::test]
async fn a_word_that_may_opt_out_blocks_nothing_until_the_carrier_does() {
    let house = House::build().await;
    house.on_shift("ana", 1).await;
    let contact = house.text("SM1", NUMBER, "hi", wire::OptOut::Unspecified).await;
    house.accept("ana", &contact, 1).await.unwrap();
    house.write("ana", &contact, 1, "hello").await;
    house.text("SM2", NUMBER, "END", wire::OptOut::MaybeStop).await;
    let seen = seen_by(&house, "ana").await;
    let mine = &seen.contacts[0];
    assert_eq!((mine.acuity(), mine.opted_out), (wire::Acuity::High, false));
    assert_eq!(mine.messages.last().unwrap().opt_out(), wire::OptOut::MaybeStop);
    house.write("ana", &contact, 2, "are you there").await;
    let last = to_send(&house).await.into_iter().map(|it| it.message).max().unwrap();
    let blocked = wire::ReportText {
        contact_id: contact.clone(),
        message: last,
        delivery: wire::Delivery::Failed as i32,
        external_id: "SM9".into(),
        code: "blocked".into(),
    };
    house.submit("carrier", Kind::ReportText(blocked)).await;
    let seen = seen_by(&house, "ana").await;
    assert!(seen.contacts[0].opted_out, "now it is known");
    assert!(seen.contacts[0].unanswered_since_ms > 0, "what did not arrive is no answer");
}

#[tokio::test]
async fn what_is_found_in_the_carriers_list_is_taken_once_and_only_if_it_was_written_to_us() {
    let house = House::build().await;
    let listed = |account: &str, external: &str, to: &str| {
        Kind::ReceiveText(wire::ReceiveText {
            account: account.into(),
            external_id: external.into(),
            line_number: to.into(),
            person_number: NUMBER.into(),
            channel: wire::Channel::Text as i32,
            words: WORDS.into(),
            missed: true,
            ..wire::ReceiveText::default()
        })
    };
    for (account, to) in [("main", "+12065559999"), ("other", "+12065550100")] {
        let refused = house.submit_as("carrier", 1, listed(account, "SM1", to)).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{refused}");
        assert_eq!(refused.get_details_error_info().unwrap().reason, "NOT_OUR_LINE");
    }
    let told = house.text("SM2", NUMBER, "hi", wire::OptOut::Unspecified).await;
    for external in ["SM2", "SM3", "SM3"] {
        let found = house.submit("carrier", listed("main", external, "+12065550100")).await;
        let Outcome::Arrived(arrived) = found.outcome.unwrap() else { panic!("it answers with its contact") };
        assert_eq!(arrived.contact_id, told);
    }
    house.on_shift("ana", 1).await;
    let seen = seen_by(&house, "ana").await;
    assert_eq!(seen.offers.len(), 1, "one conversation");
}

#[tokio::test]
async fn words_and_numbers_stand_nowhere_in_clear_and_are_gone_once_erased() {
    let mut house = House::build().await;
    house.on_shift("ana", 1).await;
    let contact = house.text("SM1", NUMBER, WORDS, wire::OptOut::Unspecified).await;
    house.accept("ana", &contact, 1).await.unwrap();
    let ours = "the lamp is on the windowsill";
    house.write("ana", &contact, 1, ours).await;
    let ids = || (contact.clone(), "ana".to_owned());
    let (contact_id, counselor_id) = ids();
    house.submit("ana", Kind::EndContact(wire::EndContact { counselor_id, contact_id })).await;
    let (contact_id, counselor_id) = ids();
    house.submit("ana", Kind::FinishWrapUp(wire::FinishWrapUp { counselor_id, contact_id })).await;
    let who = Some(Who::PersonNumber(NUMBER.into()));
    house.submit("adam", Kind::ErasePerson(wire::ErasePerson { who })).await;
    let left = to_send(&house).await;
    assert!(left.iter().all(|it| it.to.is_empty() && it.words != ours), "what is not sent yet is not sent any more");
    house.close().await;
    let all = house.bytes();
    for canary in [NUMBER, WORDS, ours] {
        assert!(!contains(&all, canary), "something personal stands in clear");
    }
}

#[tokio::test]
async fn a_restart_keeps_every_conversation_and_message() {
    let mut house = House::build().await;
    house.on_shift("ana", 1).await;
    let contact = house.text("SM1", NUMBER, WORDS, wire::OptOut::Unspecified).await;
    house.accept("ana", &contact, 1).await.unwrap();
    for number in 0..30 {
        house.write("ana", &contact, 100 + number, &format!("word {number}")).await;
    }
    let before = seen_by(&house, "ana").await.contacts;
    house.close().await;
    house.open(PLAN).await;
    assert_eq!(seen_by(&house, "ana").await.contacts, before);
    house.on_shift("ana", 2).await;
    house.write("ana", &contact, 100, "word 0").await;
    assert_eq!(seen_by(&house, "ana").await.contacts[0].messages_total, 32, "a message sent before is not sent again");
}
