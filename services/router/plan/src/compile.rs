//! From a file that was read to a plan in the core's terms, or to everything that is wrong with it.
//!
//! Deliberately absent: TOML.

use crate::document::{Document, Line, Member, Need, Network, Queue, Sections, Texts, Worded};
use crate::findings::Findings;
use crate::names::names_of;
use crate::problem::{PlanError, Problem};
use crate::queues::{Key, Written};
use crate::read::Text;
use crate::references::{self, Known};
use crate::{coverage, credentials, oversights, peers, queues, regions, texts};
use holdfast_core::id::{AccountId, CenterId, Language, LineId, NeedId, NetworkId, PeerType, RegionId, SkillId};
use holdfast_core::plan::{self, Plan, QueueKey, Ring};
use holdfast_core::time::Timestamp;
use std::collections::BTreeMap;

/// A plan that was accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// The plan, with the version that was given to [`compile()`], or 0 from [`crate::load()`] and [`crate::parse()`].
    pub plan: Plan,
    /// What people call the network. What they call its parts is in the plan.
    pub network_name: String,
    /// What it probably does not mean, in the order of the file; at most [`crate::limits::PROBLEMS_MAX`].
    pub warnings: Vec<Problem>,
    /// How many more warnings were left out.
    pub warnings_left_out: usize,
}

impl Loaded {
    /// The plan as the one with this version.
    #[must_use]
    pub fn into_plan(self, version: u64) -> Plan {
        Plan { version, ..self.plan }
    }
}

/// Whether two plans say the same, whatever their versions: activating the one over the other would change nothing.
#[must_use]
pub fn same(one: &Plan, other: &Plan) -> bool {
    // Both are taken apart by comparing whole, so that a field added later cannot be forgotten here.
    let other = Plan { version: one.version, ..other.clone() };
    *one == other
}

/// Turns a document into a plan with this version. Says the same every time it is given the same.
///
/// # Errors
/// Everything that is wrong with the document, from reading it and from compiling it. Whether queues can be served is judged
/// only where every entry could be read: half a counselor would only mislead.
pub fn compile(document: Document, version: u64) -> Result<Loaded, PlanError> {
    let Document { sections, mut findings, now } = document;
    let Some(sections) = sections else {
        return Err(findings.into_error());
    };
    let written = check(&sections, now, &mut findings);
    let (Some(network), Some(written), false) = (&sections.network, written, findings.has_problems()) else {
        return Err(findings.into_error());
    };
    let plan = build(network, &sections, &written, version);
    let (warnings, warnings_left_out) = findings.into_warnings();
    Ok(Loaded { plan, network_name: network.name.clone(), warnings, warnings_left_out })
}

fn check<'d>(sections: &'d Sections, now: Option<Timestamp>, findings: &mut Findings) -> Option<Written<'d>> {
    let well_formed = !findings.has_problems();
    let known = Known::of(sections, findings);
    references::check(sections, &known, findings);
    regions::check(sections, &known, findings);
    let written = queues::write_out(sections, findings);
    if well_formed {
        if let Some(written) = &written {
            queues::check_defaults(sections, &known, written, findings);
        }
        coverage::check(sections, &known, findings);
        oversights::check(sections, findings);
        texts::check(sections, findings);
        peers::check(sections, now, findings);
        credentials::check(sections, now, findings);
    }
    written
}

fn build(network: &Network, sections: &Sections, written: &Written<'_>, version: u64) -> Plan {
    let codes = sections.regions.iter().flat_map(|region| {
        let id: RegionId = id_of(&region.id);
        let codes = region.area_codes.iter();
        codes.map(move |code| (*code.get_ref(), id.clone()))
    });
    Plan {
        version,
        network: NetworkId::from(network.id.get_ref().as_str()),
        timing: sections.clocks.timing.clone(),
        lines: collect(&sections.lines, |it| (LineId::from(it.id.get_ref().as_str()), line(it))),
        regions: collect(&sections.regions, |it| {
            let parent = it.parent.as_ref().map(id_of);
            (id_of(&it.id), plan::Region { parent })
        }),
        area_codes: codes.collect(),
        needs: collect(&sections.needs, |it| (id_of(&it.id), need(it))),
        queues: queues_of(sections, written),
        default_region: id_of(&network.default_region),
        default_need: id_of(&network.default_need),
        default_language: id_of(&network.default_language),
        centers: sections.centers.iter().map(|it| id_of(&it.id)).collect(),
        members: sections.members().map(|it| (id_of(&it.id), member(it))).collect(),
        texts: Some(texts_of(&sections.texts)),
        handoffs: Some(sections.handoffs.clone()),
        names: Some(names_of(sections)),
        hours: sections.centers.iter().filter_map(|it| Some((id_of(&it.id), it.hours.clone()?))).collect(),
    }
}

