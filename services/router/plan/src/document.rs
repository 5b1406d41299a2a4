//! The file as written: its sections and entries, each with its place, before anybody asks whether they fit together.
//!
//! Deliberately absent: meaning. That a center exists is for compiling to say.

use crate::entries;
use crate::findings::Findings;
use crate::handoff::read_handoffs;
use crate::limits;
use crate::members;
use crate::read::{Table, Text};
use crate::rings::Ring;
use crate::texts::read_texts;
use crate::timing::{Clocks, read_clocks};
use holdfast_core::contact::Channel;
use holdfast_core::hours::Hours;
use holdfast_core::plan::Handoffs;
use holdfast_core::time::Timestamp;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::DeTable;

/// A plan file that was read, with whatever was wrong with its shape. [`crate::compile()`] turns it into a plan.
#[derive(Clone, Debug)]
pub struct Document {
    pub(crate) sections: Option<Sections>,
    pub(crate) findings: Findings,
    pub(crate) now: Option<Timestamp>,
}

/// Everything that the file says.
#[derive(Clone, Debug)]
pub(crate) struct Sections {
    pub(crate) network: Option<Network>,
    pub(crate) clocks: Clocks,
    pub(crate) lines: Vec<Line>,
    pub(crate) regions: Vec<Region>,
    pub(crate) needs: Vec<Need>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) centers: Vec<Center>,
    pub(crate) counselors: Vec<Member>,
    pub(crate) peers: Vec<Member>,
    pub(crate) texts: Texts,
    pub(crate) handoffs: Handoffs,
}

/// `[network]`.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) id: Text,
    pub(crate) name: String,
    pub(crate) default_region: Text,
    pub(crate) default_need: Text,
    pub(crate) default_language: Text,
}

/// One of `[[lines]]`.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) path: String,
    pub(crate) id: Text,
    pub(crate) account: Text,
    pub(crate) number: Text,
    pub(crate) need: Option<Text>,
    pub(crate) language: Option<Text>,
    pub(crate) menu: BTreeMap<u8, Text>,
}

/// One of `[[regions]]`.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub(crate) path: String,
    pub(crate) id: Text,
    pub(crate) name: String,
    pub(crate) parent: Option<Text>,
    pub(crate) area_codes: Vec<Spanned<u16>>,
}

/// One of `[[needs]]`.
#[derive(Clone, Debug)]
pub(crate) struct Need {
    pub(crate) path: String,
    pub(crate) id: Text,
    pub(crate) name: String,
    pub(crate) skills: Vec<Text>,
    pub(crate) language: Option<Text>,
    pub(crate) priority: u8,
    pub(crate) regions: Vec<Text>,
    pub(crate) channels: Vec<Spanned<Channel>>,
}

/// One of `[[queues]]`: many queues that are served alike.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) path: String,
    pub(crate) at: usize,
    pub(crate) regions: Vec<Text>,
    pub(crate) needs: Vec<Text>,
    pub(crate) channels: Vec<Spanned<Channel>>,
    pub(crate) rings: Vec<Ring>,
    pub(crate) offer_ms: Option<u64>,
    pub(crate) wrap_up_ms: Option<u64>,
}

/// One of `[[centers]]`.
#[derive(Clone, Debug)]
pub(crate) struct Center {
    pub(crate) path: String,
    pub(crate) id: Text,
    pub(crate) name: String,
    pub(crate) hours: Option<Hours>,
}

/// One of `[[counselors]]` or `[[peers]]`.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) path: String,
    pub(crate) id: Text,
    pub(crate) name: String,
    pub(crate) center: Text,
    pub(crate) skills: Vec<Text>,
    pub(crate) languages: Vec<Text>,
    pub(crate) capacity: BTreeMap<Channel, u32>,
    /// The kinds of support a peer gives; none for a counselor.
    pub(crate) types: Option<Vec<Text>>,
    pub(crate) credentials: Vec<Credential>,
}

/// One credential of a counselor or peer.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) name: Text,
    /// The first moment after the last day on which it is good.
    pub(crate) good_until: Timestamp,
}

