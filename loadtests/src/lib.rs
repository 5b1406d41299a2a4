//! Witnesses for Holdfast: a simulated carrier, people who call, and an auditor who compares what everybody saw.
//!
//! Nothing here decides anything about routing; it only plays the outside world over the real wire and keeps ledgers. `lean` plays the
//! same world as cheaply as it can, without ledgers, for runs in which the machine is to be busy with Holdfast; `floor` has the programs
//! that such runs are compared with. `scenario`, `load` and `report` run a load that is written down and say whether it held.

pub mod arrivals;
pub mod auditor;
pub mod callers;
pub mod carrier;
mod clock;
pub mod compare;
pub mod desks;
pub mod floor;
pub mod installation;
pub mod lean;
pub mod load;
mod mark;
pub mod moments;
mod phrases;
mod prng;
pub mod process;
pub mod report;
pub mod scenario;
mod webhook;
pub mod writers;

pub use clock::RunClock;
pub use mark::Mark;
pub use prng::Prng;
