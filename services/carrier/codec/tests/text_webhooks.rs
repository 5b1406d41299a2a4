//! Signed message webhooks: what a person wrote, the words that opt out, and how far our own messages got.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use holdfast_carrier_codec::callback::{Callback, Hook};
use holdfast_carrier_codec::limits::{MAX_VALUE_BYTES, encode_form};
use holdfast_carrier_codec::model::{Event, EventKind, OptOut, Text, TextProgress};
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::token::Token;
use holdfast_carrier_codec::twilio::sid::AccountSid;
use holdfast_carrier_codec::twilio::signature::{Algorithm, Keyring, SIGNATURE_HEADER, SignatureHeaders, sign_form};
use holdfast_carrier_codec::twilio::webhook::{Ignored, Reading, WebhookRefusal, opt_out_word, read};
use proptest::prelude::*;

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const MESSAGE: &str = "SM00000000000000000000000000000001";
const URL: &str = "https://h.example/x";

fn signed(hook: Hook, params: &[(&str, &str)]) -> Result<Reading, WebhookRefusal> {
    let secret = Secret::new("s").unwrap();
    let signature = sign_form(Algorithm::HmacSha1, &secret, URL, params);
    let headers = SignatureHeaders::collect([(SIGNATURE_HEADER, signature.as_bytes())]).unwrap();
    let keyring = Keyring::new(vec![secret], vec![]).unwrap();
    let verified = keyring.verify_form(URL, &headers, encode_form(params).as_bytes()).unwrap();
    let (account, contact) = (Token::parse("line-a").unwrap(), Token::parse("c1").ok());
    let callback = Callback { account, hook, contact, leg: None, message: Some(7) };
    read(&callback, &AccountSid::parse(ACCOUNT).unwrap(), &verified)
}

/// A webhook with the usual fields, and these laid over them; an empty value takes a field away.
fn reading(hook: Hook, params: &[(&str, &str)]) -> Result<Reading, WebhookRefusal> {
    let mut all = vec![("AccountSid", ACCOUNT), ("MessageSid", MESSAGE)];
    if hook == Hook::Text {
        all.extend([("From", "+14155550100"), ("To", "+18005550101"), ("NumMedia", "0"), ("NumSegments", "1")]);
    }
    all.retain(|(known, _)| params.iter().all(|(name, _)| name != known));
    all.extend(params.iter().filter(|(_, value)| !value.is_empty()));
    signed(hook, &all)
}

fn event(hook: Hook, params: &[(&str, &str)]) -> Event {
    match reading(hook, params).unwrap() {
        Reading::Event(event) => *event,
        Reading::Ignored(why) => panic!("ignored: {why:?}"),
    }
}

fn text(params: &[(&str, &str)]) -> Text {
    let EventKind::Text(text) = event(Hook::Text, params).kind else { panic!() };
    text
}

#[test]
fn what_a_person_wrote() {
    let event = event(Hook::Text, &[("Body", " ¿Estás ahí? 🙏\n"), ("NumMedia", "2"), ("SmsMessageSid", MESSAGE)]);
    assert_eq!(
        (event.external_id.as_str(), event.dedupe_key.as_str()),
        (MESSAGE, "SM00000000000000000000000000000001/text")
    );
    let shown = format!("{event:?}");
    let EventKind::Text(text) = event.kind else { panic!() };
    assert_eq!((text.from.expose(), text.to.expose()), ("+14155550100", "+18005550101"));
    assert_eq!(text.body.expose(), " ¿Estás ahí? 🙏\n", "as it was written");
    assert_eq!((text.media_count, text.opt_out, text.carrier_replied), (2, OptOut::None, false));
    assert!(!shown.contains("415") && !shown.contains("Est"), "{shown}");
}

#[test]
fn a_picture_needs_no_words_and_a_strange_count_loses_none() {
    assert_eq!(text(&[("NumMedia", "1")]).body.expose(), "");
    for count in ["", "many", "-1", "65536"] {
        assert_eq!(text(&[("Body", "hi"), ("NumMedia", count)]).media_count, 0, "{count}");
    }
    assert_eq!(text(&[("MessageSid", ""), ("SmsSid", MESSAGE), ("Body", "hi")]).body.expose(), "hi");
    assert_eq!(text(&[("MessageSid", "MM00000000000000000000000000000001"), ("Body", "hi")]).body.expose(), "hi");
    assert_eq!(text(&[("From", "741741"), ("To", "988")]).to.expose(), "988");
}

#[test]
fn the_longest_text_passes_whole_and_a_longer_one_than_any_carriers_is_named() {
    let longest = "🙏".repeat(1_600);
    assert_eq!(text(&[("Body", &longest)]).body.expose(), longest);
    let beyond = "x".repeat(MAX_VALUE_BYTES + 1);
    let refusal = holdfast_carrier_codec::limits::Form::parse(format!("Body={beyond}").as_bytes(), &["Body"]);
    assert_eq!(refusal.unwrap_err().to_string(), "field Body is longer than 16384 bytes");
}

