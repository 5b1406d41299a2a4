//! A small XML writer: elements, attributes, text. Everything is escaped; characters XML 1.0 cannot carry are left out.
//!
//! Names are ours and static, so they are not escaped. Left out: namespaces, comments, mixed indentation.

use std::fmt::Write as _;

/// One element being written.
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, attributes: String::new(), content: String::new() }
    }

    pub(super) fn attribute(mut self, name: &'static str, value: &str) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.attributes, " {name}=\"");
        escape(&mut self.attributes, value);
        self.attributes.push('"');
        self
    }

    pub(super) fn text(mut self, text: &str) -> Self {
        escape(&mut self.content, text);
        self
    }

    #[expect(clippy::needless_pass_by_value, reason = "a child is used up by its parent")]
    pub(super) fn child(mut self, child: Self) -> Self {
        child.write(&mut self.content);
        self
    }

    pub(super) fn document(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        let Self { name, attributes, content } = self;
        let _ = if content.is_empty() {
            write!(out, "<{name}{attributes}/>")
        } else {
            write!(out, "<{name}{attributes}>{content}</{name}>")
        };
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A reader would turn these into a space or a line feed if they stood there bare.
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            c if legal(c) => out.push(c),
            _ => {}
        }
    }
}

fn legal(c: char) -> bool {
    !matches!(c, '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_back_from_another_parser(text in any::<String>(), value in any::<String>()) {
            let document = Element::new("Response").attribute("a", &value).text(&text).document();
            let keep = |s: &str| s.chars().filter(|c| legal(*c) || matches!(c, '\t' | '\n' | '\r')).collect::<String>();
            let parsed = roxmltree::Document::parse(&document).unwrap();
            let root = parsed.root_element();
            let (expected, written) = (keep(&value), root.attribute("a").map(str::to_owned));
            prop_assert_eq!(written, Some(expected));
            prop_assert_eq!(root.text().unwrap_or_default(), keep(&text));
        }
    }
}
