//! Threads apart: a runtime whose threads the machine's scheduler puts after the others, for what may be slow before a contact waits.
//!
//! Boards, their frames, plain pages and the scrape of metrics run here. What a contact, an offer or a desk needs never does: it has
//! the main runtime, and a board that counts for a second holds up nobody but boards. Lowering a thread's own priority needs no
//! privilege; where it cannot be done all the same, that is said once and the threads run like the others.

use std::panic::resume_unwind;
use std::sync::Once;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};
use tokio::task::AbortHandle;

use crate::http::Problem;

/// The name of these threads, as `top -H` shows it.
pub const THREAD_NAME: &str = "holdfast-apart";

/// The most threads there may be.
pub const THREADS_MAX: usize = 64;

/// The lowest priority there is; a higher number gives way to more.
pub const NICE_MAX: u8 = 19;

/// How long a thread for blocking work lives on without any.
const IDLE_THREAD: Duration = Duration::from_secs(5);

/// Threads apart, as an operator sets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApartSettings {
    /// How many threads boards and pages have; 0 is half of the machine's cores, one at the least. 64 at most.
    pub threads: usize,
    /// By how much these threads give way to the others, from 0 (not at all) to 19.
    pub nice: u8,
}

impl Default for ApartSettings {
    fn default() -> Self {
        Self { threads: 0, nice: 10 }
    }
}

impl ApartSettings {
    fn threads(self) -> usize {
        let half = || std::thread::available_parallelism().map_or(1, |cores| cores.get() / 2);
        let wanted = if self.threads == 0 { half() } else { self.threads };
        wanted.clamp(1, THREADS_MAX)
    }
}

/// A runtime apart. It stops with this value, at once: whoever has something to finish is waited for before.
#[derive(Debug)]
pub struct Apart {
    // None only while it is dropped.
    runtime: Option<Runtime>,
    lane: Lane,
}

/// The way onto the threads apart. Clones lead to the same.
#[derive(Debug, Clone)]
pub struct Lane {
    handle: Handle,
}

impl Apart {
    /// Starts the threads.
    ///
    /// # Errors
    /// If the machine gives no thread or no file descriptor for them.
    pub fn start(settings: ApartSettings) -> std::io::Result<Self> {
        let nice = i32::from(settings.nice.min(NICE_MAX));
        let runtime = Builder::new_multi_thread()
            .worker_threads(settings.threads())
            .thread_name(THREAD_NAME)
            .thread_keep_alive(IDLE_THREAD)
            .on_thread_start(move || give_way(nice))
            .enable_all()
            .build()?;
        let lane = Lane { handle: runtime.handle().clone() };
        Ok(Self { runtime: Some(runtime), lane })
    }

    /// The way there.
    #[must_use]
    pub fn lane(&self) -> Lane {
        self.lane.clone()
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // Waiting for a runtime inside another one is not possible, and nobody is left here to be waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Lane {
    /// Runs a future there, detached.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(future));
    }

    /// While this is held, what the current thread spawns is spawned there: for parts that spawn by themselves. Not to be held
    /// over an await.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// The same routes, answered there, sockets that are opened by them included. Whoever gives up waiting ends the work on their
    /// answer; a handler that panics costs its own answer, as everywhere.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self, routes: Router<S>) -> Router<S> {
        let lane = self.clone();
        routes.route_layer(from_fn(move |request: Request, next: Next| {
            let handle = lane.handle.clone();
            async move { answer_there(&handle, request, next).await }
        }))
    }
}

async fn answer_there(handle: &Handle, request: Request, next: Next) -> Response {
    let answering = handle.spawn(next.run(request));
    let _given_up = EndWith(answering.abort_handle());
    match answering.await {
        Ok(answer) => answer,
        Err(failed) => match failed.try_into_panic() {
            Ok(panicked) => resume_unwind(panicked),
            // The runtime apart ends before the main one does: whoever asks then is told that this process goes away.
            Err(_) => Problem::new(StatusCode::SERVICE_UNAVAILABLE).into_response(),
        },
    }
}

/// Ends a task when dropped; one that is over does not mind.
struct EndWith(AbortHandle);

impl Drop for EndWith {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Puts the current thread, and no other, after the others by so much, for as long as it lives.
pub fn give_way(nice: i32) {
    static SAID: Once = Once::new();
    if nice == 0 {
        return;
    }
    // On Linux a priority is a thread's own, and none given means the thread that asks.
    if let Err(error) = rustix::process::setpriority_process(None, nice) {
        SAID.call_once(|| tracing::warn!(%error, "threads that should give way could not be given a lower priority"));
    }
}
