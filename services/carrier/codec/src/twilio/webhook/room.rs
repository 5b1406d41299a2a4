//! Conference callbacks: who joined, left, was held or muted, and why a member is gone.

use super::fields::Fields;
use super::{Ignored, Reading, WebhookRefusal, event, fail_cause};
use crate::callback::Callback;
use crate::model::{EventKind, LeftReason, MemberChange, RoomMember};
use crate::token::Token;

pub(super) fn read(fields: &Fields<'_>, callback: &Callback) -> Result<Reading, WebhookRefusal> {
    let name = fields.required("StatusCallbackEvent")?;
    let change = match name {
        "participant-join" => MemberChange::Joined,
        "participant-leave" => MemberChange::Left(left(fields)?),
        "participant-hold" => MemberChange::Held,
        "participant-unhold" => MemberChange::Unheld,
        "participant-mute" => MemberChange::Muted,
        "participant-unmute" => MemberChange::Unmuted,
        "conference-start" | "conference-end" => return Ok(Reading::Ignored(Ignored::RoomItself)),
        _ => return Ok(Reading::Ignored(Ignored::OtherRoomEvent)),
    };
    let (call, conference) = (fields.call()?, fields.conference()?);
    let room = Token::parse(fields.required("FriendlyName")?).map_err(|_| WebhookRefusal::Malformed("FriendlyName"))?;
    // A label that is not ours (somebody joined from the console) is no reason to lose sight of the member.
    let label = fields.optional("ParticipantLabel")?.and_then(|label| Token::parse(label).ok());
    let dedupe_key = format!("{conference}/room/{call}/{name}/{}", fields.sequence_text()?);
    let member = RoomMember { room, external_room_id: conference.as_str().to_owned(), label, change };
    event(fields, callback, call.as_str(), dedupe_key, EventKind::RoomMember(member))
}

fn left(fields: &Fields<'_>) -> Result<LeftReason, WebhookRefusal> {
    // A dial that failed is told as a leave, even though that leg was never in the room: the call's status tells it apart.
    let call_status = fields.optional("ParticipantCallStatus")?;
    if let Some(cause) = call_status.and_then(fail_cause) {
        return Ok(LeftReason::NeverJoined(cause));
    }
    Ok(match fields.optional("ReasonParticipantLeft")? {
        Some("participant_hung_up") => LeftReason::HungUp,
        Some("participant_updated_via_api") => LeftReason::Removed,
        Some("conference_ended_via_api") => LeftReason::RoomEnded,
        Some("moderator_ended_conference") => LeftReason::LastExit,
        Some("participant_add_failed") => LeftReason::NeverJoined(crate::model::FailCause::Failed),
        _ => LeftReason::Unstated,
    })
}
