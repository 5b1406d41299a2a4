//! tonic echo: a message on a kept stream and its answer, with nothing in between. The floor under every word to a desk.
//!
//! The null route answers a note at once, without its disk; everything else of its connection is as when it pushes an offer.

use crate::compare::round::Times;
use crate::compare::stage::StageError;
use crate::lean::desks::connect;
use crate::process::Process;
use holdfast_proto::desk::v1::WorkRequest;
use holdfast_proto::desk::v1::desk_service_client::DeskServiceClient;
use holdfast_proto::desk::v1::work_request::Say;
use holdfast_proto::router::v1::WriteNote;
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::transport::Channel;

/// What the wire does.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Echo {
    /// Answers a second.
    pub per_s: f64,
    /// Half of them took at most this long, microseconds.
    pub p50_us: f64,
    /// 99 of 100.
    pub p99_us: f64,
    /// Processor time of the server for each, microseconds.
    pub cpu_us: f64,
}

/// Says something on `streams` streams of one connection for `lasting`, each waiting for its answer before the next.
///
/// # Errors
/// If there is no connection, or a stream ends.
pub async fn measure(process: &Process, streams: usize, lasting: Duration) -> Result<Echo, StageError> {
    let channel = connect(process.grpc).await?;
    let before = process.usage()?;
    let until = Instant::now() + lasting;
    let mut saying = JoinSet::new();
    for _ in 0..streams {
        saying.spawn(say(channel.clone(), until));
    }
    let mut took_us = Vec::new();
    while let Some(said) = saying.join_next().await {
        took_us.extend(said.map_err(|error| std::io::Error::other(error.to_string()))??);
    }
    let cpu_us = process.usage()?.cpu_us.saturating_sub(before.cpu_us);
    #[expect(clippy::cast_precision_loss, reason = "counts of a run")]
    let (count, cpu_us) = (took_us.len() as f64, cpu_us as f64);
    let Times { p50, p99, .. } = Times::of(took_us);
    Ok(Echo { per_s: count / lasting.as_secs_f64(), p50_us: p50, p99_us: p99, cpu_us: cpu_us / count.max(1.0) })
}

async fn say(channel: Channel, until: Instant) -> Result<Vec<u64>, Status> {
    let (say, requests) = mpsc::channel(1);
    let mut answers = DeskServiceClient::new(channel).work(ReceiverStream::new(requests)).await?.into_inner();
    let mut took_us = Vec::new();
    while Instant::now() < until {
        let request_id = uuid::Uuid::new_v4().to_string();
        let began = Instant::now();
        let note = WorkRequest { request_id, say: Some(Say::WriteNote(WriteNote::default())) };
        if say.send(note).await.is_err() || answers.message().await?.is_none() {
            return Err(Status::aborted("the floor's stream is over"));
        }
        took_us.push(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    Ok(took_us)
}
