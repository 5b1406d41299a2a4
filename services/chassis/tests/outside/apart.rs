//! Threads apart: what runs there, at which priority, and what it costs when it fails.

use std::time::Duration;

use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::response::IntoResponse;
use axum::routing::get;
use futures_util::StreamExt;
use holdfast_chassis::apart::{Apart, ApartSettings, THREAD_NAME};
use holdfast_chassis::http::{HttpSettings, bind};
use holdfast_chassis::shutdown::Shutdown;
use http_body_util::BodyExt;
use tower::ServiceExt;

/// The thread this runs on, and by how much it gives way.
fn here() -> String {
    let thread = std::thread::current();
    let nice = rustix::process::getpriority_process(None).unwrap();
    format!("{} {nice}", thread.name().unwrap_or_default())
}

async fn tell() -> String {
    here()
}

async fn asked(routes: &Router, path: &str) -> (u16, String) {
    let request = http::Request::builder().uri(path).body(axum::body::Body::empty()).unwrap();
    let answer = routes.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn what_may_be_slow_gives_way_and_what_a_contact_needs_does_not() {
    let apart = Apart::start(ApartSettings { threads: 1, nice: 7 }).unwrap();
    let routes = Router::new().route("/webhook", get(tell)).merge(apart.lane().routes(
        Router::new().route("/board", get(tell)).route(
            "/socket",
            get(|upgrade: WebSocketUpgrade| async move {
                upgrade
                    .on_upgrade(|mut socket| async move { drop(socket.send(Message::text(here())).await) })
                    .into_response()
            }),
        ),
    ));
    let apart_here = format!("{THREAD_NAME} 7");
    assert_eq!(asked(&routes, "/board").await, (200, apart_here.clone()));
    let (status, main_here) = asked(&routes, "/webhook").await;
    assert_eq!((status, main_here.starts_with(THREAD_NAME)), (200, false), "{main_here}");
    assert_eq!(asked(&routes, "/nowhere").await.0, 404);

    // A socket lives where its route is answered, whichever listener it came by.
    let server = bind(HttpSettings::default(), routes).await.unwrap();
    let address = server.local_address().unwrap();
    let shutdown = Shutdown::new();
    let serving = tokio::spawn(server.serve(shutdown.clone()));
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}/socket")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap().into_text().unwrap().as_str(), apart_here);
    drop(socket);
    shutdown.trigger();
    tokio::time::timeout(Duration::from_secs(20), serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_panic_there_costs_its_own_answer_and_threads_that_are_gone_are_an_answer_too() {
    let apart = Apart::start(ApartSettings { threads: 1, nice: 0 }).unwrap();
    let broken = || async { if here().is_empty() { String::new() } else { panic!("on purpose") } };
    let routes = apart.lane().routes(Router::new().route("/board", get(tell)).route("/broken", get(broken)));
    let server = bind(HttpSettings::default(), routes.clone()).await.unwrap();
    let address = server.local_address().unwrap();
    tokio::spawn(server.serve(Shutdown::new()));
    assert_eq!(status(address, "/broken").await, "HTTP/1.1 500 Internal Server Error");
    assert_eq!(status(address, "/board").await, "HTTP/1.1 200 OK");
    drop(apart);
    assert_eq!(asked(&routes, "/board").await.0, 503);
}

async fn status(address: std::net::SocketAddr, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}
