//! One whole call, as everybody lives through it: the person, the counselor, and afterwards whoever looks into the journal.

use crate::house::{House, MAIN, YOUTH, text, wait_for};
use crate::persons::{AtDesk, carrier, ends_it, reach, takes_a_call};
use crate::wire::{contact_in, hook, incoming};
use serde_json::Value;

const PERSON: &str = "+12065550147";
const DIGITS: &str = "2065550147";
const NOTE: &str = "She feels safer with the heron-lantern on.";
const CANARY: &str = "heron-lantern";
const PHONE: &str = "+12065550271";

#[tokio::test(flavor = "multi_thread")]
async fn a_call_from_first_ring_to_wrap_up() {
    let house = House::new();
    let carrier = carrier(&house).await;
    house.edit("holdfast.toml", "filter = \"info\"", "filter = \"debug\"");
    let served = house.serve();
    reach(&carrier, &served);
    let mut desk = AtDesk::start(&house, &served, "ana", PHONE);
    takes_a_call(&mut desk, &carrier, PERSON, MAIN, NOTE);
    ends_it(&mut desk);
    desk.types("quit");
    let (code, said) = desk.ends();
    assert_eq!(code, Some(0), "{said}");
    let offered = said.lines().find(|line| line.contains("is offered to you")).unwrap();
    assert!(offered.starts_with("A call (general, en, king-county) is offered to you. They have waited "), "{offered}");
    assert!(said.ends_with("Your shift is over. Thank you.\n"), "{said}");
    assert!(!said.contains(DIGITS), "the desk shows the person's number");
    wait_for("the person's line to be ended", || (carrier.live_persons() == 0).then_some(()));
    wait_for("the last callback", || (carrier.callbacks_pending() == 0).then_some(()));

    let ledger = carrier.stop().await.unwrap();
    let [story] = &ledger.stories()[..] else { panic!("one person called") };
    assert!(story.accompanied_ms.is_some());
    let (code, logged) = served.terminate();
    assert_eq!(code, Some(0));
    assert!(logged.contains("\"level\":\"DEBUG\""), "everything is logged in this test");
    for secret in [DIGITS, CANARY, &PHONE[1..]] {
        assert!(!logged.contains(secret), "{secret} in a log line");
    }
    the_journal_is_whole_and_sealed(&house);
}

fn the_journal_is_whole_and_sealed(house: &House) {
    let verified = house.run(&["journal", "verify", "journal"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).ends_with("no problems found\n"));
    for output in ["table", "json"] {
        let dumped = house.run(&["journal", "dump", "journal", "-o", output]);
        assert_eq!(dumped.status.code(), Some(0));
        let dumped = text(&dumped.stdout);
        assert!(dumped.contains("ContactArrived") && dumped.contains("NoteWritten"), "{dumped}");
        for secret in [DIGITS, CANARY, &PHONE[1..]] {
            assert!(!dumped.contains(secret), "{secret} in the journal's dump");
        }
    }
    let sealed = |value: &Value| value["sealed_in_slot"].is_u64();
    assert!(house.events("ContactArrived").iter().all(|event| sealed(&event["number"])));
    let notes = house.events("NoteWritten");
    assert!(notes.len() == 1 && notes.iter().all(|event| sealed(&event["note"])));
    assert!(!house.journal_bytes().is_empty());
    for (name, bytes) in house.journal_bytes() {
        for secret in [DIGITS, CANARY, &PHONE[1..]] {
            let there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!there, "{secret} in the journal's file {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_that_waits_can_be_explained() {
    let house = House::new();
    let served = house.serve();
    let answer = hook(&served, "/v1/carriers/twilio-main/voice", &incoming(1, PERSON, YOUTH)).await;
    let contact = contact_in(&answer.text().await.unwrap());
    let _desk = AtDesk::start(&house, &served, "ben", PHONE);
    let server = served.server();
    let explain =
        |output, token| house.run(&["explain", &contact, "--server", &server, "--token-file", token, "-o", output]);

    let table = explain("table", "operator.token");
    assert_eq!(table.status.code(), Some(0), "{}", text(&table.stderr));
    let table = text(&table.stdout);
    assert!(table.contains("us / youth (region by area_code)") && table.contains("CONTACT_STATE_WAITING"), "{table}");
    let row = |name: &str| {
        let row = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).find(|row| row[0] == name);
        row.unwrap_or_else(|| panic!("{name} is not in\n{table}"))[1..].join(" ")
    };
    assert_eq!(row("ana"), "0 lacks_skill youth");
    assert_eq!(row("grace"), "0 not_connected");
    assert!(row("ben").starts_with("0 not_ready"), "{}", row("ben"));

    let json: Value = serde_json::from_slice(&explain("json", "operator.token").stdout).unwrap();
    assert_eq!((&json["contact_id"], &json["ahead"]), (&contact.as_str().into(), &0.into()));
    let candidates = json["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 21, "everybody of the plan, peers with the reason why not");
    let ana = candidates.iter().find(|it| it["counselor_id"] == "ana").unwrap();
    assert_eq!((&ana["ruled_out_by"], &ana["detail"]), (&"lacks_skill".into(), &"youth".into()));
    assert!(candidates.iter().all(|it| it["ruled_out_by"] != ""));

    let refused = explain("table", "ana.token");
    assert_eq!(refused.status.code(), Some(5), "{}", text(&refused.stderr));
    drop(served);
    let nobody = explain("table", "operator.token");
    assert_eq!(nobody.status.code(), Some(4), "{}", text(&nobody.stderr));
}
