//! What people do in stories, as sentences: what a counselor or peer says at their desk, and what a person writes.

use super::story::{Story, id, offer_id};
use holdfast_core::command::Command;
use holdfast_core::contact::Channel;
use holdfast_core::conversation::{Delivery, OptOut};
use holdfast_core::counselor::{HelpLevel, Readiness};
use holdfast_core::directive::{Door, Measure, Subject};
use holdfast_core::handoff::{Toward, Wish};
use holdfast_core::id::{ContactId, CounselorId, ExternalId, OfferId, PersonId};
use holdfast_core::plan::QueueKey;
use holdfast_core::sealed::{KeySlot, Sealed};

fn sealed(slot: u64, ciphertext: &[u8]) -> Sealed {
    Sealed { slot: KeySlot(slot), ciphertext: ciphertext.into() }
}

/// One thing somebody at a desk does.
pub(crate) fn command(who: &CounselorId, words: &[&str]) -> Command {
    let counselor = who.clone();
    match words {
        ["arrives", "with", "session", session] => Command::ConnectDesk {
            counselor,
            session: session.parse().unwrap(),
            audio: Some(sealed(9_000, &[1, 2, 3])),
        },
        ["loses", "desk", session] => Command::LoseDesk { counselor, session: session.parse().unwrap() },
        ["is", "available"] => Command::SetReadiness { counselor, readiness: Readiness::Available },
        ["is", "available", "for", "texts"] => {
            Command::SetReadiness { counselor, readiness: Readiness::AvailableFor([Channel::Text].into()) }
        }
        ["takes", "a", "break"] => Command::SetReadiness { counselor, readiness: Readiness::Break },
        ["accepts", offer] => Command::AcceptOffer { counselor, offer: offer_id(offer) },
        ["declines", offer] => Command::DeclineOffer { counselor, offer: offer_id(offer) },
        ["holds", contact] => Command::HoldPerson { counselor, contact: id(contact), on: true },
        ["resumes", contact] => Command::HoldPerson { counselor, contact: id(contact), on: false },
        ["ends", contact] => Command::EndContact { counselor, contact: id(contact) },
        ["gives", "back", contact] => Command::GiveBack { counselor, contact: id(contact) },
        ["is", "done", "with", contact] => Command::FinishWrapUp { counselor, contact: id(contact) },
        ["needs", "more", "time", "for", contact] => Command::ExtendWrapUp { counselor, contact: id(contact) },
        ["notes", "something", "about", contact] => {
            Command::WriteNote { counselor, contact: id(contact), note: sealed(7, &[9, 9]) }
        }
        ["signs", "off"] => Command::SignOff { counselor },
        ["writes", "in", contact] => Command::SendText { counselor, contact: id(contact), words: sealed(7, &[8, 8]) },
        _ => handoff(who, words).or_else(|| help(who, words)).unwrap_or_else(|| {
            panic!("a story says something nobody can do: {who} {words:?}");
        }),
    }
}

/// What Olga, an operator, decides for a while.
pub(crate) fn directive(words: &[&str]) -> Command {
    let center = |center: &str, door, seconds: &str| give(Measure::Center { center: center.into(), door }, seconds);
    match words {
        ["closes", name, "for", seconds] => center(name, Door::Closed, seconds),
        ["drains", name, "for", seconds] => center(name, Door::Draining, seconds),
        ["keeps", name, "open", "for", seconds] => center(name, Door::Taking, seconds),
        ["serves", queue, "as", to, "for", seconds] => {
            give(Measure::Queue { queue: queue_key(queue), to: queue_key(to) }, seconds)
        }
        ["takes", "back", about] => {
            let subject =
                if about.contains('/') { Subject::Queue(queue_key(about)) } else { Subject::Center((*about).into()) };
            Command::EndDirective { subject }
        }
        other => panic!("an operator cannot do this: {other:?}"),
    }
}

fn give(measure: Measure, seconds: &str) -> Command {
    Command::GiveDirective {
        measure,
        for_ms: seconds.parse::<u64>().unwrap() * 1_000,
        by: "olga".into(),
        reason: "power cut".into(),
    }
}

/// A queue for calls, as `washington/general`.
fn queue_key(words: &str) -> QueueKey {
    let (region, need) = words.split_once('/').unwrap();
    QueueKey { region: region.into(), need: need.into(), channel: Channel::Voice }
}

