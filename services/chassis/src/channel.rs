//! The one way from service to service: a [`Line`] with keepalive, a token and honest deadlines, over TCP or in process.
//!
//! Every service takes a `Line` and cannot tell which: in one process the same gRPC runs through a [`Door`]. A line
//! connects by itself when first used and again whenever it broke; retrying a call is the caller's decision, since only
//! the caller knows whether its request is idempotent (see [`crate::backoff`]).

use std::path::PathBuf;
use std::time::Duration;

use http::Uri;
use serde::{Deserialize, Serialize};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};
use tower::Layer;

use crate::access::{Bearer, MalformedToken};
use crate::deadline::{Timed, TimedLayer};
use crate::settings::Secret;

mod door;

pub(crate) use door::Stack;
pub use door::{Door, Way};

/// A channel with our token on each request and deadlines that hold. What every generated client is built over.
pub type Line = InterceptedService<Timed<Way>, Bearer>;

/// How often an idle or busy line asks whether the other side is there. Without it a half-open line stays dead for ever.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// How long the other side may take to answer that.
pub const KEEPALIVE_WAIT: Duration = Duration::from_secs(5);

/// How long a connection attempt may take, TLS included.
pub const CONNECT_WAIT: Duration = Duration::from_secs(2);

/// The longest deadline a request may leave with. Requests without a deadline stay without.
pub const DEADLINE_CAP: Duration = Duration::from_secs(30);

/// The largest response headers accepted, in bytes.
const HEADER_BYTES_MAX: u32 = 16 * 1024;

/// Requests that may wait for a line, at most; further calls wait in their callers.
const BUFFERED_MAX: usize = 1024;

/// Another process's server, as written in a settings file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteSettings {
    /// `http://host:port` (loopback only) or `https://host:port`.
    pub uri: String,
    /// The certificate authority of the server, in PEM; needed for https. Our services trust the authority they are
    /// told of and not the hundred that a browser trusts.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The name the server's certificate must bear, if not the host in `uri`.
    #[serde(default)]
    pub server_name: Option<String>,
}

impl RemoteSettings {
    /// A server by its uri, with no TLS options.
    #[must_use]
    pub fn new(uri: impl Into<String>) -> Self {
        Self { uri: uri.into(), ca_file: None, server_name: None }
    }
}

/// Where a service is found.
#[derive(Debug, Clone)]
pub enum Address {
    /// In another process, over TCP.
    Remote(RemoteSettings),
    /// In this process, behind a door.
    InProcess(Door),
}

/// Why there is no line. A line is lazy, so these are mistakes in the settings and never the other side's absence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Not a uri with scheme and host.
    #[error("`{uri}` is not a uri; write http://host:port or https://host:port")]
    MalformedUri {
        /// As given.
        uri: String,
    },
    /// A token and a person's words would travel in plaintext.
    #[error("refusing to speak plaintext to {uri}; use https:// beyond this machine")]
    PlaintextBeyondLoopback {
        /// As given.
        uri: String,
    },
    /// https, and no word on whom to trust.
    #[error("{uri} needs a certificate authority to be trusted by; set ca_file")]
    AuthorityMissing {
        /// As given.
        uri: String,
    },
    /// The certificate authority's file cannot be read.
    #[error("cannot read the certificate authority {}: {source}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The TLS options do not fit.
    #[error("the tls options for {uri} do not fit: {source}")]
    Tls {
        /// As given.
        uri: String,
        /// Why.
        source: tonic::transport::Error,
    },
    /// The token cannot stand in a header.
    #[error(transparent)]
    Token(#[from] MalformedToken),
}

/// A lazy line to `address`, with `token` on each request. Must be called inside a runtime.
///
/// A call on a line whose other side is absent ends with UNAVAILABLE after at most [`CONNECT_WAIT`].
///
/// # Errors
/// See [`ConnectError`].
pub fn connect(address: &Address, token: Option<&Secret>) -> Result<Line, ConnectError> {
    let bearer = token.map_or_else(|| Ok(Bearer::none()), Bearer::new)?;
    let way = match address {
        Address::Remote(remote) => Way::Remote(remote_endpoint(remote)?.connect_lazy()),
        Address::InProcess(door) => Way::InProcess(door.clone()),
    };
    let timed = TimedLayer::new(DEADLINE_CAP).layer(way);
    Ok(InterceptedService::new(timed, bearer))
}

fn remote_endpoint(remote: &RemoteSettings) -> Result<Endpoint, ConnectError> {
    let malformed = || ConnectError::MalformedUri { uri: remote.uri.clone() };
    let uri: Uri = remote.uri.parse().map_err(|_| malformed())?;
    let host = uri.host().ok_or_else(malformed)?;
    let encrypted = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err(malformed()),
    };
    if !encrypted && !is_loopback(host) {
        return Err(ConnectError::PlaintextBeyondLoopback { uri: remote.uri.clone() });
    }
    let endpoint = tuned(Endpoint::from(uri)).connect_timeout(CONNECT_WAIT);
    if !encrypted {
        return Ok(endpoint);
    }
    crate::crypto::install_default();
    let mut tls = ClientTlsConfig::new().timeout(CONNECT_WAIT);
    let path = remote.ca_file.as_ref().ok_or_else(|| ConnectError::AuthorityMissing { uri: remote.uri.clone() })?;
    let pem = std::fs::read(path).map_err(|source| ConnectError::Authority { path: path.clone(), source })?;
    tls = tls.ca_certificate(Certificate::from_pem(pem));
    if let Some(name) = &remote.server_name {
        tls = tls.domain_name(name.clone());
    }
    endpoint.tls_config(tls).map_err(|source| ConnectError::Tls { uri: remote.uri.clone(), source })
}

fn tuned(endpoint: Endpoint) -> Endpoint {
    endpoint
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_WAIT)
        .keep_alive_while_idle(true)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .buffer_size(BUFFERED_MAX)
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plaintext_is_spoken_to_this_machine_only() {
        for uri in ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"] {
            assert!(remote_endpoint(&RemoteSettings::new(uri)).is_ok(), "{uri}");
        }
        for uri in ["http://10.0.0.7:1", "http://router:1", "http://localhost.example:1"] {
            let refused = remote_endpoint(&RemoteSettings::new(uri));
            assert!(matches!(refused, Err(ConnectError::PlaintextBeyondLoopback { .. })), "{uri}");
        }
        for uri in ["", "router", "ftp://router:1", "/path"] {
            let refused = remote_endpoint(&RemoteSettings::new(uri));
            assert!(matches!(refused, Err(ConnectError::MalformedUri { .. })), "{uri}");
        }
    }
}