/// `[texts]`.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    pub(crate) reply: Option<Worded>,
    pub(crate) questions: Vec<Question>,
    pub(crate) keywords: BTreeMap<String, Text>,
    pub(crate) survey_ms: u64,
    pub(crate) first_reply_ms: u64,
    pub(crate) idle_ms: u64,
    pub(crate) reopens: bool,
    pub(crate) reopen_ms: u64,
}

/// The same words in several languages.
#[derive(Clone, Debug)]
pub(crate) struct Worded {
    pub(crate) at: usize,
    pub(crate) path: String,
    pub(crate) words: BTreeMap<String, String>,
}

/// One of `[[texts.questions]]`.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) path: String,
    pub(crate) worded: Worded,
    pub(crate) choices: BTreeMap<u8, Text>,
}

impl Queue {
    /// Every center that it asks, nearest first.
    pub(crate) fn centers(&self) -> impl Iterator<Item = &Text> {
        self.rings.iter().flat_map(|ring| &ring.centers)
    }
}

impl Sections {
    /// Everybody, counselors first.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Member> {
        self.counselors.iter().chain(&self.peers)
    }
}

impl Document {
    /// The document as it is looked at in this moment, in Unix milliseconds: what has run out by then is warned about. Without it
    /// no date is looked at.
    #[must_use]
    pub fn as_of(self, now: Timestamp) -> Self {
        Self { now: Some(now), ..self }
    }
}

/// Reads the text of a plan. Never fails: what is wrong is kept, and [`crate::compile()`] reports it with the rest.
///
/// `file` is how problems name the file. Text larger than [`limits::FILE_MAX_BYTES`] is refused unread.
#[must_use]
pub fn read(text: &str, file: &str) -> Document {
    if text.len() > limits::FILE_MAX_BYTES {
        let mut findings = Findings::new(file, "");
        let most = limits::FILE_MAX_BYTES / (1024 * 1024);
        findings.refuse(0, "", format!("the plan is larger than {most} MiB"), "");
        return Document { sections: None, findings, now: None };
    }
    let mut findings = Findings::new(file, text);
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(text.len(), |span| span.start);
        findings.refuse(at, "", format!("not TOML: {}", error.message()), "");
    }
    // What could be made out of broken TOML would only mislead.
    let sections = errors.is_empty().then(|| read_sections(root.get_ref(), &mut findings));
    Document { sections, findings, now: None }
}

fn read_sections(root: &DeTable<'_>, findings: &mut Findings) -> Sections {
    let mut root = Table::new(root, 0, String::new());
    if !root.has("network") {
        root.missing("network", "write [network] with its id and defaults", findings);
    }
    let network = root.table("network", findings);
    let timing = root.table("timing", findings);
    let clocks = read_clocks(timing, findings);
    let texts = root.table("texts", findings);
    let handoffs = root.table("handoff", findings);
    let sections = Sections {
        network: network.and_then(|table| entries::network(table, findings)),
        texts: read_texts(texts, &clocks, findings),
        clocks,
        handoffs: read_handoffs(handoffs, findings),
        lines: each(&mut root, "lines", limits::LINES_MAX, entries::line, findings),
        regions: each(&mut root, "regions", limits::REGIONS_MAX, entries::region, findings),
        needs: each(&mut root, "needs", limits::NEEDS_MAX, entries::need, findings),
        queues: each(&mut root, "queues", limits::QUEUES_MAX, entries::queue, findings),
        centers: each(&mut root, "centers", limits::CENTERS_MAX, entries::center, findings),
        counselors: each(&mut root, "counselors", limits::COUNSELORS_MAX, members::counselor, findings),
        peers: each(&mut root, "peers", limits::PEERS_MAX, members::peer, findings),
    };
    root.finish(findings);
    sections
}

/// Reads every entry of a kind, leaving out those that lack what names them; why is noted.
fn each<'a, 't, T>(
    root: &mut Table<'a, 't>,
    key: &'static str,
    most: usize,
    read: impl Fn(Table<'a, 't>, &mut Findings) -> Option<T>,
    findings: &mut Findings,
) -> Vec<T> {
    let tables = root.entries(key, most, "split the network in two", findings);
    tables.into_iter().filter_map(|table| read(table, findings)).collect()
}
