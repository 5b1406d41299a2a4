//! A server under measurement as a child process: started, asked where it listens, watched through `/proc`, ended.
//!
//! It says where it listens in a line of JSON on its standard error, with fields `http` and `grpc`, and `web` if browsers have an address of
//! their own, as `holdfast serve` does.

use serde::Serialize;
use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a start may take; a journal with a million contacts is read in this time too.
const START_MOST: Duration = Duration::from_secs(120);
/// How long a clean end may take before it is killed.
const END_MOST: Duration = Duration::from_secs(30);

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The program could not be run.
    #[error("{program} cannot be started: {error}")]
    Program {
        /// Which.
        program: String,
        /// Why.
        error: io::Error,
    },
    /// It ended, or said nothing in time.
    #[error("{0} did not say where it listens; its last words: {1}")]
    Silent(String, String),
}

/// What a process has used since it began.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Usage {
    /// Processor time of all its threads, microseconds.
    pub cpu_us: u64,
    /// Memory that is resident, bytes.
    pub resident_bytes: u64,
    /// Open file descriptors.
    pub files: u64,
}

/// A running server. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Where webhooks are served.
    pub http: SocketAddr,
    /// Where browsers are.
    pub web: SocketAddr,
    /// Where gRPC is served.
    pub grpc: SocketAddr,
    /// How long the start took.
    pub ready_after: Duration,
}

impl Process {
    /// Runs `program arguments…` until it says where it listens.
    ///
    /// # Errors
    /// If it cannot be run, or ends or is silent instead.
    pub fn start(program: &Path, arguments: &[&str]) -> Result<Self, StartError> {
        let name = program.display().to_string();
        let since = Instant::now();
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let spawned = command.spawn();
        let mut child = spawned.map_err(|error| StartError::Program { program: name.clone(), error })?;
        let Some(words) = child.stderr.take() else {
            return Err(StartError::Silent(name, String::new()));
        };
        let (tell, told) = mpsc::sync_channel(64);
        // Reads on to the end, so that the server is never stopped by a full pipe; the words after the first are not kept.
        std::thread::spawn(move || {
            for line in BufReader::new(words).lines().map_while(Result::ok) {
                let _ = tell.try_send(line);
            }
        });
        let mut last = String::new();
        while let Ok(line) = told.recv_timeout(START_MOST.saturating_sub(since.elapsed())) {
            if let Some((http, grpc, web)) = addresses(&line) {
                return Ok(Self { child, http, grpc, web, ready_after: since.elapsed() });
            }
            last = line;
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(StartError::Silent(name, last))
    }

    /// What it has used until now.
    ///
    /// # Errors
    /// If `/proc` cannot be read: the process is over, or this is no Linux.
    pub fn usage(&self) -> io::Result<Usage> {
        let proc = format!("/proc/{}", self.child.id());
        let mut cpu_ns = 0;
        for task in fs::read_dir(format!("{proc}/task"))? {
            // A thread may end between the listing and the reading.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            cpu_ns += text.split(' ').next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
        }
        let status = fs::read_to_string(format!("{proc}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident_kib = resident.and_then(|it| it.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0);
        let files = fs::read_dir(format!("{proc}/fd"))?.count();
        Ok(Usage { cpu_us: cpu_ns / 1_000, resident_bytes: resident_kib * 1_024, files: files.try_into().unwrap_or(0) })
    }

    /// False once it has ended by itself.
    pub fn lives(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end; true if it did so in time and said that all is well.
    pub fn end(mut self) -> bool {
        let pid = rustix::process::Pid::from_child(&self.child);
        if rustix::process::kill_process(pid, rustix::process::Signal::TERM).is_err() {
            return false;
        }
        let asked = Instant::now();
        while asked.elapsed() < END_MOST {
            if let Ok(Some(ended)) = self.child.try_wait() {
                return ended.success();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `"http":"127.0.0.1:80"` as the logs write it, optional values included.
fn addresses(line: &str) -> Option<(SocketAddr, SocketAddr, SocketAddr)> {
    let field = |name: &str| {
        let after = line.split_once(&format!("\"{name}\":\""))?.1;
        after.trim_start_matches("Some(").split(['"', ')']).next()?.parse().ok()
    };
    let (http, grpc) = (field("http")?, field("grpc")?);
    Some((http, grpc, field("web").unwrap_or(http)))
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn the_addresses_are_read_from_the_line_that_says_so() {
        let said = r#"{"fields":{"message":"holdfast serves","grpc":"Some(127.0.0.1:2)","http":"Some(127.0.0.1:1)"}}"#;
        let at = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(addresses(said), Some((at(1), at(2), at(1))));
        let apart = r#"{"http":"127.0.0.1:1","grpc":"127.0.0.1:2","web":"Some(127.0.0.1:3)"}"#;
        assert_eq!(addresses(apart), Some((at(1), at(2), at(3))));
        assert_eq!(addresses(r#"{"http":"127.0.0.1:1","grpc":"127.0.0.1:2"}"#), Some((at(1), at(2), at(1))));
        assert_eq!(addresses(r#"{"http":"127.0.0.1:1"}"#), None);
    }
}
