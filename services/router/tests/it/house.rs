//! A router behind a door, and the few people who speak to it.

use holdfast_chassis::access::{AccessTable, PrincipalSettings, Role, ServiceKind, generate_token, hash_token};
use holdfast_chassis::admission::{Class, Classes};
use holdfast_chassis::channel::{Address, Door, Line, connect};
use holdfast_chassis::pressure::{Pressure, PressureSettings, Threshold};
use holdfast_chassis::server::{GrpcServer, GrpcSettings};
use holdfast_chassis::settings::Secret;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_core::plan::Plan;
use holdfast_proto::router::v1::command::Kind;
use holdfast_proto::router::v1::router_service_client::RouterServiceClient;
use holdfast_proto::router::v1::router_service_server::RouterServiceServer;
use holdfast_proto::router::v1::submit_response::Outcome;
use holdfast_proto::router::v1::watch_request::Feed;
use holdfast_proto::router::v1::watch_response::Frame;
use holdfast_proto::router::v1::{self as wire, WatchRequest, WatchResponse};
use holdfast_router::settings::RouterSettings;
use holdfast_router::{MasterKey, Router};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tonic::Streaming;

/// The plan of these tests: one center, two counselors, a peer, one line.
pub(crate) const PLAN: &str = r#"
[network]
id = "sound"
default_region = "west"
default_need = "general"
default_language = "en"
[timing]
wrap_up_s = 60
[texts]
reply = { en = "We have your message. Somebody will write to you." }
[[lines]]
id = "local"
account = "main"
number = "+12065550100"
need = "general"
[[regions]]
id = "west"
area_codes = [206]
[[needs]]
id = "general"
[[centers]]
id = "harbor"
[[queues]]
regions = ["west"]
needs = ["general"]
channels = ["voice", "text"]
rings = [["harbor"]]
[[counselors]]
id = "ana"
center = "harbor"
skills = []
languages = ["en"]
capacity = { voice = 1, text = 2 }
[[counselors]]
id = "ben"
center = "harbor"
skills = []
languages = ["en"]
[[peers]]
id = "pat"
center = "harbor"
types = ["mental-health"]
languages = ["en"]
capacity = { voice = 1, text = 2 }
"#;

/// A number and words that must never be seen anywhere in clear.
pub(crate) const NUMBER: &str = "+12065557391";
pub(crate) const WORDS: &str = "the harbor lights at night";

pub(crate) struct House {
    pub(crate) dir: TempDir,
    tokens: BTreeMap<&'static str, (Role, Secret)>,
    pressure: PressureSettings,
    running: Option<(Router, Shutdown, Door)>,
}

impl House {
    pub(crate) async fn build() -> Self {
        // A busy machine is no pressed writer; what is about pressure sets its own.
        let far = Threshold { wait_ms: 600_000, commit_ms: 600_000 };
        let calm = PressureSettings { raised: far, high: far, severe: far, ..PressureSettings::default() };
        Self::build_under(calm).await
    }

    /// With thresholds of pressure of its own.
    pub(crate) async fn build_under(pressure: PressureSettings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        MasterKey::create(&dir.path().join("master.key")).unwrap();
        let roles = [
            ("ana", Role::Counselor),
            ("ben", Role::Counselor),
            ("pat", Role::Peer),
            ("sue", Role::Supervisor),
            ("olga", Role::Operator),
            ("adam", Role::Administrator),
            ("carrier", Role::Service(ServiceKind::Carrier)),
            ("desk", Role::Service(ServiceKind::Desk)),
            ("dashboard", Role::Service(ServiceKind::Dashboard)),
        ];
        let tokens = roles.into_iter().map(|(name, role)| (name, (role, generate_token().unwrap()))).collect();
        let mut house = Self { dir, tokens, pressure, running: None };
        house.open(PLAN).await;
        house
    }

    pub(crate) fn settings(&self) -> RouterSettings {
        RouterSettings {
            journal_dir: self.dir.path().join("journal"),
            plan_file: "unused".into(),
            commands_waiting_max: 64,
            watchdog_ms: 30_000,
            snapshot_every_records: 20,
            pressure: self.pressure,
        }
    }