/// The calendar's word about a center: `opens` for everything, or `closes`.
pub(crate) fn hours(center: &str, how: &str) -> Command {
    let open = if how == "opens" { [Channel::Voice, Channel::Text, Channel::Chat].into() } else { [].into() };
    Command::SetHours { open: [(center.into(), open)].into() }
}

fn handoff(who: &CounselorId, words: &[&str]) -> Option<Command> {
    let counselor = who.clone();
    Some(match words {
        ["asks", contact, "about", "a", "peer"] => start(who, contact, Toward::Peer, Wish::default()),
        ["asks", contact, "about", "a", kind, "peer"] => {
            start(who, contact, Toward::Peer, Wish { peer_type: Some((*kind).into()), ..Wish::default() })
        }
        ["asks", contact, "about", "a", "counselor"] => start(who, contact, Toward::Counselor, Wish::default()),
        ["asks", contact, "about", "the", "counselor", wanted] => {
            start(who, contact, Toward::Counselor, Wish { wanted: Some((*wanted).into()), ..Wish::default() })
        }
        ["hears", "yes", "in", contact] => {
            let note = Some(sealed(7, &[4]));
            Command::RecordConsent { counselor, contact: id(contact), given: true, note }
        }
        ["hears", "no", "in", contact] => {
            Command::RecordConsent { counselor, contact: id(contact), given: false, note: None }
        }
        ["joins", contact] => Command::JoinHandoff { counselor, contact: id(contact) },
        ["has", "the", "person", "of", contact] => Command::ConfirmHandoff { counselor, contact: id(contact) },
        ["leaves", contact] => Command::LeaveHandoff { counselor, contact: id(contact) },
        ["calls", "off", "the", "handoff", "of", contact] => Command::CancelHandoff { counselor, contact: id(contact) },
        _ => return None,
    })
}

fn start(who: &CounselorId, contact: &str, toward: Toward, wish: Wish) -> Command {
    Command::StartHandoff { counselor: who.clone(), contact: id(contact), toward, wish }
}

fn help(who: &CounselorId, words: &[&str]) -> Option<Command> {
    let counselor = who.clone();
    Some(match words {
        ["has", "a", "question"] => Command::AskHelp { counselor, contact: None, level: HelpLevel::Question },
        ["asks", "somebody", "to", "join", contact] => {
            Command::AskHelp { counselor, contact: Some(id(contact)), level: HelpLevel::Join }
        }
        ["reports", "an", "emergency", "in", contact] => {
            Command::AskHelp { counselor, contact: Some(id(contact)), level: HelpLevel::Emergency }
        }
        ["is", "helped", "by", by] => Command::AnswerHelp { counselor, by: (*by).into() },
        ["needs", "no", "more", "help"] => Command::EndHelp { counselor },
        _ => return None,
    })
}

/// Sentences that stand for several things one after the other, where a story is about something else.
pub(crate) fn several(story: &mut Story, who: &CounselorId, words: &[&str]) -> Option<String> {
    let steps: Vec<String> = match words {
        ["begins", "with", "session", session] => {
            vec![said(story, who, &["arrives", "with", "session", session]), said(story, who, &["is", "available"])]
        }
        ["talks", "with", contact] => talks(story, who, contact),
        ["agrees", "with", contact, "on", peer] => {
            let mut told = vec![
                said(story, who, &["asks", contact, "about", "a", "peer"]),
                said(story, who, &["hears", "yes", "in", contact]),
            ];
            told.push(accepts(story, &CounselorId::from(*peer), contact));
            told
        }
        ["brings", peer, "to", contact] => {
            let peer = CounselorId::from(*peer);
            let mut told = vec![said(story, &peer, &["joins", contact])];
            if !is_written(story, contact) {
                told.push(story.leg(contact, &last_leg(story, contact), &["joins"]));
            }
            told
        }
        _ => return None,
    };
    Some(steps.join("\n"))
}

fn said(story: &mut Story, who: &CounselorId, words: &[&str]) -> String {
    let command = command(who, words);
    story.decide(&command)
}

fn accepts(story: &mut Story, who: &CounselorId, contact: &str) -> String {
    let contact = id(contact);
    let known = story.state.contact(contact);
    let offer = known.and_then(|it| it.open_offer().or_else(|| it.open_handoff().and_then(|it| it.open_offer())));
    let attempt = offer.map_or(1, |it| it.attempt);
    story.decide(&Command::AcceptOffer { counselor: who.clone(), offer: OfferId { contact, attempt } })
}

