//! One `holdfast serve` as a child process: started, asked whether it is ready, killed. Dropping it kills it.

use crate::house::House;
use std::fs::OpenOptions;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_holdfast");
/// How long a start may take before the test gives up on it.
const START_MOST: Duration = Duration::from_secs(20);
/// How long a clean end may take.
const END_MOST: Duration = Duration::from_secs(20);

pub(crate) struct Serving {
    child: Child,
    since: Instant,
    ready_url: String,
    http: reqwest::Client,
}

/// Runs one verb of the binary to its end; true if it succeeded.
pub(crate) fn verb(arguments: &[&str]) -> bool {
    let mut command = Command::new(BINARY);
    let ended = command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).status();
    ended.unwrap().success()
}

impl Serving {
    pub(crate) fn spawn(house: &House) -> Self {
        let log = OpenOptions::new().create(true).append(true).open(house.log_file()).unwrap();
        let mut command = Command::new(BINARY);
        command.arg("serve").arg("--config").arg(house.config_file());
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        // A connection kept from the process before would be a broken one.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_millis(500));
        Self {
            since: Instant::now(),
            child: command.spawn().unwrap(),
            ready_url: format!("{}/readyz", house.http_url()),
            http: http.build().unwrap(),
        }
    }

    /// Waits until it is ready; says how long that took since the start.
    pub(crate) async fn ready(&mut self) -> Duration {
        loop {
            let answer = self.http.get(&self.ready_url).send().await;
            if answer.is_ok_and(|it| it.status().is_success()) {
                return self.since.elapsed();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "holdfast serve ended by itself: {ended:?}");
            assert!(self.since.elapsed() < START_MOST, "holdfast serve is not ready after {START_MOST:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// `kill -9`. Returns when the process is no more.
    pub(crate) fn kill(mut self) {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none(), "holdfast serve ended by itself: {ended:?}");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; true if it ended in time and said that all is well.
    pub(crate) async fn end(mut self) -> bool {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let asked = Instant::now();
        while asked.elapsed() < END_MOST {
            if let Some(ended) = self.child.try_wait().unwrap() {
                return ended.success();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
