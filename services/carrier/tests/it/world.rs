//! One service under test with its two fakes, and how webhooks are signed and posted to it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use holdfast_carrier::CarrierSettings;
use holdfast_carrier_codec::limits::encode_form;
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::twilio::signature::{Algorithm, SIGNATURE_HEADER, sign_form};
use holdfast_chassis::channel::{Address, RemoteSettings, connect};
use holdfast_chassis::shutdown::Shutdown;
use reqwest::{Client, Response};
use serde_json::json;
use tokio::net::TcpListener;

use crate::router::FakeRouter;
use crate::twilio::FakeTwilio;

pub(crate) const CONTACT: &str = "00112233445566778899aabbccddeeff";
pub(crate) const CALL: &str = "CA00000000000000000000000000000001";
pub(crate) const ACCOUNT_SID: &str = "AC0123456789abcdef0123456789abcdef";
pub(crate) const PUBLIC: &str = "https://hooks.example.org";
pub(crate) const TOKEN: &str = "carrier-test-token-0001";
pub(crate) const SECOND_TOKEN: &str = "carrier-test-token-0002";
/// Longer than anything here takes; only a broken test meets it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Now, by the wall clock.
pub(crate) fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// The service and its surroundings. Dropping it stops the service.
pub(crate) struct World {
    pub(crate) router: FakeRouter,
    pub(crate) twilio: FakeTwilio,
    pub(crate) origin: String,
    pub(crate) client: Client,
    shutdown: Shutdown,
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

/// Settings with short waits; `bounds` are laid over them.
fn settings(rest: &str, bounds: &serde_json::Value) -> CarrierSettings {
    let mut all = json!({
        "doubt_grace_ms": 300, "doubt_list_every_ms": 20, "doubt_list_every_most_ms": 50,
        "rest_within_ms": 1_000, "reconcile_every_ms": 600_000, "reconcile_fresh_ms": 1, "answer_within_ms": 5_000,
    });
    let laid = bounds.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(laid);
    serde_json::from_value(json!({
        "accounts": [{
            "name": "main", "vendor": "twilio", "account_sid": ACCOUNT_SID, "auth_token": TOKEN,
            "auth_token_secondary": SECOND_TOKEN, "public_url": PUBLIC, "rest_base_url": rest,
            "words": { "menu": { "1": "For veterans, press 1.", "3": "For youth & friends, press 3." } },
        }],
        "bounds": all,
    }))
    .unwrap()
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(json!({})).await
    }

    pub(crate) async fn with(bounds: serde_json::Value) -> Self {
        Self::over(FakeRouter::start().await, FakeTwilio::start().await, bounds).await
    }

    /// A service over fakes that exist already: a restart of the service is a second world over the same ones.
    pub(crate) async fn over(router: FakeRouter, twilio: FakeTwilio, bounds: serde_json::Value) -> Self {
        let address = Address::Remote(RemoteSettings::new(format!("http://{}", router.address)));
        let line = connect(&address, None).unwrap();
        let service = holdfast_carrier::bind(settings(&twilio.origin, &bounds), line).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (routes, shutdown) = (service.routes(), Shutdown::new());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        tokio::spawn(service.run(shutdown.clone()));
        Self { router, twilio, origin, client: Client::new(), shutdown }
    }

    /// Stops the service, and waits until it has let go of all it was at.
    pub(crate) async fn stop(&self) {
        self.shutdown.trigger();
        self.shutdown.drain(PATIENCE).await.unwrap();
    }

    /// Posts a webhook as the carrier would, signed with the primary token.
    pub(crate) async fn hook(&self, path_and_query: &str, fields: &[(&str, &str)]) -> Response {
        let form = form(fields);
        let signature = sign(TOKEN, path_and_query, &form);
        self.post(path_and_query, encode_form(&form), Some(signature)).await
    }

    pub(crate) async fn post(&self, path_and_query: &str, body: String, signature: Option<String>) -> Response {
        let mut request = self.client.post(format!("{}{path_and_query}", self.origin)).body(body);
        request = request.header("content-type", "application/x-www-form-urlencoded");
        if let Some(signature) = signature {
            request = request.header(SIGNATURE_HEADER, signature);
        }
        request.send().await.unwrap()
    }
}

pub(crate) fn form(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = vec![("AccountSid".to_owned(), ACCOUNT_SID.to_owned()), ("CallSid".to_owned(), CALL.to_owned())];
    for (name, value) in fields {
        form.retain(|(known, _)| known != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    form
}

pub(crate) fn sign(token: &str, path_and_query: &str, form: &[(String, String)]) -> String {
    sign_form(Algorithm::HmacSha1, &Secret::new(token).unwrap(), &format!("{PUBLIC}{path_and_query}"), form)
}
