//! The demo's own installation: a temporary directory, a master key, tokens, and the example plan with its clocks sped up.

use super::{night, visitor};
use crate::cli::Demo;
use crate::config::Config;
use crate::exit;
use anyhow::Context as _;
use holdfast_chassis::access::{generate_token, hash_token};
use holdfast_chassis::channel::{Address, Line, RemoteSettings, connect};
use holdfast_chassis::settings::{Environment, Secret, parse};
use holdfast_core::contact::Channel;
use holdfast_core::id::{CounselorId, NeedId, RegionId};
use holdfast_core::plan::Plan;
use holdfast_loadtests::RunClock;
use holdfast_loadtests::auditor::AuditSettings;
use holdfast_loadtests::carrier::{CarrierSettings, Hidden, HooksBase};
use holdfast_loadtests::desks::{CounselorScript, CounselorsSettings};
use holdfast_router::MasterKey;
use std::fs::{self, DirBuilder};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

/// The example that ships with Holdfast.
const PLAN: &str = include_str!("../../../../deploy/config/plan.toml");
const ACCOUNT: &str = "twilio-main";
const ACCOUNT_SID: &str = "AC0123456789abcdef0123456789abcdef";
/// What signatures cover. Connections go to this machine.
const PUBLIC_ORIGIN: &str = "https://line.example.org";

/// Everything the demo made up.
pub(super) struct House {
    pub(super) plan: Plan,
    dir: PathBuf,
    clock: RunClock,
    auth_token: Secret,
    operator: Secret,
    visitor: Secret,
    counselors: Vec<Member>,
    peers: Vec<Member>,
}

/// Somebody simulated: their name in the plan, the token of their desk, and where their phone is.
struct Member {
    name: String,
    token: Secret,
    address: String,
}

impl Member {
    fn script(&self) -> CounselorScript {
        CounselorScript {
            name: self.name.clone(),
            token: self.token.expose().to_owned(),
            audio_address: self.address.clone(),
        }
    }
}

