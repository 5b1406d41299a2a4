//! The browser side from outside, over real HTTP: sign-in, cookies, origins, roles, one-time codes, headers, sockets.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{SinkExt, StreamExt};
use holdfast_chassis::access::{AccessTable, PrincipalSettings, hash_token};
use holdfast_chassis::http::{HttpSettings, bind};
use holdfast_chassis::settings::Secret;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::web::{
    ATTEMPTS_MAX, Asset, BOARD_ROLES, Bundle, CONTENT_POLICY, DESK_ROLES, OnceError, WRONG_ANSWER_AFTER, Web,
    WebSettings, harden, socket,
};
use http::request::Parts;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

struct Site {
    address: SocketAddr,
    web: Web,
    access: AccessTable,
    _shutdown: Shutdown,
}

fn principals(names: &[(&str, &str)]) -> Vec<PrincipalSettings> {
    let entry = |(name, role): &(&str, &str)| PrincipalSettings {
        name: (*name).to_owned(),
        role: (*role).to_owned(),
        token_sha256: hash_token(&format!("token of {name}")),
    };
    names.iter().map(entry).collect()
}

const EVERYBODY: &[(&str, &str)] = &[("ana", "counselor"), ("pat", "peer"), ("sue", "supervisor")];

async fn open(public_origins: &[&str]) -> Site {
    let access = AccessTable::new(&principals(EVERYBODY)).unwrap();
    let settings = WebSettings {
        public_origins: public_origins.iter().map(|it| (*it).to_owned()).collect(),
        ..WebSettings::default()
    };
    let bundle = Bundle::new(
        |face, boot| (face == "desk").then(|| format!("<!doctype html><title>desk</title>{boot}")),
        |path| {
            let asset = Asset { bytes: b"long", gzip: Some(b"short"), content_type: "text/css" };
            (path == "desk-1.css").then_some(asset)
        },
        "build-1",
    );
    let web = Web::new(access.clone(), &settings, false, bundle).unwrap();
    let (desk, board, talk) = (web.clone(), web.clone(), web.clone());
    let page = |web: Web, face: &'static str, roles| {
        get(async move |request: Parts| match web.page_for(&request, roles) {
            Ok(pass) => web.face(face, &request, &pass.principal),
            Err(elsewhere) => elsewhere,
        })
    };
    let talk = async move |request: Parts, upgrade: WebSocketUpgrade| -> Response {
        match talk.speaker_for(&request, DESK_ROLES) {
            Err(refused) => refused,
            Ok(pass) => socket::bounded(upgrade, socket::MESSAGE_BYTES_MAX)
                .on_upgrade(async move |socket| {
                    let (mut sink, mut stream) = socket.split();
                    while let socket::Heard::Text(text) = socket::next(&mut stream).await {
                        let stands = pass.stands();
                        sink.send(format!("{}: {text} {stands}", pass.principal.name).into()).await.unwrap();
                    }
                    socket::close(&mut sink, socket::code::POLICY, "enough").await;
                })
                .into_response(),
        }
    };
    let routes = Router::new()
        .route("/desk", page(desk, "desk", DESK_ROLES))
        .route("/board", page(board, "board", BOARD_ROLES))
        .route("/talk", get(talk))
        .merge(web.routes());
    let bound = bind(HttpSettings::default(), harden(routes, false)).await.unwrap();
    let address = bound.local_address().unwrap();
    let shutdown = Shutdown::new();
    tokio::spawn(bound.serve(shutdown.clone()));
    Site { address, web, access, _shutdown: shutdown }
}

