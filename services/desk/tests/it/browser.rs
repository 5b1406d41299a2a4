//! A person at a browser: signs in over HTTP, keeps the cookie, opens windows, and beats as the page does.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::stage::Stage;

pub(crate) struct Browser {
    pub(crate) address: SocketAddr,
    pub(crate) cookie: String,
}

pub(crate) struct Window {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap()
}

impl Browser {
    pub(crate) async fn sign_in(stage: &Stage, who: &str) -> Self {
        let address = stage.http;
        let form = [("token", who)];
        let origin = format!("http://{address}");
        let request = client().post(format!("{origin}/sign-in")).header("origin", &origin).form(&form);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        Self { address, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    /// Opens a socket and says nothing on it; the HTTP status if that is refused.
    pub(crate) async fn open_from(&self, address: SocketAddr, origin: &str) -> Result<Window, u16> {
        let mut request = format!("ws://{address}/ui/v1/desk").into_client_request().unwrap();
        for (name, value) in [("cookie", self.cookie.as_str()), ("origin", origin)] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(Window { socket }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    pub(crate) async fn open(&self) -> Window {
        self.open_from(self.address, &format!("http://{}", self.address)).await.unwrap()
    }

    /// Opens a window and signs in; also what it is greeted with.
    pub(crate) async fn window(&self, take: bool) -> (Window, Value) {
        let mut window = self.open().await;
        let hello = window.sign_in(Value::Null, take).await;
        (window, hello)
    }
}

impl Window {
    pub(crate) async fn say_raw(&mut self, said: &Value) {
        self.socket.send(Message::text(said.to_string())).await.unwrap();
    }

    /// Says something under a fresh id, which it answers.
    pub(crate) async fn say(&mut self, word: &str, mut said: Value) -> String {
        let request_id = uuid::Uuid::new_v4().to_string();
        said["say"] = json!(word);
        said["request_id"] = json!(request_id);
        self.say_raw(&said).await;
        request_id
    }

    pub(crate) async fn sign_in(&mut self, from: Value, take: bool) -> Value {
        self.signs_in(json!({"audio_address": "", "from": from, "take": take})).await
    }

    /// Signs in with these words, and how it is greeted.
    pub(crate) async fn signs_in(&mut self, words: Value) -> Value {
        self.say("sign_in", words).await;
        let hello = self.next().await.unwrap();
        assert_eq!(hello["type"], "hello", "{hello}");
        hello
    }

    /// The next frame of any kind; none once the socket is closed.
    pub(crate) async fn any(&mut self) -> Option<Value> {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                }
            }
        };
        timeout(Duration::from_secs(20), next).await.unwrap()
    }

    /// The next frame that is not a beat.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            let frame = self.any().await?;
            if frame["type"] != "beat" {
                return Some(frame);
            }
        }
    }

    /// The next frame of this type, whatever else comes before it.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await.unwrap_or_else(|| panic!("closed before {kind}"));
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The answer to what was just said.
    pub(crate) async fn ask(&mut self, word: &str, said: Value) -> Value {
        let request_id = self.say(word, said).await;
        loop {
            let answer = self.next_of("answer").await;
            if answer["request_id"] == request_id.as_str() {
                return answer;
            }
        }
    }

    /// How the socket was closed, whatever came before.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        let closed = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(Some(why)))) => return (why.code.into(), why.reason.as_str().to_owned()),
                    Some(Ok(_)) => {}
                    other => panic!("closed without a word: {other:?}"),
                }
            }
        };
        timeout(Duration::from_secs(20), closed).await.unwrap()
    }

    /// Reads to the close; the last frame that was no beat.
    pub(crate) async fn end(&mut self) -> Option<Value> {
        let mut last = None;
        while let Some(frame) = self.next().await {
            last = Some(frame);
        }
        last
    }

    pub(crate) async fn close(mut self) {
        self.socket.close(None).await.unwrap();
    }
}

/// Where a window stands after a frame.
pub(crate) fn place(frame: &Value) -> Value {
    json!({"epoch": frame["epoch"], "seq": frame["seq"]})
}
