//! A house of its own for each test: the example configuration and plan in a temporary directory, with every port free.

use holdfast_chassis::access::hash_token;
use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The account of the example plan's lines.
pub(crate) const ACCOUNT: &str = "twilio-main";
/// What the carrier calls it, in the example.
pub(crate) const ACCOUNT_SID: &str = "AC00000000000000000000000000000000";
/// The example's stand-in for the carrier's token.
pub(crate) const AUTH_TOKEN: &str = "replace-this-token";
/// Where the example says that the carrier reaches us.
pub(crate) const PUBLIC: &str = "https://line.example.org";
/// The example plan's line with a menu, and the one for young people.
pub(crate) const MAIN: &str = "+12065550100";
pub(crate) const YOUTH: &str = "+12065550101";
/// Long enough for a slow machine; nothing waits for it when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Everybody who may speak in tests, and their role.
const PRINCIPALS: &[(&str, &str)] = &[
    ("ana", "counselor"),
    ("dev", "counselor"),
    ("ben", "counselor"),
    ("quinn", "peer"),
    ("operator", "operator"),
    ("administrator", "administrator"),
    ("carrier-elsewhere", "carrier"),
    ("handoff-elsewhere", "handoff"),
    ("dashboard-elsewhere", "dashboard"),
];

/// The example token of somebody.
pub(crate) fn token(name: &str) -> String {
    format!("example-token-of-{name}")
}

/// Where the examples are.
pub(crate) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("deploy/config")
}

/// A directory with a configuration, a plan, tokens, and perhaps a journal.
pub(crate) struct House {
    dir: TempDir,
}

impl House {
    /// A house whose master key is made. No carrier answers in it.
    pub(crate) fn new() -> Self {
        let house = Self::unfinished();
        let made = house.run(&["init", "--config", "holdfast.toml"]);
        assert!(made.status.success(), "{made:?}");
        house
    }

    /// A house before `holdfast init`.
    pub(crate) fn unfinished() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut text = fs::read_to_string(examples().join("holdfast.toml")).unwrap();
        for (from, to) in [
            ("127.0.0.1:7440", "127.0.0.1:0"),
            ("127.0.0.1:7480", "127.0.0.1:0"),
            ("reflection = false", "reflection = true"),
            ("/var/lib/holdfast/journal", "journal"),
            ("/etc/holdfast/master.key", "master.key"),
            // A busy machine is no pressed writer; what is about pressure sets its own.
            ("raised = { wait_ms = 5, commit_ms = 250 }", "raised = { wait_ms = 60000, commit_ms = 60000 }"),
            ("high = { wait_ms = 20, commit_ms = 1000 }", "high = { wait_ms = 60000, commit_ms = 60000 }"),
            ("severe = { wait_ms = 50, commit_ms = 2500 }", "severe = { wait_ms = 60000, commit_ms = 60000 }"),
            ("# rest_base_url = \"https://api.example.org\"", "rest_base_url = \"http://127.0.0.1:9\""),
        ] {
            assert!(text.contains(from), "the example has no {from}");
            text = text.replace(from, to);
        }
        let house = Self { dir };
        for (name, role) in PRINCIPALS {
            let mut options = fs::OpenOptions::new();
            let mut file = options.write(true).create_new(true).mode(0o600).open(house.path(&format!("{name}.token")));
            file.as_mut().unwrap().write_all(token(name).as_bytes()).unwrap();
            let hash = hash_token(&token(name));
            if !text.contains(&hash) {
                text += &format!(
                    "[[access.principals]]\nname = \"{name}\"\nrole = \"{role}\"\ntoken_sha256 = \"{hash}\"\n"
                );
            }
        }
        fs::write(house.path("holdfast.toml"), text).unwrap();
        fs::copy(examples().join("plan.toml"), house.path("plan.toml")).unwrap();
        house
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Replaces something in a file of the house. It must be there.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
    }

    /// The line of a file in which something stands, from 1.
    pub(crate) fn line_of(&self, file: &str, what: &str) -> usize {
        let text = fs::read_to_string(self.path(file)).unwrap();
        text.lines().position(|line| line.contains(what)).unwrap() + 1
    }

    /// The house's carrier answers here.
    pub(crate) fn carrier_at(&self, rest_base_url: &str) {
        self.edit("holdfast.toml", "http://127.0.0.1:9", rest_base_url);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.args(arguments).current_dir(self.dir.path());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HOLDFAST_") {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs a verb to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs a verb to its end with something on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Serves, all roles.
    pub(crate) fn serve(&self) -> Served {
        self.serve_as("holdfast.toml", "router,carrier,desk,handoff,dashboard")
    }

    /// Serves some roles of a configuration.
    pub(crate) fn serve_as(&self, config: &str, roles: &str) -> Served {
        Served::start(self.command(&["serve", "--config", config, "--roles", roles]))
    }

    /// Every byte of the journal's directory, by file name.
    pub(crate) fn journal_bytes(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.path("journal")).unwrap().map(Result::unwrap);
        let files = entries.filter(|entry| entry.path().is_file());
        files.map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap())).collect()
    }

    /// The journal's records, as `journal dump -o json` tells them.
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        let dumped = self.run(&["journal", "dump", "journal", "-o", "json"]);
        assert!(dumped.status.success(), "{}", text(&dumped.stderr));
        text(&dumped.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The events of one kind, in order.
    pub(crate) fn events(&self, kind: &str) -> Vec<serde_json::Value> {
        let events = self.records().into_iter().flat_map(|record| record["events"].as_array().unwrap().clone());
        events.filter(|event| event["kind"] == kind).collect()
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A process that serves. Dropping it kills it.
pub(crate) struct Served {
    child: Child,
    said: Arc<Mutex<String>>,
    pub(crate) http: SocketAddr,
    pub(crate) grpc: Option<SocketAddr>,
    /// Where desks and boards are, if they have an address of their own.
    pub(crate) web: Option<SocketAddr>,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Keeps what a stream says, for as long as anybody wants it; then the stream is closed at its next line.
pub(crate) fn listen(stream: impl Read + Send + 'static, said: &Arc<Mutex<String>>) {
    let said = Arc::downgrade(said);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let Some(said) = said.upgrade() else { return };
            let mut said = said.lock().unwrap();
            said.push_str(&line);
            said.push('\n');
        }
    });
}

