//! Stopping without letting go: one token that says "stop", guards that say "not yet", and a bound on the wait.
//!
//! Triggering is final and idempotent. Who stops in which order is the binary's business; a part that must finish takes
//! a guard, and whoever ends the process drains.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

/// What all clones share. Everything that lives waits for `triggered`, so nothing else may wake those who do: a guard that is taken or
/// dropped concerns only whoever drains.
#[derive(Debug, Default)]
struct State {
    triggered: watch::Sender<bool>,
    held: Mutex<BTreeMap<&'static str, usize>>,
    let_go: Notify,
}

impl State {
    fn held(&self) -> MutexGuard<'_, BTreeMap<&'static str, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clonable stop token. All clones are one token.
#[derive(Clone)]
pub struct Shutdown {
    state: Arc<State>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").field("triggered", &self.is_triggered()).finish()
    }
}

/// The bound passed while parts were still at work. Ending the process now cuts them off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not drained within {waited_ms} ms; still at work: {}", held.join(", "))]
pub struct NotDrained {
    /// How long was waited.
    pub waited_ms: u128,
    /// The names of the guards still held, each once, in order.
    pub held: Vec<&'static str>,
}

/// The process cannot listen for signals.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for SIGTERM and SIGINT")]
pub struct SignalError(#[from] std::io::Error);

impl Shutdown {
    /// A token nobody has triggered.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Arc::default() }
    }

    /// Says stop. Final and idempotent.
    pub fn trigger(&self) {
        self.state.triggered.send_replace(true);
    }

    /// Whether stop was said.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        *self.state.triggered.borrow()
    }

    /// Waits until stop is said; at once if it was. Cancel-safe. The future owns what it needs.
    pub fn wait(&self) -> impl Future<Output = ()> + Send + 'static {
        let token = self.clone();
        async move {
            let mut watched = token.state.triggered.subscribe();
            // The sender lives in `token`, so this cannot end early.
            drop(watched.wait_for(|triggered| *triggered).await);
        }
    }

    /// Declares a part that must finish before the process ends. Guards may be taken after the trigger too.
    #[must_use]
    pub fn guard(&self, name: &'static str) -> Guard {
        *self.state.held().entry(name).or_default() += 1;
        Guard { name, token: self.clone() }
    }

    /// Waits until no guard is held, for at most `bound`. Does not trigger.
    ///
    /// # Errors
    /// [`NotDrained`] names who was still at work.
    pub async fn drain(&self, bound: Duration) -> Result<(), NotDrained> {
        let empty = async {
            loop {
                let let_go = self.state.let_go.notified();
                if self.state.held().is_empty() {
                    return;
                }
                let_go.await;
            }
        };
        if tokio::time::timeout(bound, empty).await.is_ok() {
            return Ok(());
        }
        Err(NotDrained { waited_ms: bound.as_millis(), held: self.state.held().keys().copied().collect() })
    }

    /// Triggers on the first SIGTERM or SIGINT. A second signal is left to whoever wants to end at once.
    ///
    /// # Errors
    /// [`SignalError`] if the handlers cannot be installed; must be called inside a runtime.
    pub fn on_signals(&self) -> Result<(), SignalError> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let token = self.clone();
        tokio::spawn(async move {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
                () = token.wait() => return,
            };
            tracing::info!(signal = name, "shutdown begins");
            token.trigger();
        });
        Ok(())
    }
}

/// Holds back the end of the process while it lives.
#[derive(Debug)]
pub struct Guard {
    name: &'static str,
    token: Shutdown,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut held = self.token.state.held();
        let Some(count) = held.get_mut(self.name) else { return };
        *count -= 1;
        if *count == 0 {
            held.remove(self.name);
        }
        if held.is_empty() {
            self.token.state.let_go.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Wake};

    #[derive(Default)]
    struct Woken(AtomicBool);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn waiting_ends_with_the_trigger_and_at_once_afterwards() {
        let token = Shutdown::new();
        let waiting = tokio::spawn(token.wait());
        assert!(!token.is_triggered());
        token.clone().trigger();
        token.trigger();
        waiting.await.unwrap();
        token.wait().await;
    }

    #[tokio::test]
    async fn a_guard_wakes_nobody_who_waits_for_the_trigger() {
        let woken = Arc::new(Woken::default());
        let waker = Arc::clone(&woken).into();
        let token = Shutdown::new();
        let mut waiting = std::pin::pin!(token.wait());
        assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(token.guard("stream"));
        assert!(!woken.0.load(Ordering::Relaxed));
        token.trigger();
        assert!(woken.0.load(Ordering::Relaxed));
        waiting.await;
    }

    #[tokio::test]
    async fn draining_names_who_is_still_at_work_and_ends_with_the_last_guard() {
        let token = Shutdown::new();
        let journal = token.guard("journal");
        let first = token.guard("stream");
        let second = token.guard("stream");
        let refused = token.drain(Duration::ZERO).await.unwrap_err();
        assert_eq!(refused.held, ["journal", "stream"]);
        drop((journal, first));
        assert_eq!(token.drain(Duration::ZERO).await.unwrap_err().held, ["stream"]);
        let drained = tokio::spawn({
            let token = token.clone();
            async move { token.drain(Duration::from_secs(60)).await }
        });
        drop(second);
        drained.await.unwrap().unwrap();
    }
}
