//! A simulated carrier: plays Twilio voice over real HTTP both ways, with scripted people, seeded faults and a ledger.
//!
//! It shares no code with Holdfast's carrier service but the signature, so that it can be a witness. Not here: recordings, real
//! audio, TLS towards Holdfast's REST client.

mod callback;
mod callbacks;
mod exchange;
mod fate;
mod flow;
mod ledger;
mod leg;
mod moves;
mod person;
mod rest;
mod script;
mod seats;
mod settings;
mod signing;
pub(crate) mod stamp;
mod state;
mod story;
mod tell;
mod text;
mod twiml;
mod wire;

pub use exchange::RunStopped;
pub use ledger::{CallbackFate, CarrierLedger, EndedBy, Entry, Happened, HookFailure, HookKind, LegFailure, RestFault};
pub use script::{CallSid, CallbackDial, CallbackScript, Dial, DialOutcome, DialScript, PersonScript};
pub use settings::{Bounds, CarrierSettings, Faults, Hidden, HooksBase};
pub use story::{LegStory, Stay, Story};
pub use text::{Conversation, InboundText, MessageSid, OutboundText, TextStory, Turn, WriterScript};

use exchange::Exchange;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long `stop` waits for REST answers under way.
const REST_CLOSES_WITHIN: Duration = Duration::from_secs(2);

