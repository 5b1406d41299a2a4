//! What a process says of itself: logs to a stream, metrics to whoever scrapes.
//!
//! Both are installed once per process and both installs are idempotent, so that tests need no order. Traces are not
//! exported from here. Nothing of a person is written by the chassis, and no type of ours that holds such can be.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::{Deserialize, Serialize};
use tokio::time::MissedTickBehavior;
use tracing::{Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::shutdown::Shutdown;

/// How often histogram samples are folded. Without it they pile up in memory until somebody scrapes.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The bounds of every histogram whose name ends in `_seconds` and which has none of its own.
pub const SECONDS_BUCKETS: [f64; 16] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Libraries that write whole messages into their finest lines: a person's words. Whatever the filter says, these are never
/// heard below INFO.
const WORDY: [&str; 2] = ["tungstenite", "tokio_tungstenite"];

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    #[default]
    Json,
    /// For people at a terminal.
    Pretty,
}

/// Where log lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogOutput {
    /// Standard output, as containers expect.
    #[default]
    Stdout,
    /// Standard error, where standard output is for results.
    Stderr,
}

/// Logging as written in a settings file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// How a line looks.
    pub format: LogFormat,
    /// Where it goes.
    pub output: LogOutput,
    /// Which lines, in the manner of `RUST_LOG`, e.g. `info,holdfast_router=debug`.
    pub filter: String,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::default(), output: LogOutput::default(), filter: "info".to_owned() }
    }
}

/// Why telemetry was not installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The filter is not in the manner of `RUST_LOG`.
    #[error("log.filter `{filter}` is malformed, write for instance `info,holdfast_router=debug`: {reason}")]
    Filter {
        /// As given.
        filter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Buckets are empty, or another recorder is installed.
    #[error("cannot install the metrics recorder: {0}")]
    Recorder(String),
}

/// Sends log lines where the settings say. Idempotent: where a subscriber is set already, it stays and this is no error.
///
/// # Errors
/// [`TelemetryError::Filter`].
pub fn init_logs(settings: &LogSettings) -> Result<(), TelemetryError> {
    let writer = match settings.output {
        LogOutput::Stdout => BoxMakeWriter::new(std::io::stdout),
        LogOutput::Stderr => BoxMakeWriter::new(std::io::stderr),
    };
    // The error says that one is set already.
    drop(lines(settings, writer)?.try_init());
    Ok(())
}

type Lines = Box<dyn Subscriber + Send + Sync>;

fn lines(settings: &LogSettings, writer: BoxMakeWriter) -> Result<Lines, TelemetryError> {
    let filter = EnvFilter::builder()
        .parse(&settings.filter)
        .map_err(|error| TelemetryError::Filter { filter: settings.filter.clone(), reason: error.to_string() })?;
    // Otherwise a line that cannot be written is complained of on standard error, and where that is gone too, with a panic in the midst
    // of whatever was being done.
    let lines = tracing_subscriber::fmt().log_internal_errors(false).with_env_filter(filter).with_writer(writer);
    let quiet = filter_fn(|line| *line.level() <= Level::INFO || !WORDY.iter().any(|it| line.target().starts_with(it)));
    Ok(match settings.format {
        LogFormat::Json => Box::new(lines.json().flatten_event(true).finish().with(quiet)),
        LogFormat::Pretty => Box::new(lines.finish().with(quiet)),
    })
}

/// The bounds of one histogram.
#[derive(Debug, Clone, Copy)]
pub struct Buckets {
    /// The metric's full name.
    pub metric: &'static str,
    /// Upper bounds, ascending, in the metric's unit.
    pub bounds: &'static [f64],
}

/// The process's metrics. Clones are the same.
#[derive(Debug, Clone)]
pub struct Meters {
    handle: PrometheusHandle,
}

static INSTALLED: Mutex<Option<Meters>> = Mutex::new(None);

