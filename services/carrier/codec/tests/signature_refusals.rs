//! What must never verify: the weaknesses found in vendors' own packages, and random single-byte changes.
#![expect(clippy::unwrap_used, reason = "tests")]

use holdfast_carrier_codec::limits::{FormRefusal, MAX_BODY_BYTES, encode_form};
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::twilio::signature::{
    Algorithm, Keyring, SETTINGS_HEADER, SIGNATURE_HEADER, SharedKey, SignatureHeaders, VerifyRefusal, body_sha256_hex,
    sign_form, sign_json,
};
use proptest::prelude::*;

const URL: &str = "https://hook.example.org/v1/carriers/a/voice?contact=c1";
const NONE: [(&str, &str); 0] = [];

fn secret() -> Secret {
    Secret::new("carrier-test-token-0001").unwrap()
}

fn keyring() -> Keyring {
    Keyring::new(vec![secret()], vec![]).unwrap()
}

fn headers(signature: &str) -> SignatureHeaders<'_> {
    SignatureHeaders::collect([(SIGNATURE_HEADER, signature.as_bytes())]).unwrap()
}

fn verify(url: &str, signature: &str, raw: &[u8]) -> Result<(), VerifyRefusal> {
    keyring().verify_form(url, &headers(signature), raw).map(drop)
}

#[test]
fn a_signature_of_the_bare_url_lets_no_body_in() {
    let bare = sign_form(Algorithm::HmacSha1, &secret(), URL, &NONE);
    assert_eq!(verify(URL, &bare, b""), Ok(()));
    assert_eq!(verify(URL, &bare, b"CallSid=evil&From=%2B1999"), Err(VerifyRefusal::Mismatch));
    assert_eq!(verify(URL, &bare, b"&&&"), Err(VerifyRefusal::UnsignedBody));
    assert_eq!(keyring().verify_json(URL, &headers(&bare), b"{}"), Err(VerifyRefusal::MissingBodyHash));
    assert_eq!(keyring().verify_json(URL, &headers(&bare), b""), Ok(()));
}

#[test]
fn the_vendor_accepted_forgery_is_refused() {
    // The captured signature of the bare URL and the forged body of the vector that a vendor's validator accepts.
    let keyring = Keyring::new(vec![Secret::new("PSK_test_0001").unwrap()], vec![]).unwrap();
    let refused = keyring.verify_form(
        "https://hook.example.org/sw/voice",
        &headers("ZAG9O55ihtvd9tmX63I16HR2OVw="),
        b"CallSid=evil&From=%2B1999",
    );
    assert_eq!(refused.unwrap_err(), VerifyRefusal::Mismatch);
}

#[test]
fn a_form_route_never_takes_the_url_hash_in_place_of_the_parameters() {
    let raw = b"CallSid=evil";
    let url = format!("{URL}&bodySHA256={}", body_sha256_hex(raw));
    let signature = sign_json(Algorithm::HmacSha1, &secret(), &url);
    assert_eq!(keyring().verify_json(&url, &headers(&signature), raw), Ok(()));
    assert_eq!(verify(&url, &signature, raw), Err(VerifyRefusal::Mismatch));
    let two = format!("{url}&bodySHA256={}", body_sha256_hex(b"other"));
    let signature = sign_json(Algorithm::HmacSha1, &secret(), &two);
    assert_eq!(keyring().verify_json(&two, &headers(&signature), raw), Err(VerifyRefusal::BodyHashMismatch));
}

#[test]
fn the_query_the_scheme_and_the_host_are_signed() {
    let params = [("A", "x"), ("MediaUrl", "b"), ("MediaUrl", "a")];
    let signature = sign_form(Algorithm::HmacSha1, &secret(), URL, &params);
    let raw = encode_form(&params);
    assert_eq!(verify(URL, &signature, raw.as_bytes()), Ok(()));
    assert!(verify(&URL.replace("?contact=c1", ""), &signature, raw.as_bytes()).is_err());
    assert!(verify(&URL.replace("https", "http"), &signature, raw.as_bytes()).is_err());
    assert!(verify(&URL.replace("hook.", "evil."), &signature, raw.as_bytes()).is_err());
    // Repeated names are signed with all their values, not only one of them.
    assert!(verify(URL, &signature, b"A=x&MediaUrl=b").is_err());
    assert!(verify(URL, &signature, b"A=x&MediaUrl=a").is_err());
}

#[test]
fn repeats_count_once_and_names_sort_by_byte() {
    let url = "https://hook.example.org/carrier/twilio/line-a/voice?t=1";
    let repeated = sign_form(
        Algorithm::HmacSha1,
        &secret(),
        url,
        &[("MediaUrl", "b"), ("MediaUrl", "a"), ("MediaUrl", "a"), ("A", "x")],
    );
    let once = sign_form(Algorithm::HmacSha1, &secret(), url, &[("A", "x"), ("MediaUrl", "a"), ("MediaUrl", "b")]);
    assert_eq!(repeated, once);
    let cased = sign_form(Algorithm::HmacSha1, &secret(), url, &[("a", "1"), ("B", "2"), ("b", "3"), ("A", "4")]);
    let by_hand = sign_form(Algorithm::HmacSha1, &secret(), &format!("{url}A4B2a1b3"), &NONE);
    assert_eq!(cased, by_hand);
}

