//! A browser's board, as the contract says it must behave: it applies deltas in order and knows at every number what it should.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, COOKIE, ORIGIN};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::stage::Stage;

/// Longer than anything takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a frame of the contract says, part by part; the rows by their key.
pub(crate) const PARTS: [&str; 6] = ["tiles", "queues_total", "centers", "decisions", "lines", "today"];

pub(crate) struct Viewer<S = TcpStream> {
    socket: WebSocketStream<S>,
    pub(crate) hello: Value,
    /// The whole board: a snapshot with everything since folded in.
    pub(crate) board: Value,
    rows: BTreeMap<String, Value>,
    order: Vec<String>,
    /// Frames that moved it, by type.
    pub(crate) moves: Vec<&'static str>,
    asked: u32,
}

/// The request that opens a board for somebody.
pub(crate) fn request(who: &str) -> Request {
    let mut request = "ws://board.test/ui/v1/board".into_client_request().unwrap();
    if !who.is_empty() {
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {who}-token")).unwrap());
    }
    request
}

/// As a browser sends it: known by a cookie, from a page of this origin.
pub(crate) fn from_page(cookie: &str, origin: &str) -> Request {
    let mut request = request("");
    request.headers_mut().insert(COOKIE, HeaderValue::try_from(cookie).unwrap());
    request.headers_mut().insert(ORIGIN, HeaderValue::try_from(origin).unwrap());
    request
}

impl Viewer {
    /// Opens a board over TCP, up to its hello.
    pub(crate) async fn open(stage: &Stage, who: &str) -> Self {
        Self::ask(stage, request(who)).await.unwrap()
    }

    pub(crate) async fn ask(stage: &Stage, request: Request) -> Result<Self, Error> {
        let stream = TcpStream::connect(stage.address).await.unwrap();
        Viewer::over(stream, request).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Viewer<S> {
    pub(crate) async fn over(stream: S, request: Request) -> Result<Self, Error> {
        let (socket, _) = client_async(request, stream).await?;
        let mut viewer = Self {
            socket,
            hello: Value::Null,
            board: Value::Null,
            rows: BTreeMap::new(),
            order: Vec::new(),
            moves: Vec::new(),
            asked: 0,
        };
        viewer.hello = viewer.frame().await;
        assert_eq!(viewer.hello["type"], "hello");
        Ok(viewer)
    }

    /// The next frame, applied.
    pub(crate) async fn frame(&mut self) -> Value {
        loop {
            match self.next().await {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    self.apply(&frame);
                    return frame;
                }
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("not a frame: {other:?}"),
            }
        }
    }

    /// The next message, whatever it is.
    pub(crate) async fn next(&mut self) -> Result<Message, Error> {
        tokio::time::timeout(PATIENCE, self.socket.next()).await.unwrap().unwrap()
    }

    /// How it was closed, whatever came before.
    pub(crate) async fn closed(&mut self) -> Option<CloseFrame> {
        loop {
            if let Message::Close(why) = self.next().await.unwrap() {
                return why;
            }
        }
    }

    /// Reads until the board is as it should be.
    pub(crate) async fn until(&mut self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let reading = async {
            while self.board.is_null() || !holds(&self.board) {
                self.frame().await;
            }
        };
        if tokio::time::timeout(PATIENCE, reading).await.is_err() {
            panic!("never saw {what} in {:#}", self.board);
        }
        self.board.clone()
    }

    /// Says something and gives the answer, applying what comes before it.
    pub(crate) async fn say(&mut self, what: Value) -> Value {
        self.asked += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.asked);
        let mut message = what;
        message["request_id"] = json!(id);
        self.send(message.to_string()).await;
        loop {
            let frame = self.frame().await;
            if frame["type"] == "answer" && frame["request_id"] == json!(id) {
                return frame;
            }
        }
    }

    pub(crate) async fn send(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    fn apply(&mut self, frame: &Value) {
        match frame["type"].as_str().unwrap() {
            "hello" => self.hello = frame.clone(),
            "snapshot" => {
                self.moves.push("snapshot");
                self.rows.clear();
                self.keep_rows(frame);
                self.order = frame["queues"].as_array().unwrap().iter().map(key).collect();
                self.board = frame.clone();
            }
            "delta" => {
                self.moves.push("delta");
                let seq = self.board["seq"].as_u64().unwrap();
                assert_eq!(frame["epoch"], self.board["epoch"], "a delta never leaves its epoch");
                assert_eq!(frame["seq"], json!(seq + 1), "a delta follows the frame before it");
                for gone in frame["gone"].as_array().into_iter().flatten() {
                    self.rows.remove(gone.as_str().unwrap()).unwrap();
                }
                self.keep_rows(frame);
                if let Some(order) = frame["order"].as_array() {
                    self.order = order.iter().map(|key| key.as_str().unwrap().to_owned()).collect();
                }
                for part in PARTS.into_iter().chain(["seq", "at_ms"]) {
                    if let Some(value) = frame.get(part) {
                        self.board[part] = value.clone();
                    }
                }
                self.board["queues"] = self.order.iter().map(|key| self.rows[key].clone()).collect();
                assert_eq!(self.rows.len(), self.order.len(), "every row has a place");
            }
            "beat" => assert!(frame["at_ms"].is_u64() && frame["router_ms"].is_u64() && frame["seq"].is_u64()),
            "answer" => {}
            other => panic!("no frame of the contract: {other}"),
        }
    }

    fn keep_rows(&mut self, frame: &Value) {
        for row in frame["queues"].as_array().into_iter().flatten() {
            self.rows.insert(key(row), row.clone());
        }
    }
}

fn key(row: &Value) -> String {
    row["key"].as_str().unwrap().to_owned()
}
