//! Records, plans and snapshots as bytes, and records as lines that people read.
//!
//! Whatever [`encode`] writes, [`decode`] reads back equal; whatever else comes, `decode` refuses by name rather than filling in a
//! default. The tables of this module (`event`, `terms`, `plan`, `snapshot`) name every field once: storing, loading and describing
//! come from the same line. Deliberately absent: checksums, sequence and epoch, which are the store's, and opening what is sealed.

mod describe;
mod directive;
mod event;
mod field;
mod format;
mod handoff;
mod names;
mod plan;
mod principal;
mod snapshot;
mod tell;
mod terms;
mod text;

pub use describe::{describe, describe_json};
pub use event::{EVENT_KINDS, kind};

use field::Field;
use holdfast_core::event::Record;
use holdfast_core::state::Parts;
use holdfast_proto::journal::v1;
use prost::Message;

/// The newest format that [`decode`] reads. Raised with every change of a message, a new value of an enum included; a new event kind
/// alone needs none, because an older program stops at a kind it does not know.
///
/// [`encode`] gives a record the lowest format that can hold it, so that during an upgrade an older standby follows until something
/// new is really used. Format 2 brought conversations in writing, handoffs and help.
pub const RECORD_FORMAT: u32 = 3;

/// The format that [`encode_snapshot`] writes and the only one that [`decode_snapshot`] reads. Raised with every change of a message:
/// an older one is passed over for the records it was made of, which are all still there.
pub const SNAPSHOT_FORMAT: u32 = 3;

/// Why bytes are not a record or a snapshot. Names fields, never what is in them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// A newer program wrote an event of a kind that this one does not have.
    #[error("event {event} of the record is of a kind this program does not know: upgrade it before it reads on")]
    UnknownKind {
        /// Which event of the record, from 0.
        event: usize,
    },
    /// A newer program wrote a format that this one does not read.
    #[error("format {found} is newer than {known}, the newest this program reads: upgrade it before it reads on")]
    NewerFormat {
        /// The format of the bytes.
        found: u32,
        /// The newest format that is read here.
        known: u32,
    },
    /// An earlier program wrote a snapshot in a format that is read no more. Nothing is lost: its records are there to be replayed.
    #[error("format {found} is older than {oldest}, the oldest this program reads: replay the records instead")]
    OlderFormat {
        /// The format of the bytes.
        found: u32,
        /// The oldest format that is read here.
        oldest: u32,
    },
    /// The bytes hold something beside what this program understands, which must not be passed over.
    #[error("{length} bytes were stored and {understood} understood: upgrade this program before it reads on")]
    UnknownField {
        /// How many bytes were given.
        length: usize,
        /// How many bytes the understood fields take.
        understood: usize,
    },
    /// A field is missing or has no meaning.
    #[error("{field} is missing or has no meaning: the bytes are not what this program wrote")]
    Malformed {
        /// The message and its field.
        field: &'static str,
    },
    /// The bytes are not a protobuf message of this shape.
    #[error("the bytes are not a {what}")]
    Garbled {
        /// What was expected: a record or a snapshot.
        what: &'static str,
    },
}

impl DecodeError {
    /// Whether a newer program could read it. A reader stops following and says so; it never skips.
    #[must_use]
    pub const fn needs_upgrade(&self) -> bool {
        match self {
            Self::UnknownKind { .. } | Self::NewerFormat { .. } | Self::UnknownField { .. } => true,
            Self::OlderFormat { .. } | Self::Malformed { .. } | Self::Garbled { .. } => false,
        }
    }

    /// Whether it is a snapshot that an earlier program wrote: pass over it and replay the records.
    #[must_use]
    pub const fn is_passed_over(&self) -> bool {
        matches!(self, Self::OlderFormat { .. })
    }
}

/// A record as bytes, without its sequence and epoch: those are the store's.
#[must_use]
pub fn encode(record: &Record) -> Vec<u8> {
    let Record { sequence: _, epoch: _, at, principal, request, events } = record;
    let message = v1::Record {
        format: format::of(events),
        at_ms: at.store(),
        principal: principal.store(),
        request: request.store(),
        events: events.iter().map(|event| v1::Event { kind: Some(event::store(event)) }).collect(),
    };
    message.encode_to_vec()
}

/// The record that the store keeps as these bytes under this sequence and epoch.
///
/// # Errors
/// Any [`DecodeError`]. Where [`DecodeError::needs_upgrade`] the record may be sound and this program too old.
pub fn decode(sequence: u64, epoch: u64, bytes: &[u8]) -> Result<Record, DecodeError> {
    let message = v1::Record::decode(bytes).map_err(|_| DecodeError::Garbled { what: "record" })?;
    known_format(message.format, RECORD_FORMAT, "Record.format")?;
    let understood = message.encoded_len();
    let mut events = Vec::with_capacity(message.events.len());
    for (index, event) in message.events.into_iter().enumerate() {
        let kind = event.kind.ok_or(DecodeError::UnknownKind { event: index })?;
        events.push(event::load(kind)?);
    }
    whole(bytes, understood)?;
    Ok(Record {
        sequence,
        epoch,
        at: Field::load(message.at_ms, "Record.at_ms")?,
        principal: Field::load(message.principal, "Record.principal")?,
        request: Field::load(message.request, "Record.request")?,
        events,
    })
}

/// A snapshot as bytes.
#[must_use]
pub fn encode_snapshot(parts: &Parts) -> Vec<u8> {
    v1::SnapshotFile { format: SNAPSHOT_FORMAT, state: parts.store() }.encode_to_vec()
}

/// The parts of the state that [`encode_snapshot`] made these bytes of.
///
/// # Errors
/// Any [`DecodeError`] but `UnknownKind`. A snapshot that cannot be read is not lost history: replay from an older one.
pub fn decode_snapshot(bytes: &[u8]) -> Result<Parts, DecodeError> {
    let message = v1::SnapshotFile::decode(bytes).map_err(|_| DecodeError::Garbled { what: "snapshot" })?;
    known_format(message.format, SNAPSHOT_FORMAT, "SnapshotFile.format")?;
    if message.format < SNAPSHOT_FORMAT {
        return Err(DecodeError::OlderFormat { found: message.format, oldest: SNAPSHOT_FORMAT });
    }
    whole(bytes, message.encoded_len())?;
    Field::load(message.state, "SnapshotFile.state")
}

const fn known_format(found: u32, known: u32, field: &'static str) -> Result<(), DecodeError> {
    match found {
        0 => Err(DecodeError::Malformed { field }),
        found if found > known => Err(DecodeError::NewerFormat { found, known }),
        _ => Ok(()),
    }
}

/// A protobuf reader drops what it does not know; here nothing may be dropped, so what was understood must be all there is.
const fn whole(bytes: &[u8], understood: usize) -> Result<(), DecodeError> {
    if bytes.len() == understood { Ok(()) } else { Err(DecodeError::UnknownField { length: bytes.len(), understood }) }
}
