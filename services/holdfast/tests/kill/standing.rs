//! Fifty wait, twenty talk, two look at an offer: the process is killed, and everything stands where it stood.

use crate::house::House;
use crate::picture::{Picture, counts, desks_there, picture, whereabouts};
use crate::process::{Serving, verb};
use crate::quiet::{PLAN, QuietDesk};
use crate::{TURN, wait_until};
use holdfast_desk::client::DeskCommand;
use holdfast_loadtests::carrier::{CallSid, Carrier, CarrierLedger, EndedBy, Happened, PersonScript};
use holdfast_loadtests::desks::{Counselors, CounselorsSettings, Habits};
use holdfast_proto::router::v1::ContactState;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const TALKING: usize = 20;
const QUIET: usize = 2;
const WAITING: usize = 50;
/// How often it is killed: what was recovered once must be recoverable again.
const KILLS: usize = 3;
/// What the issue demands, from the start of the process to the first 200 of `/readyz`.
const READY_MOST: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(30);
const HOUR_MS: u64 = 3_600_000;

/// Everybody answers at once, talks until the person hangs up, and writes up in a moment.
const HABITS: Habits = Habits {
    answer_ms: (20, 100),
    decline_percent: 0,
    miss_percent: 0,
    talk_ms: (HOUR_MS, HOUR_MS),
    wrap_up_ms: (50, 100),
    break_percent: 0,
    break_ms: 0,
};

struct Scene {
    house: House,
    carrier: Carrier,
    quiet: Vec<QuietDesk>,
    counselors: Counselors,
}

fn members() -> Vec<(String, &'static str)> {
    let talking = (1..=TALKING).map(|number| (format!("talks-{number:02}"), ""));
    talking.chain((1..=QUIET).map(|number| (format!("quiet-{number:02}"), ""))).collect()
}

fn place(carrier: &Carrier, number: usize) {
    let mut script = PersonScript::new(format!("+1212555{number:04}"), "+12065550100");
    script.class = "general/us".to_owned();
    (script.patience_ms, script.talk_ms) = (HOUR_MS, HOUR_MS);
    carrier.place_call(script).unwrap();
}

