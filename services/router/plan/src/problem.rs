//! What is wrong with a plan, said so that whoever wrote the line can mend it.
//!
//! Deliberately absent: how problems are found, and how a command line colors them.

use core::fmt;
use std::sync::Arc;

/// One thing that is wrong, or that looks wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file, as the caller named it.
    pub file: Arc<str>,
    /// Its line, counted from 1.
    pub line: u32,
    /// Its column in characters, counted from 1.
    pub column: u32,
    /// What it is about: `centers.harbor.region`, or `queues[2].needs` (the second queue of the file) where there is no id.
    /// Empty where the file is not TOML at all.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it. Empty where the message says it all.
    pub remedy: String,
}

impl fmt::Display for Problem {
    /// `plan.toml:12:3: centers.harbor.region: unknown key; did you mean "name"?`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)?;
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

/// A plan was refused. Displays one problem a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanError {
    /// What is wrong, in the order of the file. Never empty; at most [`crate::limits::PROBLEMS_MAX`].
    pub problems: Vec<Problem>,
    /// How many more were found and left out.
    pub left_out: usize,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        if self.left_out > 0 {
            write!(f, "\nand {} more problems", self.left_out)?;
        }
        Ok(())
    }
}

impl core::error::Error for PlanError {}
