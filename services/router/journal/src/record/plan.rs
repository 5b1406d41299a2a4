//! The routing plan, whole.

use super::DecodeError;
use super::field::{Entry, Field, entry, message, required};
use super::tell::{Tell, Told};
use holdfast_core::contact::Channel;
use holdfast_core::id::{CounselorId, LineId, NeedId, RegionId};
use holdfast_core::plan::{Line, Member, Need, Plan, Queue, QueueKey, Region, Ring, Timing};
use holdfast_proto::journal::v1;

message!(Plan => Plan {
    version, network, timing, lines, regions, area_codes, needs, queues, default_region, default_need, default_language,
    centers, members
});
message!(Timing => Timing {
    menu_ms, ring_ms, join_ms, desk_grace_ms, rest_ms, ageing_ms, closed_keep_ms, external_keep_ms
});
message!(Line => Line { account, number, need, language, menu });
message!(Region => Region { parent });
message!(Need => Need { skills, language, priority });
message!(Queue => Queue { rings, offer_ms, wrap_up_ms });
message!(Ring => Ring { centers });
message!(Member => Member { center, skills, languages, capacity });

entry!(LineEntry { id: LineId => line: Line });
entry!(MenuEntry { digit: u8 => need: NeedId });
entry!(RegionEntry { id: RegionId => region: Region });
entry!(AreaCodeEntry { area_code: u16 => region: RegionId });
entry!(NeedEntry { id: NeedId => need: Need });
entry!(QueueEntry { key: QueueKey => queue: Queue });
entry!(MemberEntry { id: CounselorId => member: Member });
entry!(CapacityEntry { channel: Channel => most: u32 });
