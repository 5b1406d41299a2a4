//! A plan from a file on disk, or from text that is already at hand.
//!
//! Deliberately absent: watching the file for changes; whoever holds the plan decides when to look again.

use crate::compile::{Loaded, compile};
use crate::document::{Document, read};
use crate::findings::Findings;
use crate::limits::FILE_MAX_BYTES;
use crate::problem::PlanError;
use holdfast_core::time::Timestamp;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::SystemTime;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read at all.
    #[error("{file}: the plan cannot be read: {source}")]
    Unreadable {
        /// The file, as the caller named it.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It was read and refused.
    #[error(transparent)]
    Refused(#[from] PlanError),
}

/// Reads and compiles the plan in a file, as version 0: [`Loaded::into_plan`] gives it its own. Problems name the file as it
/// was named here, and credentials that have run out today are warned about.
///
/// # Errors
/// The file cannot be read, or the plan in it is refused: not UTF-8, larger than [`FILE_MAX_BYTES`], or with problems.
pub fn load(path: impl AsRef<Path>) -> Result<Loaded, LoadError> {
    let path = path.as_ref();
    let file = path.display().to_string();
    let unreadable = |source| LoadError::Unreadable { file: file.clone(), source };
    let mut bytes = Vec::new();
    let one_too_many = FILE_MAX_BYTES as u64 + 1;
    File::open(path).and_then(|opened| opened.take(one_too_many).read_to_end(&mut bytes)).map_err(unreadable)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(compile(as_of_today(read(text, &file)), 0)?),
        // Cut off by the bound above, perhaps within a character: it is the size that is wrong.
        Err(_) if bytes.len() > FILE_MAX_BYTES => Ok(parse(&"\n".repeat(bytes.len()), &file)?),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let mut findings = Findings::new(&file, &String::from_utf8_lossy(good));
            findings.refuse(good.len(), "", "not UTF-8 text", "save the file as UTF-8");
            Err(findings.into_error().into())
        }
    }
}

/// By this machine's clock: it is only about warnings. A clock that is before 1970 has no opinion.
fn as_of_today(document: Document) -> Document {
    match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => document.as_of(Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))),
        Err(_) => document,
    }
}

/// Reads and compiles the text of a plan, as version 0. `file` is how problems name it. Says the same on every day: no date is
/// looked at, as [`load()`] does.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(text: &str, file: &str) -> Result<Loaded, PlanError> {
    compile(read(text, file), 0)
}
