//! A writer that stands still is worse than none: its process must end, so that a supervisor starts it anew (L11).
//!
//! A thread of its own that watches the mark the writer leaves on every turn. It knows nothing of what the writer does.

use crate::clock::NetworkClock;
use crate::driver::Fatal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// How often the mark is looked at.
const LOOK_MS: u64 = 250;

/// Watches until told to stop. A mark older than `stuck_ms` is fatal.
pub fn watch(alive: &AtomicU64, clock: &NetworkClock, stuck_ms: u64, stop: &AtomicBool, fatal: &Fatal) {
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(LOOK_MS));
        let silent_ms = clock.now().0.saturating_sub(alive.load(Ordering::Relaxed));
        if silent_ms > stuck_ms && !stop.load(Ordering::Relaxed) {
            fatal(&format!("the writer has made no progress for {silent_ms} ms"));
            return;
        }
    }
}

/// The mark and the stop sign, shared with the writer.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Network milliseconds of the writer's last turn.
    pub alive: Arc<AtomicU64>,
    /// Set when the writer has ended on purpose.
    pub stop: Arc<AtomicBool>,
}

#[cfg(test)]
mod tests {
    use super::{Marks, watch};
    use crate::clock::NetworkClock;
    use holdfast_core::time::Timestamp;
    use std::sync::atomic::Ordering;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn a_writer_that_stands_still_is_fatal_and_one_that_stopped_is_not() {
        let (clock, _) = NetworkClock::start(Timestamp(0));
        let (sender, told) = mpsc::channel();
        let fatal = |sender: mpsc::Sender<String>| -> super::Fatal {
            Box::new(move |why: &str| drop(sender.send(why.to_owned())))
        };
        let marks = Marks::default();
        marks.alive.store(clock.now().0 - 60_000, Ordering::Relaxed);
        watch(&marks.alive, &clock, 1_000, &marks.stop, &fatal(sender.clone()));
        assert!(told.recv_timeout(Duration::from_secs(5)).is_ok_and(|why| why.contains("no progress")));
        marks.stop.store(true, Ordering::Relaxed);
        watch(&marks.alive, &clock, 1_000, &marks.stop, &fatal(sender));
        assert!(told.try_recv().is_err(), "a writer that ended on purpose is not stuck");
    }
}