fn id_of<Id: for<'t> From<&'t str>>(text: &Text) -> Id {
    Id::from(text.get_ref().as_str())
}

fn collect<T, K: Ord, V>(entries: &[T], of: impl Fn(&T) -> (K, V)) -> BTreeMap<K, V> {
    entries.iter().map(of).collect()
}

fn line(line: &Line) -> plan::Line {
    let menu = line.menu.iter();
    plan::Line {
        account: id_of::<AccountId>(&line.account),
        number: line.number.get_ref().clone(),
        need: line.need.as_ref().map(id_of),
        language: line.language.as_ref().map(id_of),
        menu: menu.map(|(digit, need)| (*digit, id_of(need))).collect(),
    }
}

fn need(need: &Need) -> plan::Need {
    plan::Need {
        skills: need.skills.iter().map(id_of::<SkillId>).collect(),
        language: need.language.as_ref().map(id_of::<Language>),
        priority: need.priority,
        regions: need.regions.iter().map(id_of).collect(),
        channels: need.channels.iter().map(|it| *it.get_ref()).collect(),
    }
}

fn member(member: &Member) -> plan::Member {
    let types = member.types.as_ref();
    let credentials = member.credentials.iter();
    plan::Member {
        center: id_of(&member.center),
        skills: member.skills.iter().map(id_of).collect(),
        languages: member.languages.iter().map(id_of).collect(),
        capacity: member.capacity.clone(),
        peer: types.map(|types| plan::Peer { types: types.iter().map(id_of::<PeerType>).collect() }),
        credentials: credentials.map(|it| (it.name.get_ref().clone(), it.good_until)).collect(),
    }
}

fn texts_of(texts: &Texts) -> plan::Texts {
    let worded = |worded: &Worded| {
        worded.words.iter().map(|(language, words)| (Language::from(language.as_str()), words.clone())).collect()
    };
    let questions = texts.questions.iter().map(|question| plan::Question {
        words: worded(&question.worded),
        choices: question.choices.iter().map(|(digit, need)| (*digit, id_of(need))).collect(),
    });
    plan::Texts {
        reply: texts.reply.as_ref().map(worded).unwrap_or_default(),
        questions: questions.collect(),
        keywords: texts.keywords.iter().map(|(word, need)| (word.clone(), id_of(need))).collect(),
        survey_ms: texts.survey_ms,
        first_reply_ms: texts.first_reply_ms,
        idle_ms: texts.idle_ms,
        reopens: texts.reopens,
        reopen_ms: texts.reopen_ms,
    }
}

fn queues_of(sections: &Sections, written: &Written<'_>) -> BTreeMap<QueueKey, plan::Queue> {
    let of = |((region, need, channel), queue): (&Key<'_>, &&Queue)| {
        let key = QueueKey { region: RegionId::from(*region), need: NeedId::from(*need), channel: *channel };
        let rings = queue.rings.iter().map(|ring| Ring {
            centers: ring.centers.iter().map(id_of::<CenterId>).collect(),
            after_ms: ring.after_ms,
            below_answered_percent: ring.below_answered_percent,
        });
        let queue = plan::Queue {
            rings: rings.collect(),
            offer_ms: queue.offer_ms.unwrap_or(sections.clocks.offer_ms),
            wrap_up_ms: queue.wrap_up_ms.unwrap_or(sections.clocks.wrap_up_ms),
        };
        (key, queue)
    };
    written.iter().map(of).collect()
}
