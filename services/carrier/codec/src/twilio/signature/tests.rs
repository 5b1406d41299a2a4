//! The keyring's own rules; vectors and random round trips are in `tests/`.

use super::*;

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

#[test]
fn a_keyring_needs_a_secret_and_keeps_its_bound() {
    assert_eq!(Keyring::new(vec![], vec![]).unwrap_err(), KeyringRefusal::Empty);
    assert_eq!(Keyring::new(vec![secret("a"); MAX_SECRETS + 1], vec![]).unwrap_err(), KeyringRefusal::TooMany);
    let key = |secrets| SharedKey { id: "k".into(), algorithm: Algorithm::HmacSha256, secrets };
    assert_eq!(Keyring::new(vec![], vec![key(vec![])]).unwrap_err(), KeyringRefusal::EmptySharedKey);
    let twice = vec![key(vec![secret("a")]), key(vec![secret("b")])];
    assert_eq!(Keyring::new(vec![], twice).unwrap_err(), KeyringRefusal::RepeatedId);
    let many = (0..=MAX_SHARED_KEYS).map(|n| SharedKey { id: n.to_string(), ..key(vec![secret("a")]) }).collect();
    assert_eq!(Keyring::new(vec![], many).unwrap_err(), KeyringRefusal::TooMany);
}

#[test]
fn url_variants_carry_and_drop_the_port() {
    let variants = |url| material::url_variants(url).unwrap();
    assert_eq!(variants("https://h.example/p?q=a:1"), ["https://h.example/p?q=a:1", "https://h.example:443/p?q=a:1"]);
    assert_eq!(variants("http://h:8080"), ["http://h", "http://h:8080"]);
    assert_eq!(variants("https://u:p@h?x=@/#f"), ["https://h?x=@/", "https://h:443?x=@/"]);
    assert_eq!(variants("https://[::1]/a"), ["https://[::1]/a", "https://[::1]:443/a"]);
    assert_eq!(material::url_variants("ftp://h/"), Err(VerifyRefusal::Url));
    assert_eq!(material::url_variants("https:///p"), Err(VerifyRefusal::Url));
}

#[test]
fn headers_are_bounded_and_never_doubled() {
    let two = [("X-Twilio-Signature", b"a".as_slice()), ("x-twilio-signature", b"a".as_slice())];
    assert_eq!(SignatureHeaders::collect(two).unwrap_err(), VerifyRefusal::RepeatedHeader);
    assert!(SignatureHeaders::collect(vec![("a", b"".as_slice()); MAX_HEADERS]).is_ok());
    let many = vec![("a", b"".as_slice()); MAX_HEADERS + 1];
    assert_eq!(SignatureHeaders::collect(many).unwrap_err(), VerifyRefusal::TooManyHeaders);
}
