//! What persons and counselors' phones do by themselves: scripts, written before the call, run by the carrier.

use super::settings::Hidden;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A call's identifier at the carrier: `CA` and 32 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CallSid(String);

impl CallSid {
    /// Wraps an identifier.
    #[must_use]
    pub fn new(sid: impl Into<String>) -> Self {
        Self(sid.into())
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CallSid {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// How one person behaves. Durations are human time (divided by the run's speed).
#[derive(Clone, Debug)]
pub struct PersonScript {
    /// The person's number; never shown.
    pub from: Hidden,
    /// The line they call.
    pub to: String,
    /// The scenario's name for persons whose order matters among each other (one region, need and priority).
    pub class: String,
    /// `FromState` of the hook.
    pub from_state: String,
    /// They hang up if no counselor is with them after this long; counted anew if a counselor leaves them.
    pub patience_ms: u64,
    /// What they press when asked; `None` presses nothing.
    pub presses: Option<char>,
    /// How long they take to press it.
    pub press_after_ms: u64,
    /// How long they talk with a counselor before they hang up.
    pub talk_ms: u64,
    /// They hang up this long after a counselor's phone began to alert for them; `None` waits for the answer.
    pub leaves_while_connecting_ms: Option<u64>,
    /// They do not hang up while a second phone alerts for them or is with them, whatever `talk_ms` says; and afterwards they talk
    /// for half of it at the least.
    pub stays_for_handoff: bool,
}

impl PersonScript {
    /// A patient person who presses nothing and talks for a minute.
    #[must_use]
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            from: Hidden::new(from),
            to: to.into(),
            class: "general".to_owned(),
            from_state: "CA".to_owned(),
            patience_ms: 600_000,
            presses: None,
            press_after_ms: 1_500,
            talk_ms: 60_000,
            leaves_while_connecting_ms: None,
            stays_for_handoff: false,
        }
    }
}

/// What a dialed phone does, in human time after the dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialOutcome {
    /// Picked up after this long, if the dial's own limit allows; then stays until ended, or hangs up after `stays_ms`.
    Answers {
        /// From the dial to the answer.
        after_ms: u64,
        /// From the answer to hanging up; `None` stays.
        stays_ms: Option<u64>,
    },
    /// Picked up this long after the dial's limit: carriers' limits are not exact.
    AnswersLate {
        /// Beyond the limit.
        past_ms: u64,
    },
    /// Busy after this long.
    Busy {
        /// From the dial to the busy signal.
        after_ms: u64,
    },
    /// Alerts until the dial's limit.
    NoAnswer,
    /// Cannot be reached, known after this long.
    Fails {
        /// From the dial to the failure.
        after_ms: u64,
    },
}

/// What a dialed phone does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialScript {
    /// From the dial to the first alert.
    pub alerts_after_ms: u64,
    /// What comes of it.
    pub outcome: DialOutcome,
}

impl Default for DialScript {
    /// Answers after 0.8 s and stays.
    fn default() -> Self {
        Self { alerts_after_ms: 200, outcome: DialOutcome::Answers { after_ms: 800, stays_ms: None } }
    }
}

/// A dial as a script provider sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The address dialed.
    pub to: String,
    /// The label Holdfast gave the leg.
    pub label: Option<String>,
    /// The room's name.
    pub room: String,
    /// How many dials to this address came before, in this run.
    pub earlier_dials: u32,
}

/// What a person does who is called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbackScript {
    /// Whether and when they pick up.
    pub reach: DialScript,
    /// How long they wait in the room without anybody, human time.
    pub patience_ms: u64,
    /// How long they talk before they hang up, human time.
    pub talk_ms: u64,
}

impl Default for CallbackScript {
    /// Picks up after four seconds and talks for a minute.
    fn default() -> Self {
        let outcome = DialOutcome::Answers { after_ms: 4_000, stays_ms: None };
        Self { reach: DialScript { alerts_after_ms: 500, outcome }, patience_ms: 60_000, talk_ms: 60_000 }
    }
}

/// A dial to a person as a script provider sees it: never their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackDial {
    /// The line that calls them.
    pub line: String,
    /// The room's name.
    pub room: String,
    /// How many dials to this person came before, in this run.
    pub earlier_dials: u32,
}

type Provider = Box<dyn Fn(&Dial) -> Option<DialScript> + Send + Sync>;
type CallbackProvider = Box<dyn Fn(&CallbackDial) -> Option<CallbackScript> + Send + Sync>;

/// Scripts for dials: by address first, then the provider, then the default.
#[derive(Default)]
pub(crate) struct DialScripts {
    by_address: Mutex<BTreeMap<String, DialScript>>,
    provider: Mutex<Option<Provider>>,
    callbacks: Mutex<Option<CallbackProvider>>,
}

impl DialScripts {
    pub(crate) fn set(&self, address: String, script: DialScript) {
        self.by_address.lock().unwrap_or_else(PoisonError::into_inner).insert(address, script);
    }

    pub(crate) fn provide(&self, provider: Provider) {
        *self.provider.lock().unwrap_or_else(PoisonError::into_inner) = Some(provider);
    }

    pub(crate) fn provide_callbacks(&self, provider: CallbackProvider) {
        *self.callbacks.lock().unwrap_or_else(PoisonError::into_inner) = Some(provider);
    }

    pub(crate) fn callback_for(&self, dial: &CallbackDial) -> CallbackScript {
        let provider = self.callbacks.lock().unwrap_or_else(PoisonError::into_inner);
        provider.as_ref().and_then(|provide| provide(dial)).unwrap_or_default()
    }

    pub(crate) fn script_for(&self, dial: &Dial) -> DialScript {
        let set = self.by_address.lock().unwrap_or_else(PoisonError::into_inner).get(&dial.to).copied();
        if let Some(script) = set {
            return script;
        }
        let provider = self.provider.lock().unwrap_or_else(PoisonError::into_inner);
        provider.as_ref().and_then(|provide| provide(dial)).unwrap_or_default()
    }
}
