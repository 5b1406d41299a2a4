//! What a scenario file may say, and what it is told where it is wrong.

use super::{Kind, Scenario, times};
use crate::prng::Prng;
use std::path::Path;

const SMALL: &str = r#"
name = "small"
about = "as little as can be"
[desks]
count = 4
[[phases]]
name = "quiet"
role = "quiet"
seconds = 10
rate_per_s = 1
[[phases]]
name = "load"
role = "load"
seconds = 30
rate_per_s = 10
[what_it_shows]
lost = 0
ack_p99_times_quiet = 2
"#;

fn with(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    Scenario::parse(&SMALL.replace(from, to), "small.toml").unwrap_err().to_string()
}

#[test]
fn every_scenario_that_ships_can_be_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "toml") {
            let scenario = Scenario::read(&path).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(path.file_stem().unwrap().to_string_lossy(), scenario.name);
            scenario.plan(&folder).unwrap();
            names.push(scenario.name);
        }
    }
    for name in [
        "state",
        "quiet_night",
        "national_peak",
        "surge_x10",
        "reconnect",
        "retry_storm",
        "flood",
        "soak",
        "ceiling",
        "overload",
        "national_surge_x100",
        "trace",
    ] {
        assert!(names.iter().any(|it| it == name), "{name} is missing");
    }
}

#[test]
fn a_mistake_is_told_with_its_field_and_the_reason() {
    assert_eq!(with("count = 4", "count = 0"), "desks.count: is 0; use 1 to 10000");
    assert_eq!(with("seconds = 30", "seconds = 0"), "phases[1].seconds: is 0; use 1 to 360000");
    assert_eq!(with("rate_per_s = 10", "rate_per_s = -1"), "phases[1].rate_per_s: is -1; use 0 to 50000");
    assert_eq!(with("name = \"small\"", "name = \"a b\""), "name: use 1 to 40 of a-z, 0-9 and _");
    let knee = with("lost = 0", "goodput_of_knee = 0.95");
    assert_eq!(knee, "what_it_shows.goodput_of_knee: no knee is looked for: write a [ceiling]");
    let board = with("lost = 0", "board_p99_ms = 1000");
    assert_eq!(board, "what_it_shows.board_p99_ms: nobody watches: boards.viewers is 0");
    let silent = with("rate_per_s = 10", "rate_per_s = 10\nsilent = true");
    assert_eq!(silent, "phases[1].silent: what is held is never posted: no phase after it has a backlog");
    let unknown = with("count = 4", "count = 4\ncounts = 5");
    assert!(
        unknown.starts_with("small.toml: ") && unknown.contains("counts") && unknown.contains("line 6"),
        "{unknown}"
    );
    let role = with("role = \"load\"", "role = \"storm\"");
    assert!(role.contains("storm") && role.contains("onset"), "{role}");
}

#[test]
fn a_seed_gives_one_plan_and_the_load_can_be_shortened() {
    let mut scenario = Scenario::parse(SMALL, "small.toml").unwrap();
    let plan = |it: &Scenario| it.plan(Path::new(".")).unwrap();
    let whole = plan(&scenario);
    assert_eq!(whole, plan(&scenario));
    assert!((200..420).contains(&whole.len()), "{}", whole.len());
    assert!(whole.is_sorted_by_key(|due| due.at));
    let calls = whole.iter().filter(|due| due.kind == Kind::Call).count();
    assert!(calls * 10 > whole.len() * 6 && calls * 10 < whole.len() * 8, "{calls} of {}", whole.len());
    scenario.fit(0.1);
    assert_eq!(scenario.phases.iter().map(|it| it.seconds).collect::<Vec<_>>(), [10.0, 6.0]);
    scenario.seed = 1;
    assert_ne!(plan(&scenario).first(), whole.first());
}

#[test]
fn a_rate_that_moves_brings_more_at_its_end() {
    let moments = times(0.0, 100.0, 100.0, &mut Prng::new(1));
    let early = moments.iter().filter(|at| at.as_secs_f64() < 50.0).count();
    assert!((4_600..5_400).contains(&moments.len()), "{}", moments.len());
    assert!((1_050..1_450).contains(&early), "{early}");
}

#[test]
fn a_trace_says_when_somebody_comes_and_its_mistakes_have_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = SMALL.replace("rate_per_s = 10", "trace = \"day.csv\"");
    let scenario = Scenario::parse(&text, "small.toml").unwrap();
    let read = |csv: &str| {
        std::fs::write(folder.path().join("day.csv"), csv).unwrap();
        scenario.plan(folder.path())
    };
    let plan = read("# offset_s,kind\n0.5,call\n29, text\n").unwrap();
    let traced: Vec<_> = plan.iter().filter(|due| due.phase == 1).map(|due| (due.at.as_secs_f64(), due.kind)).collect();
    assert_eq!(traced, [(10.5, Kind::Call), (39.0, Kind::Text)]);
    assert_eq!(read("0.5,fax").unwrap_err().to_string(), "day.csv: line 1: the kind is neither call nor text");
    assert_eq!(read("\n31").unwrap_err().to_string(), "day.csv: line 2: the offset is outside of its phase");
}
