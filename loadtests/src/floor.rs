//! Floors: what this machine can do at most on the same job, each in a process of its own, measured by the same program in the same run.
//!
//! None of them decides anything, remembers anybody or could be used for people: they are the cost of the wire and the disk alone.

pub mod append;
pub mod echo;
pub mod null_route;
