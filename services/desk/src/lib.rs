//! counselors' sessions and presence.
