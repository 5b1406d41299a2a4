//! Asking a TOML table for what it should hold, one key at a time, and noting what it holds instead.
//!
//! Each key asked for is remembered, and whatever is left over at the end is refused: there is no second list of known keys that
//! could differ from the code. Deliberately absent: the plan's own words.

use crate::findings::Findings;
use crate::limits::NAME_MAX_CHARS;
use crate::spelling::{is_id, is_language, quoted};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A piece of text and where it stands.
pub(crate) type Text = Spanned<String>;

/// One table of the file while it is being read.
pub(crate) struct Table<'a, 't> {
    entries: &'a DeTable<'t>,
    /// Where it stands.
    pub(crate) at: usize,
    /// How problems name it: `centers.harbor`. Empty for the file itself.
    pub(crate) path: String,
    asked: Vec<&'static str>,
}

impl<'a, 't> Table<'a, 't> {
    pub(crate) fn new(entries: &'a DeTable<'t>, at: usize, path: String) -> Self {
        Self { entries, at, path, asked: Vec::new() }
    }

    /// How problems name one of its keys.
    pub(crate) fn field(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.entries.get(key)
    }

    /// Notes that a key has to be there.
    pub(crate) fn missing(&self, key: &str, remedy: &str, findings: &mut Findings) {
        findings.refuse(self.at, self.field(key), "is missing", remedy);
    }

    fn unfit(&self, key: &str, value: &Spanned<DeValue<'t>>, wanted: &str, findings: &mut Findings) {
        let message = format!("must be {wanted}, not {}", kind_of(value.get_ref()));
        findings.refuse(value.span().start, self.field(key), message, "");
    }

    /// Text, if the key is there.
    pub(crate) fn text(&mut self, key: &'static str, findings: &mut Findings) -> Option<Text> {
        let value = self.get(key)?;
        let text = text_of(value);
        if text.is_none() {
            self.unfit(key, value, "text in quotes", findings);
        }
        text
    }

    /// Text that has to be there.
    pub(crate) fn required(&mut self, key: &'static str, remedy: &str, findings: &mut Findings) -> Option<Text> {
        if !self.entries.contains_key(key) {
            self.missing(key, remedy, findings);
        }
        self.text(key, findings)
    }

    /// The id of this entry. A malformed one is noted and kept, so that what refers to it is not refused as well.
    pub(crate) fn id(&mut self, findings: &mut Findings) -> Option<Text> {
        let id = self.required("id", "give it one of a-z, 0-9 and hyphens", findings)?;
        check_id(&id, &self.field("id"), findings);
        Some(id)
    }

    /// The name shown to people: the id where there is none.
    pub(crate) fn name(&mut self, id: &str, findings: &mut Findings) -> String {
        let Some(name) = self.text("name", findings) else {
            return id.to_owned();
        };
        check_name(&name, &self.field("name"), findings);
        name.into_inner()
    }

    /// A language tag, if the key is there.
    pub(crate) fn language(&mut self, key: &'static str, findings: &mut Findings) -> Option<Text> {
        let tag = self.text(key, findings)?;
        check_language(&tag, &self.field(key), findings);
        Some(tag)
    }

    /// A whole number within bounds, if the key is there.
    pub(crate) fn number(
        &mut self,
        key: &'static str,
        bounds: RangeInclusive<u64>,
        findings: &mut Findings,
    ) -> Option<u64> {
        let value = self.get(key)?;
        let number = number_of(value.get_ref()).filter(|number| bounds.contains(number));
        if number.is_none() {
            let wanted = format!("a whole number from {} to {}", bounds.start(), bounds.end());
            if value.get_ref().is_integer() {
                let message = format!("must be {wanted}");
                findings.refuse(value.span().start, self.field(key), message, "");
            } else {
                self.unfit(key, value, &wanted, findings);
            }
        }
        number
    }

