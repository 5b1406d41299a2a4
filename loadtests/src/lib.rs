//! Witnesses for Holdfast: a simulated carrier, people who call, and an auditor who compares what everybody saw.
//!
//! Nothing here decides anything about routing; it only plays the outside world over the real wire and keeps ledgers.

pub mod arrivals;
pub mod auditor;
pub mod callers;
pub mod carrier;
mod clock;
pub mod desks;
mod mark;
mod phrases;
mod prng;
pub mod writers;

pub use clock::RunClock;
pub use mark::Mark;
pub use prng::Prng;
