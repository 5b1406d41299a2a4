//! The environment over the file: `HOLDFAST__SECTION__KEY=value` sets `section.key`.
//!
//! A value which is TOML (a number, a boolean, an array, a quoted string) is taken as such; anything else is a string.
//! A token made of digits must therefore be quoted. Arrays are replaced whole.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Place, SettingsError};

/// What a variable's name begins with to be ours.
pub const ENVIRONMENT_PREFIX: &str = "HOLDFAST__";

/// The variables laid over a file, in the order of their names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// Nothing is laid over the file.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The variables of this process which are ours. One whose value is not text is left out.
    #[must_use]
    pub fn from_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    pub(super) fn name(&self, index: usize) -> Option<&str> {
        self.variables.keys().nth(index).map(String::as_str)
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Names only: a value may be a secret.
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    /// Variables that do not begin with [`ENVIRONMENT_PREFIX`] are left out.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .filter(|(name, _): &(String, String)| name.starts_with(ENVIRONMENT_PREFIX))
            .collect();
        Self { variables }
    }
}

/// Lays each variable over `root`. Its spans lie beyond `text_length`, one number per variable, so that a later error
/// can be traced back to it.
pub(super) fn lay<'i>(
    root: &mut DeTable<'i>,
    text_length: usize,
    environment: &'i Environment,
) -> Result<(), SettingsError> {
    for (index, (name, value)) in environment.variables.iter().enumerate() {
        let at = text_length + 1 + index;
        let span = at..at;
        let path: Vec<String> =
            name.get(ENVIRONMENT_PREFIX.len()..).unwrap_or_default().split("__").map(str::to_lowercase).collect();
        let malformed = |message: String| SettingsError::Malformed {
            place: Place::Environment { variable: name.clone() },
            field: Some(path.join(".")),
            message,
        };
        if path.iter().any(String::is_empty) {
            return Err(malformed(format!("write {ENVIRONMENT_PREFIX}SECTION__KEY with no empty part")));
        }
        let value = match DeValue::parse(value) {
            Ok(parsed) => respan(parsed.into_inner(), &span),
            Err(_) => DeValue::String(value.as_str().into()),
        };
        insert(root, &path, value, &span)
            .map_err(|inner| malformed(format!("`{inner}` is not a section, so nothing can be set in it")))?;
    }
    Ok(())
}

/// Sets `path` in `table`, making sections as needed; the error is the key in the way.
fn insert<'i>(table: &mut DeTable<'i>, path: &[String], value: DeValue<'i>, span: &Range<usize>) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else {
        return Ok(());
    };
    let key = Spanned::new(span.clone(), first.clone().into());
    if rest.is_empty() {
        // Removed first, so that the key's own span is the variable's too.
        table.remove(first.as_str());
        table.insert(key, Spanned::new(span.clone(), value));
        return Ok(());
    }
    let section = table.entry(key).or_insert_with(|| Spanned::new(span.clone(), DeValue::Table(DeTable::new())));
    match section.get_mut() {
        DeValue::Table(section) => insert(section, rest, value, span),
        _ => Err(first.clone()),
    }
}

/// Gives every part of a parsed value the variable's span.
fn respan<'i>(value: DeValue<'i>, span: &Range<usize>) -> DeValue<'i> {
    match value {
        DeValue::Array(items) => DeValue::Array(
            items.into_iter().map(|item| Spanned::new(span.clone(), respan(item.into_inner(), span))).collect(),
        ),
        DeValue::Table(entries) => DeValue::Table(
            entries
                .into_iter()
                .map(|(key, item)| {
                    let key = Spanned::new(span.clone(), key.into_inner());
                    (key, Spanned::new(span.clone(), respan(item.into_inner(), span)))
                })
                .collect(),
        ),
        plain => plain,
    }
}