impl Site {
    async fn send(&self, request: &str) -> String {
        let mut io = TcpStream::connect(self.address).await.unwrap();
        io.write_all(request.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        io.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn get(&self, path: &str, headers: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\naccept: text/html\r\n{headers}\r\n", self.address)).await
    }

    async fn post(&self, path: &str, origin: &str, body: &str) -> String {
        let (address, length) = (self.address, body.len());
        let form = "content-type: application/x-www-form-urlencoded";
        let head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\norigin: {origin}\r\n{form}");
        self.send(&format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}")).await
    }

    fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    async fn sign_in(&self, who: &str) -> String {
        let answer = self.post("/sign-in", &self.origin(), &format!("token=token+of+{who}")).await;
        cookie(&answer)
    }

    async fn socket(
        &self,
        headers: &[(&'static str, &str)],
    ) -> Result<tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<TcpStream>>, u16> {
        let mut request = format!("ws://{}/talk", self.address).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(socket),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn cookie(answer: &str) -> String {
    header(answer, "set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_becomes_a_guarded_cookie_and_leads_to_the_page_of_the_role() {
    let site = open(&[]).await;
    for (who, target) in [("ana", "/desk"), ("pat", "/desk"), ("sue", "/board")] {
        let answer = site.post("/sign-in", &site.origin(), &format!("token=+token+of+{who}+&next=")).await;
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        assert_eq!(header(&answer, "location"), Some(target));
        let flags = header(&answer, "set-cookie").unwrap();
        assert!(flags.starts_with("holdfast") && flags.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{flags}");
    }
    let back = site.post("/sign-in", &site.origin(), "token=token+of+sue&next=%2Fboard%3Ff%3Dact").await;
    assert_eq!(header(&back, "location"), Some("/board?f=act"));
    let elsewhere = site.post("/sign-in", &site.origin(), "token=token+of+sue&next=%2F%2Fevil.test").await;
    assert_eq!(header(&elsewhere, "location"), Some("/board"));
}

#[tokio::test]
async fn behind_tls_the_cookie_is_secure_and_bound_to_its_host() {
    let site = open(&["https://desk.example.org"]).await;
    let body = "token=token+of+ana";
    let form = "content-type: application/x-www-form-urlencoded\r\norigin: https://desk.example.org";
    let length = body.len();
    let head = format!("POST /sign-in HTTP/1.1\r\nhost: desk.example.org\r\n{form}\r\ncontent-length: {length}");
    let answer = site.send(&format!("{head}\r\n\r\n{body}")).await;
    let cookie = header(&answer, "set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-holdfast-desk=") && cookie.ends_with("; SameSite=Strict; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_page_says_where_to_go_and_a_program_what_is_missing() {
    let site = open(&[]).await;
    let stranger = site.get("/board?f=act", "").await;
    assert_eq!(header(&stranger, "location"), Some("/sign-in?next=/board%3Ff%3Dact"));
    let program = site.send(&format!("GET /board HTTP/1.1\r\nhost: {}\r\n\r\n", site.address)).await;
    assert!(program.starts_with("HTTP/1.1 401") && program.contains("application/problem+json"), "{program}");

    let ana = format!("cookie: {}\r\n", site.sign_in("ana").await);
    let desk = site.get("/desk", &ana).await;
    assert!(desk.starts_with("HTTP/1.1 200"), "{desk}");
    let boot = r#"{"me":{"name":"ana","role":"counselor"},"build":"build-1","demo":false,"desk":true,"board":false}"#;
    assert!(desk.contains(boot), "{desk}");
    let board = site.get("/board", &ana).await;
    assert!(board.starts_with("HTTP/1.1 403") && board.contains("href=\"/desk\""), "{board}");
    let by_header = site.get("/desk", "authorization: Bearer token of ana\r\n").await;
    assert!(by_header.starts_with("HTTP/1.1 200"), "{by_header}");
    let unbuilt = site.get("/board", &format!("cookie: {}\r\n", site.sign_in("sue").await)).await;
    assert!(unbuilt.starts_with("HTTP/1.1 503") && unbuilt.contains("make web"), "{unbuilt}");
    assert_eq!(header(&site.get("/", &ana).await, "location"), Some("/desk"));
    assert_eq!(header(&site.get("/", "").await, "location"), Some("/sign-in"));
    let again = site.get("/sign-in", &ana).await;
    assert!(again.contains("href=\"/desk\"") && again.contains("action=\"/sign-out\""), "{again}");
    assert!(!site.get("/sign-in", "").await.contains("/sign-out"));
}

#[tokio::test]
async fn a_session_ends_with_its_token_and_with_signing_out() {
    let site = open(&[]).await;
    let ana = format!("cookie: {}\r\n", site.sign_in("ana").await);
    let out = site.post("/sign-out", &site.origin(), "").await;
    assert_eq!(header(&out, "location"), Some("/sign-in"));
    for name in ["holdfast", "holdfast-desk"] {
        assert!(out.contains(&format!("set-cookie: {name}=; Path=/; Max-Age=0")), "{out}");
    }

    site.access.replace(&principals(&[("ana", "supervisor")])).unwrap();
    assert!(site.get("/desk", &ana).await.starts_with("HTTP/1.1 403"), "the role is the table's at every request");
    site.access.replace(&principals(&[("sue", "supervisor")])).unwrap();
    assert_eq!(header(&site.get("/desk", &ana).await, "location"), Some("/sign-in?next=/desk"));
}

#[tokio::test]
async fn every_wrong_token_gets_the_same_words_and_the_same_wait() {
    let site = open(&[]).await;
    let mut seen = Vec::new();
    let long = "a".repeat(2_000);
    for wrong in ["token=nobody", "token=", &format!("token={long}")] {
        let began = Instant::now();
        let answer = site.post("/sign-in", &site.origin(), wrong).await;
        assert!(began.elapsed() >= WRONG_ANSWER_AFTER, "{:?}", began.elapsed());
        assert!(answer.starts_with("HTTP/1.1 401") && header(&answer, "set-cookie").is_none(), "{answer}");
        assert!(answer.contains("role=\"alert\"") && answer.contains("aria-invalid=\"true\""), "{answer}");
        seen.push(answer.split("\r\n\r\n").nth(1).unwrap().to_owned());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1);
    let nothing = site.post("/sign-in", &site.origin(), "nothing=1").await;
    assert!(nothing.starts_with("HTTP/1.1 422"), "{nothing}");
}

#[tokio::test]
async fn attempts_are_bounded_and_a_right_token_gets_through_all_the_same() {
    let site = open(&[]).await;
    let (address, origin) = (site.address, site.origin());
    let wrong = |_| {
        let origin = origin.clone();
        tokio::spawn(async move {
            let form = "content-type: application/x-www-form-urlencoded\r\nconnection: close\r\ncontent-length: 7";
            let head = format!("POST /sign-in HTTP/1.1\r\nhost: {address}\r\norigin: {origin}\r\n{form}");
            let mut io = TcpStream::connect(address).await.unwrap();
            io.write_all(format!("{head}\r\n\r\ntoken=x").as_bytes()).await.unwrap();
            let mut answer = String::new();
            io.read_to_string(&mut answer).await.unwrap();
            answer.get(9..12).unwrap().to_owned()
        })
    };
    let began = Instant::now();
    let crowd: Vec<_> = (0..ATTEMPTS_MAX * 8).map(wrong).collect();
    let right = site.sign_in("ana").await;
    assert!(right.starts_with("holdfast-desk="));
    let mut statuses = Vec::new();
    for one in crowd {
        statuses.push(one.await.unwrap());
    }
    let tried = statuses.iter().filter(|status| *status == "401").count();
    assert!(statuses.iter().all(|status| ["401", "429"].contains(&status.as_str())), "{statuses:?}");
    let rounds = began.elapsed().as_millis() / WRONG_ANSWER_AFTER.as_millis() + 1;
    assert!(tried <= ATTEMPTS_MAX * usize::try_from(rounds).unwrap(), "{tried} in {rounds} rounds");
}

#[tokio::test]
async fn posts_and_sockets_from_elsewhere_are_refused() {
    let site = open(&[]).await;
    for foreign in ["http://evil.test", "null"] {
        let answer = site.post("/sign-in", foreign, "token=token+of+ana").await;
        assert!(answer.starts_with("HTTP/1.1 403") && header(&answer, "set-cookie").is_none(), "{answer}");
        assert!(site.post("/sign-out", foreign, "").await.starts_with("HTTP/1.1 403"));
    }
    let (ana, sue, own) = (site.sign_in("ana").await, site.sign_in("sue").await, site.origin());
    assert_eq!(site.socket(&[("cookie", &ana), ("origin", "http://evil.test")]).await.err(), Some(403));
    assert_eq!(site.socket(&[("cookie", &ana)]).await.err(), Some(403));
    assert_eq!(site.socket(&[("origin", &own)]).await.err(), Some(401));
    assert_eq!(site.socket(&[("cookie", &sue), ("origin", &own)]).await.err(), Some(403));
    let bearer = [("authorization", "Bearer token of ana"), ("origin", "http://evil.test")];
    assert_eq!(site.socket(&bearer).await.err(), Some(403));
    let mut script = site.socket(&[("authorization", "Bearer token of ana")]).await.unwrap();
    script.send("hello".into()).await.unwrap();
    assert_eq!(script.next().await.unwrap().unwrap(), Message::text("ana: hello true"));
    let mut browser = site.socket(&[("cookie", &ana), ("origin", &own)]).await.unwrap();
    site.access.replace(&[]).unwrap();
    browser.send("hello".into()).await.unwrap();
    assert_eq!(browser.next().await.unwrap().unwrap(), Message::text("ana: hello false"));
}

#[tokio::test]
async fn a_message_beyond_the_bound_ends_the_socket() {
    let site = open(&[]).await;
    let mut socket = site.socket(&[("authorization", "Bearer token of ana")]).await.unwrap();
    socket.send("a".repeat(socket::MESSAGE_BYTES_MAX).into()).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))));
    socket.send("a".repeat(socket::MESSAGE_BYTES_MAX + 1).into()).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(10), async {
        while let Some(Ok(heard)) = socket.next().await {
            assert!(!heard.is_text());
        }
    });
    ended.await.unwrap();
}

#[tokio::test]
async fn a_one_time_code_signs_in_once_and_no_token_travels_in_an_address() {
    let site = open(&[]).await;
    let secret = |token: &str| Secret::from(token.to_owned());
    assert_eq!(site.web.one_time(secret("token of nobody")), Err(OnceError::UnknownToken));
    let path = site.web.one_time(secret("token of pat")).unwrap();
    let first = site.get(&path, "").await;
    assert!(first.starts_with("HTTP/1.1 200") && first.contains("content=\"0;url=/desk\""), "{first}");
    let desk = site.get("/desk", &format!("cookie: {}\r\n", cookie(&first))).await;
    assert!(desk.contains("\"name\":\"pat\""), "{desk}");
    let second = site.get(&path, "").await;
    assert!(second.starts_with("HTTP/1.1 410") && header(&second, "set-cookie").is_none(), "{second}");
    let by_address = site.get("/sign-in?token=token+of+ana", "").await;
    assert!(by_address.starts_with("HTTP/1.1 200") && header(&by_address, "set-cookie").is_none());
}

#[tokio::test]
async fn a_board_and_a_desk_by_a_one_time_code_live_in_one_browser_until_somebody_signs_in() {
    let site = open(&[]).await;
    let sue = site.sign_in("sue").await;
    let path = site.web.one_time(Secret::from("token of ana".to_owned())).unwrap();
    let ana = cookie(&site.get(&path, &format!("cookie: {sue}\r\n")).await);
    let both = format!("cookie: {ana}; {sue}\r\n");
    assert!(site.get("/desk", &both).await.contains("\"name\":\"ana\""));
    let board = site.get("/board", &both).await;
    assert!(board.starts_with("HTTP/1.1 503") && board.contains("sue"), "{board}");
    let form = site.post("/sign-in", &site.origin(), "token=token+of+sue").await;
    assert!(form.contains("set-cookie: holdfast-desk=; Path=/; Max-Age=0"), "{form}");
}

#[tokio::test]
async fn the_form_is_accessible_and_speaks_two_languages() {
    let site = open(&[]).await;
    let page = site.get("/sign-in?next=/board", "").await;
    for part in ["<html lang=\"en\">", "<label for=\"token\">", "autocomplete=\"current-password\"", "aria-describedby"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains("name=\"next\" value=\"/board\""), "{page}");
    assert!(!page.contains("<script") && !page.contains("style="), "{page}");
    for spanish in
        [site.get("/sign-in?lang=es", "").await, site.get("/sign-in", "accept-language: es-MX,en;q=0.5\r\n").await]
    {
        assert!(spanish.contains("<html lang=\"es\">") && spanish.contains("Iniciar sesión"), "{spanish}");
    }
    let wrong = site.post("/sign-in", &site.origin(), "token=x&lang=es").await;
    assert!(wrong.contains("No conocemos esta clave"), "{wrong}");
    let injected = site.get("/sign-in?next=/%22%3E%3Cscript%3E", "").await;
    assert!(!injected.contains("<script"), "{injected}");
}

#[tokio::test]
async fn every_answer_is_hardened_and_files_may_be_kept() {
    let site = open(&[]).await;
    for path in ["/sign-in", "/nowhere", "/desk"] {
        let answer = site.get(path, "").await;
        assert_eq!(header(&answer, "content-security-policy"), Some(CONTENT_POLICY), "{answer}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&answer, "referrer-policy"), Some("same-origin"));
        assert_eq!(header(&answer, "cross-origin-opener-policy"), Some("same-origin"));
        assert_eq!(header(&answer, "cache-control"), Some("no-store"));
    }
    for unsafe_word in ["unsafe", "*", "http", "data:"] {
        assert!(!CONTENT_POLICY.contains(unsafe_word), "{unsafe_word}");
    }
    let plain = site.get("/assets/desk-1.css", "").await;
    assert!(plain.ends_with("long") && header(&plain, "cache-control").unwrap().contains("immutable"), "{plain}");
    let small = site.get("/assets/desk-1.css", "accept-encoding: br, gzip\r\n").await;
    assert!(small.ends_with("short") && header(&small, "content-encoding") == Some("gzip"), "{small}");
    assert!(site.get("/assets/nothing.css", "").await.starts_with("HTTP/1.1 404"));
}
