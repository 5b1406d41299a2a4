//! The routing plan, whole.

use super::DecodeError;
use super::field::{Entry, Field, entry, message, required};
use super::tell::{Tell, Told};
use holdfast_core::contact::Channel;
use holdfast_core::hours::{Hours, Opening, Span};
use holdfast_core::id::{CenterId, CounselorId, Language, LineId, NeedId, RegionId};
use holdfast_core::plan::{
    Handoffs, Line, Member, Names, Need, Peer, Plan, Question, Queue, QueueKey, Region, Ring, Texts, Timing,
};
use holdfast_core::time::Timestamp;
use holdfast_proto::journal::v1;

message!(Plan => Plan {
    version, network, timing, lines, regions, area_codes, needs, queues, default_region, default_need, default_language,
    centers, members, texts, handoffs, names, hours
});
message!(Timing => Timing {
    menu_ms, ring_ms, join_ms, desk_grace_ms, rest_ms, ageing_ms, closed_keep_ms, external_keep_ms,
    short_abandon_ms
});
message!(Line => Line { account, number, need, language, menu });
message!(Region => Region { parent });
message!(Need => Need { skills, language, priority, regions, channels });
message!(Queue => Queue { rings, offer_ms, wrap_up_ms });
message!(Ring => Ring { centers, after_ms, below_answered_percent });
message!(Member => Member { center, skills, languages, capacity, peer, credentials });
message!(Peer => Peer { types });
message!(Texts => Texts {
    reply, questions, keywords, survey_ms, first_reply_ms, idle_ms, reopens, reopen_ms
});
message!(Question => Question { words, choices });
message!(Handoffs => Handoffs { consent_ms, seek_ms, offer_ms, brief_ms, together_ms, leave_ms });
message!(Hours => Hours { time_zone, weekly, holidays });
message!(Opening => Opening { days, span });
message!(Span => Span { from_min, to_min });
message!(Names => Names { regions, needs, centers, members });

entry!(HoursEntry { center: CenterId => hours: Hours });
entry!(WeeklyEntry { channel: Channel => openings: Vec<Opening> });
entry!(HolidayEntry { day: u32 => spans: Vec<Span> });
entry!(LineEntry { id: LineId => line: Line });
entry!(MenuEntry { digit: u8 => need: NeedId });
entry!(RegionEntry { id: RegionId => region: Region });
entry!(AreaCodeEntry { area_code: u16 => region: RegionId });
entry!(NeedEntry { id: NeedId => need: Need });
entry!(QueueEntry { key: QueueKey => queue: Queue });
entry!(MemberEntry { id: CounselorId => member: Member });
entry!(CapacityEntry { channel: Channel => most: u32 });
entry!(CredentialEntry { name: String => good_until_ms: Timestamp });
entry!(WordsEntry { language: Language => words: String });
entry!(KeywordEntry { word: String => need: NeedId });
entry!(NameEntry { id: RegionId => name: String });
entry!(NameEntry { id: NeedId => name: String });
entry!(NameEntry { id: CenterId => name: String });
entry!(NameEntry { id: CounselorId => name: String });