    /// The values of a list; none where the key is absent.
    pub(crate) fn list(&mut self, key: &'static str, findings: &mut Findings) -> &'a [Spanned<DeValue<'t>>] {
        let Some(value) = self.get(key) else {
            return &[];
        };
        let Some(list) = value.get_ref().as_array() else {
            self.unfit(key, value, "a list in square brackets", findings);
            return &[];
        };
        list
    }

    /// A list of texts, none of them twice; empty where the key is absent.
    pub(crate) fn texts(&mut self, key: &'static str, findings: &mut Findings) -> Vec<Text> {
        let values = self.list(key, findings);
        texts_of(values, &self.field(key), findings)
    }

    /// Notes that a list has to be there with at least one value in it.
    pub(crate) fn some(&self, key: &str, remedy: &str, findings: &mut Findings) {
        match self.entries.get(key) {
            None => self.missing(key, remedy, findings),
            Some(value) if value.get_ref().as_array().is_some_and(|list| list.is_empty()) => {
                findings.refuse(value.span().start, self.field(key), "is empty", remedy);
            }
            Some(_) => {}
        }
    }

    /// A list of texts that has to be there with at least one in it.
    pub(crate) fn some_texts(&mut self, key: &'static str, remedy: &str, findings: &mut Findings) -> Vec<Text> {
        self.some(key, remedy, findings);
        self.texts(key, findings)
    }

    /// Whether the key is there at all.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// A table within this one, if the key is there.
    pub(crate) fn table(&mut self, key: &'static str, findings: &mut Findings) -> Option<Table<'a, 't>> {
        let value = self.get(key)?;
        let Some(entries) = value.get_ref().as_table() else {
            self.unfit(key, value, "a table", findings);
            return None;
        };
        Some(Table::new(entries, value.span().start, self.field(key)))
    }

    /// Where the value of a key stands; where the table does if the key is absent.
    pub(crate) fn at(&self, key: &str) -> usize {
        self.entries.get(key).map_or(self.at, |value| value.span().start)
    }

    /// The entries of `[[key]]`: each is named by its id, or by its place counted from 1 where it has no good one. `fewer` is what
    /// to do about too many.
    pub(crate) fn entries(
        &mut self,
        key: &'static str,
        most: usize,
        fewer: &str,
        findings: &mut Findings,
    ) -> Vec<Table<'a, 't>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            if self.path.is_empty() {
                let message = format!("write [[{key}]] in double brackets, once for each");
                findings.refuse(value.span().start, self.field(key), message, "");
            } else {
                self.unfit(key, value, "a list of tables", findings);
            }
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let at = value.span().start;
            if index == most {
                let message = format!("there are {}, and at most {most} are allowed", list.len());
                findings.refuse(at, self.field(key), message, fewer);
            }
            let Some(entries) = value.get_ref().as_table() else {
                let wanted =
                    if self.path.is_empty() { format!("a table under [[{key}]]") } else { "a table".to_owned() };
                self.unfit(key, value, &wanted, findings);
                continue;
            };
            let id = entries.get("id").and_then(|id| id.get_ref().as_str());
            let path = match id.filter(|id| is_id(id)) {
                Some(id) => format!("{}.{id}", self.field(key)),
                None => format!("{}[{}]", self.field(key), index + 1),
            };
            tables.push(Table::new(entries, at, path));
        }
        tables
    }

    /// Keys and values of a table whose keys are data, in the order of the keys.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'a str, usize, &'a Spanned<DeValue<'t>>)> + use<'a, 't> {
        self.entries.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value))
    }

    /// Refuses every key that was not asked for.
    pub(crate) fn finish(self, findings: &mut Findings) {
        for (key, at, _) in self.pairs() {
            if !self.asked.contains(&key) {
                let known = format!("known here: {}", self.asked.join(", "));
                let remedy = findings.did_you_mean(key, self.asked.iter().copied(), &known);
                let field = if is_id(&key.replace('_', "-")) { self.field(key) } else { self.field(&quoted(key)) };
                findings.refuse(at, field, "unknown key", remedy);
            }
        }
    }
}

/// What a value is, in words.
const fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text in quotes",
        DeValue::Integer(_) => "a number without quotes",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The text of a value, if it is text.
pub(crate) fn text_of(value: &Spanned<DeValue<'_>>) -> Option<Text> {
    let text = value.get_ref().as_str()?;
    Some(Spanned::new(value.span(), text.to_owned()))
}

/// The number of a value, if it is a whole number that is not negative.
pub(crate) fn number_of(value: &DeValue<'_>) -> Option<u64> {
    let integer = value.as_integer()?;
    u64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// The texts among these values, each once; whatever else there is gets noted.
pub(crate) fn texts_of(values: &[Spanned<DeValue<'_>>], field: &str, findings: &mut Findings) -> Vec<Text> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut texts = Vec::with_capacity(values.len());
    for value in values {
        let at = value.span().start;
        let Some(text) = value.get_ref().as_str() else {
            let message = format!("each must be text in quotes, not {}", kind_of(value.get_ref()));
            findings.refuse(at, field, message, "");
            continue;
        };
        if let Some(earlier) = first.get(text) {
            let message = format!("{} is here twice, first on line {}", quoted(text), findings.line(*earlier));
            findings.refuse(at, field, message, "take one out");
            continue;
        }
        first.insert(text, at);
        texts.push(Spanned::new(value.span(), text.to_owned()));
    }
    texts
}

/// Refuses what cannot be shown as a name.
pub(crate) fn check_name(name: &Text, field: &str, findings: &mut Findings) {
    let text = name.get_ref();
    let fits = (1..=NAME_MAX_CHARS).contains(&text.chars().count());
    if !fits || text.trim().is_empty() || text.chars().any(char::is_control) {
        let message = format!("a name is 1 to {NAME_MAX_CHARS} characters on one line");
        findings.refuse(name.span().start, field, message, "");
    }
}

/// Refuses what is not an id.
pub(crate) fn check_id(id: &Text, field: &str, findings: &mut Findings) {
    if !is_id(id.get_ref()) {
        let message = format!("{} is not an id", quoted(id.get_ref()));
        let remedy = "use 1 to 40 of a-z, 0-9 and hyphens";
        findings.refuse(id.span().start, field, message, remedy);
    }
}

/// Refuses what is not a language tag.
pub(crate) fn check_language(tag: &Text, field: &str, findings: &mut Findings) {
    if !is_language(tag.get_ref()) {
        let message = format!("{} is not a language tag", quoted(tag.get_ref()));
        let remedy = "use small letters: en, es, ase, zh-hant";
        findings.refuse(tag.span().start, field, message, remedy);
    }
}
