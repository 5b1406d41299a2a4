//! Follows Holdfast's documents for one person: fetches, plays, asks, seats, goes on; diverts to the landline when no usable
//! answer comes.

use super::exchange::Exchange;
use super::fate;
use super::ledger::{EndedBy, Happened, HookFailure, HookKind};
use super::script::{CallSid, PersonScript};
use super::state::Detour;
use super::tell::call_form;
use super::twiml::{self, Seating, Verb};
use super::wire::{Answer, Form, resolve};
use std::sync::Arc;
use std::time::Duration;

/// The most documents one call follows; more is a loop, and ends like a bad document.
const CALL_DOCUMENTS: u32 = 200;
/// The most ticks of one wait: a day of them at the default period.
const WAIT_TICKS: u32 = 2_880;
/// Ticks are numbered apart from the other hooks of a call: a number names a hook over its tries.
const TICK_NUMBERS_FROM: u32 = 1_000_000;
/// How long a diverted person talks on the landline, human time.
const LANDLINE_MS: u64 = 30_000;

/// What to do after a verb.
enum Next {
    /// Ask Holdfast.
    Fetch {
        url: String,
        kind: HookKind,
        extra: Form,
    },
    /// Follow a document that REST gave.
    Follow(String),
    End(EndedBy),
}

/// A call's progress through its documents.
struct Walk<'a> {
    exchange: &'a Arc<Exchange>,
    sid: &'a CallSid,
    script: &'a PersonScript,
    /// Where the current document came from.
    here: String,
    hooks: u32,
    detours_seen: u32,
    /// Who put the call out of its last room.
    put_out_by: Option<EndedBy>,
}

/// Follows documents until one ends the call; says who ended it.
pub(crate) async fn converse(exchange: &Arc<Exchange>, sid: &CallSid, script: &PersonScript) -> EndedBy {
    let here = exchange.settings.voice_url.clone();
    let mut walk = Walk { exchange, sid, script, here, hooks: 0, detours_seen: 0, put_out_by: None };
    let mut next = Next::Fetch { url: walk.here.clone(), kind: HookKind::Voice, extra: Vec::new() };
    for _document in 0..CALL_DOCUMENTS {
        let verbs = match next {
            Next::End(by) => return by,
            Next::Follow(text) => twiml::read(&text).ok(),
            Next::Fetch { url, kind, extra } => walk.fetch(&url, kind, extra).await,
        };
        let Some(verbs) = verbs else { break };
        next = walk.perform_until_sent_elsewhere(&verbs).await;
    }
    exchange.note(Happened::DivertedToLandline { call: sid.clone() });
    tokio::time::sleep(exchange.settings.human(LANDLINE_MS)).await;
    EndedBy::Landline
}

