//! P4: a counselor becomes free, and the next person who waits is offered to them. From the moment the desk was due to say that it has
//! written up to the moment it is told of the next, durable in between, while as many people call as are taken.
//!
//! The whole life of a contact is played: called, taken, both in the room, hung up, written up.

use super::round::Times;
use super::stage::{Stage, StageError};
use crate::lean::desks::Heard;
use crate::lean::hooks::{Arrived, Hooks};
use crate::moments;
use crate::prng::Prng;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long before the first counselor becomes free, and how long is waited for anything at a time.
const LEAD: Duration = Duration::from_millis(20);

/// What is played.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Desks; all of them are busy at all times.
    pub desks: usize,
    /// People who wait at all times.
    pub waiting: usize,
    /// Counselors who become free in a second.
    pub rate_per_s: f64,
    /// How often that happens.
    pub times: usize,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Freed {
    /// Counselors who became free in a second, as wished.
    pub rate_per_s: f64,
    /// From due to told.
    pub told_us: Times,
    /// How late this program was with asking, which is within the times above.
    pub late_us: Times,
    /// Processor time of the server for one whole life of a contact, microseconds.
    pub cpu_us_per_contact: f64,
}

type Called = (Result<Arrived, StageError>, u64);

struct Play<'a> {
    stage: &'a mut Stage,
    calling: JoinSet<Called>,
    moving: JoinSet<Result<(), StageError>>,
    calls: HashMap<String, (String, u64)>,
    /// Taken before the answer to their webhook was read.
    early: Vec<String>,
    writing: VecDeque<(usize, String)>,
    due: HashMap<usize, Instant>,
    told_us: Vec<u64>,
    taken: usize,
}

async fn live_on(hooks: Arc<Hooks>, contact: String, call: String, number: u64) -> Result<(), StageError> {
    hooks.join(&contact, &call, format!("person-{contact}"), 1).await?;
    let leg = format!("CA{:0>32}", format!("f{number:x}"));
    hooks.join(&contact, &leg, format!("leg-{contact}-1"), 2).await?;
    hooks.hang_up(&call, number).await?;
    Ok(())
}

impl Play<'_> {
    fn call(&mut self) {
        let (hooks, run, number) = (Arc::clone(&self.stage.hooks), self.stage.run, self.stage.next);
        self.stage.next += 1;
        self.calling.spawn(async move { (hooks.call(run, number).await.map_err(StageError::from), number) });
    }

    fn go_on(&mut self, contact: String) {
        let Some((call, number)) = self.calls.remove(&contact) else { return self.early.push(contact) };
        self.moving.spawn(live_on(Arc::clone(&self.stage.hooks), contact, call, number));
    }

    fn hear(&mut self, said: Option<Heard>) -> Result<(), StageError> {
        match said {
            Some(Heard::Told { desk, at, .. }) => {
                if let Some(due) = self.due.remove(&desk) {
                    let us = at.saturating_duration_since(due).as_micros();
                    self.told_us.push(u64::try_from(us).unwrap_or(u64::MAX));
                }
            }
            Some(Heard::Taken { contact, .. }) => {
                self.taken += 1;
                self.go_on(contact);
            }
            Some(Heard::WritingUp { desk, contact }) => {
                if !self.writing.iter().any(|(_, it)| *it == contact) {
                    self.writing.push_back((desk, contact));
                }
            }
            Some(Heard::Free { .. }) => {}
            Some(Heard::Failed { desk, why }) => return Err(StageError::Refused { desk, why }),
            None => return Err(StageError::Refused { desk: 0, why: "all streams are over".to_owned() }),
        }
        Ok(())
    }

    fn called(&mut self, called: Called) -> Result<(), StageError> {
        let (arrived, number) = called;
        let arrived = arrived?;
        let early = self.early.iter().position(|it| *it == arrived.contact);
        self.calls.insert(arrived.contact.clone(), (arrived.call, number));
        if let Some(at) = early {
            self.early.swap_remove(at);
            self.go_on(arrived.contact);
        }
        Ok(())
    }

    /// Takes in whatever has happened, and waits for the next thing until `until`.
    async fn step(&mut self, until: Instant) -> Result<(), StageError> {
        let broken = |error: tokio::task::JoinError| std::io::Error::other(error.to_string());
        tokio::select! {
            biased;
            said = self.stage.heard.recv() => self.hear(said)?,
            Some(called) = self.calling.join_next(), if !self.calling.is_empty() => self.called(called.map_err(broken)?)?,
            Some(moved) = self.moving.join_next(), if !self.moving.is_empty() => moved.map_err(broken)??,
            () = tokio::time::sleep_until(until.into()) => {}
        }
        Ok(())
    }
}

/// Plays it.
///
/// # Errors
/// If anybody is not taken, or a desk is refused.
pub async fn freed(stage: &mut Stage, wish: Wish) -> Result<Freed, StageError> {
    let mut play = Play {
        stage,
        calling: JoinSet::new(),
        moving: JoinSet::new(),
        calls: HashMap::new(),
        early: Vec::new(),
        writing: VecDeque::new(),
        due: HashMap::new(),
        told_us: Vec::new(),
        taken: 0,
    };
    let limit = Instant::now() + Duration::from_secs(60);
    for _ in 0..wish.desks + wish.waiting {
        play.call();
    }
    while play.writing.len() < wish.desks || !play.calling.is_empty() {
        let late = StageError::Late { had: play.writing.len(), of: wish.desks, what: "written up" };
        if Instant::now() > limit {
            return Err(late);
        }
        play.step(limit).await?;
    }
    let before = play.stage.process.usage()?;
    let taken = play.taken;
    let mut prng = Prng::keyed(1, &["freed"]);
    let mut at = Instant::now() + LEAD;
    let due = (0..wish.times).map(|_| {
        at += Duration::from_secs_f64(prng.exponential(1.0 / wish.rate_per_s));
        at
    });
    let mut moments = moments::told(due.collect());
    let mut late_us = Vec::with_capacity(wish.times);
    for _ in 0..wish.times {
        let due = loop {
            tokio::select! {
                biased;
                Some(due) = moments.recv() => break due,
                stepped = play.step(Instant::now() + LEAD) => stepped?,
            }
        };
        while play.writing.is_empty() {
            play.step(Instant::now() + LEAD).await?;
        }
        let Some((desk, contact)) = play.writing.pop_front() else { continue };
        late_us.push(u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX));
        play.due.insert(desk, due);
        play.stage.desks.finish(desk, contact).await;
        play.call();
    }
    let limit = Instant::now() + Duration::from_secs(60);
    while !play.due.is_empty() {
        if Instant::now() > limit {
            return Err(StageError::Late { had: play.told_us.len(), of: wish.times, what: "told of the next" });
        }
        play.step(limit).await?;
    }
    let after = play.stage.process.usage()?;
    #[expect(clippy::cast_precision_loss, reason = "counts of a run")]
    let cpu_us_per_contact = after.cpu_us.saturating_sub(before.cpu_us) as f64 / (play.taken - taken).max(1) as f64;
    Ok(Freed {
        rate_per_s: wish.rate_per_s,
        told_us: Times::of(play.told_us),
        late_us: Times::of(late_us),
        cpu_us_per_contact,
    })
}
