//! A scenario: who comes how often, who answers, who watches, and which limits must hold. Read from TOML; every mistake is told with
//! its field and the reason.
//!
//! What is done with it is for [`crate::load`]; the files are in `loadtests/scenarios` and explain themselves.

mod check;

use crate::prng::Prng;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// Bytes of a scenario or trace, at most.
const FILE_BYTES_MAX: u64 = 4 * 1_024 * 1_024;

/// Why a scenario cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {why}")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        why: String,
    },
    /// No scenario in TOML: the parser's word, with line and field.
    #[error("{file}: {why}")]
    Malformed {
        /// Which.
        file: String,
        /// Where and why.
        why: String,
    },
    /// A value that cannot be.
    #[error("{field}: {why}")]
    Wrong {
        /// The dotted path of the field.
        field: String,
        /// What is wrong, and what would be right.
        why: String,
    },
}

/// A scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called: a-z, 0-9 and `_`.
    pub name: String,
    /// What it shows, in a sentence.
    pub about: String,
    /// What all chance comes from.
    #[serde(default)]
    pub seed: u64,
    /// Who comes.
    #[serde(default)]
    pub people: People,
    /// Who answers.
    pub desks: Desks,
    /// Who watches.
    #[serde(default)]
    pub boards: Boards,
    /// How the carrier posts.
    #[serde(default)]
    pub webhooks: Webhooks,
    /// What happens, one after the other. A scenario that looks for the knee begins with what is here.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// Look for the knee.
    pub ceiling: Option<Ceiling>,
    /// What must hold.
    pub what_it_shows: Limits,
}

/// Who comes and what they do. Durations are means of exponential distributions, seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct People {
    /// The part of people who call, 0 to 1; the others write.
    pub calls: f64,
    /// From hearing the counselor to hanging up.
    pub talk_s: f64,
    /// How long somebody waits before they hang up; 0 is as long as it takes.
    pub patience_s: f64,
    /// Messages that a counselor writes in a conversation, and about as many come back. 1 to 100.
    pub messages: u32,
    /// From a message to the next one in the same conversation.
    pub message_every_s: f64,
    /// Sessions under way when the run begins: the state that the rates and durations settle at.
    pub sessions: usize,
}

impl Default for People {
    fn default() -> Self {
        Self { calls: 0.7, talk_s: 840.0, patience_s: 0.0, messages: 16, message_every_s: 25.0, sessions: 0 }
    }
}

/// Who answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desks {
    /// How many. 1 to 10,000.
    pub count: usize,
    /// The part of them that takes calls, 0 to 1; the others write, with two people each.
    #[serde(default = "Desks::calls")]
    pub calls: f64,
    /// The part of them in a browser, over the WebSocket with a cookie; the others are over gRPC. 0 to 1.
    #[serde(default)]
    pub web: f64,
    /// From the offer to the accept; 0 is at once.
    #[serde(default)]
    pub answer_s: f64,
    /// For the counselor's phone to be answered; 0 is at once.
    #[serde(default)]
    pub phone_s: f64,
    /// For writing up; 0 is at once.
    #[serde(default)]
    pub wrap_up_s: f64,
}

impl Desks {
    fn calls() -> f64 {
        0.75
    }
}

/// Who watches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Boards {
    /// Open boards. At most 1,000.
    pub viewers: usize,
}

/// How the carrier posts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Connections kept, and so webhooks in flight. 1 to 4,000.
    pub connections: usize,
    /// After how long the carrier goes to its fallback, seconds: what is answered later is no answer.
    pub patience_s: f64,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { connections: 256, patience_s: 15.0 }
    }
}

/// What a phase is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The baseline of the run.
    Quiet,
    /// From nothing to the load; keeps its length when a run is shortened.
    Onset,
    /// The load.
    Load,
    /// After it: back to baseline.
    After,
}

/// One stretch of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// What it is called in the report.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// How long. 1 to 360,000.
    pub seconds: f64,
    /// People a second at its end, Poisson; between, the rate moves evenly.
    #[serde(default)]
    pub rate_per_s: f64,
    /// People a second at its start; as at its end if absent.
    pub from_rate_per_s: Option<f64>,
    /// A CSV file beside the scenario, in place of a rate: one offset in seconds a line, and `call` or `text`.
    pub trace: Option<String>,
    /// The carrier holds everything that comes; it is posted in the next phase that says `backlog`.
    #[serde(default)]
    pub silent: bool,
    /// What was held is posted, spread over this phase, with duplicates and disorder.
    pub backlog: Option<Backlog>,
    /// All desks lose their lines at its start and come back within so many seconds.
    pub desks_back_within_s: Option<f64>,
    /// One hot trunk beside everybody else.
    pub flood: Option<Flood>,
    /// A rate as a multiple of the knee that was found in this run.
    pub times_the_knee: Option<f64>,
}

