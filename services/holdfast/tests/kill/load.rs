//! A busy night on a bad line, and the process is killed at random moments. In the end the auditor speaks.

use crate::explained;
use crate::house::House;
use crate::process::{Serving, verb};
use crate::{TURN, wait_until};
use holdfast_loadtests::Prng;
use holdfast_loadtests::arrivals::Spread;
use holdfast_loadtests::auditor::{AuditSettings, Report, audit};
use holdfast_loadtests::callers::{Mix, Profile, place_calls, plan};
use holdfast_loadtests::carrier::{Carrier, Dial, DialOutcome, DialScript, Faults};
use holdfast_loadtests::desks::{Counselors, CounselorsSettings, Habits};
use std::time::Duration;

/// Young people's line needs a skill; half of the counselors have it.
const PLAN: &str = r#"
[network]
id = "kill"
name = "Kill"
default_region = "us"
default_need = "general"
default_language = "en"
[timing]
offer_s = 4
rest_s = 1
ring_s = 3
join_s = 5
wrap_up_s = 10
desk_grace_s = 5
ageing_s_per_priority = 3
[[lines]]
id = "main"
account = "twilio-main"
number = "+12065550100"
need = "general"
[[lines]]
id = "youth-line"
account = "twilio-main"
number = "+12065550101"
need = "youth"
[[regions]]
id = "us"
[[needs]]
id = "general"
[[needs]]
id = "youth"
skills = ["youth"]
[[queues]]
regions = ["us"]
needs = ["general", "youth"]
channels = ["voice"]
rings = [["house"]]
[[centers]]
id = "house"
"#;

const COUNSELORS: usize = 16;
const SEED_DEFAULT: u64 = 20_240_988;
/// Humans are this much faster than real.
const SPEED: f64 = 20.0;
const KILLS_DEFAULT: usize = 6;
const CALLS_MOST: usize = 50_000;
/// The longest a kill and what follows it takes, for the length of the callers' plan.
const KILL_MOST: Duration = Duration::from_secs(5);
/// How long people on the line are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(60);
/// Between ready and the next kill, in milliseconds.
const KILL_AFTER_MS: (u64, u64) = (200, 1_500);
/// What a start adds to the deadlines of open offers, besides the time that nobody led.
const MOVED_MS: u64 = 5_000;
/// One kill in so many comes while the process is still starting.
const KILL_STARTING_EVERY: u64 = 8;

/// Counselors as people are: they decline, are away from the desk for a moment, take breaks.
const HABITS: Habits = Habits {
    answer_ms: (1_000, 6_000),
    decline_percent: 4,
    miss_percent: 2,
    talk_ms: (20_000, 120_000),
    wrap_up_ms: (5_000, 20_000),
    break_percent: 3,
    break_ms: 30_000,
};

fn members() -> Vec<(String, &'static str)> {
    let skills = |number: usize| if number.is_multiple_of(2) { "\"youth\"" } else { "" };
    (0..COUNSELORS).map(|number| (format!("counselor-{number:02}"), skills(number))).collect()
}

/// A carrier as carriers are on a bad day, dials that come to pass after their connection was cut included.
fn faults() -> Faults {
    Faults {
        callback_duplicated: 0.05,
        callback_reordered: 0.05,
        callback_late: 0.02,
        hook_answer_lost: 0.02,
        rest_effect_then_500: 0.02,
        rest_effect_then_cut: 0.02,
        rest_effect_late: 0.02,
        rest_refused: 0.02,
        rest_slow: 0.02,
        late_ms: 700,
        slow_ms: 300,
        ..Faults::default()
    }
}

/// Counselors' phones: mostly answered, sometimes busy or not heard.
fn dial(dial: &Dial) -> Option<DialScript> {
    let outcome = match dial.earlier_dials % 40 {
        17 => DialOutcome::Busy { after_ms: 900 },
        31 => DialOutcome::NoAnswer,
        _ => DialOutcome::Answers { after_ms: 1_500, stays_ms: None },
    };
    Some(DialScript { alerts_after_ms: 300, outcome })
}

fn profile() -> Profile {
    let mix = |line: &str, class: &str| Mix {
        line: line.to_owned(),
        area_code: "212".to_owned(),
        state: "NY".to_owned(),
        presses: None,
        class: class.to_owned(),
    };
    Profile {
        rate_per_s: 7.0,
        mix: vec![(mix("+12065550100", "general"), 3), (mix("+12065550101", "youth"), 1)],
        patience: Spread::Exponential { mean_ms: 180_000.0, most_ms: 900_000 },
        talk: Spread::Exponential { mean_ms: 60_000.0, most_ms: 300_000 },
        press_after: Spread::Fixed(1_000),
        leaves_while_connecting: (0.05, Spread::Even { low_ms: 500, high_ms: 4_000 }),
    }
}

