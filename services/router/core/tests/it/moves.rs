//! What can happen on a random night, as moves that shrink well, and as commands.

use super::night::Night;
use super::plan;
use holdfast_core::command::Command;
use holdfast_core::contact::{Channel, Contact};
use holdfast_core::conversation::{BLOCKED, Delivery, OptOut};
use holdfast_core::counselor::{HelpLevel, Readiness};
use holdfast_core::directive::{Door, Measure, Subject};
use holdfast_core::effect::Settlement;
use holdfast_core::handoff::{Toward, Wish};
use holdfast_core::id::{ContactId, CounselorId, ExternalId, LineId, OfferId, PersonId};
use holdfast_core::leg::{LegCause, LegState};
use holdfast_core::offer::Offer;
use holdfast_core::plan::QueueKey;
use holdfast_core::sealed::{KeySlot, Sealed};
use proptest::prelude::*;

/// One move. Numbers are taken modulo what there is, so that shrinking stays meaningful.
#[derive(Clone, Debug)]
pub(crate) enum Move {
    Arrive { person: u8, line: u8, area: u8 },
    Text { person: u8, line: u8, what: u8 },
    Receipt { contact: u8, message: u8, how: u8 },
    Press { contact: u8, digit: u8 },
    Report { contact: u8, leg: u8, state: u8 },
    Carrier { contact: u8, number: u8, outcome: u8 },
    Desk { who: u8, what: u8 },
    Answer { who: u8, contact: u8, what: u8, attempt: u8 },
    Go { contact: u8, how: u8 },
    HandOver { who: u8, contact: u8, what: u8 },
    Help { who: u8, contact: u8, what: u8 },
    Plan { without: u8 },
    Direct { what: u8 },
    Erase { person: u8 },
    Wait { ms: u32 },
    Restart { gap_s: u8 },
    Repeat,
}

pub(crate) fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        3 => (0..8_u8, 0..4_u8, 0..4_u8).prop_map(|(person, line, area)| Move::Arrive { person, line, area }),
        4 => (0..4_u8, 0..3_u8, 0..10_u8).prop_map(|(person, line, what)| Move::Text { person, line, what }),
        2 => (0..12_u8, 0..5_u8, 0..5_u8).prop_map(|(contact, message, how)| Move::Receipt { contact, message, how }),
        1 => (0..8_u8, 0..4_u8).prop_map(|(contact, digit)| Move::Press { contact, digit }),
        6 => (0..12_u8, 0..5_u8, 0..9_u8).prop_map(|(contact, leg, state)| Move::Report { contact, leg, state }),
        4 => (0..12_u8, 1..8_u8, 0..5_u8).prop_map(|(contact, number, outcome)| Move::Carrier { contact, number, outcome }),
        6 => (0..7_u8, 0..16_u8).prop_map(|(who, what)| Move::Desk { who, what }),
        6 => (0..6_u8, 0..12_u8, 0..11_u8, 0..3_u8)
            .prop_map(|(who, contact, what, attempt)| Move::Answer { who, contact, what, attempt }),
        40 => (0..12_u8, 0..12_u8).prop_map(|(contact, how)| Move::Go { contact, how }),
        10 => (0..9_u8, 0..12_u8, 0..12_u8).prop_map(|(who, contact, what)| Move::HandOver { who, contact, what }),
        1 => (0..6_u8, 0..12_u8, 0..5_u8).prop_map(|(who, contact, what)| Move::Help { who, contact, what }),
        1 => (0..9_u8).prop_map(|without| Move::Plan { without }),
        2 => (0..14_u8).prop_map(|what| Move::Direct { what }),
        1 => (0..4_u8).prop_map(|person| Move::Erase { person }),
        2 => (0..9_000_u32).prop_map(|ms| Move::Wait { ms }),
        1 => (0..90_000_u32).prop_map(|ms| Move::Wait { ms }),
        1 => (0..60_u8).prop_map(|gap_s| Move::Restart { gap_s }),
        1 => Just(Move::Repeat),
    ]
}

pub(crate) const EVERYBODY: [u8; 6] = [0, 1, 2, 3, 4, 5];

const LEG_STATES: [LegState; 7] = [
    LegState::Dialing,
    LegState::InDoubt,
    LegState::Alerting,
    LegState::Answered,
    LegState::Ended,
    LegState::Failed,
    LegState::InRoom,
];

