//! Turning a command into facts, or into a refusal that says why not. One file per command.
//!
//! Deciding reads the state and changes nothing. What several commands share (the person leaves, a counselor's leg is lost, a
//! leg is dropped) stands in `ending.rs`, and what they share about handoffs in `handing_over.rs`.

mod accept_offer;
mod activate_plan;
mod arrive_contact;
mod cancel_handoff;
mod choose_need;
mod confirm_handoff;
mod connect_desk;
mod decline_offer;
mod doubt_effect;
mod end_contact;
mod ending;
mod erase_person;
mod extend_wrap_up;
mod finish_wrap_up;
mod give_back;
mod give_directive;
mod handing_over;
mod help;
mod hold_person;
mod join_handoff;
mod keep_time;
mod leave_handoff;
mod lose_desk;
mod quarantine;
mod receive_text;
mod record_consent;
mod report_leg;
mod report_text;
mod send_text;
mod set_hours;
mod set_readiness;
mod settle_effect;
mod sign_off;
mod start_handoff;
mod start_leading;
mod write_note;

use crate::command::{Answer, Command};
use crate::contact::Contact;
use crate::counselor::{Counselor, Presence};
use crate::effect::Effect;
use crate::event::Event;
use crate::id::{ContactId, CounselorId};
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::state::State;
use crate::time::Timestamp;
use alloc::vec::Vec;

/// What a command became.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// What to answer once it is durable.
    pub answer: Answer,
    /// What it caused; empty if nothing changed.
    pub events: Vec<Event>,
}

/// A command being decided: the state as it is, the time, and what has been caused so far.
pub(crate) struct Deciding<'a> {
    pub state: &'a State,
    pub now: Timestamp,
    pub events: Vec<Event>,
}

/// Decides a command against the state.
///
/// # Errors
/// A refusal; nothing has changed.
pub fn decide(state: &State, now: Timestamp, command: &Command) -> Result<Decision, Refusal> {
    let now = now.max(state.parts().now);
    let mut deciding = Deciding { state, now, events: Vec::new() };
    let answer = deciding.command(command)?;
    Ok(Decision { answer, events: deciding.events })
}

