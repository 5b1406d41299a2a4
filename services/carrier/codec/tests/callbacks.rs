//! Callback URLs: what we build we read, and nothing else passes for ours.
#![expect(clippy::unwrap_used, reason = "tests")]

use holdfast_carrier_codec::callback::{Callback, CallbackRefusal, Hook, PublicBase, PublicBaseRefusal};
use holdfast_carrier_codec::token::{Token, TokenRefusal};
use proptest::prelude::*;

fn token(text: &str) -> Token {
    Token::parse(text).unwrap()
}

#[test]
fn builds_the_documented_shape() {
    let base = PublicBase::parse("https://hook.example.org/edge/").unwrap();
    let all = Callback {
        account: token("line-a"),
        hook: Hook::Leg,
        contact: Some(token("c_1")),
        leg: Some(token("l-2")),
        message: None,
    };
    assert_eq!(base.url(&all), "https://hook.example.org/edge/v1/carriers/line-a/leg?contact=c_1&leg=l-2");
    let leg_only = Callback { contact: None, ..all.clone() };
    assert_eq!(leg_only.path_and_query(), "/v1/carriers/line-a/leg?leg=l-2");
    let message = Callback { hook: Hook::TextStatus, leg: None, message: Some(12), ..all };
    assert_eq!(message.path_and_query(), "/v1/carriers/line-a/text-status?contact=c_1&message=12");
    assert_eq!(base.signed_url("/v1/x?a=%20"), "https://hook.example.org/edge/v1/x?a=%20");
}

#[test]
fn refuses_what_is_not_ours() {
    let refused = |text: &str| Callback::parse(text).unwrap_err();
    assert_eq!(refused("/v1/carriers/a"), CallbackRefusal::Path);
    assert_eq!(refused("/v2/carriers/a/voice"), CallbackRefusal::Path);
    assert_eq!(refused("/v1/carriers/a/voice/"), CallbackRefusal::Hook);
    assert_eq!(refused("/v1/carriers/a/Voice"), CallbackRefusal::Hook);
    assert_eq!(refused("/v1/carriers//voice"), CallbackRefusal::Account(TokenRefusal::Empty));
    assert_eq!(refused("/v1/carriers/a/leg?leg=a%20b"), CallbackRefusal::Leg(TokenRefusal::Alphabet(1)));
    assert_eq!(refused("/v1/carriers/a/leg?contact="), CallbackRefusal::Contact(TokenRefusal::Empty));
    assert_eq!(refused("/v1/carriers/a/leg?leg=a&leg=a"), CallbackRefusal::Repeated);
    for message in ["", "0", "-1", "01", "+1", "1.5", "4294967296", "%31"] {
        let text = format!("/v1/carriers/a/text-status?message={message}");
        assert_eq!(refused(&text), CallbackRefusal::Message, "{text}");
    }
    assert_eq!(refused("/v1/carriers/a/text-status?message=1&message=2"), CallbackRefusal::Repeated);
    assert!(Callback::parse("/v1/carriers/a/voice?other=%%&contact=c").is_ok());
}

#[test]
fn refuses_unusable_public_addresses() {
    for (text, why) in [
        ("hook.example.org", PublicBaseRefusal::Scheme),
        ("ftp://h", PublicBaseRefusal::Scheme),
        ("https://", PublicBaseRefusal::Host),
        ("https://:443", PublicBaseRefusal::Host),
        ("https://u:p@h", PublicBaseRefusal::Host),
        ("https://h?x", PublicBaseRefusal::Shape),
        ("https://h#x", PublicBaseRefusal::Shape),
        ("https://h x", PublicBaseRefusal::Shape),
    ] {
        assert_eq!(PublicBase::parse(text), Err(why), "{text}");
    }
}

proptest! {
    #[test]
    fn reads_what_it_builds(
        account in "[A-Za-z0-9_-]{1,64}",
        hook in 0..Hook::ALL.len(),
        contact in prop::option::of("[A-Za-z0-9_-]{1,30}"),
        leg in prop::option::of("[A-Za-z0-9_-]{1,30}"),
        message in prop::option::of(1..=u32::MAX),
    ) {
        prop_assume!(Token::parse(&account).is_ok());
        let built = Callback {
            account: token(&account),
            hook: Hook::ALL[hook],
            contact: contact.as_deref().map(token),
            leg: leg.as_deref().map(token),
            message,
        };
        prop_assert_eq!(Callback::parse(&built.path_and_query()), Ok(built));
    }

    #[test]
    fn never_panics(text: String) {
        let _ = Callback::parse(&format!("/v1/carriers/{text}"));
        let _ = PublicBase::parse(&format!("https://{text}"));
    }
}
