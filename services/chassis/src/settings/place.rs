//! Where in the settings something stands: from a byte range to file, line, column, and to the field's path.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::overlay::Environment;

/// Where a mistake stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In the settings file; line and column count from 1, columns in characters.
    File {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// In an environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Self::Environment { variable } => write!(f, "environment variable {variable}"),
        }
    }
}

/// The place of a range: within the text, or beyond its end where each variable has one number of its own.
pub(super) fn of(span: &Range<usize>, text: &str, path: &Path, environment: &Environment) -> Place {
    if let Some(variable) = span.start.checked_sub(text.len() + 1).and_then(|index| environment.name(index)) {
        return Place::Environment { variable: variable.to_owned() };
    }
    let before = text.get(..span.start.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place::File {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
    }
}

/// The path of the smallest entry around `span`.
pub(super) fn field(root: &DeTable<'_>, span: &Range<usize>) -> Option<String> {
    let mut best = None;
    search_table(root, "", span, &mut best);
    best.map(|(_, path)| path)
}

type Best = Option<(usize, String)>;

fn search_table(table: &DeTable<'_>, path: &str, span: &Range<usize>, best: &mut Best) {
    for (key, value) in table {
        let dot = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}{}", key.get_ref());
        offer(&key.span(), &path, span, best);
        search_value(value.get_ref(), &value.span(), &path, span, best);
    }
}

fn search_value(value: &DeValue<'_>, around: &Range<usize>, path: &str, span: &Range<usize>, best: &mut Best) {
    offer(around, path, span, best);
    match value {
        // A table under a header of its own lies outside of its parent's range, so every branch is searched.
        DeValue::Table(table) => search_table(table, path, span, best),
        DeValue::Array(array) => {
            for (index, item) in array.iter().enumerate() {
                search_value(item.get_ref(), &item.span(), &format!("{path}[{index}]"), span, best);
            }
        }
        _ => {}
    }
}

fn offer(around: &Range<usize>, path: &str, span: &Range<usize>, best: &mut Best) {
    if around.start > span.start || around.end < span.end {
        return;
    }
    let size = around.len();
    // At equal size the deeper one, found later, knows better.
    if best.as_ref().is_none_or(|(smallest, _)| size <= *smallest) {
        *best = Some((size, path.to_owned()));
    }
}