impl House {
    pub(super) fn build(verb: &Demo) -> anyhow::Result<Self> {
        let loaded = holdfast_plan::parse(PLAN, "plan.toml").context("the example plan")?;
        let dir = std::env::temp_dir().join(format!("holdfast-demo-{}", uuid::Uuid::new_v4()));
        DirBuilder::new().mode(0o700).create(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        MasterKey::create(&dir.join("master.key"))?;
        let (mut counselors, mut peers) = (Vec::new(), Vec::new());
        for (number, (name, member)) in loaded.plan.members.iter().enumerate() {
            let side = if member.peer.is_some() { &mut peers } else { &mut counselors };
            let address = format!("+1206555{:04}", 200 + number);
            side.push(Member { name: name.to_string(), token: generate_token()?, address });
        }
        Ok(Self {
            plan: visitor::at_home(sped_up(loaded.plan, verb.speed)),
            dir,
            clock: RunClock::start(),
            auth_token: generate_token()?,
            operator: generate_token()?,
            visitor: generate_token()?,
            counselors,
            peers,
        })
    }

    /// Removes what was made, or says where it is.
    pub(super) fn tear_down(&self, keep: bool) {
        if keep {
            exit::err(&format!("the journal: {}", self.dir.join("journal").display()));
        } else if let Err(error) = fs::remove_dir_all(&self.dir) {
            tracing::warn!(%error, "the demo's temporary directory could not be removed");
        }
    }

    /// The configuration a person would write, with everything on this machine and every port free.
    pub(super) fn config(&self, rest_base_url: &str) -> anyhow::Result<Config> {
        let dir = self.dir.display();
        let mut text = format!(
            r#"
            [log]
            format = "json"
            output = "stderr"
            filter = "error"
            [grpc]
            address = "127.0.0.1:0"
            reflection = true
            [router]
            journal_dir = "{dir}/journal"
            plan_file = "plan.toml"
            # A minute is long in a demo.
            [router.pressure]
            hold_ms = 5000
            [keys]
            master_file = "{dir}/master.key"
            [[carrier.accounts]]
            name = "{ACCOUNT}"
            vendor = "twilio"
            account_sid = "{ACCOUNT_SID}"
            auth_token = "{}"
            public_url = "{PUBLIC_ORIGIN}"
            rest_base_url = "{rest_base_url}"
            [carrier.bounds]
            doubt_grace_ms = 2000
            "#,
            self.auth_token.expose(),
        );
        let counselors = self.counselors.iter().map(|it| (it.name.as_str(), "counselor", &it.token));
        let peers = self.peers.iter().map(|it| (it.name.as_str(), "peer", &it.token));
        let faces = [("operator", "operator", &self.operator), (visitor::NAME, "counselor", &self.visitor)];
        for (name, role, token) in counselors.chain(peers).chain(faces) {
            let hash = hash_token(token.expose());
            text +=
                &format!("\n[[access.principals]]\nname = \"{name}\"\nrole = \"{role}\"\ntoken_sha256 = \"{hash}\"\n");
        }
        let config: Config = parse(&text, &self.dir.join("demo.toml"), &Environment::none())?;
        holdfast_chassis::telemetry::init_logs(&config.log)?;
        Ok(config)
    }

    pub(super) fn carrier_settings(&self, verb: &Demo) -> CarrierSettings {
        let voice = format!("{PUBLIC_ORIGIN}/v1/carriers/{ACCOUNT}/voice");
        let mut settings = CarrierSettings::new(ACCOUNT_SID, Hidden::new(self.auth_token.expose()), voice);
        settings.status_url = Some(format!("{PUBLIC_ORIGIN}/v1/carriers/{ACCOUNT}/status"));
        settings.seed = verb.seed;
        settings.speed = verb.speed;
        settings.faults = night::faults();
        settings.clock = self.clock;
        settings
    }

    pub(super) fn hooks_base(&self, http: SocketAddr) -> HooksBase {
        HooksBase { public_origin: PUBLIC_ORIGIN.to_owned(), connect_origin: Some(format!("http://{http}")) }
    }

    pub(super) fn counselors_settings(&self, verb: &Demo, grpc: SocketAddr) -> CounselorsSettings {
        self.shifts(&self.counselors, verb, grpc)
    }

    pub(super) fn peers_settings(&self, verb: &Demo, grpc: SocketAddr) -> CounselorsSettings {
        self.shifts(&self.peers, verb, grpc)
    }

    fn shifts(&self, who: &[Member], verb: &Demo, grpc: SocketAddr) -> CounselorsSettings {
        CounselorsSettings {
            desk_uri: format!("http://{grpc}"),
            counselors: who.iter().map(Member::script).collect(),
            habits: night::habits(),
            seed: verb.seed,
            speed: verb.speed,
            clock: self.clock,
        }
    }

    /// The tokens of the two faces: whoever watches the board, and whoever is a counselor for a while.
    pub(super) fn operator_token(&self) -> Secret {
        self.operator.clone()
    }

    pub(super) fn visitor_token(&self) -> Secret {
        self.visitor.clone()
    }

    pub(super) fn operator_line(&self, grpc: SocketAddr) -> anyhow::Result<Line> {
        Ok(connect(&Address::Remote(RemoteSettings::new(format!("http://{grpc}"))), Some(&self.operator))?)
    }

    /// Who may take whom is read from the plan here and not asked of the router.
    pub(super) fn audit_settings(&self) -> AuditSettings {
        let all = || self.counselors.iter().chain(&self.peers);
        let addresses = all().map(|it| (it.name.clone(), it.address.clone())).collect();
        let mut settings = AuditSettings::new(addresses);
        settings.companions = self.peers.iter().map(|it| it.address.clone()).collect();
        // A counselor whose phone may still be rung by a dial in doubt is not asked before the carrier has answered for it.
        settings.stuck_ms = 5_000;
        let plan = self.plan.clone();
        settings.eligible = Box::new(move |counselor, person| admits(&plan, counselor, &person.class, Channel::Voice));
        let plan = self.plan.clone();
        settings.eligible_in_writing =
            Some(Box::new(move |counselor, person| admits(&plan, counselor, &person.class, Channel::Text)));
        settings
    }
}

/// Whether the plan lets a counselor take somebody of this class: need and region.
fn admits(plan: &Plan, counselor: &str, class: &str, channel: Channel) -> bool {
    let Some((need, region)) = class.split_once('/') else { return false };
    let need = NeedId::from(need);
    let language = plan.needs.get(&need).and_then(|it| it.language.clone());
    let language = language.unwrap_or_else(|| plan.default_language.clone());
    plan.queue_for(&RegionId::from(region), &need, channel)
        .is_some_and(|queue| plan.admits(&CounselorId::from(counselor), &queue, &language).is_ok())
}

/// The plan with its clocks divided by the speed: a night in minutes.
fn sped_up(mut plan: Plan, speed: f64) -> Plan {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clocks of at most an hour, divided"
    )]
    let faster = |ms: u64| ((ms as f64 / speed) as u64).max(200);
    let timing = &mut plan.timing;
    for clock in [&mut timing.menu_ms, &mut timing.rest_ms, &mut timing.ageing_ms] {
        *clock = faster(*clock);
    }
    // What the machine and the wires need does not get faster.
    timing.ring_ms = faster(timing.ring_ms).max(2_000);
    timing.join_ms = faster(timing.join_ms).max(5_000);
    if let Some(texts) = plan.texts.as_mut() {
        texts.survey_ms = faster(texts.survey_ms).max(3_000);
    }
    // Whoever takes over answers as fast as the simulated do; what a visitor reads and does, they do in their own time.
    let mut handoffs = plan.handoffs().clone();
    handoffs.offer_ms = faster(handoffs.offer_ms).max(2_000);
    handoffs.seek_ms = faster(handoffs.seek_ms).max(10_000);
    plan.handoffs = Some(handoffs);
    for queue in plan.queues.values_mut() {
        queue.offer_ms = faster(queue.offer_ms);
        queue.wrap_up_ms = faster(queue.wrap_up_ms);
    }
    plan
}