/// How held traffic comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backlog {
    /// The part of webhooks that are posted twice, 0 to 1.
    pub duplicates: f64,
    /// The part of webhooks that are late, so that later ones overtake them, 0 to 1.
    pub disorder: f64,
}

/// One trunk that calls and calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flood {
    /// Its calls a second.
    pub rate_per_s: f64,
    /// Its phones: fewer phones, more redials.
    pub phones: usize,
    /// The part of its calls that hang up at once and come again; the others stay and say nothing.
    pub redials: f64,
    /// How long a silent call stays, seconds.
    pub silent_s: f64,
}

/// How the knee is found: the rate grows until something gives, then the last step is halved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ceiling {
    /// The first rate.
    pub from_rate_per_s: f64,
    /// The most that is tried.
    pub most_per_s: f64,
    /// From one rate to the next. Above 1.
    pub growth: f64,
    /// How long each rate is held.
    pub step_s: f64,
    /// Steps between the last rate that held and the first that did not.
    pub halvings: u32,
    /// A rate holds while the 99th of 100 webhooks is answered within this.
    pub ack_p99_ms: f64,
    /// And while at least this part of the arrivals is answered in its step.
    pub least_part: f64,
}

/// What must hold. What is absent is measured and not judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Acknowledged people of whom nobody knows any more.
    pub lost: Option<u64>,
    /// People held out to, or held by, two at one time.
    pub doubled: Option<u64>,
    /// People offered after somebody who came after them to the same queue.
    pub out_of_order: Option<u64>,
    /// People or desks that do not come to an end.
    pub stuck: Option<u64>,
    /// The part of webhooks without a good answer.
    pub unanswered: Option<f64>,
    /// The 99th of 100 webhooks under load, as a multiple of the same in the quiet phase.
    pub ack_p99_times_quiet: Option<f64>,
    /// The 99th of 100 webhooks, milliseconds.
    pub ack_p99_ms: Option<f64>,
    /// The 99th of 100 first offers, from the moment a person waits and a desk is free, milliseconds.
    pub offer_p99_ms: Option<f64>,
    /// The 99th of 100 looks at a board: how old is what it shows, beyond its beat, milliseconds. Boards must then be open for 99 % of their time.
    pub board_p99_ms: Option<f64>,
    /// People answered a second in the worst stretch of 10 s, as a part of the knee.
    pub goodput_of_knee: Option<f64>,
    /// How long after the load until webhooks are answered as in the quiet phase (or as the knee's, without one), seconds.
    pub back_within_s: Option<f64>,
    /// All desks are back at work after a cut, seconds.
    pub desks_back_s: Option<f64>,
    /// Growth of resident memory over the second half of the load, percent.
    pub memory_growth_percent: Option<f64>,
    /// Growth of open files over the second half of the load, percent.
    pub files_growth_percent: Option<f64>,
    /// Growth of the median acknowledgement over the second half of the load, percent.
    pub latency_growth_percent: Option<f64>,
    /// A knee lower than this is broken, people a second.
    pub knee_per_s: Option<f64>,
    /// How late the generator may be at the 99th of 100 starts, milliseconds; a run beyond it is invalid.
    pub generator_late_p99_ms: Option<f64>,
}

/// One person of a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Due {
    /// When, after the first phase's start.
    pub at: Duration,
    /// Which phase.
    pub phase: usize,
    /// What they do.
    pub kind: Kind,
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Calls and waits to be answered.
    Call,
    /// Writes.
    Text,
    /// Calls from the hot trunk and hangs up at once.
    Redial,
    /// Calls from the hot trunk and says nothing.
    Silent,
}

/// A file of at most [`FILE_BYTES_MAX`].
pub(crate) fn read_file(path: &Path) -> Result<String, ScenarioError> {
    let unreadable = |why: String| ScenarioError::Unreadable { file: path.display().to_string(), why };
    let bytes = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(unreadable(format!("it has {bytes} bytes, at most {FILE_BYTES_MAX}")));
    }
    std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))
}

