//! What the line does in writing: its reply, its survey, its keywords and their clocks.
//!
//! Deliberately absent: what the carriers answer by themselves to words of their own, such as STOP.

use crate::document::{Question, Sections, Texts, Worded};
use crate::entries::digits_of;
use crate::findings::Findings;
use crate::limits::{KEYWORDS_MAX, QUESTIONS_MAX, WORDS_MAX_BYTES};
use crate::read::{Table, Text, check_language, text_of};
use crate::spelling::quoted;
use crate::timing::{Clock, Clocks, seconds};
use std::collections::BTreeMap;
use toml::Spanned;

const SURVEY: Clock = seconds("survey_s", 120);
const FIRST_REPLY: Clock = seconds("first_reply_s", 90);
/// 0 is never; otherwise at least [`IDLE_LEAST_S`].
const IDLE: Clock = Clock { least: 0, most: 604_800, ..seconds("idle_close_s", 0) };
const REOPEN: Clock = seconds("reopen_s", 600);

/// A conversation that nobody writes in for less than this is not over: people put their phone away to think.
const IDLE_LEAST_S: u64 = 600;

/// Every setting of `[texts]` that is a time.
///
/// | key | what it is |
/// |---|---|
/// | `survey_s` | how long the whole survey may take, before the person is queued all the same |
/// | `first_reply_s` | how long a counselor who accepted has to write the first word |
/// | `idle_close_s` | how long nobody may write before the counselor is asked to write up; 0 is never |
/// | `reopen_s` | for how long after its end a conversation is taken up again |
pub const TEXT_CLOCKS: &[Clock] = &[SURVEY, FIRST_REPLY, IDLE, REOPEN];

/// What the carriers take for themselves.
const CARRIERS_OWN: &[&str] = &[
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "START",
    "UNSTOP",
    "YES",
    "HELP",
    "INFO",
];

/// The longest keyword, in characters.
const KEYWORD_MAX_CHARS: usize = 40;

/// Reads `[texts]`; every key of it is optional, and so is the table.
pub(crate) fn read_texts(mut table: Option<Table<'_, '_>>, clocks: &Clocks, findings: &mut Findings) -> Texts {
    let keep_ms = clocks.timing.closed_keep_ms;
    let mut ms = |clock: Clock| clock.read_or_default(&mut table, findings);
    let (survey_ms, first_reply_ms, idle_ms, reopen_ms) = (ms(SURVEY), ms(FIRST_REPLY), ms(IDLE), ms(REOPEN));
    let mut texts = Texts {
        reply: None,
        questions: Vec::new(),
        keywords: BTreeMap::new(),
        survey_ms,
        first_reply_ms,
        idle_ms,
        reopens: true,
        // Where the plan does not say, it is never longer than there is something to take up.
        reopen_ms: reopen_ms.min(keep_ms),
    };
    let Some(mut table) = table else { return texts };
    texts.reply = table.table("reply", findings).map(|table| worded(&table, findings));
    let fewer = "ask less: people who write wait for somebody to answer";
    let questions = table.entries("questions", QUESTIONS_MAX, fewer, findings);
    texts.questions = questions.into_iter().filter_map(|table| question(table, findings)).collect();
    if let Some(keywords) = table.table("keywords", findings) {
        texts.keywords = keywords_of(&keywords, findings);
    }
    texts.reopens = reopens(&mut table, findings);
    if (1..IDLE_LEAST_S * 1_000).contains(&texts.idle_ms) {
        let message = format!("must be 0, for never, or a whole number from {IDLE_LEAST_S} to {}", IDLE.most);
        let remedy = "silence is not the end of a conversation";
        findings.refuse(table.at("idle_close_s"), table.field("idle_close_s"), message, remedy);
    }
    if table.has("reopen_s") {
        check_reopen(&table, &texts, reopen_ms, keep_ms, findings);
    }
    table.finish(findings);
    texts
}

fn check_reopen(table: &Table<'_, '_>, texts: &Texts, reopen_ms: u64, keep_ms: u64, findings: &mut Findings) {
    let (at, field) = (table.at("reopen_s"), table.field("reopen_s"));
    if !texts.reopens {
        let message = "after_closing is \"anew\", so that nothing is taken up again";
        findings.refuse(at, field, message, "take it out, or write after_closing = \"reopen\"");
    } else if reopen_ms > keep_ms {
        let keep_s = keep_ms / 1_000;
        let message = format!("a closed conversation is kept for {keep_s} s only: timing.closed_keep_s");
        findings.refuse(at, field, message, format!("make it {keep_s} or less, or raise closed_keep_s"));
    }
}

