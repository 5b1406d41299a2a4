//! HTTP by hand over raw sockets: limits, problems, the operators' pages, TLS, the drain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use holdfast_chassis::http::{HttpSettings, Ops, PROBLEM_JSON, Problem, Readiness, Version, bind, ops_routes};
use holdfast_chassis::listen::ListenError;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::telemetry::Meters;
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

struct Site {
    address: SocketAddr,
    shutdown: Shutdown,
    served: JoinHandle<()>,
    readiness: Readiness,
    entered: Arc<Semaphore>,
    gate: Arc<Semaphore>,
}

fn small() -> HttpSettings {
    HttpSettings { headers_max: 16, body_bytes_max: 1_000, drain_ms_max: 60_000, ..HttpSettings::default() }
}

async fn open(settings: HttpSettings) -> Site {
    let readiness = Readiness::new();
    let gate = Arc::new(Semaphore::new(0));
    let entered = Arc::new(Semaphore::new(0));
    let (waiting, standing) = (Arc::clone(&gate), Arc::clone(&entered));
    let ops = Ops {
        readiness: readiness.clone(),
        meters: Meters::install(&[]).unwrap(),
        version: Version { service: "desk", version: "0.1.0", revision: None },
    };
    let router = Router::new()
        .route("/echo", post(async |body: String| body))
        .route(
            "/slow",
            get(async move || {
                standing.add_permits(1);
                waiting.acquire().await.unwrap().forget();
                "done"
            }),
        )
        .route(
            "/problem",
            get(async || Problem::new(StatusCode::CONFLICT).detail("the contact is closed").field("contact.state")),
        )
        .route("/panic", get(async || -> &'static str { panic!("on purpose") }))
        .merge(ops_routes(ops, None));
    let bound = bind(settings, router).await.unwrap();
    let address = bound.local_address().unwrap();
    let shutdown = Shutdown::new();
    let served = tokio::spawn(bound.serve(shutdown.clone()));
    Site { address, shutdown, served, readiness, entered, gate }
}

async fn exchange(mut io: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    io.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server which refuses early may reset what it did not read.
    drop(io.read_to_end(&mut answer).await);
    String::from_utf8(answer).unwrap()
}

impl Site {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn get(&self, path: &str) -> String {
        exchange(self.connect().await, &format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }
}

fn json(answer: &str) -> serde_json::Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn heads_and_bodies_have_their_bounds() {
    let site = open(small()).await;
    let head = "HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let post = async |rest: String| exchange(site.connect().await, &format!("POST /echo {head}{rest}")).await;

    let fits = post(format!("content-length: 1000\r\n\r\n{}", "a".repeat(1_000))).await;
    assert!(fits.starts_with("HTTP/1.1 200"), "{fits}");
    let announced = post("content-length: 1001\r\n\r\n".to_owned()).await;
    assert!(announced.starts_with("HTTP/1.1 413") && announced.contains(PROBLEM_JSON), "{announced}");
    let chunk = format!("3e9\r\n{}\r\n0\r\n\r\n", "a".repeat(1_001));
    let unannounced = post(format!("transfer-encoding: chunked\r\n\r\n{chunk}")).await;
    assert!(unannounced.starts_with("HTTP/1.1 413"), "{unannounced}");

    let many: String = (0..20).map(|index| format!("x-{index}: 1\r\n")).collect();
    let many = post(format!("{many}content-length: 0\r\n\r\n")).await;
    assert!(many.starts_with("HTTP/1.1 431"), "{many}");
    let long = post(format!("x: {}\r\n\r\n", "a".repeat(20_000))).await;
    assert!(long.starts_with("HTTP/1.1 431") || long.is_empty(), "{long}");
}

#[tokio::test]
async fn silent_clients_are_not_waited_for() {
    let site = open(HttpSettings { header_read_ms_max: 60, body_read_ms_max: 60, ..small() }).await;
    let silent = exchange(site.connect().await, "").await;
    let halfway = exchange(site.connect().await, "GET /healthz HTTP/1.1\r\nhost:").await;
    assert!(!silent.contains("200") && !halfway.contains("200"));
    let second = exchange(site.connect().await, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /healthz").await;
    assert_eq!(second.matches("HTTP/1.1 200").count(), 1, "{second}");
    let body = exchange(site.connect().await, "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nab").await;
    assert!(body.starts_with("HTTP/1.1 400"), "{body}");
}

#[tokio::test]
async fn a_problem_has_the_shape_of_rfc_9457() {
    let answer = open(small()).await.get("/problem").await;
    assert!(answer.starts_with("HTTP/1.1 409") && answer.contains("content-type: application/problem+json"));
    let expected = serde_json::json!({
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "the contact is closed",
        "field": "contact.state",
    });
    assert_eq!(json(&answer), expected);
    let internal = Problem::from_status(&tonic::Status::internal("our insides"));
    assert_eq!((internal.status, internal.detail), (500, None));
    assert_eq!(Problem::from_status(&tonic::Status::deadline_exceeded("late")).status, 504);
}

#[tokio::test]
async fn readiness_gives_its_reasons_and_ends_with_the_drain() {
    let site = open(small()).await;
    assert!(site.get("/readyz").await.starts_with("HTTP/1.1 200"));
    let journal = site.readiness.condition("journal");
    let answer = site.get("/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    journal.not_ready("replaying");
    let reasons = serde_json::json!([{ "condition": "journal", "reason": "replaying" }]);
    assert_eq!(json(&site.get("/readyz").await), serde_json::json!({ "ready": false, "reasons": reasons }));
    journal.ready();
    assert_eq!(json(&site.get("/readyz").await), serde_json::json!({ "ready": true }));
    site.readiness.drain();
    journal.ready();
    let answer = site.get("/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert_eq!(json(&answer)["reasons"][0]["condition"], "draining");
    assert!(site.get("/healthz").await.starts_with("HTTP/1.1 200"), "draining is not dead");
}

#[tokio::test]
async fn a_page_that_panics_answers_500_without_its_words() {
    let answer = open(small()).await.get("/panic").await;
    assert!(answer.starts_with("HTTP/1.1 500") && answer.contains(PROBLEM_JSON), "{answer}");
    assert!(!answer.contains("on purpose"));
}

#[tokio::test]
async fn version_and_metrics_are_told() {
    let site = open(small()).await;
    assert_eq!(json(&site.get("/version").await), serde_json::json!({ "service": "desk", "version": "0.1.0" }));
    metrics::counter!("holdfast_probe_total").increment(1);
    let page = site.get("/metrics").await;
    assert!(page.contains("text/plain; version=0.0.4") && page.contains("holdfast_probe_total"), "{page}");
}

#[tokio::test]
async fn what_is_in_hand_is_finished_and_new_connections_are_refused() {
    let site = open(small()).await;
    let in_hand = site.connect().await;
    let request = "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n";
    let (mut reading, mut writing) = in_hand.into_split();
    writing.write_all(request.as_bytes()).await.unwrap();
    site.entered.acquire().await.unwrap().forget();
    site.shutdown.trigger();
    while TcpStream::connect(site.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    site.gate.add_permits(1);
    let mut answer = String::new();
    reading.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    drop((writing, reading));
    site.served.await.unwrap();
}

#[tokio::test]
async fn what_does_not_finish_is_cut_when_the_drain_is_over() {
    let site = open(HttpSettings { drain_ms_max: 50, ..small() }).await;
    let mut stuck = site.connect().await;
    stuck.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    site.entered.acquire().await.unwrap().forget();
    site.shutdown.trigger();
    site.served.await.unwrap();
    let mut answer = String::new();
    drop(stuck.read_to_string(&mut answer).await);
    assert_eq!(answer, "");
}

#[tokio::test]
async fn one_connection_beyond_the_bound_is_closed() {
    let site = open(HttpSettings { connections_max: 1, ..small() }).await;
    let mut first = site.connect().await;
    first.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut begun = [0; 12];
    first.read_exact(&mut begun).await.unwrap();
    assert_eq!(&begun, b"HTTP/1.1 200");
    let mut second = site.connect().await;
    let mut nothing = Vec::new();
    drop(second.read_to_end(&mut nothing).await);
    assert!(nothing.is_empty());
}

#[tokio::test]
async fn https_is_spoken_and_plaintext_beyond_loopback_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let tls = crate::server::certify(folder.path());
    let site = open(HttpSettings { tls: Some(tls.clone()), ..small() }).await;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in
        <rustls_pki_types::CertificateDer<'_> as rustls_pki_types::pem::PemObject>::pem_file_iter(&tls.certificate_file)
            .unwrap()
    {
        roots.add(certificate.unwrap()).unwrap();
    }
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = rustls_pki_types::ServerName::try_from("localhost").unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector.connect(name, site.connect().await).await.unwrap();
    let answer = exchange(stream, "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let everywhere = HttpSettings { address: SocketAddr::from(([0, 0, 0, 0], 0)), ..small() };
    let refused = bind(everywhere, Router::new()).await.err().unwrap();
    assert!(matches!(refused, ListenError::PlaintextBeyondLoopback { .. }));
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_let_go_and_leaves_its_place() {
    // Larger than every buffer on the way.
    let large = || async { "x".repeat(64 * 1_024 * 1_024) };
    let routes = Router::new().route("/large", get(large)).route("/small", get(|| async { "small" }));
    let settings = HttpSettings { connections_max: 1, write_ms_max: 300, ..HttpSettings::default() };
    let server = bind(settings, routes).await.unwrap();
    let address = server.local_address().unwrap();
    tokio::spawn(server.serve(Shutdown::new()));
    let mut deaf = TcpStream::connect(address).await.unwrap();
    deaf.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let heard = async {
        loop {
            let mut next = TcpStream::connect(address).await.unwrap();
            drop(next.write_all(b"GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await);
            let mut answer = String::new();
            // While the deaf one has the only place, others are closed at once.
            if next.read_to_string(&mut answer).await.is_ok() && answer.ends_with("small") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), heard).await.expect("the place is free again");
    drop(deaf);
}
