//! The smallest network that has everything: two counselors, one peer, two people, and clocks that are few multiples of one step, so
//! that the moments at which things fall due are few.

use holdfast_core::command::Command;
use holdfast_core::contact::Channel;
use holdfast_core::counselor::Readiness;
use holdfast_core::event::Event;
use holdfast_core::id::{ContactId, CounselorId, ExternalId, NeedId, PersonId, RegionId};
use holdfast_core::leg::LOST_AFTER_MS;
use holdfast_core::plan::{Handoffs, Line, Member, Need, Peer, Plan, Queue, QueueKey, Region, Ring, Texts, Timing};
use holdfast_core::principal::Principal;
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_core::state::State;
use holdfast_core::step::Asked;

/// One step of time. A counselor's leg counts as lost after just one.
const STEP_MS: u64 = LOST_AFTER_MS;

/// Everybody who works here.
pub(crate) const STAFF: [&str; 3] = ["ana", "ben", "pia"];

fn plan() -> Plan {
    let queue = |channel| {
        let key = QueueKey { region: RegionId::from("nation"), need: NeedId::from("general"), channel };
        let rings = vec![Ring { centers: ["harbor".into()].into(), ..Ring::default() }];
        (key, Queue { rings, offer_ms: STEP_MS, wrap_up_ms: STEP_MS })
    };
    let member = |peer: Option<Peer>| Member {
        center: "harbor".into(),
        skills: [].into(),
        languages: ["en".into()].into(),
        capacity: [(Channel::Voice, 1), (Channel::Text, 2)].into(),
        peer,
        credentials: [].into(),
    };
    let line = Line {
        account: "main".into(),
        number: "+12065550100".into(),
        need: Some("general".into()),
        language: None,
        menu: [].into(),
    };
    Plan {
        version: 0,
        network: "small".into(),
        timing: Timing {
            menu_ms: STEP_MS,
            ring_ms: STEP_MS,
            join_ms: 0,
            desk_grace_ms: 2 * STEP_MS,
            rest_ms: STEP_MS,
            ageing_ms: 1_000_000,
            closed_keep_ms: STEP_MS,
            external_keep_ms: 1_000_000_000,
            short_abandon_ms: 0,
        },
        lines: [("line".into(), line)].into(),
        regions: [("nation".into(), Region { parent: None })].into(),
        area_codes: [].into(),
        needs: [("general".into(), Need::default())].into(),
        queues: [queue(Channel::Voice), queue(Channel::Text)].into(),
        default_region: "nation".into(),
        default_need: "general".into(),
        default_language: "en".into(),
        centers: ["harbor".into()].into(),
        members: [
            ("ana".into(), member(None)),
            ("ben".into(), member(None)),
            ("pia".into(), member(Some(Peer::default()))),
        ]
        .into(),
        texts: Some(Texts { first_reply_ms: STEP_MS, reopen_ms: STEP_MS, ..Texts::default() }),
        handoffs: Some(Handoffs {
            consent_ms: STEP_MS,
            seek_ms: 2 * STEP_MS,
            offer_ms: STEP_MS,
            brief_ms: STEP_MS,
            together_ms: 2 * STEP_MS,
            leave_ms: 2 * STEP_MS,
        }),
        names: None,
        hours: [].into(),
    }
}

/// A network that leads, with everybody at their desks.
pub(crate) fn begin() -> State {
    let mut state = State::default();
    decide(&mut state, &Command::StartLeading { epoch: 1, gap_ms: 0 });
    decide(&mut state, &Command::ActivatePlan { plan: Box::new(plan()) });
    for who in STAFF {
        let desk = attests(&state, who);
        decide(&mut state, &desk);
        decide(&mut state, &Command::SetReadiness { counselor: who.into(), readiness: Readiness::Available });
    }
    state
}

/// Decides at the time it is; what happened.
pub(crate) fn decide(state: &mut State, command: &Command) -> Vec<Event> {
    let now = state.parts().now;
    let asked = Asked { principal: Principal::Router, request: None };
    let step = state.step(now, &asked, command).ok();
    step.and_then(|step| step.record).map(|record| record.events).unwrap_or_default()
}

/// Time moves to whatever is due next; none if nothing ever is.
pub(crate) fn time_moves(state: &mut State) -> Option<Vec<Event>> {
    let due = state.next_deadline()?.max(state.parts().now);
    let asked = Asked { principal: Principal::Router, request: None };
    let step = state.step(due, &asked, &Command::KeepTime).unwrap();
    Some(step.record.map(|record| record.events).unwrap_or_default())
}

/// The process dies and another leads.
pub(crate) fn crash(state: &mut State) -> Vec<Event> {
    let mut back = State::restore(state.parts().clone());
    back.match_everybody();
    let epoch = back.parts().epoch + 1;
    *state = back;
    decide(state, &Command::StartLeading { epoch, gap_ms: 0 })
}

pub(crate) fn attests(state: &State, who: &str) -> Command {
    let counselor = CounselorId::from(who);
    let session = state.counselor(&counselor).map_or(1, |it| it.session + 1);
    Command::ConnectDesk { counselor, session, audio: Some(sealed()) }
}

/// The nth person calls, or writes something new.
pub(crate) fn reaches_out(state: &State, channel: Channel, person: u8) -> Command {
    let number = u128::from(person);
    let seen = state.parts().externals.len();
    let contact = ContactId((number << 16) + ((seen as u128) << 8));
    let external = ExternalId { account: "main".into(), id: format!("{person}-{seen}").into() };
    if channel.is_written() {
        return writes(state, person, holdfast_core::conversation::OptOut::None);
    }
    Command::ArriveContact {
        contact,
        person: PersonId(number),
        external,
        line: "line".into(),
        channel,
        area_code: None,
        number: Some(sealed()),
        slot: Some(KeySlot(1)),
    }
}

pub(crate) fn writes(state: &State, person: u8, opt_out: holdfast_core::conversation::OptOut) -> Command {
    let number = u128::from(person);
    let seen = state.parts().externals.len();
    Command::ReceiveText {
        contact: ContactId((number << 16) + ((seen as u128) << 8)),
        person: PersonId(number),
        external: ExternalId { account: "main".into(), id: format!("{person}-{seen}").into() },
        line: "line".into(),
        channel: Channel::Text,
        area_code: None,
        number: Some(sealed()),
        slot: KeySlot(1),
        words: sealed(),
        digit: None,
        keyword: None,
        opt_out,
        carrier_replied: false,
        media: 0,
        written_ago_ms: 0,
    }
}

pub(crate) fn sealed() -> Sealed {
    Sealed { slot: KeySlot(1), ciphertext: [1].as_slice().into() }
}
