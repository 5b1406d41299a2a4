//! "Be a counselor": whoever watches the demo's board may sit down at a desk of their own for a while.
//!
//! The visitor is a counselor of the plan with a queue to themself, in their own time: somebody simulated writes three neutral lines
//! there as soon as the visitor is available. Everything else is the real thing: offer, conversation, handing over to a simulated
//! peer, wrap-up.

use super::follow::Follow;
use axum::Router as Routes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use holdfast_chassis::settings::Secret;
use holdfast_chassis::web::{BOARD_ROLES, Web};
use holdfast_core::contact::Channel;
use holdfast_core::id::{CenterId, CounselorId, LineId, NeedId, RegionId};
use holdfast_core::plan::{Line, Member, Need, Plan, Queue, QueueKey, Ring};
use holdfast_loadtests::carrier::{Carrier, Hidden, Turn, WriterScript};
use holdfast_proto::router::v1::{Presence, Readiness};
use std::time::{Duration, Instant};

/// The visitor's name in the plan.
pub(super) const NAME: &str = "you";
/// The need and the skill that nobody else has.
const PRACTICE: &str = "practice";
/// The number that only the simulated person for the visitor writes to.
const LINE: &str = "+12065550109";
/// How long a visitor has to answer, and to write up.
const OFFER_MS: u64 = 30_000;
const WRAP_UP_MS: u64 = 120_000;
/// How often it is looked whether the visitor is there and free.
const LOOK: Duration = Duration::from_millis(500);
/// The pause before the next person writes to a visitor who is done with one.
const NEXT: Duration = Duration::from_secs(20);

/// The plan with the visitor in it.
pub(super) fn at_home(mut plan: Plan) -> Plan {
    // Nobody else's queue names this center: whoever visits is asked for nobody but the one who writes to them.
    let center = CenterId::from(PRACTICE);
    plan.centers.insert(center.clone());
    let (need, region) = (NeedId::from(PRACTICE), plan.default_region.clone());
    plan.needs.insert(need.clone(), Need { skills: [PRACTICE.into()].into(), ..Need::default() });
    let account = plan.lines.values().next().map(|line| line.account.clone());
    if let Some(account) = account {
        let line = Line { account, number: LINE.to_owned(), need: Some(need.clone()), language: None, menu: [].into() };
        plan.lines.insert(LineId::from(PRACTICE), line);
    }
    plan.queues.insert(queue(&region, &need), served_by(&center));
    let visitor = Member {
        center,
        skills: [PRACTICE.into()].into(),
        languages: [plan.default_language.clone()].into(),
        capacity: [(Channel::Text, 2)].into(),
        peer: None,
        credentials: [].into(),
    };
    plan.members.insert(CounselorId::from(NAME), visitor);
    let names = plan.names.get_or_insert_default();
    names.members.insert(CounselorId::from(NAME), "You".to_owned());
    names.needs.insert(need, "Practice".to_owned());
    names.centers.insert(CenterId::from(PRACTICE), "Your own desk".to_owned());
    plan
}

fn queue(region: &RegionId, need: &NeedId) -> QueueKey {
    QueueKey { region: region.clone(), need: need.clone(), channel: Channel::Text }
}

fn served_by(center: &CenterId) -> Queue {
    Queue {
        rings: vec![Ring { centers: [center.clone()].into(), ..Ring::default() }],
        offer_ms: OFFER_MS,
        wrap_up_ms: WRAP_UP_MS,
    }
}

#[derive(Clone)]
struct Desk {
    web: Web,
    token: Secret,
}

/// The button on the board: from there, once, to the visitor's desk.
pub(super) fn routes(web: &Web, token: Secret) -> Routes {
    Routes::new().route("/demo/be-a-counselor", post(sit_down)).with_state(Desk { web: web.clone(), token })
}

async fn sit_down(State(desk): State<Desk>, request: Parts) -> Response {
    if let Err(refused) = desk.web.speaker_for(&request, BOARD_ROLES) {
        return refused;
    }
    match desk.web.one_time(desk.token) {
        Ok(way) => Redirect::to(&way).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

/// Writes to the visitor whenever they are available and have nobody, until it is dropped.
pub(super) async fn keep_company(carrier: &Carrier, seen: &Follow, speed: f64) {
    let (mut written, mut last) = (0_u32, None::<Instant>);
    loop {
        tokio::time::sleep(LOOK).await;
        let rested = last.is_none_or(|at| at.elapsed() >= NEXT);
        if rested && is_free(seen) && carrier.start_writing(person(written, speed)).is_ok() {
            written = written.wrapping_add(1);
            last = Some(Instant::now());
        }
    }
}

fn is_free(seen: &Follow) -> bool {
    let seen = seen.look();
    seen.counselors.get(NAME).is_some_and(|it| {
        it.presence() == Presence::Connected
            && matches!(it.readiness(), Readiness::Available | Readiness::AvailableFor)
            && it.offered == 0
            && it.held == 0
            && it.wrapping_up == 0
    })
}

/// Somebody who writes three lines, each after an answer, and then stays for a peer.
fn person(number: u32, speed: f64) -> WriterScript {
    let lines = [
        "Hi, is somebody there?",
        "Thank you. It is quiet here tonight, I made some tea.",
        "That helps. I would like to talk with somebody who has been through a night like this.",
        "Yes, please.",
    ];
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few seconds, times a speed of 1,000 at most"
    )]
    let in_their_time = |ms: f64| (ms * speed) as u64;
    let turns = lines.iter().enumerate().map(|(index, words)| Turn {
        // The plan's automatic reply is the first answer, and not the visitor's.
        after_replies: match index {
            0 => 0,
            1 => 2,
            _ => 1,
        },
        waits_ms: in_their_time(600_000.0),
        lag_ms: if index == 0 { 0 } else { in_their_time(2_500.0) },
        words: Hidden::new(*words),
        media: 0,
    });
    WriterScript {
        from: Hidden::new(format!("+1206{:07}", 9_000_000 + number % 900_000)),
        to: LINE.to_owned(),
        class: format!("{PRACTICE}/us"),
        from_state: "WA".to_owned(),
        turns: turns.collect(),
    }
}
