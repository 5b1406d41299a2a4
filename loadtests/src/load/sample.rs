//! Once a second: what the server uses and says, and how many are under way.

use super::world::World;
use crate::process::{Process, Usage};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The server's counters of which none should be anything but 0.
const SHOULD_BE_NONE: [&str; 4] = [
    "holdfast_quarantined_total",
    "holdfast_panics_total",
    "holdfast_followers_cut_total",
    "holdfast_connections_refused_total",
];

/// How long a look waits for the server's word, and how long whoever must know does.
const PROMPT: Duration = Duration::from_millis(900);
pub(crate) const PATIENT: Duration = Duration::from_secs(30);

/// A difference that lasts so many looks is none of a moment.
const LASTING_S: usize = 20;

/// One look.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    pub(crate) usage: Usage,
    pub(crate) waiting: Option<u64>,
    /// Who surely waits, by the books, when that was asked.
    pub(crate) ours: u64,
    pub(crate) under_way: u64,
    pub(crate) at_work: u64,
    pub(crate) boards_open: u64,
}

/// Asks a server for its metrics.
#[derive(Clone)]
pub(crate) struct Scrape {
    client: reqwest::Client,
    url: String,
}

impl Scrape {
    pub(crate) fn new(at: std::net::SocketAddr) -> Self {
        let client = reqwest::Client::builder().no_proxy().build();
        Self { client: client.unwrap_or_default(), url: format!("http://{at}") }
    }

    async fn text(&self, path: &str, patience: Duration) -> Option<String> {
        let asked = self.client.get(format!("{}{path}", self.url)).timeout(patience);
        asked.send().await.ok()?.text().await.ok()
    }

    /// Who waits, as the server says within this time.
    pub(crate) async fn waiting(&self, patience: Duration) -> Option<u64> {
        let text = self.text("/metrics", patience).await?;
        let value = values(&text, "holdfast_contacts_waiting").next()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let waiting = value.max(0.0) as u64;
        Some(waiting)
    }

    /// The server's version, in its own words.
    pub(crate) async fn version(&self) -> String {
        self.text("/version", PATIENT).await.unwrap_or_default().trim().to_owned()
    }

    /// What should be 0 and is not.
    pub(crate) async fn wrong(&self) -> BTreeMap<String, f64> {
        let Some(text) = self.text("/metrics", PATIENT).await else {
            return BTreeMap::from([("no answer at /metrics".to_owned(), 1.0)]);
        };
        let sums = SHOULD_BE_NONE.map(|name| (name.to_owned(), values(&text, name).sum::<f64>()));
        sums.into_iter().filter(|(_, sum)| *sum > 0.0).collect()
    }
}

/// The values of a metric, whatever its labels.
fn values<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = f64> + 'a {
    text.lines().filter_map(move |line| {
        let rest = line.strip_prefix(name)?;
        let rest = if rest.starts_with('{') { rest.split_once("} ")?.1 } else { rest.strip_prefix(' ')? };
        rest.trim().parse().ok()
    })
}

/// The most people of whom the server did not know in any stretch of [`LASTING_S`]: the fewest who waited by the books, less the most who
/// did by its own word. Under load its word is seconds old, and the queue moves meanwhile; whoever is lost is missing all the time.
pub(crate) fn lost(samples: &[Sample]) -> u64 {
    let gap = |stretch: &[Sample]| {
        let ours = stretch.iter().map(|it| it.ours).min().unwrap_or(0);
        let theirs = stretch.iter().map(|it| it.waiting.unwrap_or(u64::MAX)).max().unwrap_or(0);
        ours.saturating_sub(theirs)
    };
    samples.windows(LASTING_S).map(gap).max().unwrap_or(0)
}

/// One look at everything.
pub(crate) async fn look(world: &Arc<World>, process: &Process, scrape: &Scrape) -> Sample {
    let ours = world.ledger().surely_waiting();
    Sample {
        ours,
        usage: process.usage().unwrap_or_default(),
        waiting: scrape.waiting(PROMPT).await,
        under_way: world.under_way.load(Ordering::Relaxed),
        at_work: world.at_work.load(Ordering::Relaxed),
        boards_open: world.boards_open.load(Ordering::Relaxed),
    }
}

#[cfg(test)]
mod tests {
    use super::{LASTING_S, Sample, lost, values};

    #[test]
    fn whoever_is_unknown_for_long_is_lost_whatever_becomes_of_them_later() {
        let look = |ours, waiting| Sample { ours, waiting, ..Sample::default() };
        let mut samples = vec![look(9, Some(9)); 5];
        samples.extend(vec![look(30, Some(8)); LASTING_S - 1]);
        samples.extend(vec![look(9, Some(9)); 5]);
        assert_eq!(lost(&samples), 0, "the server was behind for less than that");
        samples.extend((0..LASTING_S).map(|at| look(12, Some(if at % 2 == 0 { 10 } else { 9 }))));
        samples.extend(vec![look(0, Some(0)); 5]);
        assert_eq!(lost(&samples), 2);
        let growing: Vec<Sample> = (0..60).map(|at| look(at * 500 + 900, Some(at * 500))).collect();
        assert_eq!(lost(&growing), 0, "a word that is two seconds old");
        assert_eq!(lost(&vec![look(5, None); 40]), 0, "a server that says nothing is judged by its silence");
    }

    #[test]
    fn a_metric_is_found_with_and_without_labels() {
        let text = "# HELP holdfast_x y\nholdfast_x_more 9\nholdfast_x 2\nholdfast_x{a=\"b c\"} 3.5\n";
        assert_eq!(values(text, "holdfast_x").collect::<Vec<_>>(), [2.0, 3.5]);
    }
}