/// Twenty talk; then two offers are out; then fifty wait.
async fn set(serving: &mut Serving, house: House, carrier: Carrier) -> Scene {
    serving.ready().await;
    let counselors = Counselors::start(CounselorsSettings {
        desk_uri: house.grpc_url(),
        counselors: house.scripts(|name| name.starts_with("talks")),
        habits: HABITS,
        seed: 1,
        speed: 1.0,
        clock: house.clock,
    });
    (0..TALKING).for_each(|number| place(&carrier, number));
    wait_until("twenty talk", LONG, async || counts(&house).await == (0, 0, TALKING)).await;
    let mut quiet = Vec::new();
    for member in house.members.iter().filter(|it| it.name.starts_with("quiet")) {
        quiet.push(QuietDesk::start(&house, member).await);
    }
    (TALKING..TALKING + QUIET).for_each(|number| place(&carrier, number));
    wait_until("two look at an offer", LONG, async || quiet.iter().all(|it| it.look().offers.len() == 1)).await;
    for number in TALKING + QUIET..TALKING + QUIET + WAITING {
        place(&carrier, number);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    wait_until("fifty wait", LONG, async || counts(&house).await == (WAITING, QUIET, TALKING)).await;
    Scene { house, carrier, quiet, counselors }
}

/// Calls by the contact ids in their rooms' names.
fn calls(ledger: &CarrierLedger) -> BTreeMap<String, CallSid> {
    let stories = ledger.stories();
    stories.iter().flat_map(|it| it.contacts().map(|contact| (contact.to_owned(), it.call.clone()))).collect()
}

/// Each conversation of the picture is one at the carrier too: the person and that counselor's phone are in the room.
fn all_in_their_rooms(scene: &Scene, seen: &Picture) {
    let ledger = scene.carrier.ledger();
    let addresses = scene.house.addresses();
    let stories: BTreeMap<_, _> = ledger.stories().into_iter().map(|it| (it.call.clone(), it)).collect();
    let calls = calls(&ledger);
    for (contact, counselor) in &seen.connected {
        let story = &stories[&calls[contact]];
        let seat = story.seats.last().unwrap();
        let there: Vec<_> = story.counselors.iter().filter(|it| it.until_ms.is_none()).collect();
        assert_eq!((seat.until_ms, story.ended), (None, None), "the person of {contact} is no longer in the room");
        assert_eq!(there.len(), 1, "{contact} has {there:?}");
        assert_eq!((&there[0].address, &there[0].room), (&addresses[counselor], &seat.room));
    }
}

/// What our side did to calls in these lines of the ledger, apart from looking.
fn interventions(ledger: &CarrierLedger, from: usize) -> Vec<&Happened> {
    let lines = ledger.entries.iter().skip(from).map(|it| &it.what);
    let touched = lines.filter(|what| {
        matches!(
            what,
            Happened::PersonLeft { .. }
                | Happened::PersonEnded { .. }
                | Happened::DialRequested { .. }
                | Happened::LegLeft { .. }
                | Happened::LegEnded { .. }
                | Happened::LegFailed { .. }
                | Happened::RoomEnded { .. }
                | Happened::Held { .. }
                | Happened::DivertedToLandline { .. }
                | Happened::DivertedByDocument { .. }
        )
    });
    touched.collect()
}

fn looks(ledger: &CarrierLedger, from: usize) -> usize {
    let lines = ledger.entries.iter().skip(from);
    lines.filter(|it| matches!(&it.what, Happened::RestAnswered { method, .. } if method == "GET")).count()
}

/// Kills, starts again and compares.
async fn kill_and_compare(scene: &Scene, serving: Serving, before: &Picture) -> Serving {
    let open = |scene: &Scene| scene.quiet.iter().map(|it| it.look().offers).collect::<Vec<_>>();
    let ever: Vec<_> = scene.quiet.iter().map(|it| it.look().ever).collect();
    let (offers, sessions) = (open(scene), scene.quiet.iter().map(|it| it.look().sessions).collect::<Vec<_>>());
    let calls_before: BTreeSet<_> = scene.carrier.live_calls().into_iter().collect();
    let lines = scene.carrier.ledger().entries.len();
    serving.kill();
    let mut serving = Serving::spawn(&scene.house);
    let took = serving.ready().await;
    eprintln!("ready {} ms after its start", took.as_millis());
    assert!(took < READY_MOST, "ready only after {} ms", took.as_millis());
    // The desks are outside and come back by themselves; then reconciliation has looked, and found nothing to do.
    wait_until("all desks are back", LONG, async || desks_there(&scene.house).await == TALKING + QUIET).await;
    wait_until("the quiet desks are back", LONG, async || {
        let screens = scene.quiet.iter().map(QuietDesk::look);
        screens.zip(&sessions).all(|(it, before)| it.sessions > *before)
    })
    .await;
    let lines_back = scene.carrier.ledger().entries.len();
    wait_until("reconciliation looked", LONG, async || looks(&scene.carrier.ledger(), lines_back) >= 4).await;
    let after = picture(&scene.house).await;
    assert_eq!(before.waiting, after.waiting, "other people wait, or in another order");
    assert_eq!(before, &after);
    assert_eq!(offers, open(scene), "the desks show other offers");
    let held_out = |name: &str| {
        let theirs = after.offered.iter().filter(|(_, (counselor, _))| counselor == name);
        theirs.map(|(contact, (_, attempt))| format!("{contact}-{attempt}")).collect::<BTreeSet<_>>()
    };
    let held_out: Vec<_> = scene.quiet.iter().map(|it| held_out(&it.name)).collect();
    assert_eq!(offers, held_out, "open offers have other ids");
    assert_eq!(ever, scene.quiet.iter().map(|it| it.look().ever).collect::<Vec<_>>(), "something was offered anew");
    all_in_their_rooms(scene, &after);
    assert_eq!(interventions(&scene.carrier.ledger(), lines), Vec::<&Happened>::new());
    assert_eq!(calls_before, scene.carrier.live_calls().into_iter().collect());
    serving
}

/// An offer from before the kills is taken, and its two talk.
async fn take_an_old_offer(scene: &Scene) {
    let (desk, offer) = (&scene.quiet[0], scene.quiet[0].look().offers.first().cloned().unwrap());
    let contact = offer.split('-').next().unwrap().to_owned();
    let answer = desk.ask(DeskCommand::AcceptOffer(offer)).await;
    assert!(answer.is_done(), "{answer:?}");
    let talks = Some((ContactState::Connected, desk.name.clone()));
    wait_until("the old offer's two talk", LONG, async || whereabouts(&scene.house, &contact).await == talks).await;
}

/// Somebody hangs up, and their counselor gets whoever is first.
async fn free_one(scene: &Scene, before: &Picture) {
    let (contact, counselor) = before.connected.iter().find(|(_, it)| it.starts_with("talks")).unwrap();
    let first = &before.waiting[0];
    assert!(scene.carrier.hang_up(&calls(&scene.carrier.ledger())[contact]));
    let talks = Some((ContactState::Connected, counselor.clone()));
    wait_until("the first in order talks", LONG, async || whereabouts(&scene.house, first).await == talks).await;
    let after = picture(&scene.house).await;
    assert_eq!(after.waiting, before.waiting[1..], "somebody else moved");
    all_in_their_rooms(scene, &after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_wait_twenty_talk_and_the_process_is_killed() {
    let _turn = TURN.lock().await;
    let house = House::build(&members());
    let carrier = Carrier::start(house.carrier_settings()).await.unwrap();
    carrier.set_hooks_base(house.hooks_base());
    house.furnish(PLAN, &members(), &carrier.rest_base_url());
    assert!(verb(&["init", "--config", house.config_file().to_str().unwrap()]));
    let mut serving = Serving::spawn(&house);
    let scene = set(&mut serving, house, carrier).await;
    let before = picture(&scene.house).await;
    assert_eq!((before.waiting.len(), before.offered.len(), before.connected.len()), (WAITING, QUIET, TALKING));
    all_in_their_rooms(&scene, &before);
    for _ in 0..KILLS {
        serving = kill_and_compare(&scene, serving, &before).await;
    }
    take_an_old_offer(&scene).await;
    for _ in 0..3 {
        free_one(&scene, &picture(&scene.house).await).await;
    }
    scene.counselors.stop().await;
    let ledger = scene.carrier.stop().await.unwrap();
    let ended: Vec<_> = ledger.stories().into_iter().filter_map(|it| it.ended).collect();
    assert!(ended.len() == 3 && ended.iter().all(|(_, by)| *by == EndedBy::Person), "{ended:?}");
    assert!(serving.end().await, "holdfast serve did not end well");
    assert!(verb(&["journal", "verify", scene.house.journal_dir().to_str().unwrap()]));
}