#[test]
fn the_port_is_forgiven_and_nothing_else_of_the_authority() {
    let params = [("A", "x")];
    for signed in [URL.to_owned(), URL.replace(".org", ".org:443")] {
        let signature = sign_form(Algorithm::HmacSha1, &secret(), &signed, &params);
        assert_eq!(verify(URL, &signature, b"A=x"), Ok(()));
        assert_eq!(verify(&URL.replace(".org", ".org:443"), &signature, b"A=x"), Ok(()));
        assert!(verify(&URL.replace(".org", ".org:444"), &signature, b"A=y").is_err());
    }
}

#[test]
fn a_header_cannot_choose_the_algorithm_or_the_key() {
    let shared =
        SharedKey { id: "webhooks_sharedkey_1".into(), algorithm: Algorithm::HmacSha256, secrets: vec![secret()] };
    let keyring = Keyring::new(vec![], vec![shared]).unwrap();
    let sha1 = sign_form(Algorithm::HmacSha1, &secret(), URL, &[("A", "x")]);
    let sha256 = sign_form(Algorithm::HmacSha256, &secret(), URL, &[("A", "x")]);
    let verify = |signature: &str, settings: Option<&str>| {
        let signed = [(SIGNATURE_HEADER, signature.as_bytes())].into_iter();
        let headers =
            SignatureHeaders::collect(signed.chain(settings.map(|s| (SETTINGS_HEADER, s.as_bytes())))).unwrap();
        keyring.verify_form(URL, &headers, b"A=x").map(drop)
    };
    assert_eq!(verify(&sha256, Some("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256")), Ok(()));
    assert_eq!(verify(&sha256, Some("key=webhooks_sharedkey_1")), Ok(()));
    let downgrade = Some("key=webhooks_sharedkey_1,algorithm=HMAC_SHA1");
    assert_eq!(verify(&sha1, downgrade), Err(VerifyRefusal::AlgorithmMismatch));
    assert_eq!(verify(&sha1, None), Err(VerifyRefusal::UnknownKey));
    assert_eq!(verify(&sha256, Some("key=other,algorithm=HMAC_SHA256")), Err(VerifyRefusal::UnknownKey));
    for broken in ["", "key", "algorithm=HMAC_SHA256", "key=a,key=b"] {
        assert_eq!(verify(&sha256, Some(broken)), Err(VerifyRefusal::MalformedSettings), "{broken}");
    }
}

#[test]
fn unsigned_and_oversized_requests_are_refused() {
    let unsigned = keyring().verify_form(URL, &SignatureHeaders::default(), b"A=x");
    assert_eq!(unsigned.unwrap_err(), VerifyRefusal::MissingSignature);
    let large = vec![b'a'; MAX_BODY_BYTES + 1];
    assert_eq!(verify(URL, "", &large), Err(VerifyRefusal::Form(FormRefusal::BodyTooLarge)));
    assert_eq!(verify(URL, "", b"A=x"), Err(VerifyRefusal::Mismatch));
}

fn params() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("[a-zA-Z0-9_é]{1,12}", any::<String>()), 1..12)
}

proptest! {
    #[test]
    fn what_is_signed_verifies(params in params(), path in "[a-z0-9/]{0,20}(\\?[a-z=&]{0,10})?", sha256: bool) {
        let url = format!("https://hook.example.org/{path}");
        let algorithm = if sha256 { Algorithm::HmacSha256 } else { Algorithm::HmacSha1 };
        let signature = sign_form(algorithm, &secret(), &url, &params);
        let raw = encode_form(&params);
        let shared = SharedKey { id: "k".into(), algorithm, secrets: vec![secret()] };
        let keyring = Keyring::new(vec![], vec![shared]).unwrap();
        let all = [(SIGNATURE_HEADER, signature.as_bytes()), (SETTINGS_HEADER, b"key=k".as_slice())];
        let verified = keyring.verify_form(&url, &SignatureHeaders::collect(all).unwrap(), raw.as_bytes()).unwrap();
        prop_assert_eq!(verified.form().pairs(), params.as_slice());
    }

    #[test]
    fn one_changed_byte_does_not(params in params(), at: prop::sample::Index, bit in 0..7u8) {
        let signature = sign_form(Algorithm::HmacSha1, &secret(), URL, &params);
        let signed: Vec<u8> = concatenated(&params);
        let mut raw = encode_form(&params).into_bytes();
        let at = at.index(raw.len());
        raw[at] ^= 1 << bit;
        // A change may only move the border between a name and its value, or of two equal pairs: Twilio signs those alike.
        let changed = holdfast_carrier_codec::limits::Form::parse(&raw, &[]).map(|form| concatenated(form.pairs()));
        prop_assume!(changed.as_ref() != Ok(&signed));
        prop_assert!(verify(URL, &signature, &raw).is_err());
    }
}

fn concatenated(params: &[(String, String)]) -> Vec<u8> {
    let mut pairs: Vec<_> = params.to_vec();
    pairs.sort();
    pairs.dedup();
    pairs.into_iter().flat_map(|(name, value)| [name.into_bytes(), value.into_bytes()].concat()).collect()
}