    /// Opens the router on what is in the directory.
    pub(crate) async fn open(&mut self, plan: &str) {
        let plan: Plan = holdfast_plan::parse(plan, "plan.toml").unwrap().plan;
        let master = MasterKey::load(&self.dir.path().join("master.key")).unwrap();
        let router = Router::open(&self.settings(), plan, &master, |why| panic!("fatal: {why}")).unwrap();
        let principals: Vec<PrincipalSettings> = self
            .tokens
            .iter()
            .map(|(name, (role, token))| PrincipalSettings {
                name: (*name).to_owned(),
                role: role.name().to_owned(),
                token_sha256: hash_token(token.expose()),
            })
            .collect();
        let (door, shutdown) = (Door::new(), Shutdown::new());
        let server = GrpcServer::new(
            GrpcSettings { drain_ms_max: 100, ..GrpcSettings::default() },
            AccessTable::new(&principals).unwrap(),
        )
        .classes(Classes::new(Class::T0).with("/holdfast.router.v1.RouterService/Explain", Class::T2))
        .pressure(router.pressure())
        .door(door.clone())
        .service(RouterServiceServer::new(router.grpc()))
        .bind()
        .await
        .unwrap();
        tokio::spawn(server.serve(shutdown.clone()));
        self.running = Some((router, shutdown, door));
    }

    /// Stops cleanly.
    pub(crate) async fn close(&mut self) {
        if let Some((router, shutdown, _)) = self.running.take() {
            shutdown.trigger();
            shutdown.drain(Duration::from_secs(5)).await.unwrap();
            tokio::task::spawn_blocking(move || router.close()).await.unwrap();
        }
    }

    pub(crate) fn pressure(&self) -> Pressure {
        self.running.as_ref().unwrap().0.pressure()
    }

    pub(crate) fn client(&self, name: &str) -> RouterServiceClient<Line> {
        let (_, _, door) = self.running.as_ref().unwrap();
        let (_, token) = &self.tokens[name];
        RouterServiceClient::new(connect(&Address::InProcess(door.clone()), Some(token)).unwrap())
    }

    pub(crate) async fn submit_as(
        &self,
        name: &str,
        request_id: u128,
        kind: Kind,
    ) -> Result<wire::SubmitResponse, tonic::Status> {
        let request = wire::SubmitRequest {
            request_id: format!("{request_id:032x}"),
            on_behalf_of: None,
            command: Some(wire::Command { kind: Some(kind) }),
        };
        Ok(self.client(name).submit(request).await?.into_inner())
    }

    pub(crate) async fn submit(&self, name: &str, kind: Kind) -> wire::SubmitResponse {
        self.submit_as(name, uuid::Uuid::new_v4().as_u128(), kind).await.unwrap()
    }

    /// A call; gives the contact's id.
    pub(crate) async fn call(&self, external: &str, number: &str) -> String {
        let kind = Kind::ArriveContact(wire::ArriveContact {
            account: "main".into(),
            external_id: external.into(),
            line_number: "+12065550100".into(),
            person_number: number.into(),
            channel: wire::Channel::Voice as i32,
        });
        match self.submit("carrier", kind).await.outcome.unwrap() {
            Outcome::Arrived(arrived) => arrived.contact_id,
            other => panic!("an arrival answers with the contact, not {other:?}"),
        }
    }

    /// A text; gives the contact's id.
    pub(crate) async fn text(&self, external: &str, number: &str, words: &str, opt_out: wire::OptOut) -> String {
        let kind = Kind::ReceiveText(wire::ReceiveText {
            account: "main".into(),
            external_id: external.into(),
            line_number: "+12065550100".into(),
            person_number: number.into(),
            channel: wire::Channel::Text as i32,
            words: words.into(),
            opt_out: opt_out as i32,
            carrier_replied: matches!(opt_out, wire::OptOut::Stop | wire::OptOut::MaybeStop),
            media: 0,
            missed: false,
            written_ago_ms: 0,
        });
        match self.submit("carrier", kind).await.outcome.unwrap() {
            Outcome::Arrived(arrived) => arrived.contact_id,
            other => panic!("a text answers with its contact, not {other:?}"),
        }
    }

