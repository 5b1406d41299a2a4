//! A counselor of a run: takes whoever is offered, talks or writes as long as people do, writes up, and comes back when the line is cut.

pub(crate) mod wire;

use super::ledger::{Contact, contact_of};
use super::meter::Counted;
use super::world::World;
use crate::installation::Member;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;
use wire::{At, Broken, Line, News, Order, Way};

/// How often a desk shows that it is there, as the page does.
const BEAT: Duration = Duration::from_secs(1);
/// The pause before a desk whose line broke by itself comes back.
const BACK_AFTER: Duration = Duration::from_millis(500);
/// The reason of a command that found no router in time, and after how long a counselor asks again.
const AWAY: &str = "ROUTER_AWAY";
const AGAIN: Duration = Duration::from_secs(1);
/// How many people one desk writes with at once, as the plan of an installation says.
const TEXTS_AT_ONCE: usize = 2;
/// How long after their last message a person's silence is waited out, in message intervals.
const SILENCES: f64 = 4.0;
const WORDS: &str = "I am here with you. Take your time; tell me what today has been like.";

/// Something a desk will do.
enum Next {
    Beat,
    Accept {
        offer: String,
        contact: String,
    },
    /// To this contact, if nothing else was planned for them since.
    Write(String, u32),
    Finish(String),
    Available,
}

/// One conversation or call of a desk.
#[derive(Default)]
struct Mine {
    /// Messages still to be written.
    left: u32,
    /// Whether the write-up or the end was asked for.
    finishing: bool,
    ending: bool,
    /// Counts what was planned for them: only the last plan is carried out.
    plan: u32,
}

/// One counselor at work until the task ends.
pub(crate) struct Desk {
    world: Arc<World>,
    number: usize,
    member: Member,
    text: bool,
    way: Way,
    /// What is to be done when; the number keeps equal moments apart.
    agenda: BTreeMap<(Instant, u64), Next>,
    asked: u64,
    mine: HashMap<String, Mine>,
    offers: HashMap<String, String>,
    accepts: HashMap<String, String>,
    /// Conversations that were asked to end.
    ends: HashMap<String, String>,
    /// The request that says that offers may come.
    available: String,
    /// Written up, and not yet told that it is over.
    finished: HashSet<String>,
    /// The requests that said so.
    finishing: HashMap<String, String>,
    /// Since when somebody could be offered to this desk, microseconds; none while it is full.
    free_us: Option<u64>,
    ready: bool,
    at_work: bool,
    went_home: bool,
    place: Option<(u64, u64)>,
}

impl Desk {
    pub(crate) fn new(world: Arc<World>, number: usize, member: Member, text: bool, way: Way) -> Self {
        Self {
            world,
            number,
            member,
            text,
            way,
            agenda: BTreeMap::new(),
            asked: 0,
            mine: HashMap::new(),
            offers: HashMap::new(),
            accepts: HashMap::new(),
            ends: HashMap::new(),
            available: String::new(),
            finished: HashSet::new(),
            finishing: HashMap::new(),
            free_us: None,
            ready: false,
            at_work: false,
            went_home: false,
            place: None,
        }
    }

    /// Works until it is dropped; whatever breaks the line, the desk comes back.
    pub(crate) async fn work(mut self) {
        let mut cut = self.world.cut.subscribe();
        loop {
            let back_after;
            tokio::select! {
                broken = self.shift() => {
                    let Err(Broken { why, back_after: told }) = broken;
                    self.world.trouble(format!("a desk's line: {why}"));
                    back_after = told.unwrap_or(BACK_AFTER);
                }
                Ok(()) = cut.changed() => {
                    let (_, within_ms) = *cut.borrow_and_update();
                    let mut prng = crate::prng::Prng::keyed(self.world.scenario.seed, &["back", &self.member.name]);
                    back_after = Duration::from_millis(prng.between(0, within_ms));
                }
            }
            if std::mem::take(&mut self.at_work) {
                self.world.at_work.fetch_sub(1, Ordering::Relaxed);
            }
            self.world.ledger().away(self.number);
            tokio::time::sleep(back_after).await;
        }
    }

