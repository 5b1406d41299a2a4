//! From the journal to a state: the newest snapshot, and every record after it. Nothing that was answered is missing.

use holdfast_core::event::Event;
use holdfast_core::id::PersonId;
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::state::State;
use holdfast_journal::record::{self, DecodeError};
use holdfast_journal::{Journal, ReadError, Sequence, Snapshot, SnapshotError};

/// How many records are read at a time.
const READ_RECORDS: usize = 4_096;

/// The journal cannot be made a state of. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// A record cannot be read.
    #[error("record {sequence} cannot be read")]
    Record {
        /// Which.
        sequence: u64,
        /// Why.
        #[source]
        source: DecodeError,
    },
    /// The snapshot cannot be read.
    #[error("the snapshot cannot be read: move it away to replay the whole journal")]
    Snapshot(#[source] DecodeError),
    /// The state does not end where the journal does.
    #[error(
        "the state ends at record {state}, the journal at {journal}: move the snapshots away to replay the whole journal"
    )]
    Mismatch {
        /// Where the state ends.
        state: u64,
        /// Where the journal ends.
        journal: u64,
    },
    /// The store failed.
    #[error("the journal cannot be read")]
    Read(#[from] ReadError),
    /// The store failed.
    #[error("the newest snapshot cannot be read")]
    Newest(#[from] SnapshotError),
}

/// What was recovered.
#[derive(Debug)]
pub struct Recovered {
    /// The state.
    pub state: State,
    /// How many records were replayed after the snapshot.
    pub replayed: u64,
    /// Slots that were to be zeroed: done again, in case the last run ended between the record and the zeroing.
    pub erased: Vec<(PersonId, Vec<KeySlot>)>,
    /// Who arrived after the snapshot, with their sealed number: the person index may lack them.
    pub arrived: Vec<(PersonId, Sealed)>,
}

/// Rebuilds the state.
///
/// # Errors
/// See [`RecoverError`].
pub fn recover(journal: &dyn Journal) -> Result<Recovered, RecoverError> {
    let mut state = match journal.newest_snapshot()? {
        Some(snapshot) => restored(&snapshot)?,
        None => State::default(),
    };
    let reader = journal.reader();
    let mut replayed = 0_u64;
    let (mut erased, mut arrived) = (Vec::new(), Vec::new());
    loop {
        let next = Sequence(state.parts().sequence.saturating_add(1));
        let stored = reader.read_from(next, READ_RECORDS)?;
        if stored.is_empty() {
            break;
        }
        for it in stored {
            let decoded = record::decode(it.sequence.0, it.epoch.0, &it.body)
                .map_err(|source| RecoverError::Record { sequence: it.sequence.0, source })?;
            for event in &decoded.events {
                match event {
                    Event::PersonErased { person, slots } => erased.push((*person, slots.clone())),
                    Event::ContactArrived { person, number: Some(number), .. } => {
                        arrived.push((*person, number.clone()));
                    }
                    _ => {}
                }
            }
            state.apply(&decoded);
            replayed = replayed.saturating_add(1);
        }
    }
    let (there, tail) = (state.parts().sequence, journal.tail().sequence.0);
    if there != tail {
        return Err(RecoverError::Mismatch { state: there, journal: tail });
    }
    state.match_everybody();
    Ok(Recovered { state, replayed, erased, arrived })
}

/// The state of a snapshot. One that an earlier program wrote is passed over: every record it was made of is still there.
fn restored(snapshot: &Snapshot) -> Result<State, RecoverError> {
    let parts = match record::decode_snapshot(&snapshot.body) {
        Ok(parts) => parts,
        Err(older) if older.is_passed_over() => {
            tracing::info!(
                sequence = snapshot.at.sequence.0,
                reason = %older,
                "a snapshot of an earlier program is passed over and the whole journal replayed"
            );
            return Ok(State::default());
        }
        Err(source) => return Err(RecoverError::Snapshot(source)),
    };
    if parts.sequence != snapshot.at.sequence.0 {
        return Err(RecoverError::Mismatch { state: parts.sequence, journal: snapshot.at.sequence.0 });
    }
    Ok(State::restore(parts))
}
