//! The simulated carrier against a tiny Holdfast over real HTTP: calls, questions, rooms, legs, faults.
#![expect(clippy::unwrap_used, reason = "tests")]

mod fake_holdfast;

use fake_holdfast::{FakeHoldfast, Hook, Rest, waiting_room};
use holdfast_loadtests::carrier::{
    Carrier, CarrierLedger, DialOutcome, DialScript, EndedBy, Happened, HooksBase, LegFailure, PersonScript,
    PlaceError, RunStopped,
};
use serde_json::Value;
use std::time::Duration;

const ANA: &str = "sip:ana@desk.example";

fn person() -> PersonScript {
    PersonScript::new("+14155550001", "988")
}

fn room_for_everybody(_hook: &Hook, _before: usize) -> (u16, String) {
    (200, waiting_room("1"))
}

fn events(hooks: &[Hook], path: &str, name: &str) -> Vec<String> {
    hooks.iter().filter(|hook| hook.path == path).map(|hook| hook.get(name).to_owned()).collect()
}

fn joined(hooks: &[Hook]) -> bool {
    events(hooks, "/room", "StatusCallbackEvent").contains(&"participant-join".to_owned())
}

/// Waits until the ledger satisfies `seen`.
async fn wait_for(carrier: &Carrier, seen: impl Fn(&CarrierLedger) -> bool) -> CarrierLedger {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let ledger = carrier.ledger();
            if seen(&ledger) {
                return ledger;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    waited.await.unwrap()
}

fn all_over(ledger: &CarrierLedger) -> bool {
    let stories = ledger.stories();
    !stories.is_empty() && stories.iter().all(|story| story.ended.is_some())
}

#[tokio::test]
async fn a_person_waits_a_counselor_joins_and_everybody_is_told() {
    let holdfast = FakeHoldfast::start(room_for_everybody).await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let rest = Rest::of(&carrier);
    let call = carrier.place_call(PersonScript { talk_ms: 4_000, ..person() }).unwrap();
    holdfast.wait_for(joined).await;
    let (status, seat) = rest.dial("contact-1", ANA, "leg-1", &format!("{}/leg", holdfast.origin())).await;
    assert_eq!((status, seat["label"].as_str()), (201, Some("leg-1")));
    let hooks = holdfast.wait_for(|hooks| events(hooks, "/leg", "CallStatus").contains(&"completed".into())).await;
    holdfast.wait_for(|hooks| !events(hooks, "/status", "CallStatus").is_empty()).await;
    assert_eq!(events(&hooks, "/leg", "CallStatus"), ["initiated", "ringing", "in-progress", "completed"]);
    assert_eq!(events(&hooks, "/leg", "SequenceNumber"), ["0", "1", "2", "3"]);
    let hooks = holdfast.wait_for(|h| events(h, "/room", "StatusCallbackEvent").len() >= 6).await;
    let told = events(&hooks, "/room", "StatusCallbackEvent");
    let expected =
        ["participant-join", "participant-join", "conference-start", "participant-leave", "participant-leave"];
    assert_eq!(told[..5], expected);
    assert_eq!(told[5], "conference-end");
    let reasons = events(&hooks, "/room", "ReasonParticipantLeft");
    assert_eq!(reasons[3..5], ["participant_hung_up", "moderator_ended_conference"]);
    let first = &hooks[0];
    assert_eq!((first.get("CallStatus"), first.get("Direction"), first.get("To")), ("ringing", "inbound", "988"));
    assert!(!events(&hooks, "/wait", "CallSid").is_empty());
    let story = wait_for(&carrier, all_over).await.story(&call).unwrap();
    assert!(story.acked_ms.is_some() && story.accompanied_ms.is_some());
    assert_eq!(story.ended.unwrap().1, EndedBy::Person);
    assert_eq!(story.counselors.len(), 1);
    assert_eq!(story.contacts().collect::<Vec<_>>(), ["1"]);
    assert!(carrier.live_calls().is_empty());
    assert!(!format!("{:?}", carrier.stop().await.unwrap()).contains("4155550001"));
}

#[tokio::test]
async fn a_question_is_answered_with_the_digit_or_falls_through() {
    let holdfast = FakeHoldfast::start(|hook, _| match (hook.path.as_str(), hook.get("Digits")) {
        ("/voice", _) => (
            200,
            "<Response><Gather action=\"/menu\"><Say>One</Say></Gather><Redirect>/none</Redirect></Response>"
                .to_owned(),
        ),
        ("/menu", "1") => (200, waiting_room("veteran")),
        ("/none", _) => (200, waiting_room("general")),
        _ => (200, "<Response><Hangup/></Response>".to_owned()),
    })
    .await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let pressed = carrier.place_call(PersonScript { presses: Some('1'), patience_ms: 20_000, ..person() }).unwrap();
    let silent = carrier.place_call(PersonScript { patience_ms: 20_000, ..person() }).unwrap();
    let wrong = carrier.place_call(PersonScript { presses: Some('9'), ..person() }).unwrap();
    let ledger = wait_for(&carrier, all_over).await;
    assert_eq!(ledger.story(&pressed).unwrap().rooms, ["contact-veteran"]);
    assert_eq!(ledger.story(&silent).unwrap().rooms, ["contact-general"]);
    let refused = ledger.story(&wrong).unwrap();
    assert_eq!((refused.acked_ms, refused.ended.unwrap().1), (None, EndedBy::Document));
}

#[tokio::test]
async fn hanging_up_while_waiting_is_told_as_such() {
    let holdfast = FakeHoldfast::start(room_for_everybody).await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let call = carrier.place_call(PersonScript { patience_ms: 10_000, ..person() }).unwrap();
    let hooks = holdfast.wait_for(|hooks| !events(hooks, "/status", "CallStatus").is_empty()).await;
    assert_eq!(events(&hooks, "/status", "CallStatus"), ["completed"]);
    let hooks = holdfast.wait_for(|h| events(h, "/room", "StatusCallbackEvent").len() >= 3).await;
    assert_eq!(events(&hooks, "/room", "ReasonParticipantLeft")[1], "participant_hung_up");
    let story = wait_for(&carrier, |ledger| ledger.stories()[0].end_known_ms.is_some()).await.story(&call).unwrap();
    assert_eq!((story.ended.unwrap().1, story.accompanied_ms), (EndedBy::Person, None));
}

#[tokio::test]
async fn phones_that_are_busy_or_do_not_answer_never_join() {
    let holdfast = FakeHoldfast::start(room_for_everybody).await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let rest = Rest::of(&carrier);
    let busy = DialScript { alerts_after_ms: 100, outcome: DialOutcome::Busy { after_ms: 500 } };
    carrier.set_dial_script(ANA, busy);
    carrier.on_dial(|dial| {
        let outcome =
            if dial.to.contains("late") { DialOutcome::NoAnswer } else { DialOutcome::Fails { after_ms: 10 } };
        Some(DialScript { alerts_after_ms: 100, outcome })
    });
    carrier.place_call(person()).unwrap();
    holdfast.wait_for(joined).await;
    let listener = format!("{}/leg", holdfast.origin());
    for (label, to) in [("leg-1", ANA), ("leg-2", "sip:late@desk.example"), ("leg-3", "sip:gone@desk.example")] {
        assert_eq!(rest.dial("contact-1", to, label, &listener).await.0, 201);
    }
    let ended = |hooks: &[Hook]| {
        let told = events(hooks, "/leg", "CallStatus");
        ["busy", "no-answer", "failed"].iter().all(|status| told.contains(&(*status).to_owned()))
    };
    holdfast.wait_for(ended).await;
    let hooks = holdfast
        .wait_for(|h| {
            events(h, "/room", "ReasonParticipantLeft").iter().filter(|r| *r == "participant_add_failed").count() == 3
        })
        .await;
    assert_eq!(events(&hooks, "/room", "StatusCallbackEvent").iter().filter(|e| *e == "participant-join").count(), 1);
    let failures: Vec<_> = carrier.ledger().legs().into_iter().map(|leg| leg.failed).collect();
    assert_eq!(failures, [Some(LegFailure::Busy), Some(LegFailure::NoAnswer), Some(LegFailure::Failed)]);
    assert_eq!(carrier.live_persons(), 1);
}

#[tokio::test]
async fn a_label_is_unique_while_active_and_lists_show_it_page_by_page() {
    let holdfast = FakeHoldfast::start(room_for_everybody).await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let rest = Rest::of(&carrier);
    carrier.on_dial(|_| Some(DialScript { alerts_after_ms: 0, outcome: DialOutcome::NoAnswer }));
    assert_eq!(rest.dial("contact-9", ANA, "leg-1", "").await.0, 201);
    let (status, refused) = rest.dial("contact-9", ANA, "leg-1", "").await;
    assert_eq!((status, refused["code"].as_u64()), (400, Some(16_026)));
    assert_eq!(rest.dial("contact-9", ANA, "leg-2", "").await.0, 201);
    let (_, rooms) = rest.ask("GET", "Conferences.json?FriendlyName=contact-9&Status=init", &[]).await;
    let room_sid = rooms["conferences"][0]["sid"].as_str().unwrap().to_owned();
    let mut labels = Vec::new();
    let mut next = Some(format!("Conferences/{room_sid}/Participants.json?PageSize=1"));
    while let Some(path) = next {
        let (_, page) = rest.ask("GET", &path, &[]).await;
        labels.extend(page["participants"].as_array().unwrap().iter().map(|seat| seat["label"].clone()));
        next = page["next_page_uri"].as_str().map(str::to_owned);
    }
    assert_eq!(labels, [Value::from("leg-2"), Value::from("leg-1")]);
    assert_eq!(rest.ask("DELETE", "Conferences/contact-9/Participants/leg-1.json", &[]).await.0, 204);
    assert_eq!(rest.ask("GET", "Conferences/contact-9/Participants/leg-1.json", &[]).await.0, 404);
    let (_, held) = rest.ask("POST", "Conferences/contact-9/Participants/leg-2.json", &[("Hold", "true")]).await;
    assert_eq!(held["hold"], Value::from(true));
    let (status, ended) = rest.ask("POST", &format!("Conferences/{room_sid}.json"), &[("Status", "completed")]).await;
    assert_eq!((status, ended["status"].as_str()), (200, Some("completed")));
    assert!(carrier.live_calls().is_empty());
    let (_, unknown) = rest.ask("GET", "Calls/CAnobody.json", &[]).await;
    assert_eq!(unknown["code"], Value::from(20_404));
    let (_, calls) = rest.ask("GET", "Calls.json?Status=canceled&PageSize=1", &[]).await;
    assert!(calls["next_page_uri"].is_string());
    let stranger = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/2010-04-01/Accounts/{}/Calls.json", carrier.rest_base_url(), fake_holdfast::ACCOUNT);
    assert_eq!(stranger.get(url).send().await.unwrap().status().as_u16(), 401);
}

#[tokio::test]
async fn an_ambiguous_dial_shows_up_in_a_later_listing() {
    let holdfast = FakeHoldfast::start(room_for_everybody).await;
    for kind in ["500", "cut", "late"] {
        let mut settings = holdfast.settings();
        match kind {
            "500" => settings.faults.rest_effect_then_500 = 1.0,
            "cut" => settings.faults.rest_effect_then_cut = 1.0,
            _ => settings.faults.rest_effect_late = 1.0,
        }
        settings.faults.late_ms = 500;
        let carrier = Carrier::start(settings).await.unwrap();
        carrier.on_dial(|_| Some(DialScript { alerts_after_ms: 0, outcome: DialOutcome::NoAnswer }));
        let rest = Rest::of(&carrier);
        let (status, _) = rest.dial("contact-7", ANA, "leg-7", "").await;
        assert_eq!(status, if kind == "500" { 500 } else { 0 });
        wait_for(&carrier, |ledger| ledger.legs().iter().any(|leg| leg.label.as_deref() == Some("leg-7"))).await;
        let (status, seat) = rest.ask("GET", "Conferences/contact-7/Participants/leg-7.json", &[]).await;
        assert_eq!((status, seat["label"].as_str()), (200, Some("leg-7")));
    }
}

#[tokio::test]
async fn errors_are_retried_and_then_the_person_goes_to_the_landline() {
    let holdfast = FakeHoldfast::start(|hook, before| {
        let fails = hook.get("To") == "988" && before < 2;
        if hook.get("To") == "911" || fails { (503, String::new()) } else { (200, waiting_room("1")) }
    })
    .await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let recovered = carrier.place_call(PersonScript { patience_ms: 10_000, ..person() }).unwrap();
    let ledger = wait_for(&carrier, all_over).await;
    assert!(ledger.story(&recovered).unwrap().acked_ms.is_some());
    let diverted = carrier.place_call(PersonScript::new("+14155550002", "911")).unwrap();
    let ledger = wait_for(&carrier, all_over).await;
    let story = ledger.story(&diverted).unwrap();
    assert!(story.diverted_ms.is_some() && story.acked_ms.is_none());
    assert_eq!(story.ended.unwrap().1, EndedBy::Landline);
    let tries = ledger
        .entries
        .iter()
        .filter(|entry| matches!(&entry.what, Happened::HookFailed { call, .. } if *call == diverted));
    assert_eq!(tries.count(), 3);
}

/// Everything that the dice did to callbacks in one run of three persons who hang up.
async fn fates(seed: u64) -> Vec<String> {
    let holdfast = FakeHoldfast::start(|hook, _| (200, waiting_room(hook.get("CallSid")))).await;
    let mut settings = holdfast.settings();
    settings.seed = seed;
    settings.faults.callback_duplicated = 0.4;
    settings.faults.callback_reordered = 0.4;
    settings.faults.callback_lost = 0.2;
    let carrier = Carrier::start(settings).await.unwrap();
    for _person in 0..3 {
        carrier.place_call(PersonScript { patience_ms: 5_000, ..person() }).unwrap();
        wait_for(&carrier, all_over).await;
    }
    wait_for(&carrier, |_| carrier.callbacks_pending() == 0).await;
    let ledger = carrier.stop().await.unwrap();
    let mut fates: Vec<String> = ledger
        .entries
        .iter()
        .filter_map(|entry| match &entry.what {
            Happened::CallbackFated { subject, event, sequence, fate } => {
                Some(format!("{subject} {event} {sequence} {fate:?}"))
            }
            _ => None,
        })
        .collect();
    fates.sort();
    fates
}

#[tokio::test]
async fn one_seed_gives_one_set_of_faults() {
    let one = fates(11).await;
    assert!(!one.is_empty());
    assert_eq!(one, fates(11).await);
    assert_ne!(one, fates(12).await);
}

#[tokio::test]
async fn callbacks_come_twice_and_out_of_order_when_the_dice_say_so() {
    let holdfast = FakeHoldfast::start(room_for_everybody).await;
    let mut settings = holdfast.settings();
    settings.faults.callback_duplicated = 1.0;
    settings.faults.callback_reordered = 0.5;
    let carrier = Carrier::start(settings).await.unwrap();
    let rest = Rest::of(&carrier);
    carrier.place_call(PersonScript { talk_ms: 4_000, ..person() }).unwrap();
    holdfast.wait_for(joined).await;
    for hold in ["true", "false", "true", "false"] {
        let person = carrier.live_calls()[0].to_string();
        let path = format!("Conferences/contact-1/Participants/{person}.json");
        assert_eq!(rest.ask("POST", &path, &[("Hold", hold)]).await.0, 200);
    }
    carrier.hang_up(&carrier.live_calls()[0]);
    wait_for(&carrier, |_| carrier.callbacks_pending() == 0).await;
    let hooks = holdfast.wait_for(joined).await;
    let numbers: Vec<u32> =
        events(&hooks, "/room", "SequenceNumber").iter().map(|number| number.parse().unwrap()).collect();
    assert!((1..=7).all(|number| numbers.iter().filter(|n| **n == number).count() >= 2));
    assert!(!numbers.is_sorted());
}

#[tokio::test]
async fn a_phone_picked_up_after_the_person_is_gone_makes_the_room_anew() {
    let holdfast = FakeHoldfast::start(room_for_everybody).await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let rest = Rest::of(&carrier);
    let late = DialOutcome::AnswersLate { past_ms: 200 };
    carrier.set_dial_script(ANA, DialScript { alerts_after_ms: 100, outcome: late });
    let call = carrier.place_call(PersonScript { leaves_while_connecting_ms: Some(500), ..person() }).unwrap();
    holdfast.wait_for(joined).await;
    assert_eq!(rest.dial("contact-1", ANA, "leg-1", "").await.0, 201);
    let ledger = wait_for(&carrier, |ledger| ledger.legs()[0].stays.len() == 1).await;
    let story = ledger.story(&call).unwrap();
    assert_eq!((story.ended.unwrap().1, story.accompanied_ms), (EndedBy::Person, None));
    let made = ledger.entries.iter().filter(|entry| matches!(entry.what, Happened::RoomMade { .. })).count();
    assert_eq!(made, 2);
    assert_eq!(rest.ask("DELETE", "Conferences/contact-1/Participants/leg-1.json", &[]).await.0, 204);
    assert_eq!(carrier.ledger().legs()[0].ended.unwrap().1, EndedBy::Rest);
}

#[tokio::test]
async fn a_person_whose_counselor_hangs_up_waits_on_and_rest_may_send_them_elsewhere() {
    let holdfast = FakeHoldfast::start(room_for_everybody).await;
    let carrier = Carrier::start(holdfast.settings()).await.unwrap();
    let rest = Rest::of(&carrier);
    let drops = DialOutcome::Answers { after_ms: 200, stays_ms: Some(400) };
    carrier.set_dial_script(ANA, DialScript { alerts_after_ms: 100, outcome: drops });
    let call = carrier.place_call(person()).unwrap();
    holdfast.wait_for(joined).await;
    assert_eq!(rest.dial("contact-1", ANA, "leg-1", "").await.0, 201);
    let ledger = wait_for(&carrier, |ledger| ledger.legs()[0].ended.is_some()).await;
    assert_eq!(ledger.legs()[0].ended.unwrap().1, EndedBy::Counselor);
    assert_eq!(carrier.live_persons(), 1);
    let goodbye = [("Twiml", "<Response><Dial>+15555550199</Dial></Response>")];
    assert_eq!(rest.ask("POST", &format!("Calls/{call}.json"), &goodbye).await.0, 200);
    let story = wait_for(&carrier, all_over).await.story(&call).unwrap();
    assert!(story.diverted_ms.is_some() && story.accompanied_ms.is_some());
    assert_eq!(story.ended.unwrap().1, EndedBy::Document);
}

#[tokio::test]
async fn a_room_outlives_holdfast_and_hooks_follow_it_to_its_new_place() {
    let first = FakeHoldfast::start(room_for_everybody).await;
    let second = FakeHoldfast::start(room_for_everybody).await;
    let carrier = Carrier::start(first.settings()).await.unwrap();
    let call = carrier.place_call(person()).unwrap();
    first.wait_for(joined).await;
    let nowhere = "http://127.0.0.1:1".to_owned();
    carrier.set_hooks_base(HooksBase { public_origin: nowhere, connect_origin: None });
    let unseen = carrier.place_call(PersonScript::new("+14155550002", "988")).unwrap();
    wait_for(&carrier, |ledger| ledger.story(&unseen).unwrap().diverted_ms.is_some()).await;
    assert_eq!(carrier.ledger().story(&call).unwrap().ended, None);
    carrier.set_hooks_base(HooksBase { public_origin: second.origin().to_owned(), connect_origin: None });
    assert!(carrier.hang_up(&call));
    assert!(!carrier.hang_up(&call));
    let hooks = second.wait_for(|hooks| !events(hooks, "/status", "CallStatus").is_empty()).await;
    assert!(hooks.iter().all(|hook| hook.path != "/voice"));
}

#[tokio::test]
async fn bounds_refuse_or_stop_and_never_drop_silently() {
    let holdfast = FakeHoldfast::start(room_for_everybody).await;
    let mut settings = holdfast.settings();
    settings.bounds.calls_alive = 1;
    let carrier = Carrier::start(settings).await.unwrap();
    carrier.place_call(person()).unwrap();
    assert_eq!(carrier.place_call(person()), Err(PlaceError::TooMany));
    assert_eq!(Rest::of(&carrier).dial("contact-1", ANA, "leg-1", "").await.0, 429);
    let mut settings = holdfast.settings();
    settings.bounds.ledger_entries = 2;
    let carrier = Carrier::start(settings).await.unwrap();
    carrier.place_call(person()).unwrap();
    wait_for(&carrier, |ledger| !ledger.complete).await;
    assert_eq!(carrier.place_call(person()), Err(PlaceError::Stopped(RunStopped::LedgerFull)));
    assert_eq!(carrier.stop().await, Err(RunStopped::LedgerFull));
}
