//! Kills the real binary with SIGKILL, again and again, while people wait and talk, and looks at what came back.
//!
//! Carrier, counselors and auditor run in this process and survive. Clean ends and rolling restarts are not tested here.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its scene has failed")]
#![expect(clippy::panic, reason = "a test that waited in vain has failed")]
#![expect(clippy::print_stderr, reason = "figures for whoever runs it with --nocapture")]

mod explained;
mod handing_over;
mod house;
mod load;
mod missed;
mod picture;
mod process;
mod quiet;
mod standing;

use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// The tests take turns: each has the machine to itself, so that a time to ready means something.
static TURN: Mutex<()> = Mutex::const_new(());

/// Waits until something is so. Panics with `what` if that takes too long.
async fn wait_until(what: &str, longest: Duration, mut so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !so().await {
        assert!(started.elapsed() < longest, "waited {longest:?} in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
