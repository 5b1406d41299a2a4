//! The form parser's bounds and refusals, at and just past each bound.

use holdfast_carrier_codec::limits::{
    Field, Form, FormRefusal, MAX_BODY_BYTES, MAX_NAME_BYTES, MAX_PARAMETERS, MAX_VALUE_BYTES, Repeated, encode_form,
};
use proptest::prelude::*;

fn parse(raw: &[u8]) -> Result<Form, FormRefusal> {
    Form::parse(raw, &["From"])
}

#[test]
fn decodes_as_a_browser_would() {
    let form = parse("a=1+2&b=%C2%BF%F0%9f%99%8F&c&=d&e==f&&g=¿".as_bytes()).unwrap();
    let pairs: Vec<_> = form.pairs().iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(pairs, [("a", "1 2"), ("b", "¿🙏"), ("c", ""), ("", "d"), ("e", "=f"), ("g", "¿")]);
}

#[test]
fn holds_each_bound() {
    assert!(parse(&vec![b'&'; MAX_BODY_BYTES]).is_ok());
    assert_eq!(parse(&vec![b'&'; MAX_BODY_BYTES + 1]), Err(FormRefusal::BodyTooLarge));
    assert!(parse("a=b&".repeat(MAX_PARAMETERS).as_bytes()).is_ok());
    assert_eq!(parse("a=b&".repeat(MAX_PARAMETERS + 1).as_bytes()), Err(FormRefusal::TooManyParameters));
    assert!(parse("%41".repeat(MAX_NAME_BYTES).as_bytes()).is_ok());
    assert_eq!(parse("a".repeat(MAX_NAME_BYTES + 1).as_bytes()), Err(FormRefusal::NameTooLong(Field::At(0))));
    let value = "v".repeat(MAX_VALUE_BYTES);
    assert!(parse(format!("From={value}").as_bytes()).is_ok());
    assert_eq!(parse(format!("From={value}v").as_bytes()), Err(FormRefusal::ValueTooLong(Field::Named("From"))));
}

#[test]
fn refuses_broken_encodings_by_name_and_never_by_value() {
    for raw in ["From=%", "From=%4", "From=%zz", "From=%+1", "From=a%4"] {
        assert_eq!(parse(raw.as_bytes()), Err(FormRefusal::BadEscape(Field::Named("From"))), "{raw}");
    }
    assert_eq!(parse(b"a=b&+14155550100=%ff"), Err(FormRefusal::NotUtf8(Field::At(1))));
    let shown = format!("{0} {0:?}", parse(b"a=b&+14155550100=%ff").unwrap_err());
    assert!(!shown.contains("415"), "{shown}");
    assert_eq!(format!("{:?}", parse(b"From=%2B14155550100").unwrap()), "Form(1 parameters)");
}

#[test]
fn a_repeated_field_is_one_only_if_its_values_agree() {
    assert_eq!(parse(b"a=1&a=1").unwrap().get("a"), Ok(Some("1")));
    assert_eq!(parse(b"a=1&a=2").unwrap().get("a"), Err(Repeated));
    assert_eq!(parse(b"a=1").unwrap().get("b"), Ok(None));
}

proptest! {
    #[test]
    fn never_panics(raw in prop::collection::vec(any::<u8>(), 0..2048)) {
        let _ = parse(&raw);
    }

    #[test]
    fn never_panics_on_almost_a_form(raw in "[a-c%=&+0-9A-Fé\\x00]{0,200}") {
        let _ = parse(raw.as_bytes());
    }

    #[test]
    fn reads_back_what_is_encoded(pairs in prop::collection::vec(("[a-z%&=+ é]{1,8}", any::<String>()), 0..20)) {
        let form = parse(encode_form(&pairs).as_bytes()).unwrap();
        prop_assert_eq!(form.pairs(), pairs.as_slice());
    }
}