/// What a move asks for now, if it asks for anything.
pub(crate) fn command(night: &mut Night, a_move: &Move) -> Option<Command> {
    Some(match a_move {
        Move::Arrive { person, line, area } => arrival(*person, *line, *area),
        Move::Text { person, line, what } => text(night, *person, *line, *what),
        Move::Receipt { contact, message, how } => Command::ReportText {
            contact: pick(night, *contact),
            message: u32::from(*message),
            delivery: receipt(*how),
            external: None,
            code: (*how == 4).then(|| failed(*message)),
        },
        Move::Press { contact, digit } => Command::ChooseNeed { contact: pick(night, *contact), digit: Some(*digit) },
        Move::Report { contact, leg, state } => report(night, *contact, *leg, *state),
        Move::Carrier { contact, number, outcome } => carrier(night, *contact, *number, *outcome),
        Move::Desk { who, what } => desk(night, *who, *what),
        Move::Answer { who, contact, what, attempt } => answer(night, *who, *contact, *what, *attempt),
        Move::Go { contact, how } => super::likely::command(night, with_somebody(night, *contact), *how)?,
        Move::HandOver { who, contact, what } => hand_over(night, *who, *contact, *what),
        Move::Help { who, contact, what } => help(night, *who, *contact, *what),
        Move::Plan { without } => Command::ActivatePlan { plan: Box::new(plan::without(*without)) },
        Move::Direct { what } => direct(*what),
        Move::Erase { person } => Command::ErasePerson { person: PersonId(u128::from(*person) + 1), slots: vec![] },
        Move::Wait { .. } | Move::Restart { .. } | Move::Repeat => return None,
    })
}

/// What operators decide for a while and take back, and what the calendar says.
fn direct(what: u8) -> Command {
    let center = if what.is_multiple_of(2) { "harbor" } else { "northside" };
    let queue = |region: &str| QueueKey { region: region.into(), need: "general".into(), channel: Channel::Voice };
    let measure = match what {
        0 | 1 => Measure::Center { center: center.into(), door: Door::Closed },
        2 | 3 => Measure::Center { center: center.into(), door: Door::Draining },
        4 | 5 => Measure::Center { center: center.into(), door: Door::Taking },
        6 | 7 => Measure::Queue { queue: queue("washington"), to: queue("nation") },
        8 | 9 => return Command::EndDirective { subject: Subject::Center(center.into()) },
        10 => return Command::EndDirective { subject: Subject::Queue(queue("washington")) },
        11 => return Command::SetHours { open: [("northside".into(), [].into())].into() },
        12 => return Command::SetHours { open: [("northside".into(), [Channel::Text].into())].into() },
        _ => return Command::SetHours { open: [("northside".into(), [Channel::Voice, Channel::Text].into())].into() },
    };
    Command::GiveDirective { measure, for_ms: 60_000, by: "olga".into(), reason: "drill".into() }
}

/// Why a message did not arrive.
fn failed(why: u8) -> std::sync::Arc<str> {
    if why.is_multiple_of(2) { BLOCKED.into() } else { "21217".into() }
}

fn receipt(how: u8) -> Delivery {
    [Delivery::Queued, Delivery::InDoubt, Delivery::Sent, Delivery::Delivered, Delivery::Failed][usize::from(how) % 5]
}

fn report(night: &Night, contact: u8, leg: u8, state: u8) -> Command {
    let contact = pick(night, contact);
    // Mostly the leg that was dialed last, and that it joined.
    let last = night.state.contact(contact).map_or(0, |it| it.legs.len().saturating_sub(1)) as u32;
    let leg = if leg == 4 { last } else { u32::from(leg) };
    let state = LEG_STATES[usize::from(state).min(6)];
    let cause = state.is_over().then_some(LegCause::HungUp);
    Command::ReportLeg { contact, leg, state, external: None, cause }
}

fn carrier(night: &Night, contact: u8, number: u8, outcome: u8) -> Command {
    let contact = pick(night, contact);
    let open = night.state.contact(contact).and_then(|it| it.outbox.keys().next().copied());
    let number = if outcome > 2 { open.unwrap_or(1) } else { u32::from(number) };
    match outcome % 3 {
        0 => settled(contact, number),
        1 => Command::SettleEffect { contact, number, settlement: Settlement::Refused(failed(outcome)) },
        _ => Command::DoubtEffect { contact, number },
    }
}

