//! Erasing a person: their number and words are unreadable everywhere, and the chain still verifies.

use super::house::{House, NUMBER, PLAN, WORDS, contains, desk, verified};
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::erase_person::Who;
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{self as wire};
use tonic::Code;

fn erase(number: &str) -> Kind {
    Kind::ErasePerson(wire::ErasePerson { who: Some(Who::PersonNumber(number.into())) })
}

async fn talk(house: &House, external: &str) -> String {
    let contact = house.call(external, NUMBER).await;
    house.accept("ana", &contact, 1).await.unwrap();
    house.leg(&contact, 0, wire::LegState::InRoom).await;
    house.leg(&contact, 1, wire::LegState::InRoom).await;
    let note = wire::WriteNote { counselor_id: "ana".into(), contact_id: contact.clone(), words: WORDS.into() };
    house.submit("ana", Kind::WriteNote(note)).await;
    contact
}

#[tokio::test]
async fn an_erased_person_is_unreadable_everywhere() {
    let mut house = House::build().await;
    house.on_shift("ana", 1).await;
    let contact = talk(&house, "CA1").await;
    let here = house.submit_as("adam", 1, erase(NUMBER)).await.unwrap_err();
    assert_eq!(here.code(), Code::FailedPrecondition, "nobody is erased while they are here: {here}");
    let ids = || (contact.clone(), "ana".to_owned());
    let (contact_id, counselor_id) = ids();
    house.submit("ana", Kind::EndContact(wire::EndContact { counselor_id, contact_id })).await;
    let (contact_id, counselor_id) = ids();
    house.submit("ana", Kind::FinishWrapUp(wire::FinishWrapUp { counselor_id, contact_id })).await;
    house.leg(&contact, 0, wire::LegState::Ended).await;
    house.leg(&contact, 1, wire::LegState::Ended).await;
    assert_eq!(house.submit_as("olga", 2, erase(NUMBER)).await.unwrap_err().code(), Code::PermissionDenied);
    house.submit_as("adam", 3, erase(NUMBER)).await.unwrap();
    let again = house.submit_as("adam", 4, erase(NUMBER)).await.unwrap_err();
    assert_eq!(again.code(), Code::NotFound, "the index knows them no more: {again}");
    // A feed that resumes from before must not be given what was unsealed then.
    let from = wire::Position { epoch: 1, sequence: 2 };
    let (_, first) = house.watch("ana", Some(from), desk("ana")).await.next().await;
    assert!(matches!(first, Frame::DeskSnapshot(_)), "frames made before are gone");
    assert!(!format!("{first:?}").contains(WORDS));
    house.close().await;
    let all = house.bytes();
    for canary in [NUMBER, &NUMBER[2..], WORDS] {
        assert!(!contains(&all, canary), "{canary} stands somewhere in clear");
    }
    let report = verified(&house.journal_dir());
    assert!(report.problems.is_empty(), "{report}");
    house.open(PLAN).await;
    // The same number is a new person from here on.
    house.on_shift("ana", 2).await;
    talk(&house, "CA2").await;
    house.close().await;
    let persons = arrivals(&house);
    assert_eq!(persons.len(), 2);
    assert_ne!(persons[0], persons[1]);
}

#[tokio::test]
async fn a_person_who_calls_again_is_the_same_person_and_erased_by_number() {
    let mut house = House::build().await;
    for external in ["CA1", "CA2", "CA3"] {
        let contact = house.call(external, NUMBER).await;
        house.leg(&contact, 0, wire::LegState::Ended).await;
    }
    house.submit_as("adam", 9, erase(NUMBER)).await.unwrap();
    house.close().await;
    let persons = arrivals(&house);
    assert!(persons.len() == 3 && persons.iter().all(|it| *it == persons[0]), "{persons:?}");
    let files: std::sync::Arc<dyn holdfast_journal::files::FileLayer> =
        std::sync::Arc::new(holdfast_journal::files::RealFiles);
    let slots = holdfast_journal::slots::SlotFile::open(files, &house.journal_dir()).unwrap();
    let erased = (0..slots.len()).filter(|slot| slots.read(*slot).unwrap().is_none()).count();
    assert_eq!(erased, 3, "one slot for each of their contacts, and nobody else's");
}

fn arrivals(house: &House) -> Vec<u128> {
    let files: std::sync::Arc<dyn holdfast_journal::files::FileLayer> =
        std::sync::Arc::new(holdfast_journal::files::RealFiles);
    let inspected = holdfast_journal::inspect(&files, &house.journal_dir()).unwrap();
    let records = inspected.records(holdfast_journal::Sequence(1));
    records
        .map(|it| it.unwrap())
        .flat_map(|it| holdfast_journal::record::decode(it.sequence.0, it.epoch.0, &it.body).unwrap().events)
        .filter_map(|event| match event {
            holdfast_core::event::Event::ContactArrived { person, .. } => Some(person.0),
            _ => None,
        })
        .collect()
}
