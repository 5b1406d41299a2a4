//! Who may ask what: one table, in one place, deny by default.
//!
//! The chassis says who is asking; here stands what each role may send, follow and read, and on whose behalf.

use crate::convert::refusal::status;
use crate::convert::wish::speaks_for;
use holdfast_chassis::access::{Principal, Role, ServiceKind};
use holdfast_core::principal as core;
use holdfast_proto::router::v1 as wire;
use holdfast_proto::router::v1::command::Kind;
use tonic::{Code, Status};

/// What kind of command this is, for the table and for metrics.
#[must_use]
pub const fn kind(command: &wire::Command) -> &'static str {
    match &command.kind {
        None => "none",
        Some(Kind::ArriveContact(_)) => "arrive_contact",
        Some(Kind::ChooseNeed(_)) => "choose_need",
        Some(Kind::ReportLeg(_)) => "report_leg",
        Some(Kind::SettleEffect(_)) => "settle_effect",
        Some(Kind::DoubtEffect(_)) => "doubt_effect",
        Some(Kind::ConnectDesk(_)) => "connect_desk",
        Some(Kind::LoseDesk(_)) => "lose_desk",
        Some(Kind::SignOff(_)) => "sign_off",
        Some(Kind::SetReadiness(_)) => "set_readiness",
        Some(Kind::AcceptOffer(_)) => "accept_offer",
        Some(Kind::DeclineOffer(_)) => "decline_offer",
        Some(Kind::HoldPerson(_)) => "hold_person",
        Some(Kind::EndContact(_)) => "end_contact",
        Some(Kind::GiveBack(_)) => "give_back",
        Some(Kind::FinishWrapUp(_)) => "finish_wrap_up",
        Some(Kind::ExtendWrapUp(_)) => "extend_wrap_up",
        Some(Kind::WriteNote(_)) => "write_note",
        Some(Kind::ErasePerson(_)) => "erase_person",
        Some(Kind::ReceiveText(_)) => "receive_text",
        Some(Kind::ReportText(_)) => "report_text",
        Some(Kind::SendText(_)) => "send_text",
        Some(Kind::StartHandoff(_)) => "start_handoff",
        Some(Kind::RecordConsent(_)) => "record_consent",
        Some(Kind::JoinHandoff(_)) => "join_handoff",
        Some(Kind::ConfirmHandoff(_)) => "confirm_handoff",
        Some(Kind::LeaveHandoff(_)) => "leave_handoff",
        Some(Kind::CancelHandoff(_)) => "cancel_handoff",
        Some(Kind::AskHelp(_)) => "ask_help",
        Some(Kind::AnswerHelp(_)) => "answer_help",
        Some(Kind::EndHelp(_)) => "end_help",
        Some(Kind::GiveDirective(_)) => "give_directive",
        Some(Kind::EndDirective(_)) => "end_directive",
    }
}

fn denied(message: &'static str) -> Status {
    status(Code::PermissionDenied, "NOT_ALLOWED", message)
}

/// Whether this caller may send this command, and in whose name it is journaled.
///
/// # Errors
/// PERMISSION_DENIED, with what would be needed.
pub fn submit(
    caller: &Principal,
    on_behalf_of: Option<&wire::Actor>,
    command: &wire::Command,
) -> Result<core::Principal, Status> {
    if let Some(supervising) = supervises(caller, on_behalf_of, command) {
        return Ok(supervising);
    }
    let Some(counselor) = speaks_for(command) else { return other(caller, on_behalf_of, command) };
    match caller.role {
        Role::Counselor | Role::Peer if caller.name == counselor && on_behalf_of.is_none() => Ok(person(caller)),
        Role::Counselor | Role::Peer => Err(denied("counselors and peers speak for themselves only")),
        Role::Service(ServiceKind::Handoff) if !hands_over(command) => {
            Err(denied("the handoff service sends the commands of a handoff only"))
        }
        Role::Service(ServiceKind::Desk | ServiceKind::Handoff) => match on_behalf_of {
            Some(actor) if actor.name == counselor && matches!(actor.role.as_str(), "counselor" | "peer") => {
                let role = if actor.role == "peer" { core::Role::Peer } else { core::Role::Counselor };
                Ok(core::Principal::Person { name: actor.name.as_str().into(), role })
            }
            _ => Err(denied("a desk or the handoff service speaks for the counselor or peer it names")),
        },
        Role::Supervisor | Role::Operator | Role::Administrator | Role::Service(_) => {
            Err(denied("only a counselor, a peer or their desk may send this"))
        }
    }
}

/// Whether it is one of the six commands of a handoff.
const fn hands_over(command: &wire::Command) -> bool {
    matches!(
        command.kind,
        Some(
            Kind::StartHandoff(_)
                | Kind::RecordConsent(_)
                | Kind::JoinHandoff(_)
                | Kind::ConfirmHandoff(_)
                | Kind::LeaveHandoff(_)
                | Kind::CancelHandoff(_)
        )
    )
}

