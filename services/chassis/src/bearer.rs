//! The bearer token on the wire: the layer which demands it of clients, and the interceptor which attaches ours.
//!
//! Only `authorization: Bearer …` is read; cookies and client certificates are the faces' and TLS's business. The reply
//! to a missing and to a wrong token differs in its reason only, so that an operator can tell them apart and a stranger
//! learns nothing of use.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::{Either, Ready, ready};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use tonic::body::Body;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use tower::{Layer, Service};

use crate::access::AccessTable;
use crate::metrics;
use crate::settings::Secret;

/// The domain in every `ErrorInfo` of ours.
pub const ERROR_DOMAIN: &str = "holdfast";

/// Paths anyone may call: a load balancer has no token. They say whether we serve and what our wire looks like.
pub const EXEMPT_PREFIXES: [&str; 3] =
    ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// The bearer token of a request, if it carries a well-formed one. For gRPC and HTTP alike.
#[must_use]
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Lets requests with a known token through, with their [`Principal`](crate::access::Principal) in the extensions;
/// answers the rest with UNAUTHENTICATED and an `ErrorInfo` whose reason is `TOKEN_MISSING` or `TOKEN_UNKNOWN`.
#[derive(Debug, Clone)]
pub struct AccessLayer {
    table: AccessTable,
    exempt: Arc<[&'static str]>,
}

impl AccessLayer {
    /// A gate which asks `table`; [`EXEMPT_PREFIXES`] pass without a token.
    #[must_use]
    pub fn new(table: AccessTable) -> Self {
        Self { table, exempt: Arc::from(EXEMPT_PREFIXES.as_slice()) }
    }

    /// Replaces the path prefixes which pass without a token.
    #[must_use]
    pub fn exempt(mut self, prefixes: &[&'static str]) -> Self {
        self.exempt = Arc::from(prefixes);
        self
    }
}

impl<S> Layer<S> for AccessLayer {
    type Service = AccessService<S>;

    fn layer(&self, inner: S) -> AccessService<S> {
        AccessService { inner, gate: self.clone() }
    }
}

/// The service [`AccessLayer`] makes.
#[derive(Debug, Clone)]
pub struct AccessService<S> {
    inner: S,
    gate: AccessLayer,
}

impl<S, B> Service<Request<B>> for AccessService<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Response<Body>, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        if self.gate.exempt.iter().any(|prefix| path.starts_with(prefix)) {
            return Either::Left(self.inner.call(request));
        }
        let refusal = match bearer_token(request.headers()) {
            None => Refusal::Missing,
            Some(token) => match self.gate.table.lookup(token) {
                None => Refusal::Unknown,
                Some(principal) => {
                    request.extensions_mut().insert(principal);
                    // Nothing behind the gate needs the token, so nothing behind the gate can leak it.
                    request.headers_mut().remove(AUTHORIZATION);
                    return Either::Left(self.inner.call(request));
                }
            },
        };
        metrics::unauthenticated(refusal.reason());
        Either::Right(ready(Ok(refusal.status().into_http())))
    }
}

#[derive(Clone, Copy)]
enum Refusal {
    Missing,
    Unknown,
}

impl Refusal {
    const fn reason(self) -> &'static str {
        match self {
            Self::Missing => "TOKEN_MISSING",
            Self::Unknown => "TOKEN_UNKNOWN",
        }
    }

    fn status(self) -> Status {
        let message = match self {
            Self::Missing => "send `authorization: Bearer <token>`",
            Self::Unknown => "this token belongs to nobody here; ask an administrator for one",
        };
        let details = ErrorDetails::with_error_info(self.reason(), ERROR_DOMAIN, HashMap::new());
        Status::with_error_details(Code::Unauthenticated, message, details)
    }
}

/// The token holds bytes no header may hold; it was not made by [`generate_token`](crate::access::generate_token).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token holds bytes which no header may hold; generate a new one")]
pub struct MalformedToken;

/// Attaches a token to each outgoing request. Without one it attaches nothing.
#[derive(Clone, Default)]
pub struct Bearer {
    value: Option<MetadataValue<Ascii>>,
}

impl Bearer {
    /// Attaches `token`.
    ///
    /// # Errors
    /// [`MalformedToken`] if it cannot stand in a header.
    pub fn new(token: &Secret) -> Result<Self, MalformedToken> {
        let mut value: MetadataValue<Ascii> =
            format!("Bearer {}", token.expose()).parse().map_err(|_| MalformedToken)?;
        // Keeps it out of HPACK's dynamic table and out of Debug output.
        value.set_sensitive(true);
        Ok(Self { value: Some(value) })
    }

    /// Attaches nothing: for health checks.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.value.is_some() { "set" } else { "unset" };
        f.debug_tuple("Bearer").field(&state).finish()
    }
}

impl tonic::service::Interceptor for Bearer {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, Status> {
        if let Some(value) = &self.value {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}
