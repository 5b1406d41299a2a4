//! A router begins to lead: its epoch, and the time that passed while nobody did.

use super::Deciding;
use crate::command::Answer;
use crate::event::Event;
use crate::refusal::Refusal;

/// The event format this program writes.
const FORMAT: u32 = 3;

/// The most that the wall clock may advance network time: a clock that is further off is wrong.
const GAP_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

pub(super) fn decide(deciding: &mut Deciding<'_>, epoch: u64, gap_ms: u64) -> Result<Answer, Refusal> {
    if epoch <= deciding.state.parts().epoch {
        return Err(Refusal::StaleEpoch(epoch));
    }
    if deciding.state.parts().format < FORMAT {
        deciding.happen(Event::FormatRaised { format: FORMAT });
    }
    if gap_ms > 0 {
        deciding.happen(Event::ClockAdvanced { gap_ms: gap_ms.min(GAP_MS_MAX) });
    }
    deciding.happen(Event::LeadingStarted { epoch });
    Ok(Answer::Done)
}
