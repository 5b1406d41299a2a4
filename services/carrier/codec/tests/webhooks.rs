//! Verified webhooks become the right events; what is missing or malformed is named; what is strange but harmless passes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use holdfast_carrier_codec::callback::{Callback, Hook};
use holdfast_carrier_codec::limits::encode_form;
use holdfast_carrier_codec::model::{Event, EventKind, FailCause, LeftReason, LegState, MemberChange, Trust};
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::token::Token;
use holdfast_carrier_codec::twilio::sid::AccountSid;
use holdfast_carrier_codec::twilio::signature::{Algorithm, Keyring, SIGNATURE_HEADER, SignatureHeaders, sign_form};
use holdfast_carrier_codec::twilio::webhook::{Ignored, Reading, WebhookRefusal, read};

type Params<'a> = &'a [(&'a str, &'a str)];

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const CALL: &str = "CA00000000000000000000000000000001";
const ROOM: &str = "CF00000000000000000000000000000001";

fn token(text: &str) -> Option<Token> {
    Some(Token::parse(text).unwrap())
}

fn reading(hook: Hook, params: &[(&str, &str)]) -> Result<Reading, WebhookRefusal> {
    let secret = Secret::new("s").unwrap();
    let url = "https://h.example/x";
    let signature = sign_form(Algorithm::HmacSha1, &secret, url, params);
    let headers = SignatureHeaders::collect([(SIGNATURE_HEADER, signature.as_bytes())]).unwrap();
    let keyring = Keyring::new(vec![secret], vec![]).unwrap();
    let verified = keyring.verify_form(url, &headers, encode_form(params).as_bytes()).unwrap();
    let (account, contact, leg) = (token("line-a").unwrap(), token("c1"), token("leg-7"));
    let callback = Callback { account, hook, contact, leg, message: None };
    read(&callback, &AccountSid::parse(ACCOUNT).unwrap(), &verified)
}

/// The event of a webhook with the two ids and these parameters.
fn event(hook: Hook, params: &[(&str, &str)]) -> Event {
    match reading(hook, &with_ids(params)).unwrap() {
        Reading::Event(event) => *event,
        Reading::Ignored(why) => panic!("ignored: {why:?}"),
    }
}

fn with_ids<'a>(params: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![("AccountSid", ACCOUNT), ("CallSid", CALL)];
    all.extend_from_slice(params);
    all
}

#[test]
fn an_incoming_call() {
    let event = event(
        Hook::Voice,
        &[
            ("From", "+14155550100"),
            ("To", "+18005550101"),
            ("ForwardedFrom", "+12125550102"),
            ("StirVerstat", "TN-Validation-Passed-A"),
            ("CallStatus", "ringing"),
            ("SomethingNew", "x"),
        ],
    );
    assert_eq!((event.external_id.as_str(), event.contact), (CALL, token("c1")));
    let EventKind::CallOffered(offered) = event.kind else { panic!() };
    assert_eq!(offered.from.unwrap().expose(), "+14155550100");
    assert_eq!(offered.to.expose(), "+18005550101");
    assert_eq!(offered.diverted_from.unwrap().expose(), "+12125550102");
    assert_eq!(offered.trust, Trust::A);
}

#[test]
fn a_withheld_or_strange_number_keeps_nobody_out() {
    let odd =
        ["", "anonymous", "Anonymous", "Restricted", "+266696687", "266696687", "+7378742833", "client:jo", "+1", "🙏"];
    for from in odd {
        let event = event(Hook::Voice, &[("From", from), ("To", "+18005550101")]);
        let EventKind::CallOffered(offered) = event.kind else { panic!() };
        assert_eq!((offered.from, offered.trust), (None, Trust::None), "{from}");
    }
    let sip = event(Hook::Voice, &[("From", "sip:+14155550100@trunk.example"), ("To", "sip:line@holdfast.example")]);
    let EventKind::CallOffered(offered) = sip.kind else { panic!() };
    assert_eq!(offered.from.unwrap().expose(), "+14155550100");
}

