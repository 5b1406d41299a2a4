//! Which addresses are ours. A browser says from which page a request comes; one from elsewhere must not ride on a cookie.

use std::net::{IpAddr, SocketAddr};

use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Uri};
use serde::{Deserialize, Serialize};

use crate::apart::ApartSettings;
use crate::listen::TlsSettings;

/// Public origins in the settings, at most.
pub const ORIGINS_MAX: usize = 32;

/// The `[web]` part of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebSettings {
    /// Origins by which browsers reach us where that is not what we listen on, such as `https://desk.example.org` behind
    /// something that ends TLS. At most [`ORIGINS_MAX`].
    pub public_origins: Vec<String>,
    /// An address of their own for desks, boards and sign-in, so that webhooks, health and metrics share nothing with them. None:
    /// everything is served at `http.address`. Its bounds are those of `[http]`, counted apart.
    pub address: Option<SocketAddr>,
    /// Certificate and key of that address; without TLS only loopback is accepted.
    pub tls: Option<TlsSettings>,
    /// The threads that boards, plain pages and metrics run on, apart from everything a contact needs.
    pub apart: ApartSettings,
}

/// Why the browser side does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebSettingsError {
    /// Not an origin.
    #[error(
        "web.public_origins: `{0}` is not an origin; write https://name or https://name:port, and nothing after it"
    )]
    NotAnOrigin(String),
    /// Sign-in would send tokens in the clear over a network.
    #[error("web.public_origins: `{0}` is plain http beyond this machine; tokens would travel in the clear, use https")]
    Plaintext(String),
    /// Too many.
    #[error("web.public_origins has {0} entries; at most {ORIGINS_MAX}")]
    TooMany(usize),
}

/// The origins of this process.
pub(super) struct Origins {
    tls: bool,
    public: Vec<String>,
}

/// Why a request's origin will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Missing,
    Foreign,
}

impl Origins {
    pub(super) fn new(settings: &WebSettings, tls: bool) -> Result<Self, WebSettingsError> {
        let given = &settings.public_origins;
        if given.len() > ORIGINS_MAX {
            return Err(WebSettingsError::TooMany(given.len()));
        }
        let public = given.iter().map(|origin| parse(origin)).collect::<Result<_, _>>()?;
        Ok(Self { tls, public })
    }

    /// Whether the request comes from a page of ours.
    pub(super) fn check(&self, request: &Parts) -> Result<(), Wrong> {
        let named = request.headers.get(ORIGIN).ok_or(Wrong::Missing)?;
        let named = named.to_str().map_err(|_| Wrong::Foreign)?.to_ascii_lowercase();
        let ours = self.public.contains(&named) || self.direct(request).is_some_and(|direct| direct == named);
        if ours { Ok(()) } else { Err(Wrong::Foreign) }
    }

    /// Whether the browser speaks TLS to whatever stands in front.
    pub(super) fn is_https(&self, request: &Parts) -> bool {
        let outside = host(request).and_then(|host| {
            self.public.iter().find(|origin| origin.split_once("://").is_some_and(|(_, name)| name == host))
        });
        outside.map_or(self.tls, |origin| origin.starts_with("https://"))
    }

    fn direct(&self, request: &Parts) -> Option<String> {
        let scheme = if self.tls { "https" } else { "http" };
        host(request).map(|host| format!("{scheme}://{host}"))
    }
}

/// The host and port a request asks for: HTTP/2 has it in the address, HTTP/1.1 in a header.
fn host(request: &Parts) -> Option<String> {
    let in_address = |uri: &Uri| uri.authority().map(|authority| authority.as_str().to_owned());
    let in_header = |headers: &HeaderMap| headers.get(HOST)?.to_str().ok().map(str::to_owned);
    in_address(&request.uri).or_else(|| in_header(&request.headers)).map(|host| host.to_ascii_lowercase())
}

fn parse(given: &str) -> Result<String, WebSettingsError> {
    let wrong = || WebSettingsError::NotAnOrigin(given.to_owned());
    let origin = given.to_ascii_lowercase();
    let uri: Uri = origin.parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(wrong()) };
    if origin != format!("{scheme}://{authority}") || authority.as_str().contains('@') {
        return Err(wrong());
    }
    let name = authority.host().trim_matches(['[', ']']);
    let local = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match scheme {
        "https" => Ok(origin),
        "http" if local => Ok(origin),
        "http" => Err(WebSettingsError::Plaintext(given.to_owned())),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(host: &str, origin: Option<&str>) -> Parts {
        let mut request = http::Request::builder().uri("/x").header(HOST, host);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn origins(public: &[&str], tls: bool) -> Result<Origins, WebSettingsError> {
        let public_origins = public.iter().map(|origin| (*origin).to_owned()).collect();
        Origins::new(&WebSettings { public_origins, ..WebSettings::default() }, tls)
    }

    #[test]
    fn only_our_own_pages_speak() {
        let plain = origins(&[], false).unwrap();
        let check = |origin| plain.check(&request("127.0.0.1:8080", origin));
        assert_eq!(check(Some("http://127.0.0.1:8080")), Ok(()));
        assert_eq!(check(None), Err(Wrong::Missing));
        for foreign in ["http://127.0.0.1", "https://127.0.0.1:8080", "http://evil.test", "null", ""] {
            assert_eq!(check(Some(foreign)), Err(Wrong::Foreign), "{foreign}");
        }
    }

    #[test]
    fn a_public_origin_decides_whether_the_outside_speaks_tls() {
        let behind = origins(&["https://Desk.example.org"], false).unwrap();
        let outside = request("desk.example.org", Some("https://desk.example.org"));
        assert_eq!(behind.check(&outside), Ok(()));
        assert!(behind.is_https(&outside));
        assert!(!behind.is_https(&request("127.0.0.1:8080", None)));
    }

    #[test]
    fn what_is_no_origin_is_named() {
        for wrong in ["desk.example.org", "https://desk.example.org/", "https://a@b", "ws://x", "https://x/y", ""] {
            assert_eq!(
                origins(&[wrong], false).err(),
                Some(WebSettingsError::NotAnOrigin(wrong.to_owned())),
                "{wrong}"
            );
        }
        let plain = "http://desk.example.org".to_owned();
        assert_eq!(origins(&[&plain], false).err(), Some(WebSettingsError::Plaintext(plain)));
        assert!(origins(&["http://localhost:8080", "http://[::1]:1"], false).is_ok());
        assert_eq!(origins(&["https://x"; 33], false).err(), Some(WebSettingsError::TooMany(33)));
    }
}
