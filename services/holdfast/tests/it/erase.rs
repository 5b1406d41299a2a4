//! Erasing a person: everything of theirs becomes unreadable, everywhere, and the journal stays whole.

use crate::house::{House, MAIN, Served, YOUTH, text, wait_for};
use crate::persons::{AtDesk, carrier, ends_it, reach, takes_a_call};
use crate::wire::{hook, incoming};
use holdfast_journal::files::RealFiles;
use holdfast_journal::people::PeopleFile;
use holdfast_journal::slots::SlotFile;
use std::process::Output;
use std::sync::Arc;

const PERSON: &str = "+12065550147";
const DIGITS: &str = "2065550147";
const CANARY: &str = "heron-lantern";

fn erase(house: &House, served: &Served, token: &str) -> Output {
    let arguments = ["erase", "--server", &served.server(), "--token-file", token];
    house.run_with(&arguments, &format!("{PERSON}\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_for_good() {
    let house = House::new();
    let carrier = carrier(&house).await;
    let served = house.serve();
    reach(&carrier, &served);
    let mut desk = AtDesk::start(&house, &served, "ana", "+12065550271");
    takes_a_call(&mut desk, &carrier, PERSON, MAIN, &format!("The {CANARY} is on."));

    let too_soon = erase(&house, &served, "administrator.token");
    assert_eq!(too_soon.status.code(), Some(1));
    assert!(
        text(&too_soon.stderr)
            .contains("has a contact that is not closed or is still written up: erase when that is over")
    );
    ends_it(&mut desk);
    wait_for("the last callback", || (carrier.live_persons() + carrier.callbacks_pending() == 0).then_some(()));

    let not_allowed = erase(&house, &served, "operator.token");
    assert_eq!(not_allowed.status.code(), Some(5), "{}", text(&not_allowed.stderr));
    let erased = erase(&house, &served, "administrator.token");
    assert_eq!(erased.status.code(), Some(0), "{}", text(&erased.stderr));
    assert!(text(&erased.stdout).starts_with("erased; recorded at "));
    let again = erase(&house, &served, "administrator.token");
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("nobody is known by that number"), "{}", text(&again.stderr));

    let (code, logged) = served.terminate();
    assert_eq!(code, Some(0));
    assert!(!logged.contains(DIGITS) && !logged.contains(CANARY));
    nothing_of_them_is_readable(&house);
    nothing_brings_them_back(&house);
    they_may_call_again_as_somebody_new(&house).await;
}

/// The index is restored from the journal where its file lacks somebody, but not with somebody whose slots are zeroed.
fn nothing_brings_them_back(house: &House) {
    std::fs::remove_file(house.path("journal/people")).unwrap();
    let served = house.serve();
    let again = erase(house, &served, "administrator.token");
    assert!(text(&again.stderr).contains("nobody is known by that number"), "{}", text(&again.stderr));
    served.terminate();
}

fn nothing_of_them_is_readable(house: &House) {
    let [arrived] = &house.events("ContactArrived")[..] else { panic!("one contact") };
    let [note] = &house.events("NoteWritten")[..] else { panic!("one note") };
    let [erased] = &house.events("PersonErased")[..] else { panic!("erased once") };
    assert_eq!(erased["person"], arrived["person"]);
    let zeroed: Vec<u64> = erased["slots"].as_array().unwrap().iter().map(|slot| slot.as_u64().unwrap()).collect();
    let slots = SlotFile::open(Arc::new(RealFiles), &house.path("journal")).unwrap();
    for sealed in [&arrived["number"], &note["note"]] {
        let slot = sealed["sealed_in_slot"].as_u64().unwrap();
        assert!(zeroed.contains(&slot), "{slot} of {zeroed:?}");
        assert_eq!(slots.read(slot).unwrap(), None, "the key of slot {slot} is still there");
    }
    assert!((0..slots.len()).any(|slot| slots.read(slot).unwrap().is_some()), "keys of others stay");
    PeopleFile::open(Arc::new(RealFiles), &house.path("journal")).unwrap();
    let verified = house.run(&["journal", "verify", "journal"]);
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
    for (name, bytes) in house.journal_bytes() {
        for secret in [DIGITS, CANARY] {
            let there = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!there, "{secret} in the journal's file {name}");
        }
    }
}

async fn they_may_call_again_as_somebody_new(house: &House) {
    let served = house.serve();
    for call in [77, 78] {
        let answer = hook(&served, "/v1/carriers/twilio-main/voice", &incoming(call, PERSON, YOUTH)).await;
        assert_eq!(answer.status().as_u16(), 200);
    }
    served.terminate();
    let people: Vec<_> = house.events("ContactArrived").iter().map(|event| event["person"].clone()).collect();
    let [before, after, again] = &people[..] else { panic!("three contacts") };
    assert_ne!(before, after, "the person index still knows an erased number");
    assert_eq!(after, again, "and a number that calls twice is one person");
}
