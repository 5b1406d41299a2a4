//! Deadlines over a real wire.

use std::time::Duration;

use holdfast_chassis::server::{GrpcServer, GrpcSettings};
use http_body_util::BodyExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tonic::Code;

use crate::probe::{Probe, Running, TOKEN, call, call_within, loopback, open_stream, run, secret, table};

const LONG: Duration = Duration::from_secs(60);

/// A client without any timer of its own, as some languages have: the status is the server's.
async fn raw_status(running: &Running, method: &str, grpc_timeout: &str) -> i32 {
    let stream = tokio::net::TcpStream::connect(running.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::post(format!("http://{}/test.Probe/{method}", running.address))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("grpc-timeout", grpc_timeout)
        // An empty message: no compression, no bytes.
        .body(http_body_util::Full::new(bytes::Bytes::from_static(&[0; 5])).boxed())
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let in_head = response.headers().get("grpc-status").cloned();
    let trailers = response.into_body().collect().await.unwrap().trailers().cloned().unwrap_or_default();
    connection.abort();
    in_head.as_ref().or_else(|| trailers.get("grpc-status")).unwrap().to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_slow_handler_ends_in_deadline_exceeded_and_its_future_is_dropped() {
    let probe = Probe::new();
    let running = run(GrpcServer::new(loopback(), table()).service(probe.clone())).await;
    assert_eq!(raw_status(&running, "Wait", "60m").await, Code::DeadlineExceeded as i32);
    probe.at_the_gate(0).await;

    let line = running.line(Some(&secret()));
    let expired = call_within(&line, "Wait", Some(Duration::from_millis(60))).await.unwrap_err();
    assert_eq!(expired.code(), Code::DeadlineExceeded);
    let gone = call_within(&line, "Who", Some(Duration::ZERO)).await.unwrap_err();
    assert_eq!(gone.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn without_a_word_from_the_client_our_cap_holds() {
    let settings = GrpcSettings { unary_ms_max: 50, ..loopback() };
    let running = run(GrpcServer::new(settings.clone(), table()).service(Probe::new())).await;
    let line = running.line(Some(&secret()));
    assert_eq!(call(&line, "Wait").await.unwrap_err().code(), Code::DeadlineExceeded);
    // A patient client is capped too.
    assert_eq!(call_within(&line, "Wait", Some(LONG)).await.unwrap_err().code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_path_declared_streaming_has_no_cap() {
    let settings = GrpcSettings { unary_ms_max: 0, ..loopback() };
    let server = GrpcServer::new(settings, table()).streaming(&["/test.Probe/Who"]).service(Probe::new());
    let line = run(server).await.line(Some(&secret()));
    assert_eq!(call(&line, "Who").await.unwrap(), "maria counselor");
}

#[tokio::test]
async fn the_handler_sees_what_is_left() {
    let running = run(GrpcServer::new(loopback(), table()).service(Probe::new())).await;
    let line = running.line(Some(&secret()));
    let left: u64 = call_within(&line, "Remaining", Some(Duration::from_secs(5))).await.unwrap().parse().unwrap();
    assert!(left <= 5_000, "{left}");
    let capped: u64 = call(&line, "Remaining").await.unwrap().parse().unwrap();
    assert!(capped > 5_000 && capped <= 10_000, "{capped}");
}

#[tokio::test]
async fn a_stream_ends_at_the_clients_deadline_and_only_then() {
    let settings = GrpcSettings { unary_ms_max: 50, ..loopback() };
    let running = run(GrpcServer::new(settings, table()).service(Probe::new())).await;
    assert_eq!(raw_status(&running, "Follow", "80m").await, Code::DeadlineExceeded as i32);

    let line = running.line(Some(&secret()));
    let mut bounded = open_stream(&line, Some(Duration::from_millis(80))).await.unwrap();
    assert_eq!(bounded.message().await.unwrap().unwrap(), "first");
    assert_eq!(bounded.message().await.unwrap_err().code(), Code::DeadlineExceeded);

    let mut unbounded = open_stream(&line, None).await.unwrap();
    assert_eq!(unbounded.message().await.unwrap().unwrap(), "first");
    // Four times the cap that would have ended it.
    let next = tokio::time::timeout(Duration::from_millis(200), unbounded.message()).await;
    assert!(next.is_err(), "the stream should still be open");
}
