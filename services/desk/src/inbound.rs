//! What a desk says, whatever wire it says it on: one word after the other, then how it ended.

use std::future::Future;
use std::time::Duration;

use holdfast_proto::desk::v1::WorkRequest;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tonic::Streaming;

use crate::session::End;

/// The desk's side of a wire.
pub(crate) trait Inbound: Send {
    /// The next word; none once the desk has nothing more to say but still hears.
    fn next(&mut self) -> impl Future<Output = Result<Option<WorkRequest>, End>> + Send;
}

/// A gRPC stream: its beats come through it, and so silence is seen here.
pub(crate) struct Stream {
    pub(crate) requests: Streaming<WorkRequest>,
    pub(crate) silence: Duration,
}

impl Inbound for Stream {
    async fn next(&mut self) -> Result<Option<WorkRequest>, End> {
        match timeout(self.silence, self.requests.message()).await {
            Err(_) => Err(End::Silent),
            Ok(Err(_)) => Err(End::Left),
            Ok(Ok(request)) => Ok(request),
        }
    }
}

/// A window: it keeps its own socket, listens for beats itself, and says how it ended.
pub(crate) type Said = mpsc::Receiver<Result<WorkRequest, End>>;

impl Inbound for Said {
    async fn next(&mut self) -> Result<Option<WorkRequest>, End> {
        self.recv().await.unwrap_or(Err(End::Left)).map(Some)
    }
}
