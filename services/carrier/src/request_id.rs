//! Idempotency keys for the router: the same fact gives the same UUID, in whichever process and however often it is told.

use aws_lc_rs::digest::{Context, SHA256};
use uuid::Uuid;

/// A UUID made of what a command is about. Parts are separated by their lengths, so that no two lists of parts meet.
pub(crate) fn request_id(parts: &[&str]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(part.as_bytes());
    }
    let digest = context.finish();
    let first = digest.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(first).into_uuid().to_string()
}

/// A UUID for a command that is new each time it is decided on; keep it over retries.
pub(crate) fn fresh_request_id() -> String {
    Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_id_and_no_others_do() {
        let id = request_id(&["main", "voice", "CA1"]);
        assert_eq!(id, request_id(&["main", "voice", "CA1"]));
        assert_ne!(id, request_id(&["main", "voiceC", "A1"]));
        assert_ne!(id, request_id(&["main", "voice", "CA1", ""]));
        assert_eq!(Uuid::parse_str(&id).unwrap().get_version_num(), 8);
    }
}
