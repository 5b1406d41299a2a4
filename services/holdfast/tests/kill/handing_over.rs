//! A person is handed over, by voice and in writing, and the process is killed at every step: they are with the counselor, with both,
//! or with the peer, and the handoff goes on where it stood. Prints the table of step and outcome.

use crate::house::House;
use crate::picture::{handoff, whereabouts};
use crate::process::{Serving, verb};
use crate::quiet::{PLAN, QuietDesk};
use crate::{TURN, wait_until};
use holdfast_desk::client::DeskCommand;
use holdfast_loadtests::carrier::{Carrier, PersonScript};
use holdfast_proto::router::v1::{ContactState, HandoffState, HandoffToward, Part};
use std::collections::BTreeSet;
use std::time::Duration;

const LINE: &str = "+12065550100";
const PERSON: &str = "+12125550123";
const LONG: Duration = Duration::from_secs(30);
const HOUR_MS: u64 = 3_600_000;

struct Scene {
    house: House,
    carrier: Carrier,
    counselor: QuietDesk,
    peer: QuietDesk,
    contact: String,
    by_voice: bool,
}

/// One step: what is said, and by whom; where the handoff is then; who owns the person; who is with them.
struct Step {
    name: &'static str,
    state: HandoffState,
    owner: &'static str,
    with: &'static [&'static str],
}

const fn step(name: &'static str, state: HandoffState, owner: &'static str, with: &'static [&'static str]) -> Step {
    Step { name, state, owner, with }
}

const CORA: &str = "cora";
const PIA: &str = "peer-pia";

const STEPS: &[Step] = &[
    step("begun: the person is asked", HandoffState::Consenting, CORA, &[CORA]),
    step("agreed: the peer is asked", HandoffState::Seeking, CORA, &[CORA]),
    step("reserved: the peer reads", HandoffState::Briefing, CORA, &[CORA]),
    step("joined: three together", HandoffState::Together, CORA, &[CORA, PIA]),
    step("confirmed: the peer has them", HandoffState::Confirmed, PIA, &[CORA, PIA]),
    step("left: the counselor is out", HandoffState::Completed, PIA, &[PIA]),
];

impl Scene {
    async fn say(&self, step: &Step) {
        let contact_id = self.contact.clone();
        let (who, command) = match step.state {
            HandoffState::Consenting => (
                &self.counselor,
                DeskCommand::StartHandoff {
                    contact_id,
                    toward: HandoffToward::Peer,
                    peer_type: String::new(),
                    skills: vec![],
                    wanted_id: String::new(),
                },
            ),
            HandoffState::Seeking => {
                (&self.counselor, DeskCommand::Consent { contact_id, given: true, note: "likes tea".to_owned() })
            }
            HandoffState::Briefing => {
                wait_until("the peer is asked", LONG, async || !self.peer.look().offers.is_empty()).await;
                let offer = self.peer.look().offers.first().cloned().unwrap();
                (&self.peer, DeskCommand::AcceptOffer(offer))
            }
            HandoffState::Together => (&self.peer, DeskCommand::JoinHandoff(contact_id)),
            HandoffState::Confirmed => (&self.peer, DeskCommand::ConfirmHandoff(contact_id)),
            HandoffState::Completed => (&self.counselor, DeskCommand::LeaveHandoff(contact_id)),
            other => panic!("nobody says {other:?}"),
        };
        let answer = who.ask(command).await;
        assert!(answer.is_done(), "{}: {answer:?}", step.name);
    }

    /// Who is with the person: by voice as the carrier knows it, in writing as the desks show it.
    fn with_them(&self) -> BTreeSet<String> {
        let desks = [&self.counselor, &self.peer];
        if !self.by_voice {
            let speaks = |desk: &&&QuietDesk| {
                desk.look().contacts.get(&self.contact).is_some_and(|it| match it.part() {
                    Part::Owner | Part::Leaving => true,
                    Part::Joining => it
                        .handoff
                        .as_ref()
                        .and_then(|it| it.view.as_ref())
                        .is_some_and(|it| it.state() == HandoffState::Together),
                    Part::WritingUp | Part::Unspecified => false,
                })
            };
            return desks.iter().filter(speaks).map(|it| it.name.clone()).collect();
        }
        let (ledger, addresses) = (self.carrier.ledger(), self.house.addresses());
        let story = ledger.stories().into_iter().next().unwrap();
        assert_eq!(story.ended, None, "the person's own line was touched");
        let room = &story.seats.last().unwrap().room;
        let there = story.counselors.iter().filter(|it| it.until_ms.is_none() && it.room == *room);
        let names = there.filter_map(|stay| addresses.iter().find(|(_, address)| **address == stay.address));
        names.map(|(name, _)| name.clone()).collect()
    }

