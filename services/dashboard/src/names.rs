//! What the plan's ids are called on screens, and how a queue is named.

use std::collections::BTreeMap;

use holdfast_proto::router::v1::{Channel, Named, QueueKey};
use serde::Serialize;

/// Screen names by id; an id that is not here is shown as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Names {
    pub(crate) regions: BTreeMap<String, String>,
    pub(crate) needs: BTreeMap<String, String>,
    pub(crate) centers: BTreeMap<String, String>,
}

impl Names {
    pub(crate) fn of(regions: Vec<Named>, needs: Vec<Named>, centers: Vec<Named>) -> Self {
        let by_id = |named: Vec<Named>| named.into_iter().map(|it| (it.id, it.name)).collect();
        Self { regions: by_id(regions), needs: by_id(needs), centers: by_id(centers) }
    }

    /// A center in words.
    pub(crate) fn center<'a>(&'a self, id: &'a str) -> &'a str {
        named(&self.centers, id)
    }

    /// A region in words.
    pub(crate) fn region<'a>(&'a self, id: &'a str) -> &'a str {
        named(&self.regions, id)
    }

    /// A need in words.
    pub(crate) fn need<'a>(&'a self, id: &'a str) -> &'a str {
        named(&self.needs, id)
    }
}

fn named<'a>(names: &'a BTreeMap<String, String>, id: &'a str) -> &'a str {
    names.get(id).map(String::as_str).filter(|name| !name.is_empty()).unwrap_or(id)
}

/// A queue, by the plan's ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Queue {
    pub(crate) region: String,
    pub(crate) need: String,
    pub(crate) channel: &'static str,
}

impl Queue {
    pub(crate) fn of(key: &QueueKey) -> Self {
        Self { region: key.region.clone(), need: key.need.clone(), channel: channel_word(key.channel()) }
    }

    /// "region/need/channel", the same for as long as the plan has it.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}", self.region, self.need, self.channel)
    }

    pub(crate) fn channel(&self) -> Channel {
        match self.channel {
            "voice" => Channel::Voice,
            "text" => Channel::Text,
            "chat" => Channel::Chat,
            _ => Channel::Unspecified,
        }
    }
}

/// A channel in a word.
pub(crate) fn channel_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "voice",
        Channel::Text => "text",
        Channel::Chat => "chat",
        Channel::Unspecified => "any channel",
    }
}
