//! A small network for tests: two centers, four counselors and two peers, a line with a menu, one for young people, one for texts.

use holdfast_core::contact::Channel;
use holdfast_core::hours::{Hours, Opening, Span};
use holdfast_core::id::{CenterId, CounselorId, NeedId, RegionId};
use holdfast_core::plan::{
    Handoffs, Line, Member, Need, Peer, Plan, Question, Queue, QueueKey, Region, Ring, Texts, Timing,
};
use holdfast_core::time::Timestamp;
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
        short_abandon_ms: 10_000,
    }
}

/// A short survey, an hour of silence, and five minutes in which a conversation is taken up again.
fn texts() -> Texts {
    Texts {
        reply: [("en".into(), "You have reached us. Somebody will write soon.".into())].into(),
        questions: vec![Question {
            words: [("en".into(), "1 if you are a veteran, 2 para espanol.".into())].into(),
            choices: [(1, "veteran".into()), (2, "spanish".into()), (4, "tribal".into())].into(),
        }],
        keywords: [("VETERAN".into(), "veteran".into())].into(),
        survey_ms: 60_000,
        first_reply_ms: 60_000,
        idle_ms: 3_600_000,
        reopens: true,
        reopen_ms: 300_000,
    }
}

/// Clocks of a handoff that are easy to tell apart.
const fn handoffs() -> Handoffs {
    Handoffs {
        consent_ms: 60_000,
        seek_ms: 90_000,
        offer_ms: 20_000,
        brief_ms: 45_000,
        together_ms: 300_000,
        leave_ms: 50_000,
    }
}

/// When Pax's certificate runs out.
pub(crate) const PAX_UNTIL_MS: u64 = 2_000_000;

/// Ana and Ben (Harbor, English; Ana also Spanish), Cleo (Harbor, veterans), Dev (Northside, backup); the peers Pia (substance use
/// and families) and Pax (families, until his certificate runs out).
pub(crate) fn small() -> Plan {
    let queue = |names: &[&[&str]]| Queue { rings: rings(names), offer_ms: 20_000, wrap_up_ms: 120_000 };
    let mut queues = BTreeMap::new();
    for region in ["washington", "nation"] {
        for need in ["general", "veteran", "spanish", "youth", "tribal"] {
            for channel in [Channel::Voice, Channel::Text] {
                let key = QueueKey { region: RegionId::from(region), need: NeedId::from(need), channel };
                queues.insert(key, queue(&[&["harbor"], &["northside"]]));
            }
        }
    }
    // Offered in one state only, and to whoever calls.
    let tribal = Need { regions: ["washington".into()].into(), channels: [Channel::Voice].into(), ..Need::default() };
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
            ("tribal".into(), tribal),
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
            peer("pia", &["substance-use", "family"], &[]),
            peer("pax", &["family"], &[("certified", PAX_UNTIL_MS)]),
        ]
        .into(),
        texts: Some(texts()),
        handoffs: Some(handoffs()),
        names: None,
        hours: [("northside".into(), office_hours())].into(),
    }
}

/// Day by day; what is open when comes with the calendar's word.
fn office_hours() -> Hours {
    let span = Span { from_min: 480, to_min: 1_320 };
    let weekly = [(Channel::Voice, vec![Opening { days: 0b111_1111, span }])].into();
    Hours { time_zone: "UTC".into(), weekly, holidays: BTreeMap::new() }
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
        ("lifeline".into(), line("+12065550100", None, &[(1, "veteran"), (2, "spanish"), (4, "tribal")])),
        ("local".into(), line("+12065550102", Some("general"), &[])),
        ("youth".into(), line("+12065550101", Some("youth"), &[])),
        ("texts".into(), line("+12065550103", None, &[])),
    ]
    .into()
}

fn member(name: &str, center: &str, skills: &[&str], languages: &[&str]) -> (CounselorId, Member) {
    let member = Member {
        center: center.into(),
        skills: skills.iter().map(|it| (*it).into()).collect::<BTreeSet<_>>(),
        languages: languages.iter().map(|it| (*it).into()).collect(),
        capacity: [(Channel::Voice, 1), (Channel::Text, 2)].into(),
        peer: None,
        credentials: BTreeMap::new(),
    };
    (name.into(), member)
}

fn peer(name: &str, types: &[&str], credentials: &[(&str, u64)]) -> (CounselorId, Member) {
    let (name, counselor) = member(name, "harbor", &[], &["en"]);
    let peer = Peer { types: types.iter().map(|it| (*it).into()).collect() };
    let credentials = credentials.iter().map(|(it, until)| ((*it).to_owned(), Timestamp(*until))).collect();
    (name, Member { peer: Some(peer), credentials, ..counselor })
}

/// Rings without clocks, nearest first.
pub(crate) fn rings(names: &[&[&str]]) -> Vec<Ring> {
    let centers = |names: &[&str]| names.iter().map(|it| CenterId::from(*it)).collect();
    names.iter().map(|names| Ring { centers: centers(names), ..Ring::default() }).collect()
}

/// Changes the second ring of every queue.
pub(crate) fn with_second_ring(plan: &mut Plan, change: impl Fn(&mut Ring)) {
    plan.queues.values_mut().filter_map(|it| it.rings.get_mut(1)).for_each(change);
}

/// The same network, with somebody gone from it or with other clocks.
pub(crate) fn without(what: u8) -> Plan {
    let mut plan = small();
    match what {
        0 => drop(plan.members.remove(&CounselorId::from("pia"))),
        1 => drop(plan.members.remove(&CounselorId::from("dev"))),
        2 => plan.texts = Some(Texts { idle_ms: 1_800_000, ..Texts::default() }),
        3 => plan.handoffs = None,
        4 => plan.timing.desk_grace_ms = 60_000,
        5 => drop(plan.members.values_mut().map(|it| it.capacity.insert(Channel::Text, 1)).count()),
        6 => with_second_ring(&mut plan, |ring| ring.after_ms = 30_000),
        _ => {}
    }
    plan
}