impl Scenario {
    /// Reads a scenario and checks it.
    ///
    /// # Errors
    /// If it cannot be read, is no scenario, or says what cannot be.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        Self::parse(&read_file(path)?, &path.display().to_string())
    }

    /// As [`Scenario::read`], from text; `file` is only named in errors.
    ///
    /// # Errors
    /// As [`Scenario::read`].
    pub fn parse(text: &str, file: &str) -> Result<Self, ScenarioError> {
        let malformed = |error: toml::de::Error| ScenarioError::Malformed {
            file: file.to_owned(),
            why: error.to_string().trim_end().to_owned(),
        };
        let scenario: Self = toml::from_str(text).map_err(malformed)?;
        check::check(&scenario)?;
        Ok(scenario)
    }

    /// Shortens or lengthens the load to so many minutes in all; onset, quiet and after stay as they are.
    pub fn fit(&mut self, minutes: f64) {
        let load = |phase: &&mut Phase| phase.role == Role::Load;
        let all: f64 = self.phases.iter().filter(|it| it.role == Role::Load).map(|it| it.seconds).sum();
        if all > 0.0 {
            let factor = minutes * 60.0 / all;
            self.phases.iter_mut().filter(load).for_each(|phase| phase.seconds = (phase.seconds * factor).max(1.0));
        }
    }

    /// When each phase begins, and the end of the last.
    #[must_use]
    pub fn borders(&self) -> Vec<Duration> {
        let mut at = 0.0;
        let mut borders = vec![Duration::ZERO];
        for phase in &self.phases {
            at += phase.seconds;
            borders.push(Duration::from_secs_f64(at));
        }
        borders
    }

    /// Everybody of all phases, in order of time. `beside` is where traces are.
    ///
    /// # Errors
    /// If a trace cannot be read.
    pub fn plan(&self, beside: &Path) -> Result<Vec<Due>, ScenarioError> {
        let mut plan = Vec::new();
        for (number, (phase, start)) in self.phases.iter().zip(self.borders()).enumerate() {
            let mut prng = Prng::keyed(self.seed, &["phase", &number.to_string()]);
            match &phase.trace {
                Some(file) => plan.extend(trace(beside, file, number, start, phase.seconds)?),
                None => plan.extend(self.poisson(phase, number, start, &mut prng)),
            }
            if let Some(flood) = &phase.flood {
                let hot = times(flood.rate_per_s, flood.rate_per_s, phase.seconds, &mut prng);
                plan.extend(hot.into_iter().map(|at| {
                    let kind = if prng.happens(flood.redials) { Kind::Redial } else { Kind::Silent };
                    Due { at: start + at, phase: number, kind }
                }));
            }
        }
        plan.sort_by_key(|due| due.at);
        Ok(plan)
    }

    fn poisson(&self, phase: &Phase, number: usize, start: Duration, prng: &mut Prng) -> Vec<Due> {
        let from = phase.from_rate_per_s.unwrap_or(phase.rate_per_s);
        let times = times(from, phase.rate_per_s, phase.seconds, prng);
        let kind = |prng: &mut Prng| if prng.happens(self.people.calls) { Kind::Call } else { Kind::Text };
        times.into_iter().map(|at| Due { at: start + at, phase: number, kind: kind(prng) }).collect()
    }
}

/// Moments of a Poisson process whose rate moves evenly from `from` to `to` over `seconds`: the even process of the higher rate, thinned.
pub(crate) fn times(from: f64, to: f64, seconds: f64, prng: &mut Prng) -> Vec<Duration> {
    let most = from.max(to);
    let mut moments = Vec::new();
    if most <= 0.0 {
        return moments;
    }
    let mut at = prng.exponential(1.0 / most);
    while at < seconds && moments.len() < crate::arrivals::ARRIVALS_MOST {
        let rate = from + (to - from) * at / seconds;
        if prng.happens(rate / most) {
            moments.push(Duration::from_secs_f64(at));
        }
        at += prng.exponential(1.0 / most);
    }
    moments
}

fn trace(beside: &Path, file: &str, phase: usize, start: Duration, seconds: f64) -> Result<Vec<Due>, ScenarioError> {
    let text = read_file(&beside.join(file))?;
    let wrong =
        |line: usize, why: &str| ScenarioError::Malformed { file: file.to_owned(), why: format!("line {line}: {why}") };
    let mut plan = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(number, line)| (number + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (offset, kind) = line.split_once(',').unwrap_or((line, "call"));
        let at: f64 = offset.trim().parse().map_err(|_| wrong(number, "the offset is no number of seconds"))?;
        if !(0.0..seconds).contains(&at) {
            return Err(wrong(number, "the offset is outside of its phase"));
        }
        let kind = match kind.trim() {
            "call" => Kind::Call,
            "text" => Kind::Text,
            _ => return Err(wrong(number, "the kind is neither call nor text")),
        };
        plan.push(Due { at: start + Duration::from_secs_f64(at), phase, kind });
    }
    Ok(plan)
}

#[cfg(test)]
mod tests;
