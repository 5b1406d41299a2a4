//! A record has the lowest format that can hold it, so that an older standby follows until something new is really used.

use crate::generate::record;
use holdfast_core::contact::Channel;
use holdfast_core::counselor::ReadinessReason;
use holdfast_core::effect::Effect;
use holdfast_core::event::{Event, Record, RequeueReason};
use holdfast_core::hours::Hours;
use holdfast_core::leg::LegState;
use holdfast_core::offer::RescindReason;
use holdfast_core::plan::{BoxedPlan, Handoffs, Member, Names, Need, Peer, Queue, QueueKey, Ring, Texts};
use holdfast_core::time::Timestamp;
use holdfast_journal::record::{EVENT_KINDS, encode};
use holdfast_proto::journal::v1;
use prost::Message;
use std::collections::{BTreeMap, BTreeSet};

/// How many kinds there were in format 1, and then in 2, which brought conversations in writing, handoffs and help.
const KINDS: [usize; 2] = [32, 54];

/// Kinds to which a later format gave a field or a choice.
pub(crate) const GAINED: &[(&str, u32)] = &[
    ("ContactArrived", 2),
    ("OfferAccepted", 2),
    ("OfferRescinded", 2),
    ("LegMoved", 2),
    ("ContactRequeued", 2),
    ("EffectAsked", 2),
    ("ReadinessChanged", 2),
    ("PlanActivated", 2),
    ("PlanActivated", 3),
    ("OfferRescinded", 3),
];

/// The format that a kind began with.
pub(crate) fn began_with(kind: &str) -> u32 {
    let index = EVENT_KINDS.iter().position(|it| *it == kind).unwrap();
    1 + u32::try_from(KINDS.iter().filter(|count| index >= **count).count()).unwrap()
}

fn format(record: &Record) -> u32 {
    v1::Record::decode(&encode(record)[..]).unwrap().format
}

#[test]
fn a_kind_has_the_format_it_came_with() {
    for kind in EVENT_KINDS {
        // Made of nothing but zeros, an event has nothing that may be absent and the first of all choices.
        assert_eq!(format(&record(&[kind], &[])), began_with(kind), "{kind}");
    }
    assert_eq!(format(&record(&["DeskLost", "HelpEnded", "DeskLost"], &[])), 2);
    assert_eq!(format(&record(&[], &[])), 1);
}

/// The format of an event of this kind once it was changed.
fn changed(kind: &str, change: impl FnOnce(&mut Event)) -> u32 {
    let mut record = record(&[kind], &[]);
    change(&mut record.events[0]);
    format(&record)
}

#[test]
fn what_an_older_kind_gained_raises_its_format() {
    let raised = [
        changed("ContactArrived", |event| {
            if let Event::ContactArrived { follows, contact, .. } = event {
                *follows = Some(*contact);
            }
        }),
        changed("OfferAccepted", |event| {
            if let Event::OfferAccepted { write_by, .. } = event {
                *write_by = Some(Timestamp(1));
            }
        }),
        changed("OfferRescinded", |event| {
            if let Event::OfferRescinded { reason, .. } = event {
                *reason = RescindReason::HandoffEnded;
            }
        }),
        changed("OfferRescinded", |event| {
            if let Event::OfferRescinded { reason, .. } = event {
                *reason = RescindReason::AcuityRaised;
            }
        }),
        changed("LegMoved", |event| {
            if let Event::LegMoved { state, .. } = event {
                *state = LegState::Planned;
            }
        }),
        changed("ReadinessChanged", |event| {
            if let Event::ReadinessChanged { reason, .. } = event {
                *reason = ReadinessReason::DidNotWrite;
            }
        }),
    ];
    assert_eq!(raised, [2; 6]);
    let closed = changed("OfferRescinded", |event| {
        if let Event::OfferRescinded { reason, .. } = event {
            *reason = RescindReason::CenterClosed;
        }
    });
    assert_eq!(closed, 3);
    for it in [RequeueReason::NobodyWrote, RequeueReason::DeskSilent] {
        let format = changed("ContactRequeued", |event| {
            if let Event::ContactRequeued { reason, .. } = event {
                *reason = it;
            }
        });
        assert_eq!(format, 2, "{it:?}");
    }
    for it in [Effect::DialPerson, Effect::Send { message: 1 }] {
        let format = changed("EffectAsked", |event| {
            if let Event::EffectAsked { effect, .. } = event {
                *effect = it.clone();
            }
        });
        assert_eq!(format, 2, "{it:?}");
    }
}

#[test]
fn what_a_plan_gained_raises_its_format() {
    let plan = |change: fn(&mut BoxedPlan)| {
        changed("PlanActivated", |event| {
            if let Event::PlanActivated { plan } = event {
                change(plan);
            }
        })
    };
    let member = || Member {
        center: "harbor".into(),
        skills: BTreeSet::new(),
        languages: BTreeSet::new(),
        capacity: BTreeMap::new(),
        peer: None,
        credentials: BTreeMap::new(),
    };
    let with = |member: Member| {
        changed("PlanActivated", |event| {
            if let Event::PlanActivated { plan } = event {
                plan.members.insert("ana".into(), member);
            }
        })
    };
    assert_eq!(with(member()), 1);
    assert_eq!(with(Member { peer: Some(Peer::default()), ..member() }), 2);
    assert_eq!(with(Member { credentials: [("listening".to_owned(), Timestamp(1))].into(), ..member() }), 2);
    assert_eq!(plan(|_| ()), 1);
    assert_eq!(plan(|plan| plan.texts = Some(Texts::default())), 2);
    assert_eq!(plan(|plan| plan.handoffs = Some(Handoffs::default())), 2);
    assert_eq!(plan(|plan| plan.names = Some(Names::default())), 2);
    assert_eq!(plan(|plan| plan.timing.short_abandon_ms = 1), 3);
    let need = |need: Need| {
        changed("PlanActivated", |event| {
            if let Event::PlanActivated { plan } = event {
                plan.needs.insert("tribal".into(), need);
            }
        })
    };
    assert_eq!(need(Need::default()), 1);
    assert_eq!(need(Need { regions: ["washington".into()].into(), ..Need::default() }), 3);
    assert_eq!(need(Need { channels: [Channel::Voice].into(), ..Need::default() }), 3);
    assert_eq!(plan(|plan| drop(plan.hours.insert("harbor".into(), Hours::default()))), 3);
    let ring = |ring: Ring| {
        changed("PlanActivated", |event| {
            if let Event::PlanActivated { plan } = event {
                let key = QueueKey { region: "nation".into(), need: "general".into(), channel: Channel::Voice };
                plan.queues.insert(key, Queue { rings: vec![ring], ..Queue::default() });
            }
        })
    };
    assert_eq!(ring(Ring::default()), 1);
    assert_eq!(ring(Ring { after_ms: 1, ..Ring::default() }), 3);
    assert_eq!(ring(Ring { below_answered_percent: Some(1), ..Ring::default() }), 3);
}
