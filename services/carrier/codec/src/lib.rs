//! sans-I/O: verify, parse and render each carrier's dialect.
