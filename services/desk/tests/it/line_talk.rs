//! The line-mode desk in writing and in a handoff, word for word, from both sides.

use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::{
    Author, Channel, ContactState, Delivery, DeskContact, DeskDelta, DeskHandoff, DeskMessage, DeskSelf, HandoffState,
    HandoffToward, HandoffView, HelpLevel, HelpView, OptOut, Part, Presence, QueueKey, Readiness,
};

use crate::line_mode::{Person, asked, signed_in_and_ready};
use crate::stage::{CONTACT, Stage, hasty};

const OTHER: &str = "fedcba9876543210fedcba9876543210";

fn contact(id: &str, state: ContactState, change: impl FnOnce(&mut DeskContact)) -> DeskDelta {
    let queue = QueueKey { region: "North".to_owned(), need: "youth".to_owned(), channel: Channel::Text.into() };
    let mut contact = DeskContact {
        contact_id: id.to_owned(),
        state: state.into(),
        queue: Some(queue),
        language: "English".to_owned(),
        yours: true,
        part: Part::Owner.into(),
        ..DeskContact::default()
    };
    change(&mut contact);
    DeskDelta { contacts: vec![contact], ..DeskDelta::default() }
}

fn message(id: &str, number: u32, author: Author, words: &str) -> DeskMessage {
    let (contact_id, words) = (id.to_owned(), words.to_owned());
    let author_id = if author == Author::Counselor { "ana".to_owned() } else { String::new() };
    DeskMessage { contact_id, number, author: author.into(), author_id, words, ..DeskMessage::default() }
}

fn said(message: DeskMessage) -> DeskDelta {
    DeskDelta { messages: vec![message], ..DeskDelta::default() }
}

#[tokio::test]
async fn a_conversation_is_read_in_order_and_answered_once() {
    let stage = Stage::set(hasty()).await;
    let mut ana = signed_in_and_ready(&stage).await;
    ana.types("say hello").await;
    ana.reads("You are not with anybody right now.").await;
    stage.router.append(contact(CONTACT, ContactState::Connecting, |contact| {
        contact.messages = vec![message(CONTACT, 1, Author::Person, "is anyone\u{1b} there")];
    }));
    ana.reads("You have them. Write to them: type say WORDS.").await;
    ana.reads("They: is anyone  there").await;
    ana.types("say I am here.").await;
    asked(
        &stage,
        |kind| matches!(kind, Kind::SendText(text) if text.words == "I am here." && text.contact_id == CONTACT),
    )
    .await;
    // The scripted router numbers its messages from one; this is the real order.
    let mut mine = message(CONTACT, 2, Author::Counselor, "I am here.");
    stage.router.append(said(mine.clone()));
    ana.reads("You: I am here.").await;
    mine.delivery = Delivery::Delivered.into();
    stage.router.append(said(mine.clone()));
    mine.delivery = Delivery::Failed.into();
    stage.router.append(said(mine.clone()));
    ana.reads("This did not reach them: I am here.").await;
    mine.delivery = Delivery::Delivered.into();
    stage.router.append(said(mine));
    ana.reads("This did reach them after all: I am here.").await;
    let mut stop = message(CONTACT, 3, Author::Person, "STOP");
    stop.opt_out = OptOut::Stop.into();
    stop.media = 1;
    stage.router.append(said(stop));
    ana.reads("They: STOP (with a picture that is not shown here)").await;
    ana.reads(
        "They wrote a word that makes their phone company block our messages. Take it as an alarm, and tell your supervisor.",
    )
    .await;
    let mut end = message(CONTACT, 4, Author::Person, "END");
    end.opt_out = OptOut::MaybeStop.into();
    stage.router.append(said(end));
    ana.reads("They: END").await;
    ana.reads("Phone companies take this word as a wish for no more messages, and may block ours. Take it as an alarm: tell your supervisor, and write on; you are told if it does not reach them.").await;
}

#[tokio::test]
async fn with_several_people_no_line_is_guessed() {
    let stage = Stage::set(hasty()).await;
    let mut ana = signed_in_and_ready(&stage).await;
    for (id, read) in [(CONTACT, "You are connected."), (OTHER, "[2] You are connected.")] {
        stage.router.append(contact(id, ContactState::Connected, |_| {}));
        ana.reads(read).await;
    }
    for typed in ["say hello", "end", "note words"] {
        ana.types(typed).await;
        ana.reads("You are with several people. Type with 1 or with 2 first.").await;
    }
    stage.router.append(said(message(OTHER, 1, Author::Person, "hi")));
    ana.reads("[2] They: hi").await;
    ana.types("with 2").await;
    ana.reads("You have turned to 2: A text (youth, English, North).").await;
    ana.types("say hello").await;
    asked(&stage, |kind| matches!(kind, Kind::SendText(text) if text.contact_id == OTHER)).await;
    ana.types("with 7").await;
    ana.reads("There is nobody with that number. Type status to see who is with you.").await;
}