    async fn shift(&mut self) -> Result<Infallible, Broken> {
        let cuts = self.world.cut.borrow().0;
        (self.ready, self.free_us) = (false, None);
        let mut line = Line::open(&self.way, &self.member, cuts).await?;
        let has_contact = !self.mine.is_empty();
        line.say(Order::SignIn { address: &self.member.address, from: self.place, has_contact }).await?;
        self.begin_shift();
        let mut home = self.world.home.subscribe();
        loop {
            let next = self.agenda.first_key_value().map(|((at, _), _)| *at);
            let going = async { home.wait_for(|home| *home).await.is_ok() };
            tokio::select! {
                heard = line.hear() => {
                    for news in heard? {
                        self.hear(&mut line, news).await?;
                    }
                    self.place = line.place().or(self.place);
                }
                () = until(next) => {
                    if let Some((_, next)) = self.agenda.pop_first() {
                        self.act(&mut line, next).await?;
                    }
                }
                true = going, if !self.went_home => self.go_home(),
            }
        }
    }

    /// What was asked on the line before is not answered on this one, and so is asked again.
    fn begin_shift(&mut self) {
        self.later(BEAT, Next::Beat);
        self.accepts.clear();
        self.ends.clear();
        let unanswered: Vec<String> = self.finishing.drain().map(|(_, contact)| contact).collect();
        for contact in unanswered {
            self.later(Duration::ZERO, Next::Finish(contact));
        }
        let open: Vec<_> = self.offers.iter().map(|(offer, contact)| (offer.clone(), contact.clone())).collect();
        for (offer, contact) in open {
            self.later(Duration::ZERO, Next::Accept { offer, contact });
        }
        let conversations: Vec<String> = if self.text { self.mine.keys().cloned().collect() } else { Vec::new() };
        for contact in conversations {
            if let Some(mine) = self.mine.get_mut(&contact) {
                mine.ending = false;
            }
            self.answer(&contact);
        }
    }

    /// Everything that was put off is done now, and every conversation is brought to its end.
    fn go_home(&mut self) {
        self.went_home = true;
        let planned = std::mem::take(&mut self.agenda);
        for (number, next) in planned.into_values().enumerate() {
            let after = if matches!(next, Next::Beat) { BEAT } else { Duration::from_millis(count(number)) };
            self.later(after, next);
        }
        let conversations: Vec<String> = if self.text { self.mine.keys().cloned().collect() } else { Vec::new() };
        for contact in conversations {
            if let Some(mine) = self.mine.get_mut(&contact) {
                mine.left = 0;
            }
            self.write_later(contact, Duration::ZERO);
        }
    }

    fn later(&mut self, after: Duration, next: Next) {
        self.asked += 1;
        self.agenda.insert((Instant::now() + after, self.asked), next);
    }

    fn full(&self) -> bool {
        let most = if self.text { TEXTS_AT_ONCE } else { 1 };
        self.mine.len() + self.offers.len() >= most
    }

    /// After anything changed: since when somebody else could be offered.
    fn weigh(&mut self) {
        if self.full() || !self.ready {
            self.free_us = None;
        } else if self.free_us.is_none() {
            self.free_us = Some(self.world.now_us());
        }
    }

    fn homeward(&self) -> bool {
        *self.world.home.borrow()
    }

    /// How long something takes a person; nothing once everybody is to go home.
    fn takes(&self, what: &str, mean_s: f64, most_s: f64) -> Duration {
        if self.homeward() {
            return Duration::ZERO;
        }
        let (who, which) = (self.number.to_string(), self.asked.to_string());
        self.world.drawn(&[what, &who, &which], mean_s, most_s)
    }

    async fn hear(&mut self, line: &mut Line, news: News) -> Result<(), String> {
        match news {
            News::SignedIn => self.available = line.say(Order::Available { text: self.text }).await?,
            News::Ready(ready) => self.ready = ready,
            News::All { offers, contacts } => self.compare(&offers, &contacts),
            News::Offer { offer, contact, open: true } => self.offered(offer, contact),
            News::Offer { offer, .. } => {
                if let Some(contact) = self.offers.remove(&offer)
                    && !self.mine.contains_key(&contact)
                {
                    self.world_contact(&contact, |world, id, desk| world.ledger().released(id, desk, world.now_us()));
                }
            }
            News::Contact { contact, state } => self.contact(contact, state),
            News::Written { contact } => self.answer(&contact),
            News::Answer { request, refused } => self.answered(&request, refused),
        }
        self.weigh();
        Ok(())
    }

    fn world_contact(&self, contact: &str, with: impl Fn(&World, Contact, usize)) {
        if let Some(id) = contact_of(contact) {
            with(&self.world, id, self.number);
        }
    }

