//! the one binary: roles, command line, demo.
