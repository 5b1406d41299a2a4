//! The stage of a run: a server, desks at work, boards open, and the people of the quiet state already talking.

use super::board::{self, Ahead};
use super::desk::Desk;
use super::desk::wire::{Shared, Way};
use super::exchange::Exchange;
use super::machine::{part, web_desks};
use super::meter::Meter;
use super::posts::Posts;
use super::sample::Scrape;
use super::world::World;
use super::{LoadError, Plan, people};
use crate::clock::whole_us;
use crate::installation::{Installation, Wanted};
use crate::process::Process;
use crate::scenario::{Kind, Scenario};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Desks that share a gRPC connection.
const DESKS_A_CONNECTION: usize = 100;
/// How long desks and boards may take to come to work.
const READY_MOST: Duration = Duration::from_secs(120);
/// Desks and boards that come at once.
const OPEN_AT_ONCE: usize = 64;
/// People of the quiet state that come in a second, before it is measured.
const FILL_PER_S: f64 = 40.0;
/// A carrier that keeps no list must not be compared with.
const NEVER_MS: u64 = 3_600_000;
/// How many connections a listener takes unless it is told otherwise.
const CONNECTIONS: usize = 4_096;
/// Between the last of the quiet state and the beginning.
const SETTLE: Duration = Duration::from_secs(3);

/// Everything that stands when a run begins.
pub(crate) struct Stage {
    pub(crate) world: Arc<World>,
    pub(crate) process: Process,
    pub(crate) scrape: Scrape,
    others: JoinSet<()>,
    // Removed when the process is over.
    installation: Installation,
}

impl Stage {
    /// Starts everything and fills it.
    ///
    /// # Errors
    /// If the server does not start or not everybody comes to work.
    pub(crate) async fn start(
        scenario: &Scenario,
        plan: &Plan,
        say: &(dyn Fn(String) + Sync),
    ) -> Result<Self, LoadError> {
        let exchange = Arc::new(Exchange::default());
        let installation = install(scenario, plan, exchange.start().await?)?;
        let process = installation.serve(&plan.holdfast)?;
        let began = Instant::now();
        let borders = scenario.borders().into_iter().map(whole_us).collect();
        let meter = Arc::new(Meter::new(borders));
        let token = installation.auth_token();
        let posts = Posts::new(process.http, token, &scenario.webhooks, Arc::clone(&meter), began, scenario.seed)?;
        let world = World::new(scenario.clone(), began, meter, posts);
        exchange.tell(Arc::clone(&world));
        let scrape = Scrape::new(process.http);
        let others = JoinSet::new();
        let mut stage = Self { world, process, scrape, others, installation };
        stage.open_desks().await?;
        stage.open_boards().await?;
        say(format!("{} desks at work, {} boards open", scenario.desks.count, scenario.boards.viewers));
        stage.fill(say).await;
        Ok(stage)
    }

    /// Desks and boards leave, and the server is asked to end; whether it did so well.
    pub(crate) fn end(self) -> bool {
        let Self { process, others, installation, .. } = self;
        drop(others);
        let well = process.end();
        drop(installation);
        well
    }

    async fn open_desks(&mut self) -> Result<(), LoadError> {
        let desks = &self.world.scenario.desks;
        let (web, voice) = (web_desks(&self.world.scenario), part(desks.count, desks.calls));
        let count = desks.count;
        let mut connection = Arc::new(Shared::new(self.process.grpc));
        for (number, member) in self.installation.members.iter().enumerate() {
            if number % DESKS_A_CONNECTION == DESKS_A_CONNECTION - 1 {
                connection = Arc::new(Shared::new(self.process.grpc));
            }
            // Both kinds of line and both channels are spread evenly over the desks.
            let in_browser = (number * web) % count + web >= count;
            let text = (number * voice) % count + voice < count;
            let way = if in_browser { Way::Socket(self.process.web) } else { Way::Stream(Arc::clone(&connection)) };
            self.others.spawn(Desk::new(Arc::clone(&self.world), number, member.clone(), text, way).work());
            let begun = u64::try_from(number).unwrap_or(0);
            self.wait(&self.world.at_work, begun.saturating_sub(OPEN_AT_ONCE as u64), "desks are at work").await?;
        }
        self.wait(&self.world.at_work, u64::try_from(count).unwrap_or(0), "desks are at work").await
    }

    async fn open_boards(&mut self) -> Result<(), LoadError> {
        let ahead = Arc::new(Ahead::default());
        for number in 0..self.world.scenario.boards.viewers {
            let operator = self.installation.operator.clone();
            let world = Arc::clone(&self.world);
            self.others.spawn(board::watch(world, self.process.web, operator, Arc::clone(&ahead)));
            let begun = u64::try_from(number).unwrap_or(0);
            self.wait(&self.world.boards_open, begun.saturating_sub(OPEN_AT_ONCE as u64), "boards are open").await?;
        }
        let all = u64::try_from(self.world.scenario.boards.viewers).unwrap_or(0);
        self.wait(&self.world.boards_open, all, "boards are open").await
    }

    async fn wait(&self, there: &AtomicU64, of: u64, what: &'static str) -> Result<(), LoadError> {
        let since = Instant::now();
        while there.load(Ordering::Relaxed) < of {
            if since.elapsed() > READY_MOST {
                let troubles = self.world.troubles.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let why = troubles.iter().max_by_key(|(_, often)| **often);
                let why = why.map_or_else(|| "none".to_owned(), |(why, often)| format!("{often} x {why}"));
                let (had, after_s) = (there.load(Ordering::Relaxed), READY_MOST.as_secs());
                return Err(LoadError::NotThere { had, of, what, after_s, why });
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// The people of the quiet state: what is left of an exponential time is as long as the whole, so they are like everybody.
    async fn fill(&mut self, say: &(dyn Fn(String) + Sync)) {
        let scenario = &self.world.scenario;
        let sessions = scenario.people.sessions;
        if sessions == 0 {
            return;
        }
        // Sessions divide as the rates times their lengths do.
        let people = &scenario.people;
        let text_s = f64::from(people.messages) * 2.0 * people.message_every_s;
        let (calls, texts) = (people.calls * people.talk_s, (1.0 - people.calls) * text_s);
        let calls = part(sessions, calls / (calls + texts));
        for number in 0..sessions {
            let kind = if number < calls { Kind::Call } else { Kind::Text };
            let due_us = self.world.now_us();
            tokio::spawn(people::live(Arc::clone(&self.world), kind, due_us, 1, 0.0));
            tokio::time::sleep(Duration::from_secs_f64(1.0 / FILL_PER_S)).await;
        }
        tokio::time::sleep(SETTLE).await;
        say(format!("{sessions} sessions under way, {} with a desk", self.world.ledger().held()));
    }
}

fn install(scenario: &Scenario, plan: &Plan, rest_base_url: String) -> Result<Installation, LoadError> {
    let wanted = Wanted {
        counselors: scenario.desks.count,
        rest_base_url,
        reconcile_every_ms: NEVER_MS,
        within: Some(plan.within.clone()),
    };
    let installation = Installation::build(&wanted)?;
    // Browsers and carriers have a listener each, under one setting: it is raised where more of either are wanted than it lets in.
    let open = (web_desks(scenario) + scenario.boards.viewers).max(scenario.webhooks.connections) + 100;
    if open > CONNECTIONS {
        let file = installation.config_file();
        let text = std::fs::read_to_string(&file)?;
        std::fs::write(&file, text.replace("[http]\n", &format!("[http]\nconnections_max = {open}\n")))?;
    }
    Ok(installation)
}
