//! REST requests as they go out, and answers as they are judged.
#![expect(clippy::unwrap_used, reason = "tests")]

use holdfast_carrier_codec::model::{Address, CommandResult, DialLeg, Digits, PhoneNumber, SendText, Words};
use holdfast_carrier_codec::token::Token;
use holdfast_carrier_codec::twilio::rest::{
    AnswerRefusal, CommandKind, ConferenceStatus, Method, Outcome, Participant, Rest, RestRequest, classify,
    classify_no_answer, parse_calls, parse_conferences, parse_participant, parse_participants,
};
use holdfast_carrier_codec::twilio::sid::{AccountSid, CallSid, ConferenceSid};

const ROOT: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000001";
const CALL: &str = "CA00000000000000000000000000000001";
const ROOM: &str = "CF00000000000000000000000000000001";

fn rest() -> Rest {
    Rest::new(&AccountSid::parse("AC00000000000000000000000000000001").unwrap())
}

fn token(text: &str) -> Token {
    Token::parse(text).unwrap()
}

fn dial() -> DialLeg {
    DialLeg {
        leg: token("leg-7"),
        room: token("room-1"),
        to: Address::parse("+14155550100").unwrap(),
        from: PhoneNumber::parse("+18005550101").unwrap(),
        ring_s: 20,
        end_room_on_exit: false,
        status_url: "https://h.example/leg?leg=leg-7".into(),
        room_status_url: None,
    }
}

fn expect(request: &RestRequest, method: Method, path: &str, body: &str) {
    assert_eq!(request.method, method);
    assert_eq!(request.path_and_query, format!("{ROOT}{path}"));
    assert_eq!(request.body(), body);
}

#[test]
fn dialing_a_leg_into_a_room() {
    let body = "From=%2B18005550101&To=%2B14155550100&Label=leg-7&Timeout=20&StartConferenceOnEnter=true\
        &EndConferenceOnExit=false&EarlyMedia=false&Beep=false&StatusCallback=https%3A%2F%2Fh.example%2Fleg%3Fleg%3Dleg-7\
        &StatusCallbackEvent=initiated&StatusCallbackEvent=ringing&StatusCallbackEvent=answered\
        &StatusCallbackEvent=completed&StatusCallbackMethod=POST";
    let request = rest().add_participant(&dial());
    expect(&request, Method::Post, "/Conferences/room-1/Participants.json", body);
    let shown = format!("{request:?}");
    assert!(shown.contains("Label") && !shown.contains("415"), "{shown}");
}

#[test]
fn changing_and_ending() {
    let (rest, leg) = (rest(), token("leg-7"));
    let (room, call) = (ConferenceSid::parse(ROOM).unwrap(), CallSid::parse(CALL).unwrap());
    let by_label = format!("/Conferences/{ROOM}/Participants/leg-7.json");
    let (label, by_call) = (Participant::Label(&leg), Participant::Call(&call));
    expect(&rest.hold(&room, label, true), Method::Post, &by_label, "Hold=true");
    expect(&rest.mute(&room, label, false), Method::Post, &by_label, "Muted=false");
    expect(&rest.end_room_on_exit(&room, label, true), Method::Post, &by_label, "EndConferenceOnExit=true");
    expect(&rest.fetch_participant(&room, label), Method::Get, &by_label, "");
    expect(
        &rest.remove_participant(&room, by_call),
        Method::Delete,
        &format!("/Conferences/{ROOM}/Participants/{CALL}.json"),
        "",
    );
    expect(&rest.end_conference(&room), Method::Post, &format!("/Conferences/{ROOM}.json"), "Status=completed");
    expect(&rest.complete_call(&call), Method::Post, &format!("/Calls/{CALL}.json"), "Status=completed");
    let digits = rest.play_digits(&call, &Digits::parse("1w#").unwrap());
    assert_eq!(digits.form[0].1, "<Response><Play digits=\"1w#\"/></Response>");
    let text = SendText {
        to: PhoneNumber::parse("+14155550100").unwrap(),
        from: PhoneNumber::parse("988").unwrap(),
        body: Words::new("a&b"),
        status_url: None,
    };
    expect(&rest.send_text(&text), Method::Post, "/Messages.json", "From=988&To=%2B14155550100&Body=a%26b");
}

#[test]
fn listing_and_its_pages() {
    let (rest, room) = (rest(), ConferenceSid::parse(ROOM).unwrap());
    let named = rest.list_conferences(Some(&token("room-1")), Some(ConferenceStatus::InProgress), 50);
    expect(&named, Method::Get, "/Conferences.json?PageSize=50&FriendlyName=room-1&Status=in-progress", "");
    expect(&rest.list_conferences(None, None, 0), Method::Get, "/Conferences.json?PageSize=1", "");
    let members = rest.list_participants(&room, 9999);
    expect(&members, Method::Get, &format!("/Conferences/{ROOM}/Participants.json?PageSize=1000"), "");
    expect(&rest.list_live_calls(200), Method::Get, "/Calls.json?Status=in-progress&PageSize=200", "");
    let next = format!("{ROOT}/Calls.json?Page=1&PageToken=PACA%20x");
    assert_eq!(rest.next_page(&next).unwrap().path_and_query, next);
    let elsewhere = ["https://evil.example/", "/2010-04-01/Accounts/AC2/Calls.json", "//evil", "", "@evil.example/"];
    for uri in elsewhere.map(str::to_owned).into_iter().chain([
        format!("{ROOT}.evil.example/"),
        format!("{ROOT}/../AC2/Calls.json"),
        format!("{ROOT}/%2e%2e/AC2"),
        format!("{ROOT}/Calls.json\r\nX: y"),
    ]) {
        assert_eq!(rest.next_page(&uri), None, "{uri}");
    }
}

