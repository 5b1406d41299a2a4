//! The session cookie: the bearer token, where no script and no other site gets at it.
//!
//! It has no lifetime of its own and so ends with the browser; desks stand in shared rooms. Over TLS its name begins with
//! `__Host-`, which browsers accept only from the host itself, over TLS, for every path.
//!
//! There are two, one for desks and one for everybody else: whoever watches the board may sit down at a desk of the same browser
//! by a one-time code and keep the board. The form of the sign-in replaces both.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::COOKIE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use crate::access::TOKEN_BYTES_MAX;
use crate::settings::Secret;

/// Which of the two cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Desk,
    Board,
}

impl Place {
    pub(super) const BOTH: [Self; 2] = [Self::Desk, Self::Board];

    const fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Desk, true) => "__Host-holdfast-desk",
            (Self::Desk, false) => "holdfast-desk",
            (Self::Board, true) => "__Host-holdfast",
            (Self::Board, false) => "holdfast",
        }
    }
}

/// The cookie that signs in. A token may hold bytes that a cookie may not, and so travels as base64url.
pub(super) fn begin(token: &Secret, https: bool, place: Place) -> Option<HeaderValue> {
    let value = zeroize::Zeroizing::new(URL_SAFE_NO_PAD.encode(token.expose()));
    let secure = if https { "; Secure" } else { "" };
    let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict{secure}", place.name(https), value.as_str());
    sensitive(&cookie)
}

/// The cookie that signs out.
pub(super) fn end(https: bool, place: Place) -> Option<HeaderValue> {
    let secure = if https { "; Secure" } else { "" };
    sensitive(&format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{secure}", place.name(https)))
}

fn sensitive(cookie: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(cookie).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The token in one of a request's cookies, if it is there.
pub(super) fn token(request: &Parts, https: bool, place: Place) -> Option<Secret> {
    let value = find(&request.headers, place.name(https))?;
    // Four digits carry three bytes: what is longer holds no token of ours.
    if value.len() > TOKEN_BYTES_MAX.div_ceil(3) * 4 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
    String::from_utf8(bytes).ok().map(Secret::from)
}

fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_goes_out_guarded_and_comes_back_as_the_token() {
        let secret = Secret::from("odd; \u{e9} token".to_owned());
        for (https, flags) in [(true, "SameSite=Strict; Secure"), (false, "SameSite=Strict")] {
            let cookie = begin(&secret, https, Place::Desk).unwrap();
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.ends_with(&format!("; Path=/; HttpOnly; {flags}")), "{cookie}");
            let pair = cookie.split(';').next().unwrap();
            let request = http::Request::builder().header(COOKIE, format!("other=1; {pair}; more=2"));
            let parts = request.body(()).unwrap().into_parts().0;
            assert!(token(&parts, https, Place::Desk).unwrap() == secret);
            assert!(
                token(&parts, !https, Place::Desk).is_none(),
                "a cookie of plain http must not do over TLS, nor the other way"
            );
            assert!(token(&parts, https, Place::Board).is_none());
        }
    }
}
