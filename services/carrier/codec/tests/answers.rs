//! TwiML answers, read back with an XML parser that is not ours.
#![expect(clippy::unwrap_used, reason = "tests")]

use holdfast_carrier_codec::model::{OfferAnswer, RejectReason, Speech, SpeechRefusal, WaitStep};
use holdfast_carrier_codec::token::Token;
use holdfast_carrier_codec::twilio::twiml;
use roxmltree::{Document, Node};

fn say(text: &str) -> Speech {
    Speech::new(text, "en-US").unwrap()
}

fn verbs<'a>(document: &'a Document<'a>) -> Vec<Node<'a, 'a>> {
    assert_eq!(document.root_element().tag_name().name(), "Response");
    document.root_element().children().collect()
}

#[test]
fn a_person_waits_in_a_room_of_their_own() {
    let text = twiml::answer(&OfferAnswer::WaitInRoom {
        room: Token::parse("room-1").unwrap(),
        label: Token::parse("leg-1").unwrap(),
        say: Some(say("You are not alone & we're <here>.")),
        wait_url: "https://h.example/wait?contact=c&leg=l".into(),
        room_status_url: "https://h.example/room?contact=c".into(),
    });
    let document = Document::parse(&text).unwrap();
    let verbs = verbs(&document);
    assert_eq!(verbs[0].text(), Some("You are not alone & we're <here>."));
    let conference = verbs[1].first_element_child().unwrap();
    assert_eq!((verbs[1].tag_name().name(), conference.tag_name().name()), ("Dial", "Conference"));
    assert_eq!(conference.text(), Some("room-1"));
    let expected = [
        ("startConferenceOnEnter", "false"),
        ("endConferenceOnExit", "true"),
        ("beep", "false"),
        ("waitUrl", "https://h.example/wait?contact=c&leg=l"),
        ("waitMethod", "POST"),
        ("statusCallback", "https://h.example/room?contact=c"),
        ("statusCallbackEvent", "start end join leave mute hold"),
        ("statusCallbackMethod", "POST"),
        ("participantLabel", "leg-1"),
    ];
    let written: Vec<_> = conference.attributes().map(|a| (a.name(), a.value())).collect();
    assert_eq!(written, expected);
}

#[test]
fn the_question_goes_on_without_a_key() {
    let url = "https://h.example/need?a=1&b=2";
    let text = twiml::answer(&OfferAnswer::AskNeed { say: say("Press 1"), key_wait_s: 5, action_url: url.into() });
    let document = Document::parse(&text).unwrap();
    let verbs = verbs(&document);
    let gather = verbs[0];
    assert_eq!(
        ["numDigits", "timeout", "action", "method"].map(|n| gather.attribute(n).unwrap()),
        ["1", "5", url, "POST"]
    );
    assert_eq!(gather.first_element_child().unwrap().text(), Some("Press 1"));
    assert_eq!((verbs[1].tag_name().name(), verbs[1].text()), ("Redirect", Some(url)));
}

#[test]
fn the_short_answers() {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    assert_eq!(twiml::empty(), format!("{head}<Response/>"));
    assert_eq!(twiml::hang_up(None), format!("{head}<Response><Hangup/></Response>"));
    assert_eq!(twiml::reject(RejectReason::Busy), format!("{head}<Response><Reject reason=\"busy\"/></Response>"));
    let redirect = twiml::answer(&OfferAnswer::Redirect { url: "https://h/?a&b".into() });
    assert_eq!(redirect, format!("{head}<Response><Redirect method=\"POST\">https://h/?a&amp;b</Redirect></Response>"));
}

#[test]
fn what_is_heard_while_waiting_is_bounded() {
    let steps = [
        WaitStep::Play { url: "https://h/m.mp3".into() },
        WaitStep::Pause { pause_s: 3 },
        WaitStep::Say(say("Still here")),
    ];
    let text = twiml::wait(&steps);
    let document = Document::parse(&text).unwrap();
    let names: Vec<_> = verbs(&document).iter().map(|verb| verb.tag_name().name()).collect();
    assert_eq!(names, ["Play", "Pause", "Say"]);
    let many = twiml::wait(&vec![WaitStep::Pause { pause_s: 1 }; twiml::MAX_WAIT_STEPS + 5]);
    assert_eq!(many.matches("<Pause").count(), twiml::MAX_WAIT_STEPS);
    assert_eq!(Speech::new("x".repeat(4097), "en-US"), Err(SpeechRefusal::TooLong));
    assert_eq!(Speech::new("x", "en\"US"), Err(SpeechRefusal::Language));
}
