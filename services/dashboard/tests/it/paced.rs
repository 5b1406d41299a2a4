//! Many boards at once: who is over the rate is told when to come back.

use futures_util::StreamExt;
use holdfast_dashboard::DashboardSettings;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

use crate::stage::Stage;
use crate::viewer::{Viewer, request};

#[tokio::test]
async fn a_board_too_many_in_a_moment_is_told_when_to_come_back() {
    let settings = DashboardSettings {
        opens_per_s: 1,
        opens_pressed_per_s: 1,
        away_ms_max: 3_000,
        ..DashboardSettings::default()
    };
    let stage = Stage::set_with(settings).await;
    let mut open = Vec::new();
    let (later, close) = loop {
        assert!(open.len() < 100, "one a second, and five saved up");
        let stream = TcpStream::connect(stage.address).await.unwrap();
        let (mut socket, _) = client_async(request("olga"), stream).await.unwrap();
        let Message::Text(text) = socket.next().await.unwrap().unwrap() else { panic!("words come first") };
        let first: Value = serde_json::from_str(&text).unwrap();
        if first["type"] == json!("later") {
            let Message::Close(Some(close)) = socket.next().await.unwrap().unwrap() else { panic!("and then the end") };
            break (first, close);
        }
        assert_eq!(first["type"], json!("hello"));
        open.push(socket);
    };
    assert!(open.len() >= 5);
    assert!((1..=3_000).contains(&later["retry_ms"].as_u64().unwrap()), "{later}");
    assert_eq!((u16::from(close.code), close.reason.as_str()), (1_013, "later"));
    tokio::time::sleep(std::time::Duration::from_millis(later["retry_ms"].as_u64().unwrap())).await;
    Viewer::open(&stage, "olga").await;
}
