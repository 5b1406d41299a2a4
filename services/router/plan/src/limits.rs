//! How large a plan may be. Beyond a limit the plan is refused, with the line: nothing is ever cut off in silence.
//!
//! Deliberately absent: the limits of the clocks, which stand beside their defaults in [`crate::CLOCKS`].

/// Bytes of the file.
pub const FILE_MAX_BYTES: usize = 4 * 1024 * 1024;
/// Problems reported at once, and warnings likewise. Beyond it they are counted.
pub const PROBLEMS_MAX: usize = 200;
/// Characters of an id.
pub const ID_MAX_CHARS: usize = 40;
/// Characters of a name.
pub const NAME_MAX_CHARS: usize = 80;
/// Lines.
pub const LINES_MAX: usize = 500;
/// Regions.
pub const REGIONS_MAX: usize = 2_000;
/// Needs.
pub const NEEDS_MAX: usize = 200;
/// Queues once every region × need × channel is written out.
pub const QUEUES_MAX: usize = 20_000;
/// Centers.
pub const CENTERS_MAX: usize = 2_000;
/// Spans of time in one list of hours.
pub const OPENINGS_MAX: usize = 50;
/// Days on which a center has other hours.
pub const HOLIDAYS_MAX: usize = 400;
/// Counselors.
pub const COUNSELORS_MAX: usize = 20_000;
/// Peers.
pub const PEERS_MAX: usize = 20_000;
/// Types of peer support, of all peers together.
pub const PEER_TYPES_MAX: usize = 100;
/// Credentials of one counselor or peer.
pub const CREDENTIALS_MAX: usize = 20;
/// Questions that are asked of somebody who writes, before they are queued.
pub const QUESTIONS_MAX: usize = 5;
/// Bytes of what the line says by itself, in each language: two parts of a text message in most alphabets.
pub const WORDS_MAX_BYTES: usize = 320;
/// Words that stand for a need.
pub const KEYWORDS_MAX: usize = 100;
/// The highest priority of a need.
pub const PRIORITY_MAX: u64 = 9;
/// Conversations by text that somebody holds at once whose capacity the plan does not give: what most can do well.
pub const WRITTEN_AT_ONCE: u32 = 2;

/// Conversations in writing that one counselor may hold at once, by text or by chat. Voice is always one.
pub const WRITTEN_AT_ONCE_MAX: u64 = 10;
/// The lowest and highest North American area code.
pub const AREA_CODES: core::ops::RangeInclusive<u64> = 200..=999;
