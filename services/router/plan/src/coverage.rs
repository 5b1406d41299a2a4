//! Whether somebody in the rings of each queue could ever take a contact from it.
//!
//! Deliberately absent: peers, whom no queue asks; whether somebody is there now, and how many it takes: that is for operators and
//! simulation.

use crate::document::{Member, Need, Queue, Sections};
use crate::entries::channel_name;
use crate::findings::Findings;
use crate::read::Text;
use crate::references::Known;
use holdfast_core::contact::Channel;
use std::collections::BTreeMap;

/// What a counselor must bring: the need's skills, a language and a channel.
type Wanted<'d> = (&'d str, &'d str, Channel);

struct Staff<'d> {
    by_center: BTreeMap<&'d str, Vec<&'d Member>>,
    /// Whether a center has somebody for it, so that many queues over the same centers cost no more than one.
    judged: BTreeMap<(&'d str, Wanted<'d>), bool>,
}

/// Warns of every queue that nobody in its rings can serve, and refuses a default queue like that.
pub(crate) fn check(sections: &Sections, known: &Known<'_>, findings: &mut Findings) {
    let Some(network) = &sections.network else {
        return;
    };
    let mut staff = Staff::of(sections);
    for queue in &sections.queues {
        let serves_default_region =
            queue.regions.iter().any(|region| region.get_ref() == network.default_region.get_ref());
        for need_text in &queue.needs {
            let Some(need) = known.needs.get(need_text.get_ref().as_str()) else {
                continue;
            };
            let language = need.language.as_ref().unwrap_or(&network.default_language);
            let is_default = serves_default_region && need_text.get_ref() == network.default_need.get_ref();
            for channel in &queue.channels {
                let channel = *channel.get_ref();
                if staff.can_serve(queue, need, language.get_ref(), channel) {
                    continue;
                }
                let message = lack(need, language, channel, is_default);
                let (at, field) = (need_text.span().start, format!("{}.needs", queue.path));
                let remedy = "add a center that has somebody to its rings, or train somebody there";
                if is_default {
                    findings.refuse(at, field, message, remedy);
                } else {
                    findings.warn(at, field, message, remedy);
                }
            }
        }
    }
}

fn lack(need: &Need, language: &Text, channel: Channel, is_default: bool) -> String {
    let skills: Vec<&str> = need.skills.iter().map(|skill| skill.get_ref().as_str()).collect();
    let trained = if skills.is_empty() { String::new() } else { format!("is trained for {}, ", skills.join(" and ")) };
    format!(
        "nobody in its rings {trained}speaks {} and takes {}{}",
        language.get_ref(),
        channel_name(channel),
        if is_default { ", and it is the default queue" } else { "" }
    )
}

impl<'d> Staff<'d> {
    fn of(sections: &'d Sections) -> Self {
        let mut by_center: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
        for counselor in &sections.counselors {
            let center = counselor.center.get_ref().as_str();
            by_center.entry(center).or_default().push(counselor);
        }
        Self { by_center, judged: BTreeMap::new() }
    }

    fn can_serve(&mut self, queue: &'d Queue, need: &'d Need, language: &'d str, channel: Channel) -> bool {
        queue.centers().any(|center| {
            let center = center.get_ref().as_str();
            let wanted = (need.id.get_ref().as_str(), language, channel);
            let there = self.by_center.get(center);
            *self.judged.entry((center, wanted)).or_insert_with(|| {
                there.is_some_and(|there| there.iter().any(|one| fits(one, need, language, channel)))
            })
        })
    }
}

fn fits(counselor: &Member, need: &Need, language: &str, channel: Channel) -> bool {
    let has = |texts: &[Text], wanted: &str| texts.iter().any(|text| text.get_ref() == wanted);
    counselor.capacity.contains_key(&channel)
        && has(&counselor.languages, language)
        && need.skills.iter().all(|skill| has(&counselor.skills, skill.get_ref()))
}
