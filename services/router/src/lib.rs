//! the one queue and its one writer.
