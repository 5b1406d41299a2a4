//! The command line. Secrets are never flags: tokens come from files, the environment or standard input.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Holdfast routes a person in crisis to a counselor who can help, and never lets go of them in between.
#[derive(Debug, Parser)]
#[command(name = "holdfast", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the roles of a crisis line: all of them, or some.
    Serve(Serve),
    /// Watch a crisis line at work, with simulated callers, carrier and counselors.
    Demo(Demo),
    /// Take calls at a desk in this terminal.
    Desk(Desk),
    /// Check a configuration and its plan; exit code 3 if there are problems.
    Check(Check),
    /// Say why a contact that waits now waits.
    Explain(Explain),
    /// Close, drain or keep open a center for a while, or serve a queue as another: until when, why, and who answers for it.
    Direct(Direct),
    /// Make everything of a person unreadable, everywhere. Reads the number or person id from standard input.
    Erase(Erase),
    /// Look into a journal without changing it.
    Journal(Journal),
    /// Make the master key and the directories of a new installation.
    Init(Init),
    /// Make a token: prints it once, and the hash that goes into the configuration.
    Token,
}

/// Which part of the work a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum RoleName {
    /// The queue and its writer.
    Router,
    /// Webhooks in, call control out.
    Carrier,
    /// Counselors' desks.
    Desk,
    /// Warm handoffs for those who are not at a desk.
    Handoff,
    /// The operators' board.
    Dashboard,
}

/// `holdfast serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration.
    #[arg(long, env = "HOLDFAST_CONFIG")]
    pub config: PathBuf,
    /// The roles of this process, with commas between; all if absent.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub roles: Vec<RoleName>,
}

/// `holdfast demo`.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// No picture in the terminal.
    #[arg(long)]
    pub headless: bool,
    /// How long callers keep coming; with a picture, until you quit if absent.
    #[arg(long)]
    pub seconds: Option<u64>,
    /// Print what the auditor found as JSON at the end.
    #[arg(long)]
    pub json: bool,
    /// The same seed gives the same callers.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many times faster than life people talk, wait and write.
    #[arg(long, default_value_t = 20.0)]
    pub speed: f64,
    /// Callers per second.
    #[arg(long, default_value_t = 2.0)]
    pub rate: f64,
    /// Keep the demo's directory, journal and all, and say where it is.
    #[arg(long)]
    pub keep: bool,
}

/// `holdfast desk`.
#[derive(Debug, Args)]
pub struct Desk {
    /// Where the desk service listens.
    #[arg(long, default_value = "http://127.0.0.1:7440", env = "HOLDFAST_SERVER")]
    pub server: String,
    /// The certificate authority of the server, in PEM; needed for https.
    #[arg(long)]
    pub ca_file: Option<PathBuf>,
    /// The file with your token (mode 0600).
    #[arg(long, env = "HOLDFAST_TOKEN_FILE")]
    pub token_file: PathBuf,
    /// Where your phone is this shift: a number in E.164 or a SIP address.
    #[arg(long, default_value = "")]
    pub phone: String,
}

/// `holdfast check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The configuration; its plan is checked too.
    #[arg(long, env = "HOLDFAST_CONFIG")]
    pub config: Option<PathBuf>,
    /// A plan by itself.
    #[arg(long)]
    pub plan: Option<PathBuf>,
}

/// `holdfast explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The contact: 32 hexadecimal digits.
    pub contact: String,
    /// Where the router listens, and the token to show it.
    #[command(flatten)]
    pub operator: Operator,
    /// How to print it.
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Where the router listens, and the token to show it.
#[derive(Debug, Args)]
pub struct Operator {
    /// Where the router listens.
    #[arg(long, default_value = "http://127.0.0.1:7440", env = "HOLDFAST_SERVER")]
    pub server: String,
    /// The certificate authority of the server, in PEM; needed for https.
    #[arg(long)]
    pub ca_file: Option<PathBuf>,
    /// The file with your token (mode 0600).
    #[arg(long, env = "HOLDFAST_TOKEN_FILE")]
    pub token_file: PathBuf,
}

/// `holdfast direct`.
#[derive(Debug, Args)]
pub struct Direct {
    /// What to do.
    #[command(subcommand)]
    pub verb: DirectVerb,
}

/// What to decide.
#[derive(Debug, Subcommand)]
pub enum DirectVerb {
    /// Whether a center's counselors are asked.
    Center {
        /// The center, as the plan names it.
        center: String,
        /// What it does.
        #[arg(value_enum)]
        door: DoorName,
        /// Until when, and why.
        #[command(flatten)]
        spell: Spell,
        /// Where the router listens, and the token to show it.
        #[command(flatten)]
        operator: Operator,
    },
    /// Search for the people of a queue in the rings of another; they keep their places.
    Queue {
        /// The queue: region/need/channel.
        queue: String,
        /// The other: region/need/channel.
        #[arg(long)]
        to: String,
        /// Until when, and why.
        #[command(flatten)]
        spell: Spell,
        /// Where the router listens, and the token to show it.
        #[command(flatten)]
        operator: Operator,
    },
    /// Take a directive back.
    End {
        /// What it is about: a center, or region/need/channel.
        about: String,
        /// Where the router listens, and the token to show it.
        #[command(flatten)]
        operator: Operator,
    },
    /// What is decided now, and what is closed by its hours.
    List {
        /// How to print it.
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
        /// Where the router listens, and the token to show it.
        #[command(flatten)]
        operator: Operator,
    },
}

/// Until when, and why.
#[derive(Debug, Args)]
pub struct Spell {
    /// For how long, up to 7 days: 45m, 2h, 1d.
    #[arg(long = "for", value_name = "TIME")]
    pub lasts: String,
    /// Why, on one line. About the service, never about a person.
    #[arg(long)]
    pub reason: String,
}

/// What a center does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoorName {
    /// Its counselors are asked, whatever the hours say.
    Taking,
    /// They get nobody new, and keep whom they have.
    Draining,
    /// They get nobody, and what they are asked is taken back.
    Closed,
}

/// `holdfast erase`.
#[derive(Debug, Args)]
pub struct Erase {
    /// Where the router listens, and the token to show it.
    #[command(flatten)]
    pub operator: Operator,
    /// Standard input has a person id instead of a number.
    #[arg(long)]
    pub by_id: bool,
}

/// `holdfast journal`.
#[derive(Debug, Args)]
pub struct Journal {
    /// What to do.
    #[command(subcommand)]
    pub verb: JournalVerb,
}

/// What to do with a journal.
#[derive(Debug, Subcommand)]
pub enum JournalVerb {
    /// Check every byte: checksums, chain, order. Exit code 3 if there is damage.
    Verify {
        /// The journal's directory.
        dir: PathBuf,
        /// How to print it.
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Print the records. Sealed fields are shown as sealed.
    Dump {
        /// The journal's directory.
        dir: PathBuf,
        /// From this record on.
        #[arg(long, default_value_t = 1)]
        from: u64,
        /// How to print it.
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
}

/// `holdfast init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The configuration whose key and directories are to be made.
    #[arg(long, env = "HOLDFAST_CONFIG")]
    pub config: PathBuf,
}