impl Walk<'_> {
    /// Asks a hook as often as the policy says; `None` if there is no usable answer.
    async fn fetch(&mut self, url: &str, kind: HookKind, extra: Form) -> Option<Vec<Verb>> {
        let url = resolve(&self.here, url)?;
        let number = self.hooks;
        self.hooks += 1;
        let settings = &self.exchange.settings;
        for attempt in 0..=settings.voice_retries {
            let sent_ms = settings.clock.now_ms();
            let answer = self.ask(&url, number, attempt, &extra).await.and_then(|answer| {
                let text = std::str::from_utf8(&answer.body).map_err(|_not_text| HookFailure::BadDocument)?;
                let verbs = twiml::read(text).map_err(|_bad| HookFailure::BadDocument)?;
                Ok((verbs, answer.took_us))
            });
            let call = self.sid.clone();
            match answer {
                Ok((verbs, took_us)) => {
                    self.exchange.note(Happened::HookAnswered { call, hook: kind, attempt, took_us });
                    self.acknowledge(&verbs, sent_ms);
                    self.here = url;
                    return Some(verbs);
                }
                Err(why) => {
                    self.exchange.note(Happened::HookFailed { call, hook: kind, attempt, why });
                    if matches!(why, HookFailure::Status(400..=499) | HookFailure::BadDocument | HookFailure::Foreign) {
                        return None;
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(settings.retry_pause_ms)).await;
        }
        None
    }

    async fn ask(&self, url: &str, number: u32, attempt: u32, extra: &Form) -> Result<Answer, HookFailure> {
        let settings = &self.exchange.settings;
        let form = self.exchange.read(|state| {
            let mut form = call_form(&settings.account_sid, state.calls.get(self.sid)?);
            form.extend(extra.iter().cloned());
            Some(form)
        });
        let form = form.ok_or(HookFailure::Foreign)?;
        let answer = self.exchange.wire.post(url, &form, &format!("{}-{number}", self.sid)).await?;
        if fate::loses_answer(&settings.faults, settings.seed, self.sid.as_str(), number, attempt) {
            return Err(HookFailure::AnswerLost);
        }
        Ok(answer)
    }

    fn acknowledge(&self, verbs: &[Verb], sent_ms: u64) {
        let room = verbs.iter().find_map(|verb| match verb {
            Verb::Room(seating) => Some(seating.room.clone()),
            _ => None,
        });
        if let Some(room) = room {
            self.exchange.note(Happened::Acknowledged { call: self.sid.clone(), room, sent_ms });
        }
    }

    /// Plays a document, unless REST sends the call elsewhere meanwhile.
    async fn perform_until_sent_elsewhere(&mut self, verbs: &[Verb]) -> Next {
        let Some(mut sight) = self.exchange.watch_call(self.sid) else { return Next::End(EndedBy::Document) };
        let seen = self.detours_seen;
        let detour = tokio::select! {
            next = self.perform(verbs) => return next,
            sent = sight.wait_for(|sight| sight.detours > seen) => sent.ok().map(|s| (s.detours, s.detour.clone())),
        };
        match detour {
            Some((count, Some(Detour::Url(url)))) => {
                self.detours_seen = count;
                Next::Fetch { url, kind: HookKind::Next, extra: Vec::new() }
            }
            Some((count, Some(Detour::Document(text)))) => {
                self.detours_seen = count;
                Next::Follow(text)
            }
            _ => Next::End(EndedBy::Document),
        }
    }

    async fn perform(&mut self, verbs: &[Verb]) -> Next {
        for verb in verbs {
            let next = match verb {
                Verb::Speak { lasts_ms } => {
                    tokio::time::sleep(self.exchange.settings.human(*lasts_ms)).await;
                    None
                }
                Verb::Gather { action, waits_ms, empty_too, speaks_ms } => {
                    self.gather(action.as_deref(), *waits_ms, *empty_too, *speaks_ms).await
                }
                Verb::Redirect { url } => Some(fetch_next(url, Vec::new())),
                Verb::Room(seating) => self.sit(seating).await,
                Verb::Number { to, action } => {
                    let call = self.sid.clone();
                    self.exchange.note(Happened::DivertedByDocument { call, to: to.clone() });
                    tokio::time::sleep(self.exchange.settings.human(LANDLINE_MS)).await;
                    action.as_ref().map(|url| fetch_next(url, dial_status()))
                }
                Verb::Reject => Some(Next::End(EndedBy::Rejected)),
                Verb::HangUp => Some(Next::End(self.put_out_by.unwrap_or(EndedBy::Document))),
                Verb::Other { name } => {
                    self.exchange.note(Happened::NotPlayed { call: self.sid.clone(), verb: name.clone() });
                    None
                }
            };
            if let Some(next) = next {
                return next;
            }
        }
        Next::End(self.put_out_by.unwrap_or(EndedBy::Document))
    }

    /// Asks the person; `None` goes on with the next verb.
    async fn gather(&mut self, action: Option<&str>, waits_ms: u64, empty_too: bool, speaks_ms: u64) -> Option<Next> {
        self.exchange.note(Happened::Asked { call: self.sid.clone() });
        let action = action.map_or_else(|| self.here.clone(), str::to_owned);
        let answers_in_time = self.script.press_after_ms < speaks_ms.saturating_add(waits_ms);
        let pressed = self.script.presses.filter(|_| answers_in_time);
        let listens_ms =
            if pressed.is_some() { self.script.press_after_ms } else { speaks_ms.saturating_add(waits_ms) };
        tokio::time::sleep(self.exchange.settings.human(listens_ms)).await;
        if let Some(digit) = pressed {
            self.exchange.note(Happened::Pressed { call: self.sid.clone(), digit });
        } else if !empty_too {
            return None;
        }
        let digits = pressed.map(String::from).unwrap_or_default();
        Some(Next::Fetch { url: action, kind: HookKind::Answer, extra: vec![("Digits".to_owned(), digits)] })
    }

    /// Sits in a room until put out of it; `None` goes on with the next verb.
    async fn sit(&mut self, seating: &Seating) -> Option<Next> {
        let mut seating = seating.clone();
        seating.callback_url = seating.callback_url.and_then(|url| resolve(&self.here, &url));
        let Some(mut sight) = self.exchange.watch_call(self.sid) else { return Some(Next::End(EndedBy::Document)) };
        let seen = sight.borrow_and_update().put_out;
        if !self.exchange.change(|moves| moves.seat_person(self.sid, &seating)) {
            return Some(Next::End(EndedBy::Document));
        }
        let wait_url = seating.wait_url.as_ref().and_then(|url| resolve(&self.here, url));
        let put_out = tokio::select! {
            sight = sight.wait_for(|sight| sight.put_out > seen) => sight.ok().and_then(|sight| sight.put_out_by),
            () = self.tick(wait_url.as_deref(), &seating.room) => None,
        };
        self.put_out_by = put_out;
        seating.action.as_ref().map(|url| fetch_next(url, dial_status()))
    }

    /// Asks the waiting room's URL at the start and then once a period, while the person is alone. Never resolves.
    async fn tick(&self, wait_url: Option<&str>, room: &str) {
        let Some(mut sight) = self.exchange.watch_call(self.sid) else { return std::future::pending().await };
        let extra = vec![("FriendlyName".to_owned(), room.to_owned())];
        for tick in 0..WAIT_TICKS {
            let Some(url) = wait_url else { break };
            if sight.wait_for(|sight| !sight.accompanied).await.is_err() {
                break;
            }
            let number = TICK_NUMBERS_FROM + tick;
            let call = self.sid.clone();
            self.exchange.note(match self.ask(url, number, 0, &extra).await {
                Ok(answer) => {
                    let took_us = answer.took_us;
                    Happened::HookAnswered { call, hook: HookKind::WaitTick, attempt: 0, took_us }
                }
                Err(why) => Happened::HookFailed { call, hook: HookKind::WaitTick, attempt: 0, why },
            });
            tokio::time::sleep(self.exchange.settings.human(self.exchange.settings.wait_tick_ms)).await;
        }
        std::future::pending().await
    }
}

fn fetch_next(url: &str, extra: Form) -> Next {
    Next::Fetch { url: url.to_owned(), kind: HookKind::Next, extra }
}

fn dial_status() -> Form {
    vec![("DialCallStatus".to_owned(), "completed".to_owned())]
}
