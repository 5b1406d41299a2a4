//! A carrier that says yes to everything at once and remembers nothing: its cost is a parse of the path and a few bytes.
//!
//! It keeps no list of calls, so nobody may compare with it; an installation that uses it must not reconcile.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What was asked of it.
#[derive(Debug, Default)]
struct Count {
    dials: AtomicU64,
}

/// A running carrier without a memory.
#[derive(Debug)]
pub struct NullCarrier {
    /// Where its REST is.
    pub base_url: String,
    count: Arc<Count>,
}

impl NullCarrier {
    /// Listens on a free port of this machine, on the runtime this is called from, until that ends.
    ///
    /// # Errors
    /// If nothing can be listened on.
    pub async fn start() -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let count = Arc::new(Count::default());
        let routes = axum::Router::new().fallback(answer).with_state(Arc::clone(&count));
        tokio::spawn(async move {
            let prompt = |stream: &mut tokio::net::TcpStream| drop(stream.set_nodelay(true));
            let listener = axum::serve::ListenerExt::tap_io(listener, prompt);
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::error!(%error, "the null carrier ended");
            }
        });
        Ok(Self { base_url, count })
    }

    /// How many legs were dialed so far.
    #[must_use]
    pub fn dials(&self) -> u64 {
        self.count.dials.load(Ordering::Relaxed)
    }
}

async fn answer(State(count): State<Arc<Count>>, request: Request) -> Response {
    let path = request.uri().path();
    let json = [(header::CONTENT_TYPE, "application/json")];
    match *request.method() {
        Method::DELETE => StatusCode::NO_CONTENT.into_response(),
        Method::GET => (json, "{\"calls\":[],\"conferences\":[],\"participants\":[],\"messages\":[]}").into_response(),
        _ if path.ends_with("/Participants.json") => {
            let number = count.dials.fetch_add(1, Ordering::Relaxed);
            let body = format!(
                "{{\"call_sid\":\"CA{:08x}{number:024x}\",\"conference_sid\":\"CF{number:032x}\",\"label\":null,\
                 \"status\":\"queued\",\"hold\":false,\"muted\":false}}",
                u32::MAX
            );
            (StatusCode::CREATED, json, body).into_response()
        }
        _ => (json, "{\"sid\":\"SM00000000000000000000000000000000\",\"status\":\"completed\"}").into_response(),
    }
}
