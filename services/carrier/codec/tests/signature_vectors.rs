//! Every Twilio signature vector made with the official library is accepted, and refused when one byte of it is changed.
#![expect(clippy::unwrap_used, reason = "tests")]

use holdfast_carrier_codec::limits::encode_form;
use holdfast_carrier_codec::secret::Secret;
use holdfast_carrier_codec::twilio::signature::{Algorithm, Keyring, SharedKey, SignatureHeaders, VerifyRefusal};
use serde_json::Value;

const VECTORS: &str = include_str!("data/webhook-signature-vectors.json");

struct Vector {
    keyring: Keyring,
    url: String,
    params: Option<Vec<(String, String)>>,
    raw: String,
    headers: Vec<(String, String)>,
}

impl Vector {
    fn verify(&self, url: &str, headers: &[(String, String)], raw: &[u8]) -> Result<(), VerifyRefusal> {
        let headers = SignatureHeaders::collect(headers.iter().map(|(n, v)| (n.as_str(), v.as_bytes())))?;
        match self.params {
            Some(_) => self.keyring.verify_form(url, &headers, raw).map(drop),
            None => self.keyring.verify_json(url, &headers, raw),
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap()
}

fn pairs(value: &Value) -> Vec<(String, String)> {
    let map = value.as_object().unwrap();
    map.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

fn vectors() -> Vec<Vector> {
    let all: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let of_twilio = all.iter().filter(|vector| text(vector, "scheme").starts_with("twilio"));
    of_twilio
        .map(|vector| {
            let (live, other) = (Secret::new(text(vector, "secret")).unwrap(), Secret::new("retired").unwrap());
            let headers = pairs(&vector["headers"]);
            let settings = headers.iter().find(|(name, _)| name.ends_with("Settings"));
            // The live secret stands second: a primary that does not match must not end the search.
            let secrets = vec![other, live];
            let keyring = match settings.map(|(_, value)| value.split([',', '=']).nth(1).unwrap().to_owned()) {
                Some(id) => Keyring::new(vec![], vec![SharedKey { id, algorithm: Algorithm::HmacSha256, secrets }]),
                None => Keyring::new(secrets, vec![]),
            };
            let params = vector.get("form").map(pairs);
            let raw = params.as_ref().map_or_else(|| text(vector, "body").to_owned(), |params| encode_form(params));
            Vector { keyring: keyring.unwrap(), url: text(vector, "url").to_owned(), params, raw, headers }
        })
        .collect()
}

/// The text with the lowest bit of one byte turned, for every ASCII byte of it.
fn flips(text: &str) -> impl Iterator<Item = String> {
    (0..text.len()).filter(|at| text.as_bytes()[*at].is_ascii()).map(move |at| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] ^= 1;
        String::from_utf8(bytes).unwrap()
    })
}

#[test]
fn accepts_every_vector() {
    assert_eq!(vectors().len(), 5);
    for vector in vectors() {
        assert_eq!(vector.verify(&vector.url, &vector.headers, vector.raw.as_bytes()), Ok(()), "{}", vector.url);
    }
}

#[test]
fn refuses_every_flipped_byte_of_the_url() {
    for vector in vectors() {
        for url in flips(&vector.url) {
            assert!(vector.verify(&url, &vector.headers, vector.raw.as_bytes()).is_err(), "{url}");
        }
    }
}

#[test]
fn refuses_every_flipped_byte_of_names_values_and_bodies() {
    for vector in vectors() {
        let Some(params) = &vector.params else {
            for body in flips(&vector.raw) {
                assert!(vector.verify(&vector.url, &vector.headers, body.as_bytes()).is_err(), "{body}");
            }
            continue;
        };
        for at in 0..params.len() {
            let (name, value) = &params[at];
            let names = flips(name).map(|name| (name, value.clone()));
            let values = flips(value).map(|value| (name.clone(), value));
            for pair in names.chain(values) {
                let mut changed = params.clone();
                changed[at] = pair;
                let raw = encode_form(&changed);
                assert!(vector.verify(&vector.url, &vector.headers, raw.as_bytes()).is_err(), "{raw}");
            }
            let mut fewer = params.clone();
            fewer.remove(at);
            let unsigned = params[at].0.len() + params[at].1.len() > 0;
            assert_eq!(vector.verify(&vector.url, &vector.headers, encode_form(&fewer).as_bytes()).is_err(), unsigned);
        }
    }
}

#[test]
fn refuses_every_flipped_byte_of_the_signature() {
    for vector in vectors() {
        for at in 0..vector.headers.len() {
            let (name, value) = &vector.headers[at];
            for changed in flips(value) {
                // A broken `algorithm` name is an unknown field, which is ignored: the algorithm is ours to say anyway.
                let key = value.split(',').next().unwrap();
                if name.ends_with("Settings") && changed.starts_with(key) && !changed.contains(",algorithm=") {
                    continue;
                }
                let mut headers = vector.headers.clone();
                headers[at].1 = changed;
                assert!(vector.verify(&vector.url, &headers, vector.raw.as_bytes()).is_err(), "{headers:?}");
            }
        }
    }
}