/// Why a carrier did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The voice URL has no scheme and host.
    #[error("the voice url is not absolute, give scheme, host and path")]
    VoiceUrl,
    /// The token cannot be a secret.
    #[error("the auth token is of no use: {0}")]
    Token(#[from] holdfast_carrier_codec::secret::SecretRefusal),
    /// No HTTP client.
    #[error("no http client: {0}")]
    Client(#[from] reqwest::Error),
    /// No listener on 127.0.0.1.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(#[from] std::io::Error),
}

/// Why a call was not placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// As many calls are alive as the settings allow.
    #[error("too many calls are alive, raise calls_alive or lower the rate")]
    TooMany,
    /// As many people write as the settings allow.
    #[error("too many people are writing, raise writers_alive or lower the rate")]
    TooManyWriters,
    /// The run has stopped.
    #[error("the run has stopped: {0}")]
    Stopped(#[from] RunStopped),
}

/// A running simulated carrier. Dropping it ends all its calls; `stop` does so and hands over the ledger.
pub struct Carrier {
    exchange: Arc<Exchange>,
    address: SocketAddr,
    rest: Option<JoinHandle<()>>,
}

impl Carrier {
    /// Starts the REST server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If the voice URL is not absolute, or there is no client or listener to be had.
    pub async fn start(settings: CarrierSettings) -> Result<Self, StartError> {
        let public = wire::origin_of(&settings.voice_url).ok_or(StartError::VoiceUrl)?;
        let base = HooksBase { public_origin: public.to_owned(), connect_origin: settings.connect_origin.clone() };
        let limit = Duration::from_millis(settings.hook_limit_ms);
        let signer = signing::Signer::new(&settings.auth_token)?;
        let wire = wire::Wire::new(signer, base, limit)?;
        let exchange = Arc::new(Exchange::new(settings, wire));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = axum::serve(listener, rest::router(Arc::clone(&exchange)));
        let server = server.with_graceful_shutdown(exchange.closing());
        let rest = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "simulated carrier rest server failed");
            }
        });
        Ok(Self { exchange, address, rest: Some(rest) })
    }

    /// The REST API's base, for example `http://127.0.0.1:40123`.
    #[must_use]
    pub fn rest_base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A person calls; the call lives by itself from now.
    ///
    /// # Errors
    /// If too many calls are alive, or the run has stopped at a bound.
    pub fn place_call(&self, script: PersonScript) -> Result<CallSid, PlaceError> {
        if let Some(why) = self.exchange.why_stopped() {
            return Err(PlaceError::Stopped(why));
        }
        let arrived = self.exchange.change(|moves| moves.arrive(&script));
        let sid = arrived.map_err(|_full| PlaceError::TooMany)?;
        self.exchange.spawn(person::live(Arc::clone(&self.exchange), sid.clone(), script));
        Ok(sid)
    }

    /// Decides what dialed phones do that have no script of their own; `None` from the provider means the default script.
    pub fn on_dial(&self, provider: impl Fn(&Dial) -> Option<DialScript> + Send + Sync + 'static) {
        self.exchange.scripts.provide(Box::new(provider));
    }

    /// Sets what the phone at this address does, from the next dial.
    pub fn set_dial_script(&self, address: impl Into<String>, script: DialScript) {
        self.exchange.scripts.set(address.into(), script);
    }

    /// Decides what people do who are called back; `None` from the provider means the default script.
    pub fn on_callback(&self, provider: impl Fn(&CallbackDial) -> Option<CallbackScript> + Send + Sync + 'static) {
        self.exchange.scripts.provide_callbacks(Box::new(provider));
    }

    /// A person begins to write; their script lives by itself from now.
    ///
    /// # Errors
    /// If too many people are writing, or the run has stopped at a bound.
    pub fn start_writing(&self, script: WriterScript) -> Result<Conversation, PlaceError> {
        if let Some(why) = self.exchange.why_stopped() {
            return Err(PlaceError::Stopped(why));
        }
        let most = self.exchange.settings.bounds.writers_alive;
        let taken = self.exchange.change(|moves| {
            let taken = moves.state.messages.writers < most;
            moves.state.messages.writers += usize::from(taken);
            taken
        });
        if !taken {
            return Err(PlaceError::TooManyWriters);
        }
        let conversation = self.conversation(script.from.reveal(), &script.to);
        self.exchange.spawn(text::write_live(Arc::clone(&self.exchange), conversation.clone(), script));
        Ok(conversation)
    }

    /// A person writes one message, now.
    pub fn write(&self, from: &str, line: &str, words: &str) -> MessageSid {
        let written = text::Written {
            from: Hidden::new(from),
            line: line.to_owned(),
            class: "general".to_owned(),
            from_state: "CA".to_owned(),
            words: Hidden::new(words),
            media: 0,
        };
        let sid = self.exchange.change(|moves| moves.write(&written));
        self.exchange.spawn(text::deliver(Arc::clone(&self.exchange), sid.clone(), written));
        sid
    }

    /// How the ledger names what this person and this line write each other.
    #[must_use]
    pub fn conversation(&self, person: &str, line: &str) -> Conversation {
        Conversation::between(&self.exchange.settings, person, line)
    }

    /// Nobody writes of their own accord any more: to drain the conversations at the end of a run.
    pub fn finish_writing(&self) {
        self.exchange.hush();
    }

    /// People whose scripts are not at their end.
    #[must_use]
    pub fn live_writers(&self) -> usize {
        self.exchange.read(|state| state.messages.writers)
    }

    /// Everything that happened so far.
    #[must_use]
    pub fn ledger(&self) -> CarrierLedger {
        self.exchange.book.copy()
    }

    /// Whoever's call this is hangs up: the person, or the counselor of a leg. False if the call is over or unknown.
    pub fn hang_up(&self, call: &CallSid) -> bool {
        self.exchange.change(|moves| {
            let Some((over, is_leg)) = moves.state.calls.get(call).map(|c| (c.status.is_over(), c.is_leg)) else {
                return false;
            };
            moves.end(call, if is_leg { EndedBy::Counselor } else { EndedBy::Person });
            !over
        })
    }

    /// The counselor at this address hangs up every leg they are on; says how many.
    pub fn hang_up_address(&self, address: &str) -> usize {
        let legs: Vec<CallSid> = self.exchange.read(|state| {
            let alive = state.calls.values().filter(|call| call.is_leg && !call.status.is_over());
            alive.filter(|call| call.to == address).map(|call| call.sid.clone()).collect()
        });
        legs.iter().filter(|leg| self.hang_up(leg)).count()
    }

    /// Calls that are not over: persons and legs, in the order of their identifiers.
    #[must_use]
    pub fn live_calls(&self) -> Vec<CallSid> {
        self.exchange.read(|state| {
            state.calls.values().filter(|call| !call.status.is_over()).map(|call| call.sid.clone()).collect()
        })
    }

    /// Persons whose calls are not over.
    #[must_use]
    pub fn live_persons(&self) -> usize {
        self.exchange.read(|state| state.calls.values().filter(|call| !call.is_leg && !call.status.is_over()).count())
    }

    /// Status callbacks waiting or in flight.
    #[must_use]
    pub fn callbacks_pending(&self) -> usize {
        self.exchange.pending_callbacks.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Holdfast is elsewhere from now; URLs it gave out before follow it.
    pub fn set_hooks_base(&self, base: HooksBase) {
        self.exchange.wire.move_to(base);
    }

    /// Why the run stopped by itself, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<RunStopped> {
        self.exchange.why_stopped()
    }

    /// Ends everything and hands over the ledger. Calls still alive are left alive in it.
    ///
    /// # Errors
    /// If the run had stopped at a bound; what the ledger holds is then cut short.
    pub async fn stop(mut self) -> Result<CarrierLedger, RunStopped> {
        let ledger = self.exchange.book.copy();
        let mut running = self.exchange.close();
        while running.join_next().await.is_some() {}
        if let Some(mut rest) = self.rest.take()
            && tokio::time::timeout(REST_CLOSES_WITHIN, &mut rest).await.is_err()
        {
            rest.abort();
        }
        self.exchange.why_stopped().map_or(Ok(ledger), Err)
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        drop(self.exchange.close());
        if let Some(rest) = self.rest.take() {
            rest.abort();
        }
    }
}
