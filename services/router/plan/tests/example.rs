//! The plan that ships in deploy/config is one that works: it loads without a word, and routes as its comments say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use holdfast_core::contact::Channel;
use holdfast_core::id::{CounselorId, Language, LineId, NeedId, PeerType, RegionId};
use holdfast_core::plan::{Handoffs, Member, Plan, QueueKey, Texts};
use holdfast_plan::{CLOCKS, HANDOFF_CLOCKS, Loaded, TEXT_CLOCKS, compile, load, parse, read, same};
use std::collections::BTreeSet;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../deploy/config/plan.toml");

fn example() -> Loaded {
    match load(PATH) {
        Ok(loaded) => loaded,
        Err(refused) => panic!("{refused}"),
    }
}

fn key(region: &str, need: &str, channel: Channel) -> QueueKey {
    QueueKey { region: RegionId::from(region), need: NeedId::from(need), channel }
}

fn queue_for(plan: &Plan, region: &str, need: &str) -> QueueKey {
    plan.queue_for(&RegionId::from(region), &NeedId::from(need), Channel::Voice).unwrap()
}

#[test]
fn the_example_loads_without_errors_or_warnings() {
    let loaded = example();
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(loaded.warnings_left_out, 0);
    assert_eq!(loaded.plan.lines.len(), 2);
    assert_eq!(loaded.plan.centers.len(), 4);
    let is_peer = |member: &&Member| member.peer.is_some();
    assert_eq!(loaded.plan.members.len(), 16 + 5);
    assert_eq!(loaded.plan.members.values().filter(is_peer).count(), 5);
    assert_eq!(loaded.plan.queues.len(), (1 + 2 + 2 + 2 + 2) * 2 * 2 + 3 * 2);
    assert_eq!(loaded.network_name, "Demo line");
    let names = loaded.plan.names.unwrap();
    assert_eq!((names.members.len(), names.centers.len(), names.needs.len()), (21, 4, 5));
    assert_eq!(names.members[&CounselorId::from("rosa")], "Rosa");
    assert_eq!(names.regions[&RegionId::from("king-county")], "King County");
}

#[test]
fn regions_needs_and_defaults_lead_where_the_comments_say() {
    let plan = example().plan;
    let region = |code: u16| plan.area_codes.get(&code).map(RegionId::as_str);
    assert_eq!(region(206), Some("king-county"));
    assert_eq!(region(212), Some("new-york"));
    assert_eq!(region(720), Some("colorado"));
    assert_eq!(region(907), None);
    // A county without a queue for veterans: the nation's.
    assert_eq!(queue_for(&plan, "king-county", "veteran"), key("us", "veteran", Channel::Voice));
    assert_eq!(queue_for(&plan, "king-county", "general"), key("king-county", "general", Channel::Voice));
    // Nowhere and nothing known: the default queue, of each channel that is served.
    for channel in [Channel::Voice, Channel::Text] {
        assert_eq!(
            plan.queue_for(&RegionId::from("moon"), &NeedId::from("unheard-of"), channel),
            Some(key("us", "general", channel))
        );
    }
    let veterans = &plan.queues[&key("us", "veteran", Channel::Voice)];
    assert_eq!((veterans.offer_ms, veterans.wrap_up_ms), (25_000, 180_000));
    let general = &plan.queues[&key("us", "general", Channel::Voice)];
    assert_eq!((general.offer_ms, general.wrap_up_ms), (20_000, 120_000));
    let luis = CounselorId::from("luis");
    let (es, en) = (Language::from("es"), Language::from("en"));
    assert_eq!(plan.admits(&luis, &key("texas", "spanish", Channel::Voice), &es), Ok(0));
    assert!(plan.admits(&luis, &key("us", "veteran", Channel::Voice), &en).is_err());
}

#[test]
fn every_queue_of_the_example_has_somebody() {
    let plan = example().plan;
    for key in plan.queues.keys() {
        let language = plan.needs[&key.need].language.clone().unwrap_or_else(|| plan.default_language.clone());
        let someone = plan.members.keys().any(|member| plan.admits(member, key, &language).is_ok());
        assert!(someone, "{key:?}");
    }
}

#[test]
fn every_type_and_language_of_the_peers_can_be_had() {
    let plan = example().plan;
    let peers = || plan.members.values().filter_map(|member| Some((member, member.peer.as_ref()?)));
    for kind in ["mental-health", "substance-use", "family"] {
        assert!(peers().any(|(_, peer)| peer.types.contains(&PeerType::from(kind))), "{kind}");
    }
    assert!(peers().any(|(member, _)| member.languages.contains(&Language::from("es"))));
    let centers: BTreeSet<_> = peers().map(|(member, _)| &member.center).collect();
    assert_eq!(centers.len(), 4);
    // No queue asks a peer.
    for (id, member) in &plan.members {
        let asked = plan.queues.keys().any(|key| plan.admits(id, key, &Language::from("en")).is_ok());
        assert_eq!(asked, member.peer.is_none(), "{id}");
    }
}

#[test]
fn what_the_example_says_in_writing_is_there_in_both_languages() {
    let plan = example().plan;
    let texts = plan.texts();
    assert_eq!(texts.questions.len(), 2);
    let words = texts.questions.iter().map(|question| &question.words);
    for words in words.chain([&texts.reply]) {
        assert_eq!(words.keys().map(Language::as_str).collect::<Vec<_>>(), ["en", "es"]);
    }
    assert_eq!(texts.keywords["AYUDA"], NeedId::from("spanish"));
    // A digit means the same by phone and in writing.
    let menu = &plan.lines[&LineId::from("main")].menu;
    let choices = &texts.questions[0].choices;
    assert!(menu.iter().all(|(digit, need)| choices.get(digit) == Some(need)));
    assert_eq!(
        *texts,
        Texts {
            reply: texts.reply.clone(),
            questions: texts.questions.clone(),
            keywords: texts.keywords.clone(),
            ..Texts::default()
        }
    );
    assert_eq!(*plan.handoffs(), Handoffs::default());
}

/// The section that opens with this line, up to the next that begins with a rule.
fn section<'t>(text: &'t str, opens: &str) -> &'t str {
    let from = text.find(opens).unwrap();
    let rest = &text[from..];
    &rest[..rest.find("\n# ----").unwrap()]
}

#[test]
fn the_clocks_written_in_the_example_are_the_defaults() {
    let text = std::fs::read_to_string(PATH).unwrap();
    for (opens, clocks) in [("[timing]", CLOCKS), ("[texts]", TEXT_CLOCKS), ("[handoff]", HANDOFF_CLOCKS)] {
        let section = section(&text, opens);
        for clock in clocks {
            let line = format!("\n{} = {} ", clock.key, clock.default);
            assert!(section.contains(&line), "{opens} {line}");
        }
    }
    // Without [timing] and [handoff] nothing changes.
    for opens in ["[timing]", "[handoff]"] {
        let without = text.replace(section(&text, opens), "");
        assert!(same(&parse(&without, "plan.toml").unwrap().plan, &example().plan), "{opens}");
    }
}

#[test]
fn the_version_is_the_callers_and_makes_no_difference_to_what_is_said() {
    let text = std::fs::read_to_string(PATH).unwrap();
    let seventh = compile(read(&text, "plan.toml"), 7).unwrap().plan;
    assert_eq!(seventh.version, 7);
    let loaded = example();
    assert_eq!(loaded.plan.version, 0);
    assert!(same(&seventh, &loaded.plan));
    assert_eq!(loaded.into_plan(7), seventh);
    let mut other = seventh.clone();
    other.timing.menu_ms += 1;
    assert!(!same(&other, &seventh));
}
