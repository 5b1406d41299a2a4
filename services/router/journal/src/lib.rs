//! append, read from, snapshot: memory and disk.