#[test]
fn attestation_is_read_and_never_guessed() {
    let trust = |verstat| match event(Hook::Voice, &[("To", "988"), ("StirVerstat", verstat)]).kind {
        EventKind::CallOffered(offered) => offered.trust,
        _ => panic!(),
    };
    let read =
        ["TN-Validation-Passed-B", "TN-Validation-Passed-C-Passthrough", "TN-Validation-Failed-A", "No-TN-Validation"];
    assert_eq!(read.map(trust), [Trust::B, Trust::C, Trust::Failed, Trust::None]);
    assert_eq!(trust("TN-Validation-Passed"), Trust::None);
}

#[test]
fn a_dialed_leg_from_dialing_to_its_end() {
    let told = [
        ("initiated", LegState::Initiated),
        ("ringing", LegState::Ringing),
        ("in-progress", LegState::Answered),
        ("completed", LegState::Ended),
        ("busy", LegState::Failed(FailCause::Busy)),
        ("no-answer", LegState::Failed(FailCause::NoAnswer)),
        ("failed", LegState::Failed(FailCause::Failed)),
        ("canceled", LegState::Failed(FailCause::Canceled)),
    ];
    let mut keys = Vec::new();
    for (status, state) in told {
        let event = event(Hook::Leg, &[("CallStatus", status), ("SequenceNumber", "2")]);
        assert_eq!(event.kind, EventKind::LegState { label: token("leg-7"), state });
        assert_eq!(event.sequence, Some(2));
        keys.push(event.dedupe_key);
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), told.len());
    let unknown = reading(Hook::Status, &with_ids(&[("CallStatus", "daydreaming")]));
    assert_eq!(unknown, Ok(Reading::Ignored(Ignored::OtherCallStatus)));
}

#[test]
fn keys_and_waiting() {
    let pressed = event(Hook::Need, &[("Digits", "1")]);
    assert_eq!(pressed.kind, EventKind::Dtmf { digits: holdfast_carrier_codec::model::Digits::parse("1").unwrap() });
    let run_out = event(Hook::Need, &[]);
    assert!(matches!(&run_out.kind, EventKind::Dtmf { digits } if digits.is_empty()));
    let keys = [&pressed, &run_out, &event(Hook::Need, &[("Digits", "2")])].map(|event| event.dedupe_key.clone());
    assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[1] != keys[2]);
    assert_eq!(event(Hook::Need, &[("Digits", "1")]).dedupe_key, pressed.dedupe_key);
    assert_eq!(event(Hook::Wait, &[("QueueTime", "42")]).kind, EventKind::WaitTick { waited_s: Some(42) });
    assert_eq!(event(Hook::Wait, &[]).kind, EventKind::WaitTick { waited_s: None });
}

fn room_change(params: &[(&str, &str)]) -> MemberChange {
    let mut all = vec![
        ("ConferenceSid", ROOM),
        ("FriendlyName", "room-1"),
        ("ParticipantLabel", "leg-9"),
        ("SequenceNumber", "3"),
    ];
    all.extend_from_slice(params);
    let EventKind::RoomMember(member) = event(Hook::Room, &all).kind else { panic!() };
    assert_eq!((Some(member.room), member.label), (token("room-1"), token("leg-9")));
    assert_eq!(member.external_room_id, ROOM);
    member.change
}

