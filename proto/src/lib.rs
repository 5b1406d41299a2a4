//! the wire and nothing else.
