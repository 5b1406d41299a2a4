//! Key slots, durable before they are used, and the person index: erased for good, and honest about damage.

use holdfast_journal::files::{Crash, FaultyFiles, FileLayer};
use holdfast_journal::people::PeopleFile;
use holdfast_journal::slots::{SlotFile, WRAPPED_BYTES};
use std::path::Path;
use std::sync::Arc;

fn layer(files: &FaultyFiles) -> Arc<dyn FileLayer> {
    Arc::new(files.clone())
}

fn slots(files: &FaultyFiles) -> SlotFile {
    SlotFile::open(layer(files), Path::new("/keys")).unwrap()
}

fn people(files: &FaultyFiles) -> PeopleFile {
    PeopleFile::open(layer(files), Path::new("/keys")).unwrap()
}

fn key(number: u8) -> [u8; WRAPPED_BYTES] {
    [number; WRAPPED_BYTES]
}

#[test]
fn a_zeroed_slot_is_gone_and_its_neighbours_are_not() {
    let files = FaultyFiles::new();
    let mut file = slots(&files);
    assert_eq!(file.extend(&[key(1), key(2), key(3)]).unwrap(), 0..3);
    assert_eq!(file.extend(&[key(4)]).unwrap(), 3..4);
    file.zero(&[1, 99]).unwrap();
    file.zero(&[1]).unwrap();
    let file = slots(&files.after_crash(Crash::Lost));
    assert_eq!(file.read(0).unwrap(), Some(key(1)));
    assert_eq!(file.read(1).unwrap(), None);
    assert_eq!(file.read(3).unwrap(), Some(key(4)));
    assert!(file.read(4).is_err(), "a slot that was never made");
    let bytes = files.contents().into_values().flatten().collect::<Vec<u8>>();
    assert!(!bytes.windows(8).any(|it| it == [2; 8]), "nothing of the key is left");
}

#[test]
fn slots_survive_every_crash_point() {
    let whole = FaultyFiles::new();
    slot_day(&whole);
    for operation in 0..whole.operations() {
        for crash in [Crash::Lost, Crash::Kept].into_iter().chain((1..40).map(Crash::Torn)) {
            let files = FaultyFiles::new();
            files.stop_at(operation);
            let (made, zeroed) = slot_day(&files);
            let mut file = slots(&files.after_crash(crash));
            for slot in 0..made {
                let held = file.read(slot).unwrap();
                assert!(
                    zeroed.contains(&slot) || held == Some(key(slot as u8 + 1)) || slot == 2,
                    "{operation} {crash:?} {slot}"
                );
                assert!(!zeroed.contains(&slot) || held.is_none(), "{operation} {crash:?}: slot {slot} was zeroed");
            }
            let more = file.extend(&[key(77)]).unwrap();
            assert_eq!(file.read(more.start).unwrap(), Some(key(77)));
        }
    }
}

/// Gives how many slots are durable, and which are zeroed for sure. Slot 2 is being zeroed at the end of the day.
fn slot_day(files: &FaultyFiles) -> (u64, Vec<u64>) {
    let Ok(mut file) = SlotFile::open(layer(files), Path::new("/keys")) else { return (0, Vec::new()) };
    let mut made = 0;
    for batch in [&[key(1), key(2), key(3)][..], &[key(4)], &[key(5), key(6)]] {
        match file.extend(batch) {
            Ok(range) => made = range.end,
            Err(_) => return (made, Vec::new()),
        }
    }
    if file.zero(&[2]).is_err() { (made, Vec::new()) } else { (made, vec![2]) }
}

#[test]
fn a_damaged_slot_is_noticed() {
    let files = FaultyFiles::new();
    let mut file = slots(&files);
    file.extend(&[key(9), key(8)]).unwrap();
    file.extend(&[key(7), key(6)]).unwrap();
    let damaged = |byte| {
        let copy = FaultyFiles::with_contents(files.contents());
        copy.flip(Path::new("/keys/slots"), byte, 1);
        copy
    };
    assert!(
        SlotFile::open(layer(&damaged(10)), Path::new("/keys")).is_err(),
        "a slot that was durable once is damaged"
    );
    let torn = slots(&damaged(150));
    assert_eq!(
        (torn.torn(), torn.read(2).unwrap(), torn.read(3).unwrap()),
        (1, None, Some(key(6))),
        "said, and erased"
    );
}

#[test]
fn a_person_is_found_until_they_are_erased() {
    let files = FaultyFiles::new();
    let mut index = people(&files);
    index.insert_all(&[([1; 16], [10; 16]), ([2; 16], [20; 16]), ([3; 16], [10; 16])]).unwrap();
    assert_eq!(index.find(&[3; 16]), Some([10; 16]));
    index.erase(&[10; 16]).unwrap();
    index.erase(&[10; 16]).unwrap();
    let index = people(&files.after_crash(Crash::Lost));
    assert_eq!(index.find(&[1; 16]), None);
    assert_eq!(index.find(&[3; 16]), None);
    assert_eq!(index.find(&[2; 16]), Some([20; 16]));
    let bytes = files.contents().into_values().flatten().collect::<Vec<u8>>();
    assert!(!bytes.windows(16).any(|it| it == [10; 16] || it == [1; 16]), "neither the hash nor the id is left");
}

#[test]
fn what_a_failed_sync_left_in_the_cache_is_written_again_at_the_next_start() {
    let files = FaultyFiles::new();
    let mut index = people(&files);
    index.insert_all(&[([1; 16], [10; 16])]).unwrap();
    // The write, then its sync.
    files.fail_sync_at(1);
    assert!(index.insert_all(&[([2; 16], [20; 16])]).is_err());
    // Another process on the same machine reads what the disk does not have.
    let index = people(&files);
    assert_eq!(index.find(&[2; 16]), Some([20; 16]));
    let index = people(&files.after_crash(Crash::Lost));
    assert_eq!(index.find(&[2; 16]), Some([20; 16]), "what was read was used, and so it stays");
}
