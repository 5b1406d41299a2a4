//! Lets a webhook in: body within its bounds, signature over the configured public address, then the form.
//!
//! Host and forwarding headers are never consulted. A refusal names fields and reasons, never values.

use std::error::Error as _;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use holdfast_carrier_codec::callback::Callback;
use holdfast_carrier_codec::limits::MAX_BODY_BYTES;
use http::StatusCode;
use http_body_util::LengthLimitError;

use super::Answered;
use crate::account::Account;
use crate::vendor::{HookRefusal, Reading};

/// Reads and verifies a webhook.
pub(super) async fn let_in(
    account: &Account,
    callback: &Callback,
    path_and_query: &str,
    request: Request<Body>,
    body_within: Duration,
) -> Result<Reading, Answered> {
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(body_within, axum::body::to_bytes(body, MAX_BODY_BYTES)).await {
        Err(_) => {
            return Err(Answered::problem(StatusCode::REQUEST_TIMEOUT, "the body was too slow in coming", "slow"));
        }
        Ok(Err(error)) if error.source().is_some_and(|source| source.is::<LengthLimitError>()) => {
            return Err(too_large());
        }
        Ok(Err(_)) => {
            return Err(Answered::problem(StatusCode::BAD_REQUEST, "the body could not be read", "malformed"));
        }
        Ok(Ok(body)) => body,
    };
    let url = account.base.signed_url(path_and_query);
    account.vendor.read(callback, &url, &head.headers, &body).map_err(|refusal| match refusal {
        HookRefusal::TooLarge => too_large(),
        HookRefusal::TooManyHeaders => Answered::problem(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "the request has too many headers",
            "too_many_headers",
        ),
        HookRefusal::Forged(why) => Answered::problem(StatusCode::FORBIDDEN, why, "forged"),
        HookRefusal::Malformed(why) => Answered::problem(StatusCode::BAD_REQUEST, why, "malformed"),
    })
}

fn too_large() -> Answered {
    let detail = format!("the body is larger than {MAX_BODY_BYTES} bytes");
    Answered::problem(StatusCode::PAYLOAD_TOO_LARGE, detail, "too_large")
}