    /// Somebody at a desk writes.
    pub(crate) async fn write(&self, name: &str, contact: &str, request_id: u128, words: &str) {
        let kind = Kind::SendText(wire::SendText {
            counselor_id: name.into(),
            contact_id: contact.into(),
            words: words.into(),
        });
        self.submit_as(name, request_id, kind).await.unwrap();
    }

    pub(crate) async fn leg(&self, contact: &str, leg: u32, state: wire::LegState) {
        let kind = Kind::ReportLeg(wire::ReportLeg {
            contact_id: contact.into(),
            leg,
            state: state as i32,
            external_id: String::new(),
            cause: wire::LegCause::HungUp as i32 * i32::from(state >= wire::LegState::Ended),
        });
        self.submit("carrier", kind).await;
    }

    /// A counselor at their desk, available, reachable.
    pub(crate) async fn on_shift(&self, name: &str, session: u64) {
        let audio_address = format!("+1206555020{session}");
        self.submit(name, Kind::ConnectDesk(wire::ConnectDesk { counselor_id: name.into(), session, audio_address }))
            .await;
        let readiness = wire::Readiness::Available as i32;
        self.submit(
            name,
            Kind::SetReadiness(wire::SetReadiness { counselor_id: name.into(), readiness, channels: vec![] }),
        )
        .await;
    }

    pub(crate) async fn accept(
        &self,
        name: &str,
        contact: &str,
        attempt: u32,
    ) -> Result<wire::SubmitResponse, tonic::Status> {
        let offer_id = format!("{contact}-{attempt}");
        let kind = Kind::AcceptOffer(wire::AcceptOffer { counselor_id: name.into(), offer_id });
        self.submit_as(name, uuid::Uuid::new_v4().as_u128(), kind).await
    }

    pub(crate) async fn watch(&self, name: &str, from: Option<wire::Position>, feed: Feed) -> Frames {
        let stream = self.client(name).watch(WatchRequest { from, feed: Some(feed) }).await.unwrap().into_inner();
        Frames(stream)
    }

    /// Every byte of every file there is.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut open = vec![self.dir.path().to_owned()];
        while let Some(dir) = open.pop() {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { open.push(path) } else { all.extend(std::fs::read(path).unwrap()) }
            }
        }
        all
    }

    pub(crate) fn journal_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("journal")
    }
}

/// A feed, beats passed over.
pub(crate) struct Frames(Streaming<WatchResponse>);

impl Frames {
    pub(crate) async fn next(&mut self) -> (wire::Position, Frame) {
        loop {
            let waited = tokio::time::timeout(Duration::from_secs(10), self.0.message()).await;
            let response = waited.expect("a frame within ten seconds").unwrap().expect("the feed goes on");
            match response.frame.unwrap() {
                Frame::Beat(_) => {}
                frame => return (response.position.unwrap(), frame),
            }
        }
    }
}

impl Frames {
    /// The next frame; none once the router has cut the feed.
    pub(crate) async fn next_or_cut(&mut self) -> Option<(wire::Position, Frame)> {
        loop {
            let waited = tokio::time::timeout(Duration::from_secs(10), self.0.message()).await;
            match waited.expect("a frame within ten seconds") {
                Ok(Some(WatchResponse { frame: Some(Frame::Beat(_)), .. })) => {}
                Ok(response) => return response.map(|it| (it.position.unwrap(), it.frame.unwrap())),
                Err(status) => {
                    assert_eq!(status.code(), tonic::Code::Aborted, "{status}");
                    return None;
                }
            }
        }
    }
}

pub(crate) fn capacity() -> Feed {
    Feed::Capacity(wire::watch_request::CapacityFeed {})
}

pub(crate) fn desk(name: &str) -> Feed {
    Feed::Desk(wire::watch_request::DeskFeed { counselor_id: name.into() })
}

pub(crate) fn effects() -> Feed {
    Feed::Effects(wire::watch_request::EffectsFeed { account: "main".into() })
}

pub(crate) fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|it| it == needle.as_bytes())
}

pub(crate) fn verified(dir: &Path) -> holdfast_journal::VerifyReport {
    let files: std::sync::Arc<dyn holdfast_journal::files::FileLayer> =
        std::sync::Arc::new(holdfast_journal::files::RealFiles);
    holdfast_journal::verify(&files, dir).unwrap()
}
