//! What every answer to a browser carries: nothing from elsewhere, nothing inline, in nobody's frame, kept by no cache.
//!
//! The referrer policy is `same-origin`, not `no-referrer`: under the latter browsers send `Origin: null` with a form, and a
//! sign-in could not be told from a foreign page's. Nobody else learns an address of ours either way.

use axum::Router;
use axum::middleware::map_response;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue};

/// The content security policy, without exceptions: no inline script or style, no other host.
pub const CONTENT_POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"),
    (CACHE_CONTROL, "no-store"),
];

/// Puts the headers on every answer of these routes; what a page has set itself stays, so that an asset may be cached and a
/// page may be stricter. With `tls`, browsers are told to come back over TLS only.
pub fn harden(routes: Router, tls: bool) -> Router {
    routes.layer(map_response(move |mut response: Response| async move {
        let headers = response.headers_mut();
        for (name, value) in ALWAYS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if tls {
            let year = HeaderValue::from_static("max-age=31536000");
            headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(year);
        }
        response
    }))
}
