//! The line-mode desk as a person meets it: what is typed and what is read, word for word.

use std::time::Duration;

use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{
    Channel, ContactState, DeskContact, DeskDelta, DeskOffer, DeskSelf, LegState, OfferState, Outcome, Presence,
    QueueKey, Readiness,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf, split};

use crate::stage::{CONTACT, Stage, hasty};

/// A person at a terminal.
pub(crate) struct Person {
    typed: WriteHalf<DuplexStream>,
    read: Lines<BufReader<ReadHalf<DuplexStream>>>,
}

impl Person {
    fn sit_down(stage: &Stage) -> Self {
        let (near, far) = tokio::io::duplex(64 * 1_024);
        let (input, output) = split(far);
        let (client, shutdown) = (stage.client("ana"), stage.shutdown.clone());
        tokio::spawn(async move {
            let mut output = output;
            let ended = holdfast_desk::line_mode::run(client, BufReader::new(input), &mut output, shutdown).await;
            output.shutdown().await.unwrap();
            ended.unwrap();
        });
        let (read, typed) = split(near);
        let read = BufReader::new(read).lines();
        Self { typed, read }
    }

    pub(crate) async fn types(&mut self, line: &str) {
        self.typed.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    pub(crate) async fn reads(&mut self, expected: &str) {
        let line = tokio::time::timeout(Duration::from_secs(20), self.read.next_line()).await;
        assert_eq!(line.unwrap().unwrap().as_deref(), Some(expected));
    }

    async fn reads_the_end(&mut self) {
        let line = tokio::time::timeout(Duration::from_secs(20), self.read.next_line()).await;
        assert_eq!(line.unwrap().unwrap(), None);
    }
}

fn queue() -> Option<QueueKey> {
    Some(QueueKey { region: "North".to_owned(), need: "veteran".to_owned(), channel: Channel::Voice.into() })
}

fn offer(stage: &Stage, attempt: u32, state: OfferState, left_ms: u64, reason: &str) -> DeskDelta {
    let at_ms = 1_000_000 + stage.router.lock().last().sequence + 1;
    DeskDelta {
        offers: vec![DeskOffer {
            offer_id: format!("{CONTACT}-{attempt}"),
            contact_id: CONTACT.to_owned(),
            state: state.into(),
            queue: queue(),
            language: "English".to_owned(),
            deadline_ms: at_ms + left_ms,
            waited_ms: 65_000,
            reason: reason.to_owned(),
            ..DeskOffer::default()
        }],
        ..DeskDelta::default()
    }
}

fn contact(state: ContactState, change: impl FnOnce(&mut DeskContact)) -> DeskDelta {
    let mut contact = DeskContact {
        contact_id: CONTACT.to_owned(),
        state: state.into(),
        queue: queue(),
        language: "English".to_owned(),
        yours: true,
        ..DeskContact::default()
    };
    change(&mut contact);
    DeskDelta { contacts: vec![contact], ..DeskDelta::default() }
}

pub(crate) async fn asked(stage: &Stage, wanted: impl Fn(&Kind) -> bool) {
    stage.router.until(|inner| inner.kinds().iter().any(&wanted)).await;
}

const OFFERED: &str = "A call (veteran, English, North) is offered to you. They have waited 1 minute and 5 seconds. \
     You have 20 seconds: type accept or not now.";

pub(crate) async fn signed_in_and_ready(stage: &Stage) -> Person {
    let mut ana = Person::sit_down(stage);
    ana.reads("Connecting to the desk.").await;
    ana.reads("You are signed in as ana. Type help to see what you can say.").await;
    ana.reads("You are on a break. Type ready when you are there.").await;
    ana.types("ready").await;
    asked(stage, |kind| matches!(kind, Kind::SetReadiness(_))).await;
    stage.router.append(DeskDelta::default());
    ana.reads("You are ready.").await;
    ana
}

#[tokio::test]
async fn a_call_from_its_offer_to_the_end_of_the_shift() {
    let stage = Stage::set(hasty()).await;
    let mut ana = signed_in_and_ready(&stage).await;
    ana.types("accept").await;
    ana.reads("No one is offered to you right now.").await;

    stage.router.append(offer(&stage, 1, OfferState::Open, 20_500, ""));
    ana.reads(OFFERED).await;
    ana.types("a").await;
    asked(&stage, |kind| matches!(kind, Kind::AcceptOffer(accept) if accept.offer_id == format!("{CONTACT}-1"))).await;
    stage.router.append(offer(&stage, 1, OfferState::Accepted, 20_500, ""));
    ana.reads("You have it.").await;
    stage.router.append(contact(ContactState::Connecting, |_| {}));
    ana.reads("We are connecting you. Your phone will ring.").await;
    stage.router.append(contact(ContactState::Connecting, |contact| {
        contact.counselor_leg = LegState::Alerting.into();
    }));
    ana.reads("Your phone is ringing. Pick up to talk.").await;
    stage.router.append(contact(ContactState::Connected, |_| {}));
    ana.reads("You are connected.").await;

    ana.types("hold").await;
    asked(&stage, |kind| matches!(kind, Kind::HoldPerson(hold) if hold.on)).await;
    stage.router.append(contact(ContactState::Connected, |contact| contact.held = true));
    ana.reads("The person is on hold. Type resume to go back to them.").await;
    ana.types("resume").await;
    asked(&stage, |kind| matches!(kind, Kind::HoldPerson(hold) if !hold.on)).await;
    stage.router.append(contact(ContactState::Connected, |_| {}));
    ana.reads("The person is with you again.").await;

    ana.types("note  Has a plan for tonight. ").await;
    asked(&stage, |kind| matches!(kind, Kind::WriteNote(note) if note.words == "Has a plan for tonight.")).await;
    ana.reads("Note saved.").await;
    ana.types("quit").await;
    ana.reads("You are still with a person. Type end first, and done when you have written up.").await;
    ana.types("end").await;
    asked(&stage, |kind| matches!(kind, Kind::EndContact(end) if end.contact_id == CONTACT)).await;
    let ends_at = 1_000_000 + stage.router.lock().last().sequence + 120_500;
    stage.router.append(contact(ContactState::WrappingUp, |contact| contact.wrap_up_ends_at_ms = ends_at));
    ana.reads("The contact is over. You have 2 minutes to write up. Type note WORDS, more time, or done.").await;
    ana.types("done").await;
    asked(&stage, |kind| matches!(kind, Kind::FinishWrapUp(_))).await;
    stage.router.append(contact(ContactState::Closed, |contact| {
        contact.yours = false;
        contact.outcome = Outcome::Completed.into();
    }));
    ana.reads("Finished. Thank you.").await;

    ana.types("quit").await;
    ana.reads("Your shift is over. Thank you.").await;
    ana.reads_the_end().await;
}

#[tokio::test]
async fn offers_that_end_otherwise_are_told_without_blame() {
    let stage = Stage::set(hasty()).await;
    let mut ana = signed_in_and_ready(&stage).await;

    stage.router.append(offer(&stage, 1, OfferState::Open, 20_500, ""));
    ana.reads(OFFERED).await;
    stage.router.append(offer(&stage, 1, OfferState::Rescinded, 0, "person_left"));
    ana.reads("The person left.").await;

    stage.router.append(offer(&stage, 2, OfferState::Open, 20_500, ""));
    ana.reads(OFFERED).await;
    ana.types("not now").await;
    asked(&stage, |kind| matches!(kind, Kind::DeclineOffer(_))).await;
    stage.router.append(offer(&stage, 2, OfferState::Declined, 0, ""));
    ana.reads("Passed on. They keep their place.").await;

    stage.router.append(offer(&stage, 3, OfferState::Open, 5_300, ""));
    ana.reads(&OFFERED.replace("20 seconds", "5 seconds")).await;
    ana.reads("5 seconds left.").await;
    let session = stage.router.lock().session;
    stage.router.append(DeskDelta {
        self_: Some(DeskSelf {
            presence: Presence::Connected.into(),
            readiness: Readiness::CheckIn.into(),
            session,
            ..DeskSelf::default()
        }),
        ..offer(&stage, 3, OfferState::Expired, 0, "")
    });
    ana.reads(
        "Time ran out — you are set to check in, so that the next person is not kept waiting. Type ready when you are there.",
    )
    .await;
    ana.types("status").await;
    ana.reads("You are set to check in. Type ready when you are there.").await;
}

#[tokio::test]
async fn nonsense_is_refused_kindly_and_a_refusal_is_explained() {
    let stage = Stage::set(hasty()).await;
    let mut ana = signed_in_and_ready(&stage).await;
    let asked_before = stage.router.lock().submitted.len();
    for (typed, read) in [
        ("make it stop", "I did not understand that. Nothing was changed. Type help to see what you can say."),
        ("end", "You are not with anybody right now."),
        ("done", "There is nothing to write up right now."),
        ("note", "Type note and then your words, on one line."),
        ("note words", "You are not with anybody right now."),
    ] {
        ana.types(typed).await;
        ana.reads(read).await;
    }
    assert_eq!(stage.router.lock().submitted.len(), asked_before);
    stage.router.judge(|_| Some(tonic::Status::failed_precondition("take a breath\u{7} first")));
    ana.types("break").await;
    ana.reads("That did not work: take a breath  first.").await;
    stage.shutdown.trigger();
}