#[test]
fn reads_listings() {
    let body = format!(
        r#"{{"participants":[{{"call_sid":"{CALL}","conference_sid":"{ROOM}","label":"leg-7","status":"connected","hold":false,
        "muted":true,"new":1}},{{"call_sid":"{CALL}","conference_sid":"{ROOM}","label":null,"status":"ringing","hold":true,
        "muted":false}}],"next_page_uri":"/n"}}"#
    );
    let page = parse_participants(body.as_bytes()).unwrap();
    assert_eq!(page.next_page_uri.as_deref(), Some("/n"));
    assert_eq!((page.records[0].label.clone(), page.records[0].muted), (Some(token("leg-7")), true));
    assert_eq!((page.records[1].label.clone(), page.records[1].hold), (None, true));
    let rooms = format!(
        r#"{{"conferences":[{{"sid":"{ROOM}","friendly_name":"room-1","status":"init"}}],"next_page_uri":null}}"#
    );
    let rooms = parse_conferences(rooms.as_bytes()).unwrap();
    assert_eq!((rooms.records[0].room.clone(), rooms.next_page_uri), (Some(token("room-1")), None));
    let calls = format!(
        r#"{{"calls":[{{"sid":"{CALL}","status":"ringing","direction":"inbound","from":"+14155550100","to":"sip:a@b"}}]}}"#
    );
    let calls = parse_calls(calls.as_bytes()).unwrap();
    assert!(calls.records[0].inbound && calls.records[0].from.is_some() && calls.records[0].to.is_none());
    assert!(!format!("{calls:?}").contains("415"));
}

#[test]
fn half_a_list_is_no_list() {
    assert_eq!(parse_calls(b"<html>"), Err(AnswerRefusal::NotJson));
    assert_eq!(parse_calls(b"{}"), Err(AnswerRefusal::Field("calls")));
    assert_eq!(parse_calls(br#"{"calls":[{"sid":"CA1"}]}"#), Err(AnswerRefusal::Field("sid")));
    assert_eq!(parse_calls(br#"{"calls":[],"next_page_uri":7}"#), Err(AnswerRefusal::Field("next_page_uri")));
    assert_eq!(parse_participant(b"{}"), Err(AnswerRefusal::Field("call_sid")));
}

#[test]
fn answers_are_judged_by_the_table() {
    use CommandKind::{Create, Dial, Modify, Read, Remove};
    let made = format!(r#"{{"call_sid":"{CALL}"}}"#);
    let accepted = Outcome::Accepted { external_id: Some(CALL.into()) };
    assert_eq!(classify(Dial, 201, made.as_bytes()), accepted);
    assert_eq!(classify(Dial, 201, b"{"), Outcome::Ambiguous);
    assert_eq!(classify(Remove, 204, b""), Outcome::Accepted { external_id: None });
    let code = |kind, status, code: u32| classify(kind, status, format!(r#"{{"code":{code}}}"#).as_bytes());
    assert_eq!(code(Dial, 409, 16026), Outcome::LookUpByLabel);
    assert_eq!(code(Dial, 400, 16026), Outcome::LookUpByLabel);
    assert_eq!(code(Remove, 404, 20404), Outcome::AlreadySo);
    assert_eq!(code(Remove, 400, 21220), Outcome::AlreadySo);
    assert!(matches!(code(Modify, 404, 20404), Outcome::Refused { code: 20404, .. }));
    assert!(matches!(code(Create, 400, 21610), Outcome::Refused { code: 21610, .. }));
    assert!(matches!(classify(Dial, 401, b""), Outcome::Refused { code: 401, .. }));
    for kind in [Dial, Create, Modify, Remove, Read] {
        assert_eq!(code(kind, 429, 20429), Outcome::RepeatLater { code: 20429 });
        assert_eq!(classify_no_answer(kind, false), Outcome::RepeatLater { code: 0 });
        let doubtful = matches!(kind, Dial | Create);
        for status in [302, 408, 500, 502, 503, 504] {
            let expected = if doubtful { Outcome::Ambiguous } else { Outcome::RepeatLater { code: status.into() } };
            assert_eq!(classify(kind, status, b"{\"code\":20500}"), expected, "{kind:?} {status}");
        }
        assert_eq!(classify_no_answer(kind, true) == Outcome::Ambiguous, doubtful);
    }
}

#[test]
fn an_outcome_becomes_a_result() {
    assert_eq!(Outcome::LookUpByLabel.result(), Some(CommandResult::Ambiguous));
    assert_eq!(Outcome::AlreadySo.result(), Some(CommandResult::Accepted { external_id: None }));
    assert_eq!(Outcome::RepeatLater { code: 429 }.result(), None);
}

#[test]
fn a_refusal_is_told_in_our_words() {
    let body = br#"{"code":21211,"message":"The 'To' number +14155550100 is not valid","status":400}"#;
    let refused = classify(CommandKind::Dial, 400, body);
    assert!(matches!(refused, Outcome::Refused { code: 21211, .. }) && !format!("{refused:?}").contains("415"));
}
