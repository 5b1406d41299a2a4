//! A Holdfast that fits on a page: verifies signatures, answers documents, asks the carrier's REST API, remembers hooks.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::twilio::signature::{Keyring, SignatureHeaders};
use holdfast_loadtests::carrier::{Carrier, CarrierSettings, Hidden};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "carrier-test-token-0001";

/// A hook as it came in: its path, and its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) path: String,
    pub(crate) form: BTreeMap<String, String>,
}

impl Hook {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }
}

type Answers = Box<dyn Fn(&Hook, usize) -> (u16, String) + Send + Sync>;

struct Inner {
    origin: String,
    keyring: Keyring,
    answers: Mutex<Answers>,
    hooks: watch::Sender<Vec<Hook>>,
    forged: Mutex<usize>,
}

#[derive(Clone)]
pub(crate) struct FakeHoldfast {
    inner: Arc<Inner>,
}

impl FakeHoldfast {
    /// `answers` is given each voice-side hook and how many came before it on the same path.
    pub(crate) async fn start(answers: impl Fn(&Hook, usize) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = Arc::new(Inner {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            keyring: Keyring::new(vec![Secret::new(TOKEN).unwrap()], vec![]).unwrap(),
            answers: Mutex::new(Box::new(answers)),
            hooks: watch::Sender::new(Vec::new()),
            forged: Mutex::new(0),
        });
        let app = Router::new().fallback(hook).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { inner }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.inner.origin
    }

    pub(crate) fn settings(&self) -> CarrierSettings {
        let voice_url = format!("{}/voice?line=988", self.origin());
        let mut settings = CarrierSettings::new(ACCOUNT, Hidden::new(TOKEN), voice_url);
        settings.status_url = Some(format!("{}/status", self.origin()));
        settings.speed = 20.0;
        settings.retry_pause_ms = 5;
        settings
    }

    /// Waits until the hooks so far satisfy `seen`.
    pub(crate) async fn wait_for(&self, seen: impl Fn(&[Hook]) -> bool) -> Vec<Hook> {
        let mut hooks = self.inner.hooks.subscribe();
        let waited = tokio::time::timeout(Duration::from_secs(20), hooks.wait_for(|hooks| seen(hooks))).await;
        let hooks = waited.expect("the hooks waited for did not come").unwrap().clone();
        assert_eq!(*self.inner.forged.lock().unwrap(), 0, "a hook came with a wrong signature");
        hooks
    }
}

async fn hook(State(inner): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let url = format!("{}{uri}", inner.origin);
    let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let signature = SignatureHeaders::collect(pairs).unwrap();
    let Ok(form) = inner.keyring.verify_form(&url, &signature, &body) else {
        *inner.forged.lock().unwrap() += 1;
        return (StatusCode::FORBIDDEN, String::new());
    };
    let form = form.form().pairs().iter().cloned().collect();
    let hook = Hook { path: uri.path().to_owned(), form };
    let before = inner.hooks.borrow().iter().filter(|earlier| earlier.path == hook.path).count();
    let (status, document) = (inner.answers.lock().unwrap())(&hook, before);
    inner.hooks.send_modify(|hooks| hooks.push(hook));
    (StatusCode::from_u16(status).unwrap(), document)
}

/// A document that puts a person in the room `contact-NUMBER`.
pub(crate) fn waiting_room(contact: &str) -> String {
    format!(
        "<Response><Say>Stay</Say><Dial><Conference startConferenceOnEnter=\"false\" endConferenceOnExit=\"true\" \
         waitUrl=\"/wait\" statusCallback=\"/room\" statusCallbackEvent=\"start end join leave hold\">contact-{contact}\
         </Conference></Dial></Response>"
    )
}

/// A client of the carrier's REST API.
pub(crate) struct Rest {
    client: reqwest::Client,
    base: String,
}

impl Rest {
    pub(crate) fn of(carrier: &Carrier) -> Self {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
        Self { client, base: format!("{}/2010-04-01/Accounts/{ACCOUNT}", carrier.rest_base_url()) }
    }

    /// Status and body; status 0 is a broken connection.
    pub(crate) async fn ask(&self, method: &str, path: &str, form: &[(&str, &str)]) -> (u16, serde_json::Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = if path.starts_with('/') {
            format!("{}{path}", self.base.split("/2010").next().unwrap())
        } else {
            format!("{}/{path}", self.base)
        };
        let request = self.client.request(method, url).basic_auth(ACCOUNT, Some(TOKEN)).form(form);
        let Ok(response) = request.send().await else { return (0, serde_json::Value::Null) };
        let status = response.status().as_u16();
        match response.text().await {
            Ok(text) => (status, serde_json::from_str(&text).unwrap_or_default()),
            Err(_cut) => (0, serde_json::Value::Null),
        }
    }

    pub(crate) async fn dial(&self, room: &str, to: &str, label: &str, listener: &str) -> (u16, serde_json::Value) {
        let form = [
            ("From", "+15550000988"),
            ("To", to),
            ("Label", label),
            ("Timeout", "20"),
            ("EndConferenceOnExit", "false"),
            ("StatusCallback", listener),
            ("StatusCallbackEvent", "initiated ringing answered completed"),
        ];
        self.ask("POST", &format!("Conferences/{room}/Participants.json"), &form).await
    }
}
