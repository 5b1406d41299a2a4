//! The plan that ships in deploy/config is one that works: it loads without a word, and routes as its comments say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use holdfast_core::contact::Channel;
use holdfast_core::id::{CounselorId, Language, NeedId, RegionId};
use holdfast_core::plan::{Plan, QueueKey};
use holdfast_plan::{CLOCKS, Loaded, compile, load, parse, read, same};

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
    assert_eq!(loaded.plan.members.len(), 16);
    assert_eq!(loaded.plan.queues.len(), (1 + 2 + 2 + 2 + 2) * 2 * 2 + 3 * 2);
    assert_eq!(loaded.names.network, "Demo line");
    assert_eq!(loaded.names.counselors.len(), 16);
    assert_eq!(loaded.names.regions.get(&RegionId::from("king-county")).unwrap(), "King County");
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
fn the_clocks_written_in_the_example_are_the_defaults() {
    let text = std::fs::read_to_string(PATH).unwrap();
    for clock in CLOCKS {
        let line = format!("\n{} = {} ", clock.key, clock.default);
        assert!(text.contains(&line), "{line}");
    }
    // Without [timing] nothing changes.
    let from = text.find("[timing]").unwrap();
    let to = text.find("# ---- Lines").unwrap();
    let without = format!("{}{}", &text[..from], &text[to..]);
    assert!(same(&parse(&without, "plan.toml").unwrap().plan, &example().plan));
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