    fn compare(&mut self, offers: &[String], contacts: &[String]) {
        let gone: Vec<String> = self.mine.keys().filter(|it| !contacts.contains(it)).cloned().collect();
        let withdrawn: Vec<String> = self.offers.keys().filter(|it| !offers.contains(it)).cloned().collect();
        let withdrawn = withdrawn.iter().filter_map(|it| self.offers.remove(it)).collect::<Vec<_>>();
        for contact in gone.iter().chain(&withdrawn) {
            self.mine.remove(contact);
            self.world_contact(contact, |world, id, desk| world.ledger().released(id, desk, world.now_us()));
        }
        // Written up before the line was cut: whoever is not here any more is over.
        let over: Vec<String> = self.finished.drain().filter(|it| !contacts.contains(it)).collect();
        for contact in over {
            self.world_contact(&contact, |world, id, desk| world.ledger().closed(id, desk, world.now_us()));
        }
        self.accepts.clear();
    }

    fn offered(&mut self, offer: String, contact: String) {
        if self.offers.contains_key(&offer) {
            return;
        }
        let now_us = self.world.now_us();
        let free_us = self.free_us.unwrap_or(now_us);
        self.world_contact(&contact, |world, id, desk| {
            let latency = world.ledger().told(id, desk, free_us, now_us);
            world.offered(latency);
        });
        self.offers.insert(offer.clone(), contact.clone());
        let after = self.takes("answers", self.world.scenario.desks.answer_s, 15.0);
        self.later(after, Next::Accept { offer, contact });
    }

    fn answered(&mut self, request: &str, refused: Option<String>) {
        if let Some(why) = refused.as_deref().filter(|why| *why == AWAY) {
            // As a counselor does who reads that the router is away: the same once more.
            let again = if request == self.available {
                Some(Next::Available)
            } else {
                self.finishing.remove(request).map(Next::Finish)
            };
            if let Some(again) = again {
                self.world.trouble(format!("a desk was refused: {why}"));
                return self.later(AGAIN, again);
            }
        }
        self.finishing.remove(request);
        if request == self.available && refused.is_none() {
            self.ready = true;
            if !std::mem::replace(&mut self.at_work, true) {
                self.world.at_work.fetch_add(1, Ordering::Relaxed);
            }
            self.world.ledger().back(self.number, self.world.now_us());
            return;
        }
        let Some(contact) = self.accepts.remove(request) else {
            let ended = self.ends.remove(request);
            if let Some(why) = refused {
                self.refused(&why, ended);
            }
            return;
        };
        self.offers.retain(|_, of| *of != contact);
        if let Some(why) = refused {
            self.world.trouble(format!("an accept was refused: {why}"));
            if self.mine.contains_key(&contact) {
                // Asked once more after a cut, and the first had been taken.
                return;
            }
            self.world_contact(&contact, |world, id, desk| world.ledger().released(id, desk, world.now_us()));
            return;
        }
        self.world_contact(&contact, |world, id, desk| {
            world.ledger().taken(id, desk, world.now_us());
            world.meter.count(Counted::Taken, world.now_us());
        });
        self.begin(contact);
    }

    /// What was not an accept was refused. Where nothing was written yet a conversation cannot be ended: the first word comes first.
    fn refused(&mut self, why: &str, ended: Option<String>) {
        match ended.and_then(|contact| self.mine.get_mut(&contact).map(|mine| (contact, mine))) {
            Some((contact, mine)) => {
                (mine.ending, mine.left) = (false, 1);
                self.write_later(contact, Duration::from_millis(200));
            }
            None => self.world.trouble(format!("a desk was refused: {why}")),
        }
    }

    fn begin(&mut self, contact: String) {
        let people = &self.world.scenario.people;
        let drawn = self.takes("messages", f64::from(people.messages), 100.0).as_secs_f64();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
        let left = drawn.round() as u32;
        if self.mine.contains_key(&contact) {
            return;
        }
        self.mine.insert(contact.clone(), Mine { left: left.max(1), ..Mine::default() });
        if self.text {
            let after = self.takes("first word", 2.0, 30.0);
            self.write_later(contact, after);
        }
    }

    fn write_later(&mut self, contact: String, after: Duration) {
        if let Some(mine) = self.mine.get_mut(&contact) {
            mine.plan += 1;
            let plan = mine.plan;
            self.later(after, Next::Write(contact, plan));
        }
    }