impl Meters {
    /// Installs the recorder: histograms ending in `_seconds` get [`SECONDS_BUCKETS`], those in `own` their own.
    /// Idempotent: a second call returns the first one's recorder and its buckets.
    ///
    /// # Errors
    /// [`TelemetryError::Recorder`].
    pub fn install(own: &[Buckets]) -> Result<Self, TelemetryError> {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(meters) = installed.as_ref() {
            return Ok(meters.clone());
        }
        let failed = |error: metrics_exporter_prometheus::BuildError| TelemetryError::Recorder(error.to_string());
        let mut builder = PrometheusBuilder::new()
            .with_recommended_naming(true)
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS_BUCKETS)
            .map_err(failed)?;
        for Buckets { metric, bounds } in own {
            builder = builder.set_buckets_for_metric(Matcher::Full((*metric).to_owned()), bounds).map_err(failed)?;
        }
        let meters = Self { handle: builder.install_recorder().map_err(failed)? };
        crate::metrics::describe();
        *installed = Some(meters.clone());
        Ok(meters)
    }

    /// All metrics in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds histogram samples every five seconds until `shutdown`. Call it once per process, inside a runtime; a second
    /// loop would do no harm.
    pub fn keep_up(&self, shutdown: &Shutdown) {
        let handle = self.handle.clone();
        let stopped = shutdown.wait();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(UPKEEP_INTERVAL);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let keeping = async {
                loop {
                    ticks.tick().await;
                    handle.run_upkeep();
                }
            };
            tokio::select! {
                () = keeping => {}
                () = stopped => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use super::*;

    #[derive(Clone)]
    struct Pen(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Pen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn installing_twice_gives_one_recorder_with_buckets() {
        let own = [Buckets { metric: "holdfast_test_wait_seconds", bounds: &[30.0, 60.0] }];
        let first = Meters::install(&own).unwrap();
        let second = Meters::install(&[]).unwrap();
        metrics::histogram!("holdfast_test_wait_seconds").record(45.0);
        metrics::histogram!("holdfast_test_commit_seconds").record(0.004);
        metrics::counter!("holdfast_test_refused_total").increment(3);
        let page = first.render();
        assert_eq!(page, second.render());
        assert!(page.contains("holdfast_test_wait_seconds_bucket{le=\"60\"} 1"), "{page}");
        assert!(page.contains("holdfast_test_commit_seconds_bucket{le=\"0.005\"} 1"), "{page}");
        assert!(page.contains("holdfast_test_refused_total 3"), "{page}");
        assert!(!page.contains("quantile="), "{page}");
    }

    #[test]
    fn no_filter_lets_a_library_write_a_person_s_words() {
        for format in [LogFormat::Json, LogFormat::Pretty] {
            let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
            let settings =
                LogSettings { format, filter: "trace,tungstenite::protocol=trace".to_owned(), ..Default::default() };
            let pen = Pen(Arc::clone(&heard));
            let lines = lines(&settings, BoxMakeWriter::new(move || pen.clone())).unwrap();
            tracing::subscriber::with_default(lines, || {
                tracing::trace!(target: "tungstenite::protocol", "Received message i am alone");
                tracing::debug!(target: "tokio_tungstenite", "Received message i am alone");
                tracing::trace!(target: "holdfast_desk", "ours");
                tracing::info!(target: "tungstenite", "theirs");
            });
            let heard = String::from_utf8(heard.lock().unwrap().clone()).unwrap();
            assert!(!heard.contains("alone") && heard.contains("ours") && heard.contains("theirs"), "{heard}");
        }
    }

    #[test]
    fn logs_may_be_set_up_twice_but_not_with_a_malformed_filter() {
        init_logs(&LogSettings::default()).unwrap();
        init_logs(&LogSettings { format: LogFormat::Pretty, ..LogSettings::default() }).unwrap();
        let malformed = LogSettings { filter: "holdfast=loudly".to_owned(), ..LogSettings::default() };
        assert!(matches!(init_logs(&malformed), Err(TelemetryError::Filter { .. })));
    }
}
