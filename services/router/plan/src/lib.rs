//! The routing plan: a TOML file that a call center's lead can read, checked whole, turned into the core's terms.
//!
//! Reading ([`read()`]) and compiling ([`compile()`]) are apart: the first knows TOML and the shape of the file, the second knows
//! what a plan means. Both note every problem they meet, with its line, and go on, so that one look at the list mends the file.
//! A key that nobody asked for is refused everywhere: a plan never carries a wish that is silently not granted.
//!
//! What is open when is the [`Calendar`]'s to say, for whoever tells it the time.
//!
//! Deliberately absent: which version is in force (the journal knows), and whether the carrier accounts exist (the settings know).

mod calendar;
mod compile;
mod coverage;
mod credentials;
mod document;
mod entries;
mod findings;
mod handoff;
mod hours;
pub mod limits;
mod load;
mod members;
mod names;
mod oversights;
mod peers;
mod problem;
mod queues;
mod read;
mod references;
mod regions;
mod rings;
mod spelling;
mod texts;
mod timing;

pub use calendar::{Calendar, Open};
pub use compile::{Loaded, compile, same};
pub use document::{Document, read};
pub use handoff::HANDOFF_CLOCKS;
pub use load::{LoadError, load, parse};
pub use problem::{PlanError, Problem};
pub use texts::TEXT_CLOCKS;
pub use timing::{CLOCKS, Clock};