#[test]
fn members_of_a_room() {
    let names = ["join", "hold", "unhold", "mute", "unmute"].map(|name| format!("participant-{name}"));
    let changes = names.map(|name| room_change(&[("StatusCallbackEvent", &name)]));
    use MemberChange::{Held, Joined, Muted, Unheld, Unmuted};
    assert_eq!(changes, [Joined, Held, Unheld, Muted, Unmuted]);
    let left = |reason, status| {
        let mut params = vec![("StatusCallbackEvent", "participant-leave")];
        params.extend([("ReasonParticipantLeft", reason), ("ParticipantCallStatus", status)]);
        room_change(&params)
    };
    let reasons = [
        ("participant_hung_up", "completed", LeftReason::HungUp),
        ("participant_updated_via_api", "in-progress", LeftReason::Removed),
        ("conference_ended_via_api", "completed", LeftReason::RoomEnded),
        ("moderator_ended_conference", "completed", LeftReason::LastExit),
        ("participant_add_failed", "busy", LeftReason::NeverJoined(FailCause::Busy)),
        ("", "no-answer", LeftReason::NeverJoined(FailCause::NoAnswer)),
        ("participant_add_failed", "", LeftReason::NeverJoined(FailCause::Failed)),
        ("", "", LeftReason::Unstated),
        ("something_new", "completed", LeftReason::Unstated),
    ];
    for (reason, status, expected) in reasons {
        assert_eq!(left(reason, status), MemberChange::Left(expected), "{reason} {status}");
    }
}

#[test]
fn room_events_without_a_member_are_ignored() {
    for (name, why) in [
        ("conference-start", Ignored::RoomItself),
        ("conference-end", Ignored::RoomItself),
        ("participant-speech-start", Ignored::OtherRoomEvent),
    ] {
        let params = [("AccountSid", ACCOUNT), ("StatusCallbackEvent", name)];
        assert_eq!(reading(Hook::Room, &params), Ok(Reading::Ignored(why)));
    }
}

#[test]
fn a_delivery_repeated_has_the_same_key_and_another_event_another() {
    let join = [("ConferenceSid", ROOM), ("FriendlyName", "r"), ("StatusCallbackEvent", "participant-join")];
    let with = |sequence| [&join[..], &[("SequenceNumber", sequence)]].concat();
    let key = |sequence| event(Hook::Room, &with(sequence)).dedupe_key;
    assert_eq!(key("1"), key("1"));
    assert_ne!(key("1"), key("4"));
}

#[test]
fn refusals_name_the_field() {
    use WebhookRefusal::{Malformed, Missing, OtherAccount, Repeated, TooLong};
    let long = "x".repeat(600);
    let cases: [(Hook, Params<'_>, WebhookRefusal); 9] = [
        (Hook::Voice, &[], Missing("AccountSid")),
        (Hook::Voice, &[("AccountSid", "AC1")], Malformed("AccountSid")),
        (Hook::Voice, &[("AccountSid", "AC00000000000000000000000000000002")], OtherAccount),
        (Hook::Voice, &[("AccountSid", ACCOUNT)], Missing("CallSid")),
        (Hook::Voice, &[("AccountSid", ACCOUNT), ("CallSid", "CA12")], Malformed("CallSid")),
        (Hook::Voice, &[("AccountSid", ACCOUNT), ("CallSid", CALL), ("To", "")], Missing("To")),
        (Hook::Voice, &[("AccountSid", ACCOUNT), ("CallSid", CALL), ("To", &long)], TooLong("To")),
        (
            Hook::Leg,
            &[("AccountSid", ACCOUNT), ("CallSid", CALL), ("CallStatus", "a"), ("CallStatus", "b")],
            Repeated("CallStatus"),
        ),
        (
            Hook::Leg,
            &[("AccountSid", ACCOUNT), ("CallSid", CALL), ("CallStatus", "busy"), ("SequenceNumber", "-1")],
            Malformed("SequenceNumber"),
        ),
    ];
    for (hook, params, expected) in cases {
        assert_eq!(reading(hook, params), Err(expected), "{params:?}");
    }
}

#[test]
fn an_event_shows_no_number() {
    let event = event(Hook::Voice, &[("From", "+14155550100"), ("To", "+18005550101")]);
    let shown = format!("{event:?}");
    assert!(!shown.contains("4155550100") && !shown.contains("8005550101"), "{shown}");
}