impl<'a> Deciding<'a> {
    fn command(&mut self, command: &Command) -> Result<Answer, Refusal> {
        match command {
            Command::ArriveContact { .. } => arrive_contact::decide(self, command),
            Command::ChooseNeed { contact, digit } => choose_need::decide(self, *contact, *digit),
            Command::ReportLeg { .. } => report_leg::decide(self, command),
            Command::SettleEffect { contact, number, settlement } => {
                settle_effect::decide(self, *contact, *number, settlement)
            }
            Command::DoubtEffect { contact, number } => doubt_effect::decide(self, *contact, *number),
            Command::ConnectDesk { counselor, session, audio } => {
                connect_desk::decide(self, counselor, *session, audio.as_ref())
            }
            Command::LoseDesk { counselor, session } => lose_desk::decide(self, counselor, *session),
            Command::SignOff { counselor } => sign_off::decide(self, counselor),
            Command::SetReadiness { counselor, readiness } => set_readiness::decide(self, counselor, readiness),
            Command::AcceptOffer { counselor, offer } => accept_offer::decide(self, counselor, *offer),
            Command::DeclineOffer { counselor, offer } => decline_offer::decide(self, counselor, *offer),
            Command::HoldPerson { counselor, contact, on } => hold_person::decide(self, counselor, *contact, *on),
            Command::EndContact { counselor, contact } => end_contact::decide(self, counselor, *contact),
            Command::GiveBack { counselor, contact } => give_back::decide(self, counselor, *contact),
            Command::FinishWrapUp { counselor, contact } => finish_wrap_up::decide(self, counselor, *contact),
            Command::ExtendWrapUp { counselor, contact } => extend_wrap_up::decide(self, counselor, *contact),
            Command::WriteNote { counselor, contact, note } => write_note::decide(self, counselor, *contact, note),
            Command::ReceiveText { .. } => receive_text::decide(self, command),
            Command::ReportText { .. } => report_text::decide(self, command),
            Command::SendText { counselor, contact, words } => send_text::decide(self, counselor, *contact, words),
            Command::AskHelp { counselor, contact, level } => help::ask(self, counselor, *contact, *level),
            Command::AnswerHelp { counselor, by } => help::answer(self, counselor, by),
            Command::EndHelp { counselor } => help::end(self, counselor),
            Command::StartHandoff { counselor, contact, toward, wish } => {
                start_handoff::decide(self, counselor, *contact, *toward, wish)
            }
            Command::RecordConsent { counselor, contact, given, note } => {
                record_consent::decide(self, counselor, *contact, *given, note.as_ref())
            }
            Command::JoinHandoff { counselor, contact } => join_handoff::decide(self, counselor, *contact),
            Command::ConfirmHandoff { counselor, contact } => confirm_handoff::decide(self, counselor, *contact),
            Command::LeaveHandoff { counselor, contact } => leave_handoff::decide(self, counselor, *contact),
            Command::CancelHandoff { counselor, contact } => cancel_handoff::decide(self, counselor, *contact),
            Command::GiveDirective { measure, for_ms, by, reason } => {
                give_directive::give(self, measure, *for_ms, by, reason)
            }
            Command::EndDirective { subject } => give_directive::end(self, subject),
            Command::SetHours { open } => set_hours::decide(self, open),
            Command::ActivatePlan { plan } => activate_plan::decide(self, plan),
            Command::ErasePerson { person, slots } => erase_person::decide(self, *person, slots),
            Command::Quarantine { contact, reason } => quarantine::decide(self, *contact, *reason),
            Command::StartLeading { epoch, gap_ms } => start_leading::decide(self, *epoch, *gap_ms),
            Command::KeepTime => keep_time::decide(self),
        }
    }

    /// Notes that something happened.
    pub(crate) fn happen(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Asks for an effect, numbered after all that the contact has had.
    pub(crate) fn ask(&mut self, contact: &Contact, effect: Effect) -> u32 {
        let asked = self.asked(contact.id).count();
        let number = contact.next_effect.saturating_add(u32::try_from(asked).unwrap_or(u32::MAX));
        self.happen(Event::EffectAsked { contact: contact.id, number, effect });
        number
    }

    /// What this command has asked for already.
    pub(crate) fn asked(&self, contact: ContactId) -> impl Iterator<Item = &Effect> {
        self.events.iter().filter_map(move |event| {
            let Event::EffectAsked { contact: of, effect, .. } = event else { return None };
            (*of == contact).then_some(effect)
        })
    }

    pub(crate) fn plan(&self) -> Result<&'a Plan, Refusal> {
        self.state.plan().ok_or(Refusal::NoPlan)
    }

    pub(crate) fn contact(&self, id: ContactId) -> Result<&'a Contact, Refusal> {
        self.state.contact(id).ok_or(Refusal::UnknownContact(id))
    }

    /// The contact, if this counselor holds it or writes it up.
    pub(crate) fn held(&self, counselor: &CounselorId, id: ContactId) -> Result<&'a Contact, Refusal> {
        let contact = self.contact(id)?;
        if contact.holder.as_ref() == Some(counselor) { Ok(contact) } else { Err(Refusal::NotHolder { contact: id }) }
    }

    /// The counselor, if their desk is there.
    pub(crate) fn present(&self, id: &CounselorId) -> Result<&'a Counselor, Refusal> {
        if !self.plan()?.members.contains_key(id) {
            return Err(Refusal::UnknownCounselor(id.clone()));
        }
        self.state
            .counselor(id)
            .filter(|it| it.presence == Presence::Connected)
            .ok_or_else(|| Refusal::DeskNotConnected(id.clone()))
    }
}
