//! 700 random webhooks, right and slightly wrong, judged by us and by Twilio's own Python library: the verdicts must agree. And
//! requests to send and list messages, written by both: they must ask for the same.
//!
//! Needs an interpreter with the `twilio` package: `python3`, or the one named by `HOLDFAST_ORACLE_PYTHON`. Without one the
//! test says so loudly and compares nothing; with the variable set, a missing package is a failure.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use holdfast_carrier_codec::limits::{Form, encode_form};
use holdfast_carrier_codec::model::{PhoneNumber, SendText, Words};
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::twilio::rest::Rest;
use holdfast_carrier_codec::twilio::sid::AccountSid;
use holdfast_carrier_codec::twilio::signature::{
    Algorithm, Keyring, SETTINGS_HEADER, SIGNATURE_HEADER, SharedKey, SignatureHeaders, sign_form,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const CASES: usize = 500;
const MESSAGE_CASES: usize = 200;
const MESSAGE_URL: &str =
    "https://line\\.example/v1/carriers/[a-z]{1,4}/text(-status\\?contact=[0-9a-f]{32}&message=[1-9])?";
const ACCOUNT: &str = "AC00000000000000000000000000000001";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/twilio_oracle.py");

#[derive(Debug)]
struct Case {
    token: String,
    algorithm: Algorithm,
    url: String,
    params: Vec<(String, String)>,
    signature: String,
}

fn cases() -> Vec<Case> {
    let params = prop::collection::vec(("[a-cA-C_é🙏]{1,2}", prop_oneof!["[ab]{0,2}", any::<String>()]), 0..8);
    let url = "https?://[a-z]{1,8}\\.example(:443|:80|:8443)?/[a-z/]{0,8}(\\?[a-c=&]{1,8})?";
    let spoil = prop_oneof![Just(0), Just(0), 1..6u8];
    let all = ("[ -~]{1,40}", any::<bool>(), url, params, spoil.clone());
    let of_messages = ("[ -~]{1,40}", any::<bool>(), MESSAGE_URL, message_params(), spoil);
    // Deterministic: a disagreement found once is found again.
    let mut runner = TestRunner::deterministic();
    let mut cases: Vec<Case> = (0..CASES).map(|_| spoiled(all.new_tree(&mut runner).unwrap().current())).collect();
    cases.extend((0..MESSAGE_CASES).map(|_| spoiled(of_messages.new_tree(&mut runner).unwrap().current())));
    cases
}

/// The parameters of a message or of a receipt, in the carrier's names, with words of every kind.
fn message_params() -> impl Strategy<Value = Vec<(String, String)>> {
    let words = prop_oneof![Just("STOP".to_owned()), Just("¿Estás ahí? 🙏\r\n".to_owned()), any::<String>()];
    let number = "\\+1[2-9][0-9]{2}555[0-9]{4}";
    let sid = "SM[0-9a-f]{32}";
    let told = prop_oneof![Just("delivered"), Just("undelivered"), Just("sent"), Just("")];
    (words, number, sid, told, 0..3_usize).prop_map(|(body, from, sid, told, media)| {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut all = vec![pair("MessageSid", &sid), pair("SmsSid", &sid), pair("From", &from), pair("To", "988")];
        all.extend([pair("Body", &body), pair("NumMedia", &media.to_string()), pair("ErrorCode", "")]);
        all.extend((0..media).map(|at| pair(&format!("MediaUrl{at}"), "https://api.example/2010/Media/ME1?a=b&c=d")));
        if !told.is_empty() {
            all.extend([pair("MessageStatus", told), pair("SmsStatus", told)]);
        }
        all
    })
}

impl Case {
    fn json(&self) -> Value {
        let Self { token, algorithm, url, params, signature } = self;
        json!({"token": token, "algorithm": algorithm.name(), "url": url, "params": params, "signature": signature})
    }
}

/// A signed request, and for some of them one thing changed after signing.
fn spoiled((token, sha256, url, params, spoil): (String, bool, String, Vec<(String, String)>, u8)) -> Case {
    let algorithm = if sha256 { Algorithm::HmacSha256 } else { Algorithm::HmacSha1 };
    let signature = sign_form(algorithm, &Secret::new(token.as_str()).unwrap(), &url, &params);
    let mut case = Case { token, algorithm, url, params, signature };
    match spoil {
        1 => case.url.push('x'),
        2 => case.params.push(("b".into(), "z".into())),
        3 => drop(case.params.pop()),
        4 => case.signature = case.signature.to_lowercase(),
        5 => case.params.reverse(),
        _ => {}
    }
    case
}

fn our_verdict(case: &Case) -> bool {
    let secrets = vec![Secret::new(case.token.as_str()).unwrap()];
    let shared = SharedKey { id: "k".into(), algorithm: case.algorithm, secrets };
    let keyring = Keyring::new(vec![], vec![shared]).unwrap();
    let headers = [(SIGNATURE_HEADER, case.signature.as_bytes()), (SETTINGS_HEADER, b"key=k".as_slice())];
    let headers = SignatureHeaders::collect(headers).unwrap();
    keyring.verify_form(&case.url, &headers, encode_form(&case.params).as_bytes()).is_ok()
}

/// The library's answers to cases, one a line.
fn their_answers(python: &str, cases: &[Value]) -> Vec<Value> {
    let lines: String = cases.iter().map(|case| format!("{case}\n")).collect();
    let mut oracle = Command::new(python).arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = oracle.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = oracle.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An interpreter that has the library; `None` says loudly that nothing is compared.
fn interpreter() -> Option<String> {
    let named = std::env::var("HOLDFAST_ORACLE_PYTHON").ok();
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let probe = Command::new(&python).args(["-c", "import twilio"]).stderr(Stdio::null()).status();
    if probe.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    assert_eq!(named, None, "the interpreter in HOLDFAST_ORACLE_PYTHON has no twilio package");
    // Straight to the stream: the test harness would swallow a printed line of a passing test.
    let said = "SKIPPED: no python3 with the twilio package; set HOLDFAST_ORACLE_PYTHON to compare with the official library\n";
    std::io::stderr().write_all(said.as_bytes()).unwrap();
    None
}

#[test]
fn agrees_with_the_official_library() {
    let Some(python) = interpreter() else { return };
    let cases = cases();
    let asked: Vec<Value> = cases.iter().map(Case::json).collect();
    let answers = their_answers(&python, &asked);
    assert_eq!(answers.len(), CASES + MESSAGE_CASES);
    let mut accepted = 0;
    for (case, answer) in cases.iter().zip(answers) {
        let ours = sign_form(case.algorithm, &Secret::new(case.token.as_str()).unwrap(), &case.url, &case.params);
        assert_eq!(answer["signature"], json!(ours), "{case:?}");
        assert_eq!(answer["valid"], json!(our_verdict(case)), "{case:?}");
        accepted += usize::from(our_verdict(case));
    }
    // Both verdicts must occur often, or the comparison proves little.
    assert!((100..=CASES + MESSAGE_CASES - 50).contains(&accepted), "{accepted} accepted");
}

/// The fields of a form or a query, without their order.
fn pairs(encoded: &str) -> BTreeMap<String, String> {
    let form = Form::parse(encoded.as_bytes(), &[]).unwrap();
    form.pairs().iter().cloned().collect()
}

fn of_library(request: &Value, part: &str) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    request[part].as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

#[test]
fn asks_for_messages_as_the_official_library_does() {
    let Some(python) = interpreter() else { return };
    let mut runner = TestRunner::deterministic();
    let strategy =
        ("\\+1[2-9][0-9]{2}555[0-9]{4}", any::<String>(), "https://h\\.example/t\\?contact=[a-f]{4}&message=[1-9]");
    let cases: Vec<_> = (0..100).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    let asked = cases.iter().map(|(to, body, url)| {
        json!({ "account": ACCOUNT, "to": to, "from": "988", "body": body, "status_url": url, "page_size": 100 })
    });
    let answers = their_answers(&python, &asked.collect::<Vec<_>>());
    let rest = Rest::new(&AccountSid::parse(ACCOUNT).unwrap());
    for ((to, body, url), answer) in cases.into_iter().zip(answers) {
        let (to, from) = (PhoneNumber::parse(&to).unwrap(), PhoneNumber::parse("988").unwrap());
        let (listed, send) =
            (rest.list_texts(&to, &from, 100), SendText { to, from, body: Words::new(body), status_url: Some(url) });
        let (sent, create, list) = (rest.send_text(&send), &answer["create"], &answer["list"]);
        assert_eq!(pairs(&sent.body()), of_library(create, "data"));
        let (path, query) = listed.path_and_query.split_once('?').unwrap();
        assert_eq!(pairs(query), of_library(list, "params"));
        for (request, path) in [(create, sent.path_and_query.as_str()), (list, path)] {
            assert_eq!(request["url"], json!(format!("https://api.twilio.com{path}")));
        }
        assert_eq!((create["method"].as_str(), list["method"].as_str()), (Some("POST"), Some("GET")));
    }
}