fn handoff(state: HandoffState, part: Part, change: impl FnOnce(&mut DeskHandoff)) -> DeskDelta {
    let view = HandoffView {
        number: 1,
        state: state.into(),
        from_id: "ana".to_owned(),
        to_id: "pat".to_owned(),
        ..HandoffView::default()
    };
    let mut handoff = DeskHandoff { view: Some(view), ..DeskHandoff::default() };
    change(&mut handoff);
    contact(CONTACT, ContactState::Connected, |contact| {
        contact.part = part.into();
        contact.handoff = Some(handoff);
    })
}

#[tokio::test]
async fn a_handoff_is_led_step_by_step_by_whoever_hands_over() {
    let stage = Stage::set(hasty()).await;
    let mut ana = signed_in_and_ready(&stage).await;
    stage.router.append(contact(CONTACT, ContactState::Connected, |_| {}));
    ana.reads("You are connected.").await;
    ana.types("confirm").await;
    ana.reads("There is no handoff under way.").await;
    ana.types("handoff").await;
    asked(&stage, |kind| matches!(kind, Kind::StartHandoff(start) if start.toward() == HandoffToward::Peer)).await;
    stage.router.append(handoff(HandoffState::Consenting, Part::Owner, |_| {}));
    ana.reads(
        "Ask the person if they want this. Type consent yes WORDS, with what they agree to share, or consent no.",
    )
    .await;
    ana.types("consent yes alone at night").await;
    asked(&stage, |kind| matches!(kind, Kind::RecordConsent(it) if it.given && it.note == "alone at night")).await;
    for (state, read) in [
        (HandoffState::Seeking, "We look for somebody to take over. The person stays with you."),
        (HandoffState::Briefing, "pat reads your note. The person stays with you."),
        (HandoffState::Joining, "pat is joining. The person stays with you."),
        (HandoffState::Together, "You are three together. pat says when they have them."),
    ] {
        stage.router.append(handoff(state, Part::Owner, |_| {}));
        ana.reads(read).await;
    }
    stage.router.append(handoff(HandoffState::Confirmed, Part::Leaving, |_| {}));
    ana.reads("pat has them now. Stay until they can hear each other.").await;
    stage.router.append(handoff(HandoffState::Confirmed, Part::Leaving, |handoff| handoff.may_leave = true));
    ana.reads("pat has them now. Say goodbye, then type leave.").await;
    ana.types("leave").await;
    asked(&stage, |kind| matches!(kind, Kind::LeaveHandoff(leave) if leave.contact_id == CONTACT)).await;
}

#[tokio::test]
async fn a_handoff_that_fails_leaves_the_person_with_whoever_had_them() {
    let stage = Stage::set(hasty()).await;
    let mut ana = signed_in_and_ready(&stage).await;
    stage.router.append(contact(CONTACT, ContactState::Connected, |_| {}));
    ana.reads("You are connected.").await;
    stage.router.append(handoff(HandoffState::Seeking, Part::Owner, |_| {}));
    ana.reads("We look for somebody to take over. The person stays with you.").await;
    ana.types("cancel").await;
    asked(&stage, |kind| matches!(kind, Kind::CancelHandoff(_))).await;
    let nobody = |handoff: &mut DeskHandoff| handoff.view.as_mut().unwrap().reason = "nobody_free".to_owned();
    stage.router.append(handoff(HandoffState::Returned, Part::Owner, nobody));
    ana.reads("Nobody is free to take over right now. The person is with you.").await;
}

#[tokio::test]
async fn whoever_takes_over_reads_the_note_first() {
    let stage = Stage::set(hasty()).await;
    let mut ana = signed_in_and_ready(&stage).await;
    let note = |handoff: &mut DeskHandoff| handoff.note = "alone at night".to_owned();
    stage.router.append(handoff(HandoffState::Briefing, Part::Joining, note));
    ana.reads("Read this first: alone at night. Type join when you are ready, or cancel.").await;
    ana.types("join").await;
    asked(&stage, |kind| matches!(kind, Kind::JoinHandoff(_))).await;
    stage.router.append(handoff(HandoffState::Together, Part::Joining, note));
    ana.reads("You are three together. Type confirm when you have them.").await;
    ana.types("confirm").await;
    asked(&stage, |kind| matches!(kind, Kind::ConfirmHandoff(_))).await;
    stage.router.append(handoff(HandoffState::Confirmed, Part::Owner, note));
    ana.reads("The person is with you now.").await;
}

#[tokio::test]
async fn help_is_asked_for_and_over() {
    let stage = Stage::set(hasty()).await;
    let mut ana: Person = signed_in_and_ready(&stage).await;
    ana.types("emergency").await;
    asked(
        &stage,
        |kind| matches!(kind, Kind::AskHelp(ask) if ask.level() == HelpLevel::Emergency && ask.contact_id.is_empty()),
    )
    .await;
    let session = stage.router.lock().session;
    let mine = |help| DeskDelta {
        self_: Some(DeskSelf {
            presence: Presence::Connected.into(),
            readiness: Readiness::Available.into(),
            session,
            help,
            ..DeskSelf::default()
        }),
        ..DeskDelta::default()
    };
    stage.router.append(mine(Some(HelpView::default())));
    ana.reads("Help is asked for. Stay with the person; type help over when it is settled.").await;
    ana.types("help over").await;
    asked(&stage, |kind| matches!(kind, Kind::EndHelp(_))).await;
    stage.router.append(mine(None));
    ana.reads("Your request for help is over.").await;
}
