//! REST answers: statuses, the vendor's error object, pages.

use serde_json::{Map, Value, json};

/// A status and a body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// The vendor's error object.
    pub(crate) fn error(status: u16, code: u32, message: &str) -> Self {
        let more_info = format!("https://www.twilio.com/docs/errors/{code}");
        let body = json!({"code": code, "message": message, "more_info": more_info, "status": status});
        Self { status, body }
    }

    pub(crate) fn not_found() -> Self {
        Self::error(404, 20_404, "The requested resource was not found")
    }

    pub(crate) fn too_many() -> Self {
        Self::error(429, 20_429, "Too Many Requests")
    }
}

/// Entries asked for by page: newest first, after the entry numbered `before`.
pub(crate) struct Paging {
    pub(crate) size: usize,
    pub(crate) before: Option<u64>,
    pub(crate) page: u64,
}

/// One page of `rows` (ordinal and JSON), which come newest first and already start where the page starts.
pub(crate) fn page(
    name: &str,
    path: &str,
    filters: &[(String, String)],
    paging: &Paging,
    rows: impl Iterator<Item = (u64, Value)>,
) -> Reply {
    let mut shown = Vec::new();
    let mut last = None;
    let mut more = false;
    for (ordinal, row) in rows {
        if shown.len() == paging.size {
            more = true;
            break;
        }
        last = Some(ordinal);
        shown.push(row);
    }
    let uri = |page: u64, token: Option<u64>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(filters).append_pair("PageSize", &paging.size.to_string());
        query.append_pair("Page", &page.to_string());
        if let Some(token) = token {
            query.append_pair("PageToken", &format!("PA{token}"));
        }
        format!("{path}?{}", query.finish())
    };
    let next = if more { last.map(|last| uri(paging.page.saturating_add(1), Some(last))) } else { None };
    let mut body = Map::new();
    body.insert("end".to_owned(), json!(shown.len().saturating_sub(1)));
    body.insert("first_page_uri".to_owned(), json!(uri(0, None)));
    body.insert("next_page_uri".to_owned(), json!(next));
    body.insert("page".to_owned(), json!(paging.page));
    body.insert("page_size".to_owned(), json!(paging.size));
    body.insert("previous_page_uri".to_owned(), Value::Null);
    body.insert("start".to_owned(), json!(0));
    body.insert("uri".to_owned(), json!(uri(paging.page, paging.before)));
    body.insert(name.to_owned(), Value::Array(shown));
    Reply::ok(Value::Object(body))
}
