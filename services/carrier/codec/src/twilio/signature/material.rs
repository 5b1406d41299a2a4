//! What goes under a signature: the URL's variants, the sorted parameters, the body's hash, the settings header.

use std::fmt::Write as _;

use aws_lc_rs::digest;

use super::VerifyRefusal;
use crate::limits::MAX_URL_BYTES;

/// The lowercase hexadecimal SHA-256 of a body, as `bodySHA256` carries it.
#[must_use]
pub fn body_sha256_hex(raw: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in digest::digest(&digest::SHA256, raw).as_ref() {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The parameters in signing order: by name, then by value, equal pairs once.
pub(super) fn sorted<N: AsRef<str>, V: AsRef<str>>(params: &[(N, V)]) -> Vec<(&str, &str)> {
    let mut pairs: Vec<_> = params.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The URL without its fragment, which is never sent and never signed.
pub(super) fn bare(url: &str) -> &str {
    url.split('#').next().unwrap_or_default()
}

/// The URL without a port and with one: Twilio drops the port for voice and keeps it for text.
pub(super) fn url_variants(url: &str) -> Result<[String; 2], VerifyRefusal> {
    if url.len() > MAX_URL_BYTES {
        return Err(VerifyRefusal::Url);
    }
    let (scheme, rest) = bare(url).split_once("://").ok_or(VerifyRefusal::Url)?;
    let standard_port = match scheme {
        "https" => "443",
        "http" => "80",
        _ => return Err(VerifyRefusal::Url),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).ok_or(VerifyRefusal::Url)?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if host.is_empty() {
        return Err(VerifyRefusal::Url);
    }
    let port = port.unwrap_or(standard_port);
    Ok([format!("{scheme}://{host}{path}"), format!("{scheme}://{host}:{port}{path}")])
}

/// The body's hash stated in the URL's query, if any.
pub(super) fn body_hash(url: &str) -> Result<Option<&str>, VerifyRefusal> {
    let query = bare(url).split_once('?').map_or("", |(_, query)| query);
    let mut hashes = query.split('&').filter_map(|piece| piece.strip_prefix("bodySHA256="));
    let first = hashes.next();
    // Two hashes would leave it to chance which one binds the body.
    if hashes.next().is_some() {
        return Err(VerifyRefusal::BodyHashMismatch);
    }
    Ok(first)
}

/// The key id and, if named, the algorithm of a settings header: `key=…,algorithm=…`.
pub(super) fn settings(raw: &[u8]) -> Result<(&str, Option<&str>), VerifyRefusal> {
    let text = str::from_utf8(raw).map_err(|_| VerifyRefusal::MalformedSettings)?;
    let (mut key, mut algorithm) = (None, None);
    for piece in text.split(',') {
        let (name, value) = piece.split_once('=').ok_or(VerifyRefusal::MalformedSettings)?;
        let slot = match name.trim() {
            "key" => &mut key,
            "algorithm" => &mut algorithm,
            _ => continue,
        };
        if slot.replace(value.trim()).is_some() {
            return Err(VerifyRefusal::MalformedSettings);
        }
    }
    Ok((key.ok_or(VerifyRefusal::MalformedSettings)?, algorithm))
}
