//! Moments kept to: a thread that sleeps to each of them, since a runtime's timers are a millisecond coarse and would be measured too.

use std::time::Instant;
use tokio::sync::mpsc;

/// Moments that have come and were not yet taken, at most; the thread waits then, and whoever takes them sees how late they are.
const WAITING_MOST: usize = 65_536;

/// Tells of each moment once it has come, in the order given. Ends with the last one, or when nobody listens any more.
#[must_use]
pub fn told(moments: Vec<Instant>) -> mpsc::Receiver<Instant> {
    let (tell, told) = mpsc::channel(WAITING_MOST);
    std::thread::spawn(move || {
        for moment in moments {
            std::thread::sleep(moment.saturating_duration_since(Instant::now()));
            if tell.blocking_send(moment).is_err() {
                return;
            }
        }
    });
    told
}
