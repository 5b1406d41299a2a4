//! Settings that cannot be used are refused when the service is made, with the account and the field.

use holdfast_carrier::{CarrierSettings, bind};
use holdfast_chassis::channel::{Address, RemoteSettings, connect};
use serde_json::{Value, json};

use crate::world::{ACCOUNT_SID, PUBLIC, TOKEN};

fn refusal(change: &Value, bounds: &Value) -> String {
    let mut account = json!({
        "name": "main", "vendor": "twilio", "account_sid": ACCOUNT_SID, "auth_token": TOKEN, "public_url": PUBLIC,
    });
    account.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let settings: Result<CarrierSettings, _> =
        serde_json::from_value(json!({ "accounts": [account], "bounds": bounds }));
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return error.to_string(),
    };
    let line = connect(&Address::Remote(RemoteSettings::new("http://127.0.0.1:1")), None).unwrap();
    bind(settings, line).err().map(|error| error.to_string()).unwrap_or_default()
}

#[tokio::test]
async fn what_cannot_be_used_is_named() {
    assert_eq!(refusal(&json!({}), &json!({})), "");
    for (change, says) in [
        (json!({ "account_sid": "AC1" }), "account `main`: account_sid: not an id"),
        (json!({ "public_url": "hooks.example.org" }), "account `main`: public_url: the public address must begin"),
        (json!({ "auth_token": "" }), "account `main`: auth_token: the secret is empty"),
        (json!({ "rest_base_url": "http://carrier.example" }), "account `main`: rest_base_url: the token would travel"),
        (json!({ "name": "a/b" }), "account `a/b`: name: the id has a character"),
        (json!({ "words": { "menu": { "10": "Press 10." } } }), "account `main`: words.menu: `10` is not a digit"),
        (json!({ "words": { "key_wait_s": 0 } }), "account `main`: words.key_wait_s: must be 1 to 60"),
        (json!({ "colour": 1 }), "unknown field `colour`"),
    ] {
        let said = refusal(&change, &json!({}));
        assert!(said.contains(says), "{said}");
        assert!(!said.contains(TOKEN));
    }
    assert_eq!(refusal(&json!({}), &json!({ "rest_in_flight": 0 })), "bounds.rest_in_flight must be at least 1");
}