fn talks(story: &mut Story, who: &CounselorId, contact: &str) -> Vec<String> {
    let mut told = vec![accepts(story, who, contact)];
    if is_written(story, contact) {
        told.push(said(story, who, &["writes", "in", contact]));
    } else {
        told.push(story.leg(contact, "0", &["joins"]));
        let leg = last_leg(story, contact);
        told.push(story.leg(contact, &leg, &["joins"]));
    }
    told
}

fn is_written(story: &Story, contact: &str) -> bool {
    story.state.contact(id(contact)).is_some_and(|it| it.channel.is_written())
}

fn last_leg(story: &Story, contact: &str) -> String {
    story.state.contact(id(contact)).map_or(0, |it| it.legs.len() - 1).to_string()
}

/// Whether this word is a person: p and a number.
pub(crate) fn is_person(word: &str) -> bool {
    word.strip_prefix('p').is_some_and(|it| it.parse::<u128>().is_ok())
}

/// Somebody new writes: `text from 206 on texts`, `text VETERAN from 206 on texts`.
pub(crate) fn text(story: &mut Story, words: &[&str]) -> String {
    let (said, area, line) = match words {
        ["from", area, "on", line] => ("", *area, *line),
        [said, "from", area, "on", line] => (*said, *area, *line),
        other => panic!("a text cannot be this: {other:?}"),
    };
    let person = story.next_contact();
    receive(story, person, area.parse().ok(), line, said)
}

/// Somebody who has written before writes again, on the line for texts unless it says which.
pub(crate) fn writes(story: &mut Story, person: &str, words: &[&str]) -> String {
    let person = person.trim_start_matches('p').parse().unwrap();
    let (said, line) = match words {
        [] => ("", "texts"),
        [said] => (*said, "texts"),
        ["on", line] => ("", *line),
        [said, "on", line] => (*said, *line),
        other => panic!("a text cannot be this: {other:?}"),
    };
    receive(story, person, Some(206), line, said)
}

/// A text that no webhook brought is found: `found after 300: text from 206 on texts`, `found after 300: p1 writes START`.
pub(crate) fn found(story: &mut Story, seconds: &str, words: &[&str]) -> String {
    story.found_after_ms = seconds.trim_end_matches(':').parse::<u64>().unwrap() * 1_000;
    let told = match words {
        ["text", rest @ ..] => text(story, rest),
        [person, "writes", rest @ ..] => writes(story, person, rest),
        other => panic!("this cannot be found: {other:?}"),
    };
    story.found_after_ms = 0;
    told
}

/// The carrier repeats the last message.
pub(crate) fn text_again(story: &mut Story) -> String {
    story.texts -= 1;
    receive(story, 1, Some(206), "texts", "")
}

fn receive(story: &mut Story, person: u128, area_code: Option<u16>, line: &str, said: &str) -> String {
    story.texts += 1;
    let slot = person as u64;
    let (opt_out, carrier_replied) = match said {
        "STOP" => (OptOut::Stop, true),
        "END" => (OptOut::MaybeStop, true),
        "START" => (OptOut::Start, true),
        "HELP" => (OptOut::Help, true),
        _ => (OptOut::None, false),
    };
    let command = Command::ReceiveText {
        contact: ContactId(story.next_contact()),
        person: PersonId(person),
        external: ExternalId { account: "twilio-main".into(), id: format!("SM{}", story.texts).into() },
        line: line.into(),
        channel: Channel::Text,
        area_code,
        number: Some(sealed(slot, &[7])),
        slot: KeySlot(slot),
        words: sealed(slot, &[6]),
        digit: said.parse().ok(),
        keyword: (said == "VETERAN").then(|| "veteran".into()),
        opt_out,
        carrier_replied,
        media: u32::from(said == "picture"),
        written_ago_ms: story.found_after_ms,
    };
    story.decide(&command)
}

/// The carrier tells how far a message has come.
pub(crate) fn receipt(story: &mut Story, contact: &str, number: &str, how: &[&str]) -> String {
    let (delivery, code) = match how {
        ["is", "sent"] => (Delivery::Sent, None),
        ["is", "delivered"] => (Delivery::Delivered, None),
        ["fails"] => (Delivery::Failed, Some("30005".into())),
        other => panic!("a message cannot do this: {other:?}"),
    };
    let contact = id(contact);
    story.decide(&Command::ReportText { contact, message: number.parse().unwrap(), delivery, external: None, code })
}
