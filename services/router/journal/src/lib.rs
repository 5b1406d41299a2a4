//! append, read from, snapshot: memory and disk.
pub mod record;