impl Served {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().unwrap(), &said);
        listen(child.stderr.take().unwrap(), &said);
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut served = Self { child, said, http: nowhere, grpc: None, web: None };
        let serves = wait_for("the process to serve", || {
            let ended = served.child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended ({ended:?}): {}", served.said());
            let said = served.said();
            said.lines().find(|line| line.contains("\"holdfast serves\"")).map(str::to_owned)
        });
        let line: serde_json::Value = serde_json::from_str(&serves).unwrap();
        let address = |field: &str| {
            let told = line[field].as_str().unwrap();
            told.strip_prefix("Some(").map(|rest| rest.trim_end_matches(')').parse().unwrap())
        };
        served.http = address("http").unwrap();
        served.grpc = address("grpc");
        served.web = address("web");
        served
    }

    /// Everything it said so far, on standard output and standard error.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Whoever reads what it says is gone with the next line or two.
    pub(crate) fn nobody_listens(&mut self) {
        self.said = Arc::default();
    }

    /// Where an operator's verbs find it.
    pub(crate) fn server(&self) -> String {
        format!("http://{}", self.grpc.unwrap())
    }

    /// Asks for a page as somebody whose token stands in the house.
    pub(crate) async fn get_as(&self, name: &str, path: &str) -> (u16, String) {
        let asked = reqwest::Client::new().get(self.url(path)).bearer_auth(token(name)).send().await.unwrap();
        (asked.status().as_u16(), asked.text().await.unwrap())
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }

    /// The process's own number.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM, and the code it ends with.
    pub(crate) fn terminate(mut self) -> (Option<i32>, String) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        let ended = wait_for("the process to end", || self.child.try_wait().unwrap());
        (ended.code(), self.said())
    }
}

/// Waits until there is something.
pub(crate) fn wait_for<T>(what: &str, so: impl FnMut() -> Option<T>) -> T {
    wait_within(PATIENCE, what, so)
}

pub(crate) fn wait_within<T>(longest: Duration, what: &str, mut so: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(there) = so() {
            return there;
        }
        assert!(started.elapsed() < longest, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
