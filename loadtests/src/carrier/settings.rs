//! What a simulated carrier is told at the start: account, where Holdfast is, how wrong things go, and every bound.

use crate::clock::RunClock;
use std::time::Duration;

/// A secret or a number that must not appear in any output.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hidden(String);

impl Hidden {
    /// Wraps a value that must not be shown.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the wire only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("(hidden)")
    }
}

/// How often things go wrong; probabilities 0.0 to 1.0, all drawn from the carrier's seed. The default is a perfect day.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// A status callback is sent two or three times.
    pub callback_duplicated: f64,
    /// A status callback lets the ones after it pass (50 to 500 ms).
    pub callback_reordered: f64,
    /// A status callback comes 1 to `late_ms` late.
    pub callback_late: f64,
    /// A status callback is never sent.
    pub callback_lost: f64,
    /// The answer to a voice hook is treated as if it had not come; the hook is tried again.
    pub hook_answer_lost: f64,
    /// A REST write takes effect, and answers 500.
    pub rest_effect_then_500: f64,
    /// A REST write takes effect, and its connection is cut.
    pub rest_effect_then_cut: f64,
    /// A REST write has its connection cut, and takes effect 500 to `late_ms` later.
    pub rest_effect_late: f64,
    /// A REST write has its connection cut and never takes effect.
    pub rest_cut_before: f64,
    /// A REST request is answered 429 or 503 and has no effect.
    pub rest_refused: f64,
    /// A REST request takes effect and is answered after 200 to `slow_ms`.
    pub rest_slow: f64,
    /// The hook of a person's message is sent again after it was answered.
    pub text_duplicated: f64,
    /// A message of Holdfast's is taken and never reaches the phone.
    pub text_undelivered: f64,
    /// The longest lateness of a callback or effect, milliseconds; 0 means 5,000.
    pub late_ms: u64,
    /// The longest slowness of an answer, milliseconds; 0 means 3,000.
    pub slow_ms: u64,
}

/// What a run may use. Reaching a bound never drops anything silently: see each field.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Calls alive at once, persons and legs. Beyond it `place_call` refuses and a REST dial is answered 429.
    pub calls_alive: usize,
    /// Callbacks waiting or in flight. Beyond it the run stops with an error.
    pub callbacks_pending: usize,
    /// Ledger entries. Beyond it the run stops with an error.
    pub ledger_entries: usize,
    /// Ended calls, and as many ended rooms, that REST still knows. The oldest are forgotten (the ledger keeps them).
    pub ended_kept: usize,
    /// People writing at once. Beyond it `start_writing` refuses.
    pub writers_alive: usize,
    /// Messages that REST still knows. The oldest are forgotten (the ledger keeps them).
    pub messages_kept: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            calls_alive: 20_000,
            callbacks_pending: 100_000,
            ledger_entries: 5_000_000,
            ended_kept: 10_000,
            writers_alive: 20_000,
            messages_kept: 100_000,
        }
    }
}

/// Where Holdfast is. Can be replaced while the carrier runs (`Carrier::set_hooks_base`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksBase {
    /// Scheme, host and port that Holdfast believes it is reached at; what signatures cover, for example `https://hooks.example.org`.
    pub public_origin: String,
    /// Scheme, host and port that connections go to; `None` = the public one.
    pub connect_origin: Option<String>,
}

/// Everything `Carrier::start` needs.
#[derive(Clone, Debug)]
pub struct CarrierSettings {
    /// Our account, `AC` and 32 hex digits.
    pub account_sid: String,
    /// The account's token: signs hooks, and is the password of REST.
    pub auth_token: Hidden,
    /// The number's voice URL at Holdfast, for example `http://127.0.0.1:8080/v1/carriers/ACCOUNT/voice`.
    pub voice_url: String,
    /// The number's status URL at Holdfast, told when a person's call is over; `None` tells nobody.
    pub status_url: Option<String>,
    /// The number's messaging URL at Holdfast. [`CarrierSettings::new`] makes it from a voice URL that ends in `/voice`.
    pub text_url: Option<String>,
    /// Whether the account has the opt-out product that names opt-out words in the hook; the carrier answers them either way.
    pub names_opt_outs: bool,
    /// Where connections go instead of the origin of `voice_url`; `None` = there.
    pub connect_origin: Option<String>,
    /// Seed of every draw.
    pub seed: u64,
    /// Human durations (patience, talk, ring, reading aloud) are divided by this; waits on the network are not. 1.0 = real time.
    pub speed: f64,
    /// What goes wrong.
    pub faults: Faults,
    /// What the run may use.
    pub bounds: Bounds,
    /// Tries of a voice hook after the first, on refusal, silence or 5xx.
    pub voice_retries: u32,
    /// Tries of a message's hook after the first, on refusal, silence or 5xx.
    pub text_retries: u32,
    /// Tries of a status callback after the first, on a failed connection.
    pub status_retries: u32,
    /// Pause before a retry, milliseconds.
    pub retry_pause_ms: u64,
    /// How long a hook may take in all, milliseconds.
    pub hook_limit_ms: u64,
    /// How often a waiting room's `waitUrl` is asked again, milliseconds of human time.
    pub wait_tick_ms: u64,
    /// The run's clock, shared with the desks.
    pub clock: RunClock,
}

impl CarrierSettings {
    /// Settings of a perfect carrier in real time: no faults, default bounds, retries as Holdfast's own settings assume.
    #[must_use]
    pub fn new(account_sid: impl Into<String>, auth_token: Hidden, voice_url: impl Into<String>) -> Self {
        let voice_url = voice_url.into();
        Self {
            account_sid: account_sid.into(),
            auth_token,
            text_url: voice_url.strip_suffix("/voice").map(|base| format!("{base}/text")),
            names_opt_outs: false,
            voice_url,
            status_url: None,
            connect_origin: None,
            seed: 1,
            speed: 1.0,
            faults: Faults::default(),
            bounds: Bounds::default(),
            voice_retries: 2,
            text_retries: 5,
            status_retries: 1,
            retry_pause_ms: 250,
            hook_limit_ms: 15_000,
            wait_tick_ms: 30_000,
            clock: RunClock::start(),
        }
    }

    /// A human duration at this run's speed.
    pub(crate) fn human(&self, duration_ms: u64) -> Duration {
        let real = Duration::from_millis(duration_ms);
        if self.speed > 0.0 && self.speed.is_finite() { real.div_f64(self.speed) } else { real }
    }
}
