//! The clocks of a warm handoff: what each is called in the file, what it is when the file says nothing, and its bounds.
//!
//! Deliberately absent: what happens when one runs out, which the core's table of a handoff says.

use crate::findings::Findings;
use crate::read::Table;
use crate::timing::{Clock, seconds};
use holdfast_core::plan::Handoffs;

const CONSENT: Clock = seconds("consent_s", 300);
const SEEK: Clock = seconds("seek_s", 180);
const OFFER: Clock = seconds("offer_s", 30);
const BRIEF: Clock = seconds("brief_s", 120);
const TOGETHER: Clock = seconds("together_s", 1_800);
const LEAVE: Clock = seconds("leave_s", 120);

/// Every setting of `[handoff]`, in the order of a handoff's life. Whatever runs out, the person is with whoever handed over.
///
/// | key | what it is |
/// |---|---|
/// | `consent_s` | how long whoever hands over has to ask the person |
/// | `seek_s` | how long somebody is looked for who could take over |
/// | `offer_s` | how long each of them has to answer |
/// | `brief_s` | how long whoever is reserved has to read the note |
/// | `together_s` | how long the three may be together before it is confirmed |
/// | `leave_s` | after that, how long whoever handed over may stay |
pub const HANDOFF_CLOCKS: &[Clock] = &[CONSENT, SEEK, OFFER, BRIEF, TOGETHER, LEAVE];

/// Reads `[handoff]`; every key of it is optional, and so is the table.
pub(crate) fn read_handoffs(mut table: Option<Table<'_, '_>>, findings: &mut Findings) -> Handoffs {
    let mut ms = |clock: Clock| clock.read_or_default(&mut table, findings);
    let handoffs = Handoffs {
        consent_ms: ms(CONSENT),
        seek_ms: ms(SEEK),
        offer_ms: ms(OFFER),
        brief_ms: ms(BRIEF),
        together_ms: ms(TOGETHER),
        leave_ms: ms(LEAVE),
    };
    if let Some(table) = table {
        if handoffs.offer_ms > handoffs.seek_ms {
            let message = "is longer than seek_s: the looking ends before the first of them has to answer";
            findings.warn(table.at("offer_s"), table.field("offer_s"), message, "make it a part of seek_s");
        }
        table.finish(findings);
    }
    handoffs
}
