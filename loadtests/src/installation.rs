//! An installation to measure: the example plan with as many counselors as a run wants, settings, keys and tokens in a directory of its own.
//!
//! How a process is started and watched is [`crate::process`]; nothing here measures.

use crate::process::{Process, StartError};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The example that ships with Holdfast: every measurement is made with it.
const PLAN: &str = include_str!("../../deploy/config/plan.toml");
/// The centers of the example plan, among which the counselors of a run are spread.
const CENTERS: [&str; 4] = ["harbor", "northside", "lakeshore", "valley"];
/// The carrier account of the example plan.
pub const ACCOUNT: &str = "twilio-main";
/// What our account is called at the carrier.
pub const ACCOUNT_SID: &str = "AC0123456789abcdef0123456789abcdef";
/// What signatures cover. Connections go to this machine.
pub const PUBLIC_ORIGIN: &str = "https://line.example.org";
/// The line of the example plan that has no menu: one webhook puts a person into the queue.
pub const LINE: &str = "+12065550101";
/// The line of the example plan that has a menu, and takes texts.
pub const MENU_LINE: &str = "+12065550100";

/// A counselor of the run.
#[derive(Clone)]
pub struct Member {
    /// The id in the plan.
    pub name: String,
    /// The bearer token of their desk.
    pub token: String,
    /// Where their phone is.
    pub address: String,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Member").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What differs between installations.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Counselors beside those of the example plan.
    pub counselors: usize,
    /// Where the carrier's REST is.
    pub rest_base_url: String,
    /// How often the carrier service compares with the carrier's list, milliseconds. A carrier that keeps no list must not be asked.
    pub reconcile_every_ms: u64,
    /// Where the directory is made; the system's place for temporary files if absent. The journal's disk is what is measured.
    pub within: Option<PathBuf>,
}

/// A directory with all that `holdfast serve` needs. Removed when dropped.
#[derive(Debug)]
pub struct Installation {
    /// Who works.
    pub members: Vec<Member>,
    /// Somebody who may watch.
    pub operator: Member,
    auth_token: String,
    dir: TempDir,
}

fn token() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

fn sha256(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing into a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Installation {
    /// Writes plan and settings. The ports are the system's choice and are learned from the process.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn build(wanted: &Wanted) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("holdfast-load-");
        let dir = match &wanted.within {
            Some(within) => builder.tempdir_in(within)?,
            None => builder.tempdir()?,
        };
        let member = |name: String, number: usize| Member {
            name,
            token: token(),
            address: format!("sip:desk-{number}@phones.example"),
        };
        let members = (0..wanted.counselors).map(|number| member(format!("c{number}"), number)).collect();
        let it = Self { members, operator: member("operator".to_owned(), 0), auth_token: token(), dir };
        fs::write(it.path("plan.toml"), it.plan())?;
        fs::write(it.config_file(), it.config(wanted))?;
        Ok(it)
    }

    /// The secret that signs webhooks.
    #[must_use]
    pub fn auth_token(&self) -> &str {
        &self.auth_token
    }

    /// The settings file.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.path("holdfast.toml")
    }

    /// Something in the directory.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Makes the keys, and serves with all roles in one process.
    ///
    /// # Errors
    /// If the program cannot be run, or does not serve.
    pub fn serve(&self, holdfast: &Path) -> Result<Process, StartError> {
        let program = || holdfast.display().to_string();
        let config = self.config_file().display().to_string();
        let made = Command::new(holdfast).args(["init", "--config", &config]).output();
        let made = made.map_err(|error| StartError::Program { program: program(), error })?;
        if !made.status.success() {
            return Err(StartError::Silent(program(), String::from_utf8_lossy(&made.stderr).into_owned()));
        }
        Process::start(holdfast, &["serve", "--config", &config])
    }

    fn plan(&self) -> String {
        let mut plan = PLAN.to_owned();
        for (member, center) in self.members.iter().zip(CENTERS.iter().cycle()) {
            // Everybody takes everything that the lines of a run bring.
            let _ = write!(
                plan,
                "\n[[counselors]]\nid = \"{}\"\ncenter = \"{center}\"\nskills = [\"youth\", \"veteran\", \"substance-use\"]\n\
                 languages = [\"en\", \"es\"]\ncapacity = {{ voice = 1, text = 2 }}\n",
                member.name
            );
        }
        plan
    }

    fn config(&self, wanted: &Wanted) -> String {
        let mut text = format!(
            r#"
[log]
format = "json"
output = "stderr"
filter = "info"
[grpc]
address = "127.0.0.1:0"
[http]
address = "127.0.0.1:0"
[web]
address = "127.0.0.1:0"
[router]
journal_dir = "journal"
plan_file = "plan.toml"
[keys]
master_file = "master.key"
[[carrier.accounts]]
name = "{ACCOUNT}"
vendor = "twilio"
account_sid = "{ACCOUNT_SID}"
auth_token = "{}"
public_url = "{PUBLIC_ORIGIN}"
rest_base_url = "{}"
[carrier.bounds]
reconcile_every_ms = {}
missed_every_ms = 600000
"#,
            self.auth_token, wanted.rest_base_url, wanted.reconcile_every_ms,
        );
        let members = self.members.iter().map(|it| (it, "counselor"));
        for (member, role) in members.chain([(&self.operator, "operator")]) {
            let hash = sha256(&member.token);
            let _ = write!(
                text,
                "[[access.principals]]\nname = \"{}\"\nrole = \"{role}\"\ntoken_sha256 = \"{hash}\"\n",
                member.name
            );
        }
        text
    }
}
