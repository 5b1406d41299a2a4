//! Reads a REST request: which resource, which method, which parameters.

use super::answer::Paging;
use std::collections::BTreeMap;

/// The largest page.
const PAGE_MOST: usize = 1_000;
const PAGE_DEFAULT: usize = 50;

/// What is asked for. Texts are identifiers, names or labels as they stand in the path, percent-decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    ListConferences,
    ReadConference(String),
    EndConference(String),
    ListParticipants(String),
    CreateParticipant(String),
    ReadParticipant(String, String),
    ChangeParticipant(String, String),
    RemoveParticipant(String, String),
    ListCalls,
    ReadCall(String),
    ChangeCall(String),
    CreateMessage,
    ListMessages,
    ReadMessage(String),
}

impl Ask {
    /// The route without its identifiers: for the ledger and for numbering faults.
    pub(crate) const fn route(&self) -> &'static str {
        match self {
            Self::ListConferences => "list conferences",
            Self::ReadConference(_) => "read conference",
            Self::EndConference(_) => "end conference",
            Self::ListParticipants(_) => "list participants",
            Self::CreateParticipant(_) => "create participant",
            Self::ReadParticipant(..) => "read participant",
            Self::ChangeParticipant(..) => "change participant",
            Self::RemoveParticipant(..) => "remove participant",
            Self::ListCalls => "list calls",
            Self::ReadCall(_) => "read call",
            Self::ChangeCall(_) => "change call",
            Self::CreateMessage => "create message",
            Self::ListMessages => "list messages",
            Self::ReadMessage(_) => "read message",
        }
    }

    pub(crate) const fn writes(&self) -> bool {
        matches!(
            self,
            Self::EndConference(_)
                | Self::CreateParticipant(_)
                | Self::ChangeParticipant(..)
                | Self::RemoveParticipant(..)
                | Self::ChangeCall(_)
                | Self::CreateMessage
        )
    }
}

/// A request's parameters; a name given more than once keeps all its values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params {
    values: BTreeMap<String, Vec<String>>,
    /// The request's connection was cut long ago.
    pub(crate) late: bool,
}

impl Params {
    pub(crate) fn read(encoded: &[u8]) -> Self {
        let mut params = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            params.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Self { values: params, late: false }
    }

    /// The same, to be carried out long after its connection was cut.
    pub(crate) fn coming_late(mut self) -> Self {
        self.late = true;
        self
    }

    /// The first value, if it is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(|values| values.first()).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All values in one text, separated by spaces: events may be listed either way.
    pub(crate) fn joined(&self, name: &str) -> Option<String> {
        self.values.get(name).map(|values| values.join(" "))
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).map(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The values of these names, for a page's links.
    pub(crate) fn filters(&self, names: &[&str]) -> Vec<(String, String)> {
        names.iter().filter_map(|name| Some(((*name).to_owned(), self.get(name)?.to_owned()))).collect()
    }

    pub(crate) fn paging(&self) -> Paging {
        let number = |name: &str| self.get(name).and_then(|value| value.parse::<u64>().ok());
        let size = number("PageSize").and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE_DEFAULT);
        let token = self.get("PageToken").and_then(|token| token.strip_prefix("PA")).and_then(|t| t.parse().ok());
        Paging { size: size.clamp(1, PAGE_MOST), before: token, page: number("Page").unwrap_or(0) }
    }
}

fn decoded(segment: &str) -> String {
    // Reuses the form decoder; a plus sign in a path is itself.
    let pair = format!("={}", segment.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The resource behind a path of this account; none if there is none.
pub(crate) fn route(method: &str, path: &str, account_sid: &str) -> Option<Ask> {
    let below = path.strip_prefix("/2010-04-01/Accounts/")?.strip_prefix(account_sid)?.strip_prefix('/')?;
    let whole = below.strip_suffix(".json")?;
    let parts: Vec<String> = whole.split('/').map(decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let ask = match (method, parts.as_slice()) {
        ("GET", ["Conferences"]) => Ask::ListConferences,
        ("GET", ["Conferences", room]) => Ask::ReadConference((*room).to_owned()),
        ("POST", ["Conferences", room]) => Ask::EndConference((*room).to_owned()),
        ("GET", ["Conferences", room, "Participants"]) => Ask::ListParticipants((*room).to_owned()),
        ("POST", ["Conferences", room, "Participants"]) => Ask::CreateParticipant((*room).to_owned()),
        ("GET", ["Conferences", room, "Participants", who]) => Ask::ReadParticipant((*room).into(), (*who).into()),
        ("POST", ["Conferences", room, "Participants", who]) => Ask::ChangeParticipant((*room).into(), (*who).into()),
        ("DELETE", ["Conferences", room, "Participants", who]) => Ask::RemoveParticipant((*room).into(), (*who).into()),
        ("GET", ["Calls"]) => Ask::ListCalls,
        ("GET", ["Calls", call]) => Ask::ReadCall((*call).to_owned()),
        ("POST", ["Calls", call]) => Ask::ChangeCall((*call).to_owned()),
        ("POST", ["Messages"]) => Ask::CreateMessage,
        ("GET", ["Messages"]) => Ask::ListMessages,
        ("GET", ["Messages", message]) => Ask::ReadMessage((*message).to_owned()),
        _ => return None,
    };
    Some(ask)
}

#[cfg(test)]
mod tests {
    use super::{Ask, Params, route};

    #[test]
    fn paths_name_resources_of_the_account_only() {
        let at = |method, path: &str| route(method, &format!("/2010-04-01/Accounts/AC1/{path}"), "AC1");
        assert_eq!(at("GET", "Conferences.json"), Some(Ask::ListConferences));
        let created = Ask::CreateParticipant("contact-1".to_owned());
        assert_eq!(at("POST", "Conferences/contact-1/Participants.json"), Some(created));
        let removed = Ask::RemoveParticipant("CF1".to_owned(), "leg 1+2".to_owned());
        assert_eq!(at("DELETE", "Conferences/CF1/Participants/leg%201+2.json"), Some(removed));
        assert_eq!(at("PUT", "Calls.json"), None);
        assert_eq!(at("GET", "Calls"), None);
        assert_eq!(route("GET", "/2010-04-01/Accounts/AC2/Calls.json", "AC1"), None);
    }

    #[test]
    fn parameters_and_pages_are_read_within_their_bounds() {
        let params = Params::read(b"A=1&A=2&Empty=&Hold=True&PageSize=99999&PageToken=PA17&Page=2");
        assert_eq!(params.get("A"), Some("1"));
        assert_eq!(params.joined("A").as_deref(), Some("1 2"));
        assert_eq!(params.get("Empty"), None);
        assert_eq!(params.flag("Hold"), Some(true));
        let paging = params.paging();
        assert_eq!((paging.size, paging.before, paging.page), (1_000, Some(17), 2));
        assert_eq!(Params::read(b"PageSize=0").paging().size, 1);
    }
}