pub(crate) fn settled(contact: ContactId, number: u32) -> Command {
    Command::SettleEffect { contact, number, settlement: Settlement::Accepted(Some("CA9".into())) }
}

pub(crate) fn desk(night: &mut Night, who: u8, what: u8) -> Command {
    let counselor = counselor(who);
    night.sessions += u64::from(what == 0);
    let session = night.sessions;
    let audio = Some(sealed(99));
    match what {
        0 => Command::ConnectDesk { counselor, session, audio },
        1 => {
            let session = night.state.counselor(&counselor).map_or(0, |it| it.session);
            Command::LoseDesk { counselor, session }
        }
        2 => Command::SignOff { counselor },
        3 => Command::SetReadiness { counselor, readiness: Readiness::Break },
        4 => Command::SetReadiness { counselor, readiness: Readiness::AvailableFor([Channel::Text].into()) },
        _ => Command::SetReadiness { counselor, readiness: Readiness::Available },
    }
}

fn answer(night: &Night, who: u8, contact: u8, what: u8, attempt: u8) -> Command {
    let counselor = counselor(who);
    let contact = pick(night, contact);
    let known = night.state.contact(contact);
    // Mostly the offer that is there, sometimes one that is not.
    let open = known.and_then(|it| it.open_offer().or_else(|| it.open_handoff().and_then(|it| it.open_offer())));
    let latest = open.map_or(1, |offer| offer.attempt);
    let offer = OfferId { contact, attempt: latest.saturating_sub(u32::from(attempt / 2)) };
    let counselor = match open {
        Some(open) if attempt == 0 => open.counselor.clone(),
        _ => known.and_then(|it| it.holder.clone()).unwrap_or(counselor),
    };
    match what {
        0..=3 => Command::AcceptOffer { counselor, offer },
        4 => Command::DeclineOffer { counselor, offer },
        5 => Command::HoldPerson { counselor, contact, on: attempt == 0 },
        6 => Command::EndContact { counselor, contact },
        7 => Command::GiveBack { counselor, contact },
        8 => Command::FinishWrapUp { counselor, contact },
        9 => Command::ExtendWrapUp { counselor, contact },
        _ => Command::WriteNote { counselor, contact, note: sealed(1) },
    }
}

/// Mostly the next step of a handoff by whoever may take it; sometimes another, or by somebody else.
fn hand_over(night: &Night, who: u8, contact: u8, what: u8) -> Command {
    let contact = pick(night, contact);
    let known = night.state.contact(contact);
    let from = known.and_then(|it| it.open_handoff()).map(|it| it.from.clone());
    let from = from.or_else(|| known.and_then(|it| it.holder.clone()));
    let to = known.and_then(|it| it.handoff.as_ref()).and_then(|it| it.to.clone());
    let right = |it: Option<CounselorId>| it.filter(|_| who < 7).unwrap_or_else(|| counselor(who % 6));
    let (from, to) = (right(from), right(to));
    let note = (who.is_multiple_of(2)).then(|| sealed(1));
    match what {
        0 | 1 => Command::StartHandoff { counselor: from, contact, toward: Toward::Peer, wish: wish(who) },
        2 => Command::StartHandoff { counselor: from, contact, toward: Toward::Counselor, wish: Wish::default() },
        3 | 4 => Command::RecordConsent { counselor: from, contact, given: true, note },
        5 => Command::RecordConsent { counselor: from, contact, given: who != 3, note },
        6 | 7 => Command::JoinHandoff { counselor: to, contact },
        8 => Command::ConfirmHandoff { counselor: to, contact },
        9 => Command::LeaveHandoff { counselor: from, contact },
        10 if who.is_multiple_of(3) => Command::CancelHandoff { counselor: if who == 3 { from } else { to }, contact },
        _ => word(if who.is_multiple_of(2) { &from } else { &to }, contact),
    }
}

fn wish(who: u8) -> Wish {
    match who {
        0 => Wish { peer_type: Some("family".into()), ..Wish::default() },
        1 => Wish { wanted: Some("pax".into()), ..Wish::default() },
        _ => Wish::default(),
    }
}