    async fn stands(&self, step: &Step) -> bool {
        let Some(seen) = handoff(&self.house, &self.contact).await else { return false };
        let with: BTreeSet<String> = step.with.iter().map(|it| (*it).to_owned()).collect();
        seen.state() == step.state && seen.owner_id == step.owner && self.with_them() == with
    }

    /// Kills, starts again, and waits until both desks have come back by themselves.
    async fn kill(&self, serving: Serving) -> Serving {
        let sessions = [&self.counselor, &self.peer].map(|it| it.look().sessions);
        serving.kill();
        let mut serving = Serving::spawn(&self.house);
        serving.ready().await;
        wait_until("both desks are back", LONG, async || {
            let now = [&self.counselor, &self.peer].map(|it| it.look().sessions);
            now.iter().zip(&sessions).all(|(now, before)| now > before)
        })
        .await;
        serving
    }
}

/// Somebody talks, or writes, with the counselor.
async fn set(by_voice: bool) -> (Scene, Serving) {
    let members = [(CORA.to_owned(), ""), (PIA.to_owned(), "")];
    let house = House::build(&members);
    let carrier = Carrier::start(house.carrier_settings()).await.unwrap();
    carrier.set_hooks_base(house.hooks_base());
    house.furnish(PLAN, &members, &carrier.rest_base_url());
    assert!(verb(&["init", "--config", house.config_file().to_str().unwrap()]));
    let mut serving = Serving::spawn(&house);
    serving.ready().await;
    let counselor = QuietDesk::start(&house, &house.members[0]).await;
    let peer = QuietDesk::start(&house, &house.members[1]).await;
    if by_voice {
        let mut script = PersonScript::new(PERSON, LINE);
        (script.patience_ms, script.talk_ms) = (HOUR_MS, HOUR_MS);
        carrier.place_call(script).unwrap();
    } else {
        carrier.write(PERSON, LINE, "hello");
    }
    wait_until("the counselor is offered them", LONG, async || !counselor.look().offers.is_empty()).await;
    let offer = counselor.look().offers.first().cloned().unwrap();
    let contact = offer.split('-').next().unwrap().to_owned();
    assert!(counselor.ask(DeskCommand::AcceptOffer(offer)).await.is_done());
    if !by_voice {
        let first = DeskCommand::SendText { contact_id: contact.clone(), words: "I am here".to_owned() };
        assert!(counselor.ask(first).await.is_done());
    }
    let connected = Some((ContactState::Connected, CORA.to_owned()));
    wait_until("they are together", LONG, async || whereabouts(&house, &contact).await == connected).await;
    (Scene { house, carrier, counselor, peer, contact, by_voice }, serving)
}

async fn killed_at_every_step(by_voice: bool) {
    let channel = if by_voice { "voice" } else { "text" };
    let (scene, mut serving) = set(by_voice).await;
    for step in STEPS {
        scene.say(step).await;
        if by_voice && step.state == HandoffState::Together {
            // The peer's phone is being dialed.
            serving = scene.kill(serving).await;
            eprintln!("{channel} | joining: the peer's phone rings | killed | comes together all the same");
        }
        wait_until(step.name, LONG, async || scene.stands(step).await).await;
        serving = scene.kill(serving).await;
        wait_until("it stands where it stood", LONG, async || scene.stands(step).await).await;
        let with = step.with.join(" and ");
        eprintln!("{channel} | {} | killed | {:?}, owner {}, with {with}", step.name, step.state, step.owner);
    }
    if !by_voice {
        // What is written after all that reaches whoever has them, once.
        scene.carrier.write(PERSON, LINE, "thank you");
        let seen = || scene.peer.look().contacts.get(&scene.contact).map_or(0, |it| it.messages_total);
        wait_until("the peer reads it, once", LONG, async || seen() == 3).await;
    }
    assert!(serving.end().await, "holdfast serve did not end well");
    assert!(verb(&["journal", "verify", scene.house.journal_dir().to_str().unwrap()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handed_over_by_voice_and_killed_at_every_step() {
    let _turn = TURN.lock().await;
    killed_at_every_step(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handed_over_in_writing_and_killed_at_every_step() {
    let _turn = TURN.lock().await;
    killed_at_every_step(false).await;
}
