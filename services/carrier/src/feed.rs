//! Follows the router's effects feed of one account: a snapshot, then deltas, resumed after a break where it stood.
//!
//! The feed tells what to do (to the executor) and what to expect (to the mirror). A stream in which an older writer speaks
//! than one already heard is left at once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use holdfast_chassis::backoff::{Backoff, SystemDice};
use holdfast_proto::router::v1::watch_request::{EffectsFeed, Feed as WhichFeed};
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{
    self as wire, EffectsDelta, EffectsSnapshot, ExpectedLeg, Position, WatchRequest, WatchResponse,
};
use tokio::sync::Notify;
use tonic::Streaming;

use crate::account::Account;
use crate::effect::Effect;
use crate::executor::Executor;
use crate::metrics;
use crate::mirror::Mirror;
use crate::router::Router;

/// The first and the longest pause before a broken feed is opened again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(2_000));

/// One account's feed.
pub(crate) struct Feed {
    pub(crate) account: Arc<Account>,
    pub(crate) router: Router,
    pub(crate) executor: Executor,
    pub(crate) mirror: Arc<Mirror>,
    /// Told when the feed is in step again, so that the carrier is compared at once.
    pub(crate) in_step: Arc<Notify>,
    pub(crate) silence: Duration,
    pub(crate) position: Option<Position>,
}

/// Why a stream is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Left {
    #[error("the router could not be reached")]
    Unreachable,
    #[error("the stream ended")]
    Ended,
    #[error("the stream was silent for too long")]
    Silent,
    #[error("an older writer spoke")]
    Fenced,
}

impl Feed {
    /// Follows until the process stops.
    pub(crate) async fn follow(mut self) {
        let stop = self.executor.shutdown.clone();
        let mut pace = Backoff::new(PAUSE.0, PAUSE.1);
        loop {
            let left = tokio::select! {
                left = self.stream(&mut pace) => left,
                () = stop.wait() => return,
            };
            self.mirror.set_connected(false);
            metrics::feed(self.account.name.as_str(), false);
            tracing::warn!(account = %self.account.name, why = %left, "the effects feed broke, opening it again");
            tokio::select! {
                () = tokio::time::sleep(pace.wait(&mut SystemDice)) => {}
                () = stop.wait() => return,
            }
        }
    }

    async fn stream(&mut self, pace: &mut Backoff) -> Left {
        let mut stream = match self.open().await {
            Ok(stream) => stream,
            Err(left) => return left,
        };
        let mut first = true;
        loop {
            let frame = match tokio::time::timeout(self.silence, stream.message()).await {
                Err(_) => return Left::Silent,
                Ok(Ok(Some(frame))) => frame,
                Ok(Ok(None) | Err(_)) => return Left::Ended,
            };
            if let Err(left) = self.take(frame) {
                return left;
            }
            if std::mem::take(&mut first) {
                pace.reset();
                self.mirror.set_connected(true);
                metrics::feed(self.account.name.as_str(), true);
                tracing::info!(account = %self.account.name, "the effects feed is in step");
                self.in_step.notify_one();
            }
        }
    }

    async fn open(&self) -> Result<Streaming<WatchResponse>, Left> {
        let feed = WhichFeed::Effects(EffectsFeed { account: self.account.name.as_str().to_owned() });
        let request = WatchRequest { from: self.position, feed: Some(feed) };
        let mut client = self.router.client();
        let opened = tokio::time::timeout(self.silence, client.watch(request)).await;
        match opened {
            Ok(Ok(stream)) => Ok(stream.into_inner()),
            Ok(Err(_)) | Err(_) => Err(Left::Unreachable),
        }
    }

    fn take(&mut self, frame: WatchResponse) -> Result<(), Left> {
        if let (Some(now), Some(before)) = (frame.position, self.position)
            && now.epoch < before.epoch
        {
            metrics::feed_fenced(self.account.name.as_str());
            return Err(Left::Fenced);
        }
        let writer = |position: Option<Position>| position.map(|position| position.epoch);
        if writer(frame.position) > writer(self.position) {
            self.executor.network_time.forget();
        }
        match frame.frame {
            Some(Frame::EffectsSnapshot(snapshot)) => self.snapshot(snapshot),
            Some(Frame::EffectsDelta(delta)) => self.delta(delta),
            Some(Frame::Beat(_)) => self.executor.network_time.beat(frame.at_ms),
            _ => {}
        }
        if frame.position.is_some() {
            self.position = frame.position;
        }
        Ok(())
    }

    fn snapshot(&self, snapshot: EffectsSnapshot) {
        self.mirror.replace(snapshot.legs.clone());
        self.executor.snapshot(in_order(snapshot.effects));
        self.note(&snapshot.legs);
        self.forget_others();
    }

    fn delta(&self, delta: EffectsDelta) {
        self.note(&delta.legs);
        // Whoever has an effect or a leg less may have none left.
        let ended = delta.ended.iter().map(|end| &end.contact_id);
        let less: BTreeSet<String> = ended.chain(delta.legs.iter().map(|leg| &leg.contact_id)).cloned().collect();
        self.mirror.change(delta.legs);
        // What is barred must not start, so endings come before what may begin through them.
        for end in delta.ended {
            self.executor.ended(&end.contact_id, end.number, end.barred);
        }
        for effect in in_order(delta.effects) {
            self.executor.asked(effect);
        }
        for contact in less {
            if !self.mirror.has(&contact) {
                self.executor.forget(&contact);
            }
        }
    }

    fn note(&self, legs: &[ExpectedLeg]) {
        for leg in legs.iter().filter(|leg| !leg.external_id.is_empty()) {
            if leg.leg == 0 {
                self.account.contacts.remember(&leg.external_id, &leg.contact_id);
            }
            self.executor.saw_leg(&leg.contact_id, leg.leg, &leg.external_id);
        }
    }

    fn forget_others(&self) {
        let live = self.mirror.contacts();
        self.executor.keep(|contact| live.contains(contact));
    }
}

/// Effects that can be read, by number: the first of a contact starts as soon as it is taken, so it must be the first asked.
fn in_order(effects: Vec<wire::Effect>) -> Vec<Effect> {
    let mut effects: Vec<Effect> = effects.into_iter().filter_map(Effect::read).collect();
    effects.sort_by_key(|effect| effect.number);
    effects
}