    /// A person wrote: they are answered after a while.
    fn answer(&mut self, contact: &str) {
        if self.text && self.mine.contains_key(contact) {
            let after = self.takes("writes", self.world.scenario.people.message_every_s, 600.0);
            self.write_later(contact.to_owned(), after);
        }
    }

    fn contact(&mut self, contact: String, state: At) {
        match state {
            At::Here => self.begin_again(contact),
            At::WrappingUp if self.finished.contains(&contact) => {}
            At::WrappingUp => {
                let mine = self.mine.entry(contact.clone()).or_default();
                if !std::mem::replace(&mut mine.finishing, true) {
                    let after = self.takes("writes up", self.world.scenario.desks.wrap_up_s, 100.0);
                    self.later(after, Next::Finish(contact));
                }
            }
            At::Closed => {
                self.mine.remove(&contact);
                self.finished.remove(&contact);
                // The news may overtake the answer to the accept, after which there would be nobody to talk with.
                self.accepts.retain(|_, of| *of != contact);
                self.offers.retain(|_, of| *of != contact);
                self.world_contact(&contact, |world, id, desk| {
                    world.ledger().closed(id, desk, world.now_us());
                    world.connected(id);
                });
            }
            At::Elsewhere => {
                // The news may overtake the answer to the accept here, too.
                let awaited = self.accepts.len();
                self.accepts.retain(|_, of| *of != contact);
                if self.mine.remove(&contact).is_some() || self.accepts.len() < awaited {
                    self.world_contact(&contact, |world, id, desk| world.ledger().released(id, desk, world.now_us()));
                }
            }
        }
    }

    /// Told that somebody is here: after a cut that may be the first word of it, if the answer to the accept was lost. Somebody who was
    /// being written up has written once more, and is answered.
    fn begin_again(&mut self, contact: String) {
        let written_up = self.finished.remove(&contact) || self.mine.get(&contact).is_some_and(|it| it.finishing);
        if written_up {
            self.mine.insert(contact.clone(), Mine { left: 1, ..Mine::default() });
            return self.answer(&contact);
        }
        let awaited = self.accepts.values().any(|of| *of == contact);
        if !awaited && !self.mine.contains_key(&contact) {
            self.world_contact(&contact, |world, id, desk| world.ledger().taken(id, desk, world.now_us()));
            self.offers.retain(|_, of| *of != contact);
            self.begin(contact);
        }
    }

    async fn act(&mut self, line: &mut Line, next: Next) -> Result<(), String> {
        match next {
            Next::Beat => {
                line.say(Order::Beat).await?;
                self.agenda.retain(|_, next| !matches!(next, Next::Beat));
                self.later(BEAT, Next::Beat);
            }
            Next::Accept { offer, contact } => {
                if self.offers.contains_key(&offer) {
                    let request = line.say(Order::Accept { offer: &offer }).await?;
                    self.accepts.insert(request, contact);
                }
            }
            Next::Write(contact, plan) => self.write(line, contact, plan).await?,
            Next::Available => self.available = line.say(Order::Available { text: self.text }).await?,
            Next::Finish(contact) => {
                let written_up = self.mine.get(&contact).is_some_and(|it| it.finishing);
                if written_up || self.finished.contains(&contact) {
                    self.mine.remove(&contact);
                    self.finished.insert(contact.clone());
                    self.weigh();
                    let request = line.say(Order::Finish { contact: &contact }).await?;
                    self.finishing.insert(request, contact);
                }
            }
        }
        Ok(())
    }

    async fn write(&mut self, line: &mut Line, contact: String, plan: u32) -> Result<(), String> {
        let homeward = self.homeward();
        let Some(mine) = self.mine.get_mut(&contact) else { return Ok(()) };
        if mine.finishing || mine.ending || mine.plan != plan {
            return Ok(());
        }
        if mine.left == 0 {
            mine.ending = true;
            let request = line.say(Order::End { contact: &contact }).await?;
            self.ends.insert(request, contact);
            return Ok(());
        }
        mine.left = if homeward { 0 } else { mine.left - 1 };
        line.say(Order::Write { contact: &contact, words: WORDS }).await?;
        // If the person is silent, somebody must go on.
        let waits_s = self.world.scenario.people.message_every_s * SILENCES;
        let after = if homeward { Duration::from_millis(200) } else { Duration::from_secs_f64(waits_s.max(0.2)) };
        self.write_later(contact, after);
        Ok(())
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
