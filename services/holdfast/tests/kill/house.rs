//! An installation for one test: directory, plan, configuration, keys, tokens and ports, and who is simulated around it.

use holdfast_chassis::access::{generate_token, hash_token};
use holdfast_chassis::channel::{Address, Line, RemoteSettings, connect};
use holdfast_chassis::settings::Secret;
use holdfast_loadtests::RunClock;
use holdfast_loadtests::carrier::{CarrierSettings, Hidden, HooksBase};
use holdfast_loadtests::desks::CounselorScript;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

const ACCOUNT: &str = "twilio-main";
const ACCOUNT_SID: &str = "AC0123456789abcdef0123456789abcdef";
/// What signatures cover. Connections go to this machine.
const PUBLIC_ORIGIN: &str = "https://line.example.org";

/// One counselor of a test's plan.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) token: Secret,
    pub(crate) address: String,
}

/// Everything that outlives a killed process.
pub(crate) struct House {
    pub(crate) members: Vec<Member>,
    pub(crate) clock: RunClock,
    dir: TempDir,
    http_port: u16,
    grpc_port: u16,
    operator: Secret,
    auth_token: Secret,
}

/// A port below those that this machine gives to outgoing connections: nobody takes it while the process is down.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..2_000 {
        let number = std::process::id().wrapping_mul(31).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(20_000 + number % 10_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 20000 and 30000");
}

fn is_peer(name: &str) -> bool {
    name.starts_with("peer")
}

impl House {
    /// Builds an installation with these counselors, given by name and skills.
    pub(crate) fn build(members: &[(String, &str)]) -> Self {
        holdfast_chassis::crypto::install_default();
        let members = members.iter().enumerate().map(|(number, (name, _))| Member {
            name: name.clone(),
            token: generate_token().unwrap(),
            address: format!("+1206555{:04}", 200 + number),
        });
        Self {
            members: members.collect(),
            clock: RunClock::start(),
            dir: tempfile::Builder::new().prefix("holdfast-kill-").tempdir().unwrap(),
            http_port: free_port(),
            grpc_port: free_port(),
            operator: generate_token().unwrap(),
            auth_token: generate_token().unwrap(),
        }
    }

    /// Writes plan and configuration, as a person would. `plan` has everything but the people, who all are of the center `house`;
    /// whose name begins with `peer` is a peer. `rest_base_url` is the carrier's, which is known only when it runs.
    pub(crate) fn furnish(&self, plan: &str, members: &[(String, &str)], rest_base_url: &str) {
        let mut plan = plan.to_owned();
        for (name, skills) in members {
            let (kind, types) =
                if is_peer(name) { ("peers", "types = [\"mental-health\"]") } else { ("counselors", "") };
            writeln!(plan, "\n[[{kind}]]\nid = \"{name}\"\ncenter = \"house\"\nlanguages = [\"en\"]").unwrap();
            writeln!(plan, "skills = [{skills}]\ncapacity = {{ voice = 1, text = 2 }}\n{types}").unwrap();
        }
        fs::write(self.plan_file(), plan).unwrap();
        fs::write(self.config_file(), self.config(rest_base_url)).unwrap();
    }

    fn config(&self, rest_base_url: &str) -> String {
        let mut text = format!(
            r#"
            [log]
            format = "json"
            output = "stderr"
            filter = "info"
            [grpc]
            address = "127.0.0.1:{}"
            [http]
            address = "127.0.0.1:{}"
            [router]
            journal_dir = "journal"
            plan_file = "plan.toml"
            snapshot_every_records = 2000
            # What is asked after a load is asked at once.
            [router.pressure]
            raised = {{ wait_ms = 600000, commit_ms = 600000 }}
            high = {{ wait_ms = 600000, commit_ms = 600000 }}
            severe = {{ wait_ms = 600000, commit_ms = 600000 }}
            [keys]
            master_file = "master.key"
            [[carrier.accounts]]
            name = "{ACCOUNT}"
            vendor = "twilio"
            account_sid = "{ACCOUNT_SID}"
            auth_token = "{}"
            public_url = "{PUBLIC_ORIGIN}"
            rest_base_url = "{rest_base_url}"
            [carrier.bounds]
            reconcile_every_ms = 1000
            doubt_grace_ms = 2000
            missed_every_ms = 500
            missed_after_ms = 1000
            "#,
            self.grpc_port,
            self.http_port,
            self.auth_token.expose(),
        );
        let role = |name: &str| if is_peer(name) { "peer" } else { "counselor" };
        let members = self.members.iter().map(|it| (it.name.as_str(), role(&it.name), &it.token));
        for (name, role, token) in members.chain([("operator", "operator", &self.operator)]) {
            let hash = hash_token(token.expose());
            write!(text, "\n[[access.principals]]\nname = \"{name}\"\nrole = \"{role}\"\ntoken_sha256 = \"{hash}\"\n")
                .unwrap();
        }
        text
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.dir.path().join("holdfast.toml")
    }

    pub(crate) fn plan_file(&self) -> PathBuf {
        self.dir.path().join("plan.toml")
    }

    pub(crate) fn journal_dir(&self) -> PathBuf {
        self.dir.path().join("journal")
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.dir.path().join("serve.log")
    }

    pub(crate) fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.http_port)
    }

    pub(crate) fn grpc_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.grpc_port)
    }

    /// A line to the router or the desk service with somebody's token.
    pub(crate) fn line(&self, token: &Secret) -> Line {
        connect(&Address::Remote(RemoteSettings::new(self.grpc_url())), Some(token)).unwrap()
    }

    pub(crate) fn operator_line(&self) -> Line {
        self.line(&self.operator)
    }

    pub(crate) fn carrier_settings(&self) -> CarrierSettings {
        let voice = format!("{PUBLIC_ORIGIN}/v1/carriers/{ACCOUNT}/voice");
        let mut settings = CarrierSettings::new(ACCOUNT_SID, Hidden::new(self.auth_token.expose()), voice);
        settings.status_url = Some(format!("{PUBLIC_ORIGIN}/v1/carriers/{ACCOUNT}/status"));
        settings.connect_origin = Some(self.http_url());
        settings.clock = self.clock;
        settings
    }

    pub(crate) fn hooks_base(&self) -> HooksBase {
        HooksBase { public_origin: PUBLIC_ORIGIN.to_owned(), connect_origin: Some(self.http_url()) }
    }

    pub(crate) fn scripts(&self, which: impl Fn(&str) -> bool) -> Vec<CounselorScript> {
        let members = self.members.iter().filter(|it| which(&it.name));
        let script = |it: &Member| CounselorScript {
            name: it.name.clone(),
            token: it.token.expose().to_owned(),
            audio_address: it.address.clone(),
        };
        members.map(script).collect()
    }

    pub(crate) fn addresses(&self) -> BTreeMap<String, String> {
        self.members.iter().map(|it| (it.name.clone(), it.address.clone())).collect()
    }

    /// Leaves journal and log behind for whoever looks into a failure.
    pub(crate) fn keep(&mut self) {
        self.dir.disable_cleanup(true);
        eprintln!("kept for whoever looks into it: {}", self.dir.path().display());
    }
}