fn help(night: &Night, who: u8, contact: u8, what: u8) -> Command {
    let contact = pick(night, contact);
    let counselor = night.state.contact(contact).and_then(|it| it.holder.clone()).unwrap_or_else(|| counselor(who));
    match what {
        0 => Command::AskHelp { counselor, contact: None, level: HelpLevel::Question },
        1 => Command::AskHelp { counselor, contact: Some(contact), level: HelpLevel::Join },
        2 => Command::AskHelp { counselor, contact: Some(contact), level: HelpLevel::Emergency },
        3 => Command::AnswerHelp { counselor, by: "sue".into() },
        _ => Command::EndHelp { counselor },
    }
}

pub(crate) fn accept(contact: ContactId, offer: &Offer) -> Command {
    let counselor = offer.counselor.clone();
    Command::AcceptOffer { counselor, offer: OfferId { contact, attempt: offer.attempt } }
}

pub(crate) fn word(counselor: &CounselorId, contact: ContactId) -> Command {
    Command::SendText { counselor: counselor.clone(), contact, words: sealed(1) }
}

pub(crate) fn arrival(person: u8, line: u8, area: u8) -> Command {
    let number = u128::from(person) + 1;
    Command::ArriveContact {
        contact: ContactId(number << 8),
        person: PersonId(u128::from(person % 4) + 1),
        external: ExternalId { account: "twilio-main".into(), id: format!("CA{person}").into() },
        line: ["lifeline", "local", "youth", "nowhere"][usize::from(line)].into(),
        channel: Channel::Voice,
        area_code: [Some(206), Some(253), Some(999), None][usize::from(area)],
        number: (area < 3).then(|| sealed(number as u64)),
        slot: Some(KeySlot(u64::from(person))),
    }
}

/// The first call of the night.
pub(crate) const FIRST: ContactId = ContactId(1 << 8);

pub(crate) fn text(night: &mut Night, person: u8, line: u8, what: u8) -> Command {
    night.texts += 1;
    let mut person = u128::from(person) + 1;
    let mut line: LineId = ["texts", "local", "nowhere"][usize::from(line)].into();
    let mut there = night.state.parts().contacts.values();
    if what == 9
        && let Some(offered) = there.find(|it| it.channel == Channel::Text && it.open_offer().is_some())
    {
        person = offered.person.0;
        line = offered.line.clone();
    }
    Command::ReceiveText {
        contact: ContactId((1_000 + night.texts) << 8),
        person: PersonId(person),
        external: ExternalId { account: "twilio-main".into(), id: format!("SM{}", night.texts).into() },
        line,
        channel: Channel::Text,
        area_code: Some(206),
        number: Some(sealed(person as u64)),
        slot: KeySlot(person as u64),
        words: sealed(person as u64),
        digit: (what == 1).then_some(1),
        keyword: (what == 2).then(|| "veteran".into()),
        opt_out: match what {
            3 | 9 => OptOut::Stop,
            4 => OptOut::Start,
            5 => OptOut::Help,
            6 => OptOut::MaybeStop,
            _ => OptOut::None,
        },
        carrier_replied: (3..7).contains(&what) || what == 9,
        media: u32::from(what == 7),
        written_ago_ms: 0,
    }
}

/// One of the contacts there are, or one that is not.
fn pick(night: &Night, contact: u8) -> ContactId {
    let open = |it: &&Contact| !it.is_closed() || contact >= 8;
    let there: Vec<ContactId> = night.state.parts().contacts.values().filter(open).map(|it| it.id).collect();
    let at = usize::from(contact).checked_rem(there.len());
    at.and_then(|at| there.get(at).copied()).unwrap_or(ContactId(7))
}

/// One of the contacts that somebody is asked about or has.
fn with_somebody(night: &Night, contact: u8) -> ContactId {
    let held = |it: &&Contact| it.holder.is_some() || it.open_offer().is_some();
    let there: Vec<ContactId> = night.state.parts().contacts.values().filter(held).map(|it| it.id).collect();
    let at = usize::from(contact).checked_rem(there.len());
    at.and_then(|at| there.get(at).copied()).unwrap_or_else(|| pick(night, contact))
}

pub(crate) fn counselor(who: u8) -> CounselorId {
    ["ana", "ben", "cleo", "dev", "pia", "pax", "nobody"][usize::from(who)].into()
}

pub(crate) fn sealed(slot: u64) -> Sealed {
    Sealed { slot: KeySlot(slot), ciphertext: [3].as_slice().into() }
}
