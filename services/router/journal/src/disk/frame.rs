//! How a batch lies in a segment. A batch is one write, padded to whole sectors, so that no write touches what is durable.
//!
//! ```text
//! batch   magic u64 | version u32 | count u32 | number u64 | first sequence u64 | epoch u64 | bytes u32 | chain before [32] | crc u32
//! record  length u32 | crc of body u32 | sequence u64 | crc of this header u32 | body
//! ```
//!
//! Header and body have checksums of their own, so that a damaged length is recognised as damage and not as a short file. A batch
//! of no records is a tail mark. All numbers are little endian.

use crate::terms::{ChainHash, Draft, Epoch, Sequence, StoredRecord, Tail};

/// Batches begin at multiples of this.
pub(super) const SECTOR: usize = 512;
/// The length of a batch's header.
pub(super) const HEADER_BYTES: usize = 80;
/// The length of a record's header.
const RECORD_HEADER_BYTES: usize = 20;
const MAGIC: u64 = u64::from_le_bytes(*b"HFbatch\x01");
const VERSION: u32 = 1;

/// A batch's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The batch's number, from 1 without gaps, tail marks included.
    pub number: u64,
    /// The number of its first record, or of the next one if it is a tail mark.
    pub first: Sequence,
    /// How many records.
    pub count: u32,
    /// The epoch they were written in.
    pub epoch: Epoch,
    /// The length of what follows the header, without padding.
    pub bytes: u32,
    /// The chain before it.
    pub previous: ChainHash,
}

/// What stands at a place in a segment.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing: zeros as they were preallocated.
    Nothing,
    /// A whole batch.
    Batch(Batch),
    /// Something that is not a whole batch.
    Damaged,
}

/// A whole batch, its checksums verified; the chain is the caller's to verify.
#[derive(Debug)]
pub(super) struct Batch {
    /// Its header.
    pub header: Header,
    /// Its records.
    pub records: Vec<StoredRecord>,
    /// How far the next batch is, in bytes.
    pub length: usize,
}

impl Batch {
    /// The tail after this batch.
    #[must_use]
    pub(super) fn tail(&self, before: Tail) -> Tail {
        self.records.iter().fold(before, |tail, it| Tail {
            epoch: it.epoch,
            sequence: it.sequence,
            hash: tail.hash.after(it.epoch, it.sequence, &it.body),
        })
    }
}

/// The bytes of a batch after `tail`, and the tail after it. No drafts: a tail mark.
#[must_use]
pub(super) fn encode(number: u64, tail: Tail, epoch: Epoch, drafts: &[Draft]) -> (Vec<u8>, Tail) {
    let mut body = Vec::new();
    let mut after = tail;
    for draft in drafts {
        let sequence = after.sequence.next();
        let start = body.len();
        body.extend_from_slice(&(draft.body.len() as u32).to_le_bytes());
        body.extend_from_slice(&crc32c::crc32c(&draft.body).to_le_bytes());
        body.extend_from_slice(&sequence.0.to_le_bytes());
        let crc = crc32c::crc32c(body.get(start..).unwrap_or_default());
        body.extend_from_slice(&crc.to_le_bytes());
        body.extend_from_slice(&draft.body);
        after = Tail { epoch, sequence, hash: after.hash.after(epoch, sequence, &draft.body) };
    }
    let mut bytes = Vec::with_capacity(padded(HEADER_BYTES + body.len()));
    bytes.extend_from_slice(&MAGIC.to_le_bytes());
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(drafts.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&tail.sequence.next().0.to_le_bytes());
    bytes.extend_from_slice(&epoch.0.to_le_bytes());
    bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&tail.hash.0);
    let crc = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes.append(&mut body);
    bytes.resize(padded(bytes.len()), 0);
    (bytes, after)
}

/// The length with padding to whole sectors.
#[must_use]
pub(super) const fn padded(length: usize) -> usize {
    length.div_ceil(SECTOR) * SECTOR
}

/// The header at the beginning of these bytes, if it is whole.
#[must_use]
pub(super) fn header(bytes: &[u8]) -> Option<Header> {
    let bytes = bytes.get(..HEADER_BYTES)?;
    let (covered, crc) = bytes.split_at_checked(HEADER_BYTES - 4)?;
    let mut fields = Fields(covered);
    let whole = fields.u64()? == MAGIC && fields.u32()? == VERSION && Fields(crc).u32()? == crc32c::crc32c(covered);
    if !whole {
        return None;
    }
    Some(Header {
        count: fields.u32()?,
        number: fields.u64()?,
        first: Sequence(fields.u64()?),
        epoch: Epoch(fields.u64()?),
        bytes: fields.u32()?,
        previous: ChainHash(fields.take()?),
    })
}

/// What stands at the beginning of these bytes, which reach to the end of the segment.
#[must_use]
pub(super) fn read(bytes: &[u8]) -> Found {
    let first = bytes.get(..SECTOR.min(bytes.len())).unwrap_or_default();
    if first.iter().all(|byte| *byte == 0) {
        return Found::Nothing;
    }
    let whole = header(bytes).and_then(|header| {
        let length = HEADER_BYTES.checked_add(usize::try_from(header.bytes).ok()?)?;
        let records = records(&header, bytes.get(HEADER_BYTES..length)?)?;
        let padding = bytes.get(length..padded(length))?;
        padding.iter().all(|byte| *byte == 0).then_some(Batch { header, records, length: padded(length) })
    });
    whole.map_or(Found::Damaged, Found::Batch)
}

fn records(header: &Header, mut body: &[u8]) -> Option<Vec<StoredRecord>> {
    let mut records = Vec::new();
    for index in 0..u64::from(header.count) {
        let (head, rest) = body.split_at_checked(RECORD_HEADER_BYTES)?;
        let (covered, crc) = head.split_at_checked(RECORD_HEADER_BYTES - 4)?;
        let mut fields = Fields(covered);
        let (length, body_crc, sequence) = (fields.u32()?, fields.u32()?, fields.u64()?);
        if Fields(crc).u32()? != crc32c::crc32c(covered) || sequence != header.first.0.checked_add(index)? {
            return None;
        }
        let (one, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        if crc32c::crc32c(one) != body_crc {
            return None;
        }
        records.push(StoredRecord { sequence: Sequence(sequence), epoch: header.epoch, body: one.to_vec() });
        body = rest;
    }
    body.is_empty().then_some(records)
}

/// Reads numbers off the front.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}
