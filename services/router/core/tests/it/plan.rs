//! A small network for tests: two centers, four counselors, one line with a menu and one for young people.

use holdfast_core::contact::Channel;
use holdfast_core::id::{CenterId, CounselorId, NeedId, RegionId};
use holdfast_core::plan::{Line, Member, Need, Plan, Queue, QueueKey, Region, Ring, Timing};
use std::collections::{BTreeMap, BTreeSet};

/// Clocks with round numbers, so that stories read easily.
pub(crate) fn timing() -> Timing {
    Timing {
        menu_ms: 8_000,
        ring_ms: 20_000,
        join_ms: 10_000,
        desk_grace_ms: 30_000,
        rest_ms: 20_000,
        ageing_ms: 60_000,
        closed_keep_ms: 600_000,
        external_keep_ms: 86_400_000,
    }
}

/// Ana and Ben (Harbor, English; Ana also Spanish), Cleo (Harbor, veterans), Dev (Northside, backup).
pub(crate) fn small() -> Plan {
    let queue = |rings: &[&[&str]]| Queue {
        rings: rings.iter().map(|ring| Ring { centers: ring.iter().map(|it| CenterId::from(*it)).collect() }).collect(),
        offer_ms: 20_000,
        wrap_up_ms: 120_000,
    };
    let mut queues = BTreeMap::new();
    for region in ["washington", "nation"] {
        for need in ["general", "veteran", "spanish", "youth"] {
            let key = QueueKey { region: RegionId::from(region), need: NeedId::from(need), channel: Channel::Voice };
            queues.insert(key, queue(&[&["harbor"], &["northside"]]));
        }
    }
    Plan {
        version: 0,
        network: "sound".into(),
        timing: timing(),
        lines: lines(),
        regions: [
            (RegionId::from("nation"), Region { parent: None }),
            (RegionId::from("washington"), Region { parent: Some("nation".into()) }),
            (RegionId::from("king-county"), Region { parent: Some("washington".into()) }),
        ]
        .into(),
        area_codes: [(206, "king-county".into()), (253, "washington".into())].into(),
        needs: [
            ("general".into(), Need::default()),
            ("veteran".into(), Need { skills: ["veteran".into()].into(), ..Need::default() }),
            ("spanish".into(), Need { language: Some("es".into()), ..Need::default() }),
            ("youth".into(), Need { priority: 1, ..Need::default() }),
        ]
        .into(),
        queues,
        default_region: "nation".into(),
        default_need: "general".into(),
        default_language: "en".into(),
        centers: ["harbor".into(), "northside".into()].into(),
        members: [
            member("ana", "harbor", &[], &["en", "es"]),
            member("ben", "harbor", &[], &["en"]),
            member("cleo", "harbor", &["veteran"], &["en"]),
            member("dev", "northside", &[], &["en"]),
        ]
        .into(),
    }
}

fn lines() -> BTreeMap<holdfast_core::id::LineId, Line> {
    let line = |number: &str, need: Option<&str>, menu: &[(u8, &str)]| Line {
        account: "twilio-main".into(),
        number: number.into(),
        need: need.map(NeedId::from),
        language: None,
        menu: menu.iter().map(|(digit, need)| (*digit, NeedId::from(*need))).collect(),
    };
    [
        ("lifeline".into(), line("+12065550100", None, &[(1, "veteran"), (2, "spanish")])),
        ("local".into(), line("+12065550102", Some("general"), &[])),
        ("youth".into(), line("+12065550101", Some("youth"), &[])),
    ]
    .into()
}

fn member(name: &str, center: &str, skills: &[&str], languages: &[&str]) -> (CounselorId, Member) {
    let member = Member {
        center: center.into(),
        skills: skills.iter().map(|it| (*it).into()).collect::<BTreeSet<_>>(),
        languages: languages.iter().map(|it| (*it).into()).collect(),
        capacity: [(Channel::Voice, 1)].into(),
    };
    (name.into(), member)
}