/// Margins. Whoever is lost, or held twice, has none of them.
fn audit_settings(house: &House, kills: &Kills) -> AuditSettings {
    let mut settings = AuditSettings::new(house.addresses());
    // With each start the deadlines of open offers move by the time that nobody led and 5 s; desks show them as they were.
    let starts = u64::try_from(kills.at_work + kills.starting).unwrap();
    // A counselor whose phone may still be rung by a dial in doubt is not asked before the carrier has answered for it.
    settings.stuck_ms = settings.stuck_ms.max(5_000);
    settings.accept_grace_ms += starts * (MOVED_MS + kills.ready_ms.last().unwrap());
    settings.eligible = Box::new(|counselor, person| {
        let number = counselor.rsplit('-').next().and_then(|it| it.parse::<usize>().ok());
        person.class == "general" || number.is_some_and(|it| it.is_multiple_of(2))
    });
    settings
}

/// How it went.
#[derive(Default)]
struct Kills {
    at_work: usize,
    starting: usize,
    ready_ms: Vec<u64>,
}

/// Kills at random moments, and starts again each time.
async fn kill_again_and_again(house: &House, mut serving: Serving, kills: usize, seed: u64) -> (Serving, Kills) {
    let mut moments = Prng::new(seed);
    let mut done = Kills::default();
    let (low_ms, high_ms) = KILL_AFTER_MS;
    for number in 1..=kills {
        tokio::time::sleep(Duration::from_millis(moments.between(low_ms, high_ms))).await;
        serving.kill();
        done.at_work += 1;
        serving = Serving::spawn(house);
        if moments.between(1, KILL_STARTING_EVERY) == 1 {
            tokio::time::sleep(Duration::from_millis(moments.between(1, 150))).await;
            serving.kill();
            done.starting += 1;
            serving = Serving::spawn(house);
        }
        let took = serving.ready().await;
        done.ready_ms.push(u64::try_from(took.as_millis()).unwrap());
        if number.is_multiple_of(20) {
            eprintln!("{number} kills");
        }
    }
    done.ready_ms.sort_unstable();
    (serving, done)
}

fn tell(report: &Report, kills: &Kills) {
    let (median, most) = (kills.ready_ms[kills.ready_ms.len() / 2], kills.ready_ms.last().unwrap());
    eprintln!(
        "{} kills at work, {} while starting; ready after {median} ms (median), {most} ms (most)",
        kills.at_work, kills.starting
    );
    eprintln!("{}", serde_json::to_string_pretty(report).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_under_load() {
    let _turn = TURN.lock().await;
    let kills = std::env::var("HOLDFAST_KILLS").map_or(KILLS_DEFAULT, |it| it.parse().unwrap());
    let seed = std::env::var("HOLDFAST_SEED").map_or(SEED_DEFAULT, |it| it.parse().unwrap());
    let mut house = House::build(&members());
    let mut settings = house.carrier_settings();
    (settings.seed, settings.speed, settings.faults) = (seed, SPEED, faults());
    let carrier = Carrier::start(settings).await.unwrap();
    carrier.on_dial(dial);
    house.furnish(PLAN, &members(), &carrier.rest_base_url());
    assert!(verb(&["init", "--config", house.config_file().to_str().unwrap()]));
    let mut serving = Serving::spawn(&house);
    serving.ready().await;
    let counselors = Counselors::start(CounselorsSettings {
        desk_uri: house.grpc_url(),
        counselors: house.scripts(|_| true),
        habits: HABITS,
        seed,
        speed: SPEED,
        clock: house.clock,
    });
    wait_until("all are signed in", KILL_MOST, async || counselors.signed_in() == COUNSELORS).await;
    let calls = plan(&profile(), seed, KILL_MOST * u32::try_from(kills + 1).unwrap(), CALLS_MOST);
    let placing = async {
        let placed = place_calls(&carrier, calls).await.unwrap();
        panic!("the callers' plan was too short: {placed:?}");
    };
    let (serving, done) = tokio::select! {
        killed = kill_again_and_again(&house, serving, kills, seed) => killed,
        never = placing => never,
    };
    counselors.finish_quickly();
    wait_until("everybody has been heard", FAREWELL, async || carrier.live_persons() == 0).await;
    wait_until("all have written up", FAREWELL, async || counselors.busy() == 0).await;
    counselors.stop().await;
    let ended_well = serving.end().await;
    assert!(counselors.ledgers_are_whole());
    let ledger = carrier.stop().await.unwrap();
    let desks = counselors.ledgers();
    let report = audit(&ledger, &desks, &audit_settings(&house, &done));
    tell(&report, &done);
    let verified = verb(&["journal", "verify", house.journal_dir().to_str().unwrap()]);
    let standing = explained::that_stand(&report.laws_broken, &ledger, &desks);
    if report.lost + report.doubles + standing.len() > 0 || !verified {
        house.keep();
    }
    assert_eq!((report.lost, report.doubles), (0, 0), "somebody was lost or held twice");
    assert_eq!((standing, report.findings_left_out), (Vec::new(), 0));
    assert!(report.connected > 0 && done.at_work == kills, "nothing was tested");
    assert!(ended_well, "holdfast serve did not end well");
    assert!(verified, "the journal is damaged");
}
