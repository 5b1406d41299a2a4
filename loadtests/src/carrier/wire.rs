//! Asks Holdfast's hooks over real HTTP: signs the public URL, connects to where Holdfast is now, bounds time and size.
//!
//! One request, one answer or failure. Trying again, and what failure means for a call, is decided elsewhere.

use super::ledger::HookFailure;
use super::settings::HooksBase;
use super::signing::Signer;
use super::twiml::DOCUMENT_BYTES;
use crate::clock::whole_us;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Holdfast's addresses remembered over restarts; the oldest are forgotten, and URLs with them become foreign.
const ORIGINS_KEPT: usize = 256;
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Parameters of a hook, in the order they are written.
pub(crate) type Form = Vec<(String, String)>;

/// A 2xx answer.
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(crate) took_us: u64,
}

/// The way to Holdfast.
pub(crate) struct Wire {
    client: reqwest::Client,
    signer: Signer,
    origins: RwLock<Origins>,
}

struct Origins {
    known: Vec<String>,
    now: HooksBase,
}

/// Scheme, host and port of an absolute URL.
pub(crate) fn origin_of(url: &str) -> Option<&str> {
    let scheme_end = url.find("://")? + 3;
    let rest = url.get(scheme_end..)?;
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    if host_end == 0 { None } else { url.get(..scheme_end + host_end) }
}

/// A URL as a document means it, seen from the document's own URL. `None` if it cannot be read.
pub(crate) fn resolve(seen_from: &str, url: &str) -> Option<String> {
    if origin_of(url).is_some() {
        return Some(url.to_owned());
    }
    reqwest::Url::parse(seen_from).ok()?.join(url).ok().map(String::from)
}

impl Wire {
    pub(crate) fn new(signer: Signer, base: HooksBase, limit: Duration) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_LIMIT)
            .timeout(limit)
            .user_agent("TwilioProxy/1.1")
            .build()?;
        let origins = RwLock::new(Origins { known: vec![base.public_origin.clone()], now: base });
        Ok(Self { client, signer, origins })
    }

    /// From now on Holdfast is there; URLs it gave out earlier follow it.
    pub(crate) fn move_to(&self, base: HooksBase) {
        let mut origins = self.origins.write().unwrap_or_else(PoisonError::into_inner);
        if !origins.known.contains(&base.public_origin) {
            origins.known.push(base.public_origin.clone());
            if origins.known.len() > ORIGINS_KEPT {
                origins.known.remove(0);
            }
        }
        origins.now = base;
    }

    /// The URL to sign and the URL to connect to; `None` if the URL is not Holdfast's.
    fn locate(&self, url: &str) -> Option<(String, String)> {
        let without_fragment = url.split('#').next().unwrap_or(url);
        let origin = origin_of(without_fragment)?;
        let origins = self.origins.read().unwrap_or_else(PoisonError::into_inner);
        if !origins.known.iter().any(|known| known == origin) {
            return None;
        }
        let path = without_fragment.get(origin.len()..)?;
        let public = format!("{}{path}", origins.now.public_origin);
        let connect = format!("{}{path}", origins.now.connect_origin.as_ref().unwrap_or(&origins.now.public_origin));
        Some((public, connect))
    }

    /// Posts a signed form. `token` is the same for all tries of one hook.
    pub(crate) async fn post(&self, url: &str, form: &Form, token: &str) -> Result<Answer, HookFailure> {
        let (public, connect) = self.locate(url).ok_or(HookFailure::Foreign)?;
        let asked = Instant::now();
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let sent = self
            .client
            .post(connect)
            .header("content-type", "application/x-www-form-urlencoded; charset=UTF-8")
            .header("x-twilio-signature", self.signer.sign(&public, form))
            .header("i-twilio-idempotency-token", token)
            .body(body)
            .send()
            .await;
        let mut response = sent.map_err(|error| failure_of(&error))?;
        if !response.status().is_success() {
            return Err(HookFailure::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| failure_of(&error))? {
            if body.len() + piece.len() > DOCUMENT_BYTES {
                return Err(HookFailure::BadDocument);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { body, took_us: whole_us(asked.elapsed()) })
    }
}

fn failure_of(error: &reqwest::Error) -> HookFailure {
    if error.is_connect() {
        HookFailure::Unreachable
    } else if error.is_timeout() {
        HookFailure::Silent
    } else {
        HookFailure::Cut
    }
}

#[cfg(test)]
mod tests {
    use super::{HooksBase, Signer, Wire, origin_of, resolve};
    use crate::carrier::Hidden;
    use std::time::Duration;

    #[test]
    fn relative_urls_are_seen_from_their_document() {
        let from = "http://127.0.0.1:80/v1/carriers/A/voice?x=1";
        assert_eq!(resolve(from, "/v1/next?b=2").as_deref(), Some("http://127.0.0.1/v1/next?b=2"));
        assert_eq!(resolve(from, "next").as_deref(), Some("http://127.0.0.1/v1/carriers/A/next"));
        assert_eq!(resolve(from, "https://h.example/x").as_deref(), Some("https://h.example/x"));
        assert_eq!(origin_of("https://h.example:8443?x"), Some("https://h.example:8443"));
        assert_eq!(origin_of("/x"), None);
    }

    #[test]
    fn urls_follow_holdfast_when_it_moves_and_foreign_ones_are_not_asked() {
        let base = |public: &str, connect: Option<&str>| HooksBase {
            public_origin: public.to_owned(),
            connect_origin: connect.map(str::to_owned),
        };
        let wire = Wire::new(Signer::new(&Hidden::new("t")).unwrap(), base("http://a:1", None), Duration::from_secs(1))
            .unwrap();
        wire.move_to(base("http://b:2", Some("http://127.0.0.1:3")));
        let there = ("http://b:2/x?y=1".to_owned(), "http://127.0.0.1:3/x?y=1".to_owned());
        assert_eq!(wire.locate("http://a:1/x?y=1#rc=2"), Some(there.clone()));
        assert_eq!(wire.locate("http://b:2/x?y=1"), Some(there));
        assert_eq!(wire.locate("http://elsewhere/x"), None);
        assert_eq!(wire.locate("http://a:11/x"), None);
    }
}
