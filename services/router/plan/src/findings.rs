//! Where problems are gathered while a plan is read and compiled, and where offsets become lines and columns.
//!
//! Deliberately absent: any judgement. Whoever finds something says whether it is refused or only warned about.

use crate::limits::PROBLEMS_MAX;
use crate::problem::{PlanError, Problem};
use crate::spelling::nearest;
use std::sync::Arc;

/// Everything found so far about one file.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    file: Arc<str>,
    text: Box<str>,
    line_starts: Vec<usize>,
    problems: Gathered,
    warnings: Gathered,
}

/// The first [`PROBLEMS_MAX`] of a kind, by where they are, and how many more there were.
#[derive(Clone, Debug, Default)]
struct Gathered {
    kept: Vec<(usize, Problem)>,
    left_out: usize,
}

impl Findings {
    pub(crate) fn new(file: &str, text: &str) -> Self {
        let after_newline = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            file: Arc::from(file),
            text: Box::from(text),
            line_starts: std::iter::once(0).chain(after_newline).collect(),
            problems: Gathered::default(),
            warnings: Gathered::default(),
        }
    }

    /// Notes something for which the plan is refused.
    pub(crate) fn refuse(
        &mut self,
        at: usize,
        field: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        if self.problems.is_full() {
            self.problems.left_out += 1;
            return;
        }
        let problem = self.problem(at, field.into(), message.into(), remedy.into());
        self.problems.kept.push((at, problem));
    }

    /// Notes something that the plan may well mean, but probably does not.
    pub(crate) fn warn(
        &mut self,
        at: usize,
        field: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        if self.warnings.is_full() {
            self.warnings.left_out += 1;
            return;
        }
        let problem = self.problem(at, field.into(), message.into(), remedy.into());
        self.warnings.kept.push((at, problem));
    }

    fn problem(&self, at: usize, field: String, message: String, remedy: String) -> Problem {
        let line = self.line(at);
        let start =
            usize::try_from(line).ok().and_then(|line| self.line_starts.get(line - 1).copied()).unwrap_or_default();
        let before = self.text.get(start..at).map_or(0, |text| text.chars().count());
        Problem {
            file: Arc::clone(&self.file),
            line,
            column: u32::try_from(before + 1).unwrap_or(u32::MAX),
            field,
            message,
            remedy,
        }
    }

    /// "did you mean …?" where a candidate is close, otherwise this. Skips the search once nobody would read its result.
    pub(crate) fn did_you_mean<'c>(
        &self,
        word: &str,
        candidates: impl IntoIterator<Item = &'c str>,
        otherwise: &str,
    ) -> String {
        if self.problems.is_full() {
            return otherwise.to_owned();
        }
        nearest(word, candidates).map_or_else(|| otherwise.to_owned(), |meant| format!("did you mean {meant:?}?"))
    }

    /// The line of an offset, counted from 1.
    pub(crate) fn line(&self, at: usize) -> u32 {
        let line = self.line_starts.partition_point(|start| *start <= at);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    pub(crate) fn has_problems(&self) -> bool {
        !self.problems.kept.is_empty()
    }

    /// The refusal that these problems amount to.
    pub(crate) fn into_error(self) -> PlanError {
        let (problems, left_out) = self.problems.in_order();
        PlanError { problems, left_out }
    }

    /// The warnings, and how many more there were.
    pub(crate) fn into_warnings(self) -> (Vec<Problem>, usize) {
        self.warnings.in_order()
    }
}

impl Gathered {
    fn is_full(&self) -> bool {
        self.kept.len() >= PROBLEMS_MAX
    }

    fn in_order(mut self) -> (Vec<Problem>, usize) {
        self.kept.sort_by_key(|(at, _)| *at);
        let problems = self.kept.into_iter().map(|(_, problem)| problem).collect();
        (problems, self.left_out)
    }
}
