//! Reads the documents Holdfast answers with into the verbs the simulator plays.
//!
//! Only what a crisis line uses: asking, waiting rooms, redirects, endings. Anything else is named and passed over.

/// The longest document read, bytes (the carrier's own limit).
pub(crate) const DOCUMENT_BYTES: usize = 64 * 1024;
/// The most verbs in one document; more is a bad document.
const DOCUMENT_VERBS: usize = 64;

/// How a person is put into a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seating {
    pub(crate) room: String,
    pub(crate) starts: bool,
    pub(crate) ends_on_exit: bool,
    pub(crate) muted: bool,
    pub(crate) label: Option<String>,
    pub(crate) wait_url: Option<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) callback_events: String,
    /// Where to go on when the person is out of the room; `None` goes on with the next verb.
    pub(crate) action: Option<String>,
}

/// One verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Reading aloud or playing for this long.
    Speak {
        lasts_ms: u64,
    },
    Gather {
        action: Option<String>,
        waits_ms: u64,
        empty_too: bool,
        speaks_ms: u64,
    },
    Redirect {
        url: String,
    },
    Room(Seating),
    /// A call to somebody outside: a diversion.
    Number {
        to: String,
        action: Option<String>,
    },
    Reject,
    HangUp,
    Other {
        name: String,
    },
}

/// Why a document cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    #[error("the document is not well-formed, or its root is not Response")]
    NotADocument,
    #[error("the document has more than {DOCUMENT_VERBS} verbs")]
    TooManyVerbs,
}

type Node<'a> = roxmltree::Node<'a, 'a>;

/// Reads a document.
pub(crate) fn read(text: &str) -> Result<Vec<Verb>, DocumentError> {
    let tree = roxmltree::Document::parse(text).map_err(|_malformed| DocumentError::NotADocument)?;
    let root = tree.root_element();
    if root.tag_name().name() != "Response" {
        return Err(DocumentError::NotADocument);
    }
    let verbs: Vec<Verb> = root.children().filter(roxmltree::Node::is_element).map(verb).collect();
    if verbs.len() > DOCUMENT_VERBS { Err(DocumentError::TooManyVerbs) } else { Ok(verbs) }
}

fn verb(node: Node<'_>) -> Verb {
    match node.tag_name().name() {
        "Say" | "Play" | "Pause" => Verb::Speak { lasts_ms: speaking_ms(node) },
        "Gather" => Verb::Gather {
            action: attribute(node, "action"),
            waits_ms: seconds(node, "timeout", 5),
            empty_too: flag(node, "actionOnEmptyResult", false),
            speaks_ms: node.children().filter(roxmltree::Node::is_element).map(speaking_ms).sum(),
        },
        "Redirect" => Verb::Redirect { url: text(node) },
        "Dial" => dial(node),
        "Reject" => Verb::Reject,
        "Hangup" => Verb::HangUp,
        other => Verb::Other { name: other.to_owned() },
    }
}

fn dial(node: Node<'_>) -> Verb {
    let action = attribute(node, "action");
    let Some(inner) = node.children().find(roxmltree::Node::is_element) else {
        return Verb::Number { to: text(node), action };
    };
    if inner.tag_name().name() != "Conference" {
        return Verb::Number { to: text(inner), action };
    }
    Verb::Room(Seating {
        room: text(inner),
        starts: flag(inner, "startConferenceOnEnter", true),
        ends_on_exit: flag(inner, "endConferenceOnExit", false),
        muted: flag(inner, "muted", false),
        label: attribute(inner, "participantLabel"),
        wait_url: attribute(inner, "waitUrl"),
        callback_url: attribute(inner, "statusCallback"),
        callback_events: attribute(inner, "statusCallbackEvent").unwrap_or_else(|| "start end".to_owned()),
        action,
    })
}

fn text(node: Node<'_>) -> String {
    node.text().unwrap_or_default().trim().to_owned()
}

fn attribute(node: Node<'_>, name: &str) -> Option<String> {
    node.attribute(name).map(str::to_owned).filter(|value| !value.is_empty())
}

fn flag(node: Node<'_>, name: &str, unless_given: bool) -> bool {
    node.attribute(name).map_or(unless_given, |value| value.eq_ignore_ascii_case("true"))
}

fn seconds(node: Node<'_>, name: &str, unless_given: u64) -> u64 {
    node.attribute(name).and_then(|value| value.parse::<u64>().ok()).unwrap_or(unless_given).saturating_mul(1_000)
}

/// How long a spoken thing lasts: 15 characters a second read aloud, 10 seconds for a recording.
fn speaking_ms(node: Node<'_>) -> u64 {
    match node.tag_name().name() {
        "Say" => u64::try_from(text(node).chars().count()).unwrap_or(0).saturating_mul(1_000) / 15,
        "Play" => 10_000,
        "Pause" => seconds(node, "length", 1),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{DocumentError, Seating, Verb, read};

    #[test]
    fn a_waiting_room_is_read_with_all_it_says() {
        let verbs = read(
            "<?xml version=\"1.0\"?><Response><Say>Stay with us</Say><Dial action=\"/after\"><Conference \
             startConferenceOnEnter=\"false\" endConferenceOnExit=\"true\" waitUrl=\"/wait?a=1&amp;b=2\" statusCallback=\"/room\" \
             statusCallbackEvent=\"start end join leave\">contact-1</Conference></Dial></Response>",
        )
        .unwrap();
        assert_eq!(verbs[0], Verb::Speak { lasts_ms: 800 });
        let expected = Seating {
            room: "contact-1".to_owned(),
            ends_on_exit: true,
            wait_url: Some("/wait?a=1&b=2".to_owned()),
            callback_url: Some("/room".to_owned()),
            callback_events: "start end join leave".to_owned(),
            action: Some("/after".to_owned()),
            ..Seating::default()
        };
        assert_eq!(verbs[1], Verb::Room(expected));
    }

    #[test]
    fn questions_redirects_endings_and_diversions_are_read() {
        let verbs = read(
            "<Response><Gather action=\"/menu\" timeout=\"3\" numDigits=\"1\"><Say>123456789012345</Say></Gather>\
             <Redirect>/next</Redirect><Dial>+15555550100</Dial><Reject/><Hangup/><Enqueue/></Response>",
        )
        .unwrap();
        let gather =
            Verb::Gather { action: Some("/menu".to_owned()), waits_ms: 3_000, empty_too: false, speaks_ms: 1_000 };
        let expected = vec![
            gather,
            Verb::Redirect { url: "/next".to_owned() },
            Verb::Number { to: "+15555550100".to_owned(), action: None },
            Verb::Reject,
            Verb::HangUp,
            Verb::Other { name: "Enqueue".to_owned() },
        ];
        assert_eq!(verbs, expected);
    }

    #[test]
    fn what_is_not_a_document_is_refused() {
        assert_eq!(read(""), Err(DocumentError::NotADocument));
        assert_eq!(read("<html/>"), Err(DocumentError::NotADocument));
        assert_eq!(read("<Response><Say></Response>"), Err(DocumentError::NotADocument));
        let long = format!("<Response>{}</Response>", "<Hangup/>".repeat(65));
        assert_eq!(read(&long), Err(DocumentError::TooManyVerbs));
    }
}
