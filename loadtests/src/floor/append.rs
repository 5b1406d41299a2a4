//! Raw append and fdatasync, with group commit: a file that has its length before, and a thread that writes what has gathered and syncs it.
//!
//! The floor under every durable answer. Left out: checksums, sequence, recovery.

use crate::compare::round::Times;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::{Duration, Instant};

/// How long the file is made before anything is written; at its end writing begins anew at its start.
const FILE_BYTES: u64 = 64 * 1_024 * 1_024;
/// Records waiting for the writer.
const WAITING_MOST: usize = 8_192;
/// Records in one write.
const BATCH_MOST: usize = 256;

/// What is to be done once a record is durable.
pub type Then = Box<dyn FnOnce() + Send>;

/// A writer at work until its last sender is gone.
#[derive(Clone)]
pub struct Appender {
    send: SyncSender<Then>,
}

impl std::fmt::Debug for Appender {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Appender").finish_non_exhaustive()
    }
}

impl Appender {
    /// Makes the file and starts the thread; each record has `record_bytes`.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub fn start(file: &Path, record_bytes: usize) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(file)?;
        let zeros = vec![0_u8; 1_024 * 1_024];
        for _ in 0..FILE_BYTES / 1_048_576 {
            file.write_all(&zeros)?;
        }
        file.seek(SeekFrom::Start(0))?;
        file.sync_all()?;
        let (send, receive) = mpsc::sync_channel(WAITING_MOST);
        std::thread::spawn(move || {
            if let Err(error) = write_on(&mut file, &receive, record_bytes) {
                tracing::error!(%error, "the floor's file could not be written");
                std::process::exit(70);
            }
        });
        Ok(Self { send })
    }

    /// Appends one record; `then` runs once it is durable, in the order of appending. Waits while too many wait.
    pub fn append(&self, then: Then) {
        // Without a writer the process is about to end.
        let _ = self.send.send(then);
    }
}

fn write_on(file: &mut File, receive: &Receiver<Then>, record_bytes: usize) -> io::Result<()> {
    let mut written = 0;
    let record = vec![0xA5_u8; record_bytes];
    let mut bytes = Vec::new();
    let mut waiting = Vec::new();
    while let Ok(first) = receive.recv() {
        bytes.clear();
        waiting.push(first);
        while waiting.len() < BATCH_MOST {
            let Ok(next) = receive.try_recv() else { break };
            waiting.push(next);
        }
        for _ in &waiting {
            bytes.extend_from_slice(&record);
        }
        let length = u64::try_from(bytes.len()).unwrap_or(0);
        if written + length > FILE_BYTES {
            file.seek(SeekFrom::Start(0))?;
            written = 0;
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        written += length;
        for then in waiting.drain(..) {
            then();
        }
    }
    Ok(())
}

/// What the disk does.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Disk {
    /// Records a second.
    pub per_s: f64,
    /// Half of them took at most this long, microseconds.
    pub p50_us: f64,
    /// 99 of 100.
    pub p99_us: f64,
}

/// Appends for `lasting` from `producers` threads, each waiting for its record before the next.
///
/// # Errors
/// If the file cannot be made.
pub fn measure(file: &Path, record_bytes: usize, producers: usize, lasting: Duration) -> io::Result<Disk> {
    let appender = Appender::start(file, record_bytes)?;
    let until = Instant::now() + lasting;
    let threads: Vec<_> = (0..producers)
        .map(|_| {
            let appender = appender.clone();
            std::thread::spawn(move || {
                let mut took_us = Vec::new();
                while Instant::now() < until {
                    let began = Instant::now();
                    let (tell, told) = mpsc::sync_channel(1);
                    appender.append(Box::new(move || {
                        let _ = tell.send(());
                    }));
                    if told.recv().is_err() {
                        break;
                    }
                    took_us.push(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
                }
                took_us
            })
        })
        .collect();
    let all: Vec<u64> = threads.into_iter().filter_map(|it| it.join().ok()).flatten().collect();
    #[expect(clippy::cast_precision_loss, reason = "a count far below 2^52")]
    let per_s = all.len() as f64 / lasting.as_secs_f64();
    let Times { p50, p99, .. } = Times::of(all);
    Ok(Disk { per_s, p50_us: p50, p99_us: p99 })
}
