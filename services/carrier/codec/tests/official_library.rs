//! 500 random requests, right and slightly wrong, judged by us and by Twilio's own Python library: the verdicts must agree.
//!
//! Needs an interpreter with the `twilio` package: `python3`, or the one named by `HOLDFAST_ORACLE_PYTHON`. Without one the
//! test says so loudly and compares nothing; with the variable set, a missing package is a failure.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use holdfast_carrier_codec::limits::encode_form;
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::twilio::signature::{
    Algorithm, Keyring, SETTINGS_HEADER, SIGNATURE_HEADER, SharedKey, SignatureHeaders, sign_form,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const CASES: usize = 500;
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
    let all = ("[ -~]{1,40}", any::<bool>(), url, params, spoil);
    // Deterministic: a disagreement found once is found again.
    let mut runner = TestRunner::deterministic();
    let mut next = || all.new_tree(&mut runner).unwrap().current();
    (0..CASES).map(|_| spoiled(next())).collect()
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

fn their_answers(python: &str, cases: &[Case]) -> Vec<Value> {
    let mut lines = String::new();
    for Case { token, algorithm, url, params, signature } in cases {
        let algorithm = algorithm.name();
        let case =
            json!({"token": token, "algorithm": algorithm, "url": url, "params": params, "signature": signature});
        lines.push_str(&format!("{case}\n"));
    }
    let mut oracle = Command::new(python).arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = oracle.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = oracle.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn agrees_with_the_official_library() {
    let named = std::env::var("HOLDFAST_ORACLE_PYTHON").ok();
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let probe = Command::new(&python).args(["-c", "import twilio"]).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        assert_eq!(named, None, "the interpreter in HOLDFAST_ORACLE_PYTHON has no twilio package");
        // Straight to the stream: the test harness would swallow a printed line of a passing test.
        let said = "SKIPPED: no python3 with the twilio package; set HOLDFAST_ORACLE_PYTHON to compare with the official library\n";
        std::io::stderr().write_all(said.as_bytes()).unwrap();
        return;
    }
    let cases = cases();
    let answers = their_answers(&python, &cases);
    assert_eq!(answers.len(), CASES);
    let mut accepted = 0;
    for (case, answer) in cases.iter().zip(answers) {
        let ours = sign_form(case.algorithm, &Secret::new(case.token.as_str()).unwrap(), &case.url, &case.params);
        assert_eq!(answer["signature"], json!(ours), "{case:?}");
        assert_eq!(answer["valid"], json!(our_verdict(case)), "{case:?}");
        accepted += usize::from(our_verdict(case));
    }
    // Both verdicts must occur often, or the comparison proves little.
    assert!((100..=CASES - 50).contains(&accepted), "{accepted} accepted");
}