#[test]
fn refusals_name_the_field_and_never_what_was_in_it() {
    use WebhookRefusal::{Malformed, Missing, OtherAccount, OtherChannel, Repeated};
    let cases: [(&[(&str, &str)], WebhookRefusal); 11] = [
        (&[("AccountSid", "AC00000000000000000000000000000002")], OtherAccount),
        (&[("MessageSid", "")], Missing("MessageSid")),
        (&[("MessageSid", "CA00000000000000000000000000000001")], Malformed("MessageSid")),
        (&[("From", "")], Missing("From")),
        (&[("From", "anonymous")], Malformed("From")),
        (&[("From", "+266696687")], Malformed("From")),
        (&[("From", "HOLDFAST")], Malformed("From")),
        (&[("From", "whatsapp:+14155550100")], OtherChannel("From")),
        (&[("To", "")], Missing("To")),
        (&[("To", "rcs:line")], OtherChannel("To")),
        (&[("Body", "one"), ("Body", "two")], Repeated("Body")),
    ];
    for (params, expected) in cases {
        assert_eq!(reading(Hook::Text, params), Err(expected), "{params:?}");
        assert!(!expected.to_string().contains("415"));
    }
}

#[test]
fn only_a_whole_word_opts_out_in_any_case() {
    let words = |meaning| match meaning {
        OptOut::MaybeStop => "stop UNSUBSCRIBE End quit STOPALL Revoke optout Cancel",
        OptOut::Start => "start UNSTOP Yes",
        _ => "help INFO",
    };
    for meaning in [OptOut::MaybeStop, OptOut::Start, OptOut::Help] {
        for word in words(meaning).split(' ') {
            for body in [word.to_owned(), format!("  {word}\r\n"), word.to_uppercase()] {
                let text = text(&[("Body", &body)]);
                assert_eq!((text.opt_out, text.carrier_replied), (meaning, true), "{body:?}");
            }
        }
    }
    for body in ["please make it stop", "stop.", "STOP ALL", "end it", "yes please", "s t o p", "", "ѕtop"] {
        assert_eq!((opt_out_word(body), text(&[("Body", body)]).carrier_replied), (None, false), "{body:?}");
    }
}

#[test]
fn the_carriers_own_judgement_comes_first() {
    let judged = |kind, body| {
        let text = text(&[("OptOutType", kind), ("Body", body)]);
        (text.opt_out, text.carrier_replied)
    };
    assert_eq!(judged("STOP", "alto"), (OptOut::Stop, true));
    assert_eq!(judged("START", "stop"), (OptOut::Start, true));
    assert_eq!(judged("HELP", "ayuda"), (OptOut::Help, true));
    assert_eq!(judged("SOMETHING_NEW", "hello"), (OptOut::None, true));
    assert_eq!(judged("SOMETHING_NEW", "stop"), (OptOut::MaybeStop, true));
}

#[test]
fn how_far_a_message_of_ours_got() {
    let told = [
        ("accepted", TextProgress::Queued),
        ("queued", TextProgress::Queued),
        ("sending", TextProgress::Queued),
        ("sent", TextProgress::Sent),
        ("delivered", TextProgress::Delivered),
        ("read", TextProgress::Read),
        ("undelivered", TextProgress::Failed(Some(30_003))),
        ("failed", TextProgress::Failed(Some(30_003))),
        ("canceled", TextProgress::Failed(Some(30_003))),
    ];
    let mut keys = std::collections::BTreeSet::new();
    for (status, progress) in told {
        let event = event(Hook::TextStatus, &[("MessageStatus", status), ("ErrorCode", "30003")]);
        assert_eq!(event.kind, EventKind::TextState { message: Some(7), progress }, "{status}");
        assert_eq!((event.external_id.as_str(), event.contact), (MESSAGE, Token::parse("c1").ok()));
        assert!(keys.insert(event.dedupe_key), "{status} is a fact of its own");
    }
    let failed = |code| event(Hook::TextStatus, &[("SmsStatus", "failed"), ("ErrorCode", code)]).kind;
    for code in ["", "none"] {
        assert_eq!(failed(code), EventKind::TextState { message: Some(7), progress: TextProgress::Failed(None) });
    }
    for status in ["received", "receiving", "daydreaming"] {
        let reading = reading(Hook::TextStatus, &[("MessageStatus", status)]);
        assert_eq!(reading, Ok(Reading::Ignored(Ignored::OtherTextStatus)));
    }
    assert_eq!(reading(Hook::TextStatus, &[]), Err(WebhookRefusal::Missing("MessageStatus")));
}

proptest! {
    #[test]
    fn any_words_come_through_as_they_were_written(body in any::<String>()) {
        prop_assume!(!body.is_empty());
        let read = text(&[("Body", &body)]);
        prop_assert_eq!(read.body.expose(), body.as_str());
    }

    #[test]
    fn a_word_within_other_words_opts_nobody_out(before in "[a-z]{1,8}", word in "(stop|end|quit|cancel|help|yes)") {
        for body in [format!("{before} {word}"), format!("{word} {before}")] {
            prop_assert_eq!(opt_out_word(&body), None);
        }
    }

    #[test]
    fn no_form_makes_it_panic(from in ".{0,20}", to in ".{0,20}", body in ".{0,40}", kind in ".{0,8}", media in ".{0,8}") {
        for hook in [Hook::Text, Hook::TextStatus] {
            let fields = [("From", from.as_str()), ("To", &to), ("Body", &body), ("OptOutType", &kind), ("NumMedia", &media)];
            let more = [("MessageStatus", kind.as_str()), ("ErrorCode", &media)];
            let _ = reading(hook, &[&fields[..], &more[..]].concat());
        }
    }
}