fn reopens(table: &mut Table<'_, '_>, findings: &mut Findings) -> bool {
    let Some(text) = table.text("after_closing", findings) else { return true };
    match text.get_ref().as_str() {
        "reopen" => true,
        "anew" => false,
        word => {
            let message = format!("{} is not a way to go on", quoted(word));
            let remedy = findings.did_you_mean(word, ["reopen", "anew"], "use \"reopen\" or \"anew\"");
            findings.refuse(text.span().start, table.field("after_closing"), message, remedy);
            true
        }
    }
}

/// The same words by language.
fn worded(table: &Table<'_, '_>, findings: &mut Findings) -> Worded {
    let mut words = BTreeMap::new();
    for (language, at, value) in table.pairs() {
        let tag = Spanned::new(at..at + language.len(), language.to_owned());
        check_language(&tag, &table.path, findings);
        let field = table.field(language);
        let Some(text) = text_of(value) else {
            findings.refuse(value.span().start, field, "must be text in quotes", "");
            continue;
        };
        let said = text.get_ref();
        let fits = (1..=WORDS_MAX_BYTES).contains(&said.len());
        if !fits || said.trim().is_empty() || said.chars().any(char::is_control) {
            let message =
                format!("what is sent is 1 to {WORDS_MAX_BYTES} bytes on one line, and this has {}", said.len());
            findings.refuse(text.span().start, field, message, "say it in fewer words; a letter like é is two bytes");
        }
        words.insert(language.to_owned(), text.into_inner());
    }
    if table.pairs().next().is_none() {
        let remedy = "say it in at least one language, as in { en = \"…\" }";
        findings.refuse(table.at, table.path.clone(), "is empty", remedy);
    }
    Worded { at: table.at, path: table.path.clone(), words }
}

fn question(mut table: Table<'_, '_>, findings: &mut Findings) -> Option<Question> {
    if !table.has("words") {
        table.missing("words", "write the question, as in { en = \"…\" }", findings);
    }
    let worded = table.table("words", findings).map(|words| worded(&words, findings));
    let choices = table.table("choices", findings);
    let choices = choices.map_or_else(BTreeMap::new, |choices| {
        if choices.pairs().next().is_none() {
            let remedy = "leave it out if any answer will do";
            findings.refuse(choices.at, choices.path.clone(), "is empty", remedy);
        }
        digits_of(&choices, "is not an answer of one digit", findings)
    });
    let path = table.path.clone();
    table.finish(findings);
    Some(Question { path, worded: worded?, choices })
}

fn keywords_of(table: &Table<'_, '_>, findings: &mut Findings) -> BTreeMap<String, Text> {
    let mut keywords = BTreeMap::new();
    for (index, (word, at, value)) in table.pairs().enumerate() {
        if index == KEYWORDS_MAX {
            let message = format!("there are {}, and at most {KEYWORDS_MAX} are allowed", table.pairs().count());
            findings.refuse(at, table.path.clone(), message, "keep those that people are told of");
        }
        if let Some((message, remedy)) = unfit(word) {
            findings.refuse(at, table.path.clone(), message, remedy);
            continue;
        }
        let Some(need) = text_of(value) else {
            let message = "each word names a need in quotes";
            findings.refuse(value.span().start, table.field(word), message, "");
            continue;
        };
        keywords.insert(word.to_owned(), need);
    }
    keywords
}

/// Why this cannot be a keyword, and what to do about it.
fn unfit(word: &str) -> Option<(String, String)> {
    let fits = (1..=KEYWORD_MAX_CHARS).contains(&word.chars().count()) && word.chars().all(char::is_alphanumeric);
    let capitals = word.to_uppercase();
    if !fits {
        let message = format!("{} is not one word", quoted(word));
        return Some((message, format!("use 1 to {KEYWORD_MAX_CHARS} letters and digits")));
    }
    if matches!(word.as_bytes(), [b'0'..=b'9']) {
        let message = format!("{} is an answer to a question", quoted(word));
        return Some((message, "write it under the choices of one".to_owned()));
    }
    if CARRIERS_OWN.contains(&capitals.as_str()) {
        let message = format!("{} is taken by the carriers for themselves", quoted(word));
        return Some((message, "use another word".to_owned()));
    }
    if word != capitals {
        let message = format!("{} is not in capitals", quoted(word));
        return Some((message, format!("write {capitals}: people may write it either way")));
    }
    None
}

/// Warns of words that are not there in the language of people who did not say.
pub(crate) fn check(sections: &Sections, findings: &mut Findings) {
    let Some(network) = &sections.network else { return };
    let language = network.default_language.get_ref();
    let questions = sections.texts.questions.iter().map(|question| &question.worded);
    for worded in sections.texts.reply.iter().chain(questions) {
        if !worded.words.contains_key(language) {
            let message = format!("is not there in {language}, the language of people who did not say");
            findings.warn(worded.at, worded.path.clone(), message, "add it");
        }
    }
}