/// Help is answered and ended by those who support counselors, and centers and queues are directed by them: by themselves, or through
/// the dashboard they look at.
fn supervises(
    caller: &Principal,
    on_behalf_of: Option<&wire::Actor>,
    command: &wire::Command,
) -> Option<core::Principal> {
    if !matches!(
        command.kind,
        Some(Kind::AnswerHelp(_) | Kind::EndHelp(_) | Kind::GiveDirective(_) | Kind::EndDirective(_))
    ) {
        return None;
    }
    match (caller.role, on_behalf_of) {
        (Role::Supervisor | Role::Operator | Role::Administrator, None) => Some(person(caller)),
        (Role::Service(ServiceKind::Dashboard), Some(actor)) => {
            let role = match actor.role.as_str() {
                "supervisor" => core::Role::Supervisor,
                "operator" => core::Role::Operator,
                "administrator" => core::Role::Administrator,
                _ => return None,
            };
            Some(core::Principal::Person { name: actor.name.as_str().into(), role })
        }
        _ => None,
    }
}

fn other(
    caller: &Principal,
    on_behalf_of: Option<&wire::Actor>,
    command: &wire::Command,
) -> Result<core::Principal, Status> {
    if on_behalf_of.is_some() {
        return Err(denied("only a desk speaks for somebody"));
    }
    match (&command.kind, caller.role) {
        (Some(Kind::ErasePerson(_)), Role::Administrator) => Ok(person(caller)),
        (Some(Kind::AnswerHelp(_)), _) => Err(denied("only a supervisor, an operator or an administrator may answer")),
        (Some(Kind::GiveDirective(_) | Kind::EndDirective(_)), _) => {
            Err(denied("only a supervisor, an operator or an administrator may direct centers and queues"))
        }
        (Some(Kind::ErasePerson(_)), _) => Err(denied("only an administrator may erase a person")),
        (_, Role::Service(ServiceKind::Carrier)) => Ok(core::Principal::Carrier(caller.name.as_str().into())),
        _ => Err(denied("only the carrier service may send this")),
    }
}

/// Whether this caller may follow this feed.
///
/// # Errors
/// PERMISSION_DENIED, with what would be needed.
pub fn watch(caller: &Principal, feed: &wire::watch_request::Feed) -> Result<(), Status> {
    use wire::watch_request::Feed;
    let allowed = match (feed, caller.role) {
        (
            Feed::Capacity(_),
            Role::Supervisor
            | Role::Operator
            | Role::Administrator
            | Role::Service(ServiceKind::Dashboard | ServiceKind::Handoff),
        )
        | (Feed::Desk(_), Role::Service(ServiceKind::Desk))
        | (Feed::Effects(_), Role::Service(ServiceKind::Carrier)) => true,
        (Feed::Desk(desk), Role::Counselor | Role::Peer) => desk.counselor_id == caller.name,
        (Feed::Capacity(_) | Feed::Desk(_) | Feed::Effects(_), _) => false,
    };
    if allowed { Ok(()) } else { Err(denied("this role may not follow this feed")) }
}

/// Whether this caller may have a contact explained.
///
/// # Errors
/// PERMISSION_DENIED, with what would be needed.
pub fn explain(caller: &Principal) -> Result<(), Status> {
    supervisor(caller, "only supervisors, operators and administrators may have a contact explained")
}

/// Whether this caller may see what is decided about centers and queues.
///
/// # Errors
/// PERMISSION_DENIED, with what would be needed.
pub fn list_directives(caller: &Principal) -> Result<(), Status> {
    supervisor(caller, "only supervisors, operators and administrators may see the directives")
}

fn supervisor(caller: &Principal, otherwise: &'static str) -> Result<(), Status> {
    match caller.role {
        Role::Supervisor | Role::Operator | Role::Administrator => Ok(()),
        Role::Counselor | Role::Peer | Role::Service(_) => Err(denied(otherwise)),
    }
}

fn person(caller: &Principal) -> core::Principal {
    let role = match caller.role {
        Role::Counselor => core::Role::Counselor,
        Role::Peer => core::Role::Peer,
        Role::Supervisor => core::Role::Supervisor,
        Role::Operator => core::Role::Operator,
        Role::Administrator => core::Role::Administrator,
        Role::Service(_) => return core::Principal::Service(caller.name.as_str().into()),
    };
    core::Principal::Person { name: caller.name.as_str().into(), role }
}

/// The name a principal goes by.
#[must_use]
pub fn name(principal: &core::Principal) -> &str {
    match principal {
        core::Principal::Person { name, .. } | core::Principal::Carrier(name) | core::Principal::Service(name) => name,
        core::Principal::Router => "router",
    }
}
