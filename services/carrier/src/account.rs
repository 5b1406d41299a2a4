//! An account that can be used: its dialect, where it reaches us, what its persons hear, and its callbacks.
//!
//! Made from the settings once, at the start. Everything that could be refused is refused then.

use holdfast_carrier_codec::callback::{Callback, Hook, PublicBase};
use holdfast_carrier_codec::model::{OfferAnswer, Speech, WaitStep};
use holdfast_carrier_codec::token::Token;

use crate::contacts::Contacts;
use crate::missed::Told;
use crate::names;
use crate::settings::{AccountSettings, Bounds, SettingsRefusal, WordsSettings};
use crate::texts::Texts;
use crate::vendor::Vendor;

/// One account, ready.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: Token,
    pub(crate) base: PublicBase,
    pub(crate) vendor: Vendor,
    pub(crate) contacts: Contacts,
    pub(crate) texts: Texts,
    /// What people wrote and the router has.
    pub(crate) told: Told,
    greeting: Option<Speech>,
    menu: Menu,
    waiting: Vec<WaitStep>,
}

#[derive(Debug)]
struct Menu {
    words: WordsSettings,
    /// All choices at once: known to be speakable, so that no choice of them is too long.
    whole: Speech,
}

impl Account {
    pub(crate) fn new(settings: &AccountSettings, bounds: &Bounds) -> Result<Self, SettingsRefusal> {
        let refused = |field, why: String| SettingsRefusal::Account { account: settings.name.clone(), field, why };
        let name = Token::parse(&settings.name).map_err(|error| refused("name", error.to_string()))?;
        let base = PublicBase::parse(&settings.public_url).map_err(|error| refused("public_url", error.to_string()))?;
        let vendor = Vendor::new(settings, bounds.listing_pages_most)?;
        let words = &settings.words;
        for (field, seconds) in
            [("words.waiting_pause_s", words.waiting_pause_s), ("words.key_wait_s", words.key_wait_s)]
        {
            if !(1..=60).contains(&seconds) {
                return Err(refused(field, "must be 1 to 60".to_owned()));
            }
        }
        if let Some(key) = words.menu.keys().find(|key| digit(key).is_none()) {
            return Err(refused("words.menu", format!("`{key}` is not a digit 0 to 9")));
        }
        let speech =
            |field, text: &str| Speech::new(text, &words.language).map_err(|error| refused(field, error.to_string()));
        let all: Vec<u32> = (0..10).collect();
        let whole = speech("words.menu", &menu_text(words, &all))?;
        let greeting = speech("words.greeting", &words.greeting)?;
        let waiting = speech("words.waiting", &words.waiting)?;
        let waiting = match &settings.wait_music_url {
            Some(url) => vec![WaitStep::Play { url: url.clone() }],
            None => {
                let spoken = Some(WaitStep::Say(waiting)).filter(|_| !words.waiting.is_empty());
                spoken.into_iter().chain([WaitStep::Pause { pause_s: words.waiting_pause_s }]).collect()
            }
        };
        Ok(Self {
            name,
            base,
            vendor,
            contacts: Contacts::new(bounds.calls_remembered),
            texts: Texts::new(bounds.texts_remembered),
            told: Told::new(bounds.texts_remembered),
            greeting: Some(greeting).filter(|_| !words.greeting.is_empty()),
            menu: Menu { words: words.clone(), whole },
            waiting,
        })
    }

    /// What a waiting person hears until the next tick.
    pub(crate) fn waiting(&self) -> &[WaitStep] {
        &self.waiting
    }

    /// Asks for the need, with these digits to choose from. `None` if the contact's id is not one.
    pub(crate) fn ask_need(&self, contact: &str, digits: &[u32]) -> Option<OfferAnswer> {
        let words = &self.menu.words;
        let say = Speech::new(menu_text(words, digits), &words.language).unwrap_or_else(|_| self.menu.whole.clone());
        let action_url = self.url(Hook::Need, Some(contact), None)?;
        Some(OfferAnswer::AskNeed { say, key_wait_s: words.key_wait_s, action_url })
    }

    /// Puts the person into their room. `greeted` says nothing more first. `None` if the contact's id is not one.
    pub(crate) fn wait_in_room(&self, contact: &str, greeted: bool) -> Option<OfferAnswer> {
        Some(OfferAnswer::WaitInRoom {
            room: names::room(contact)?,
            label: names::person_label(contact)?,
            say: self.greeting.clone().filter(|_| !greeted),
            wait_url: self.url(Hook::Wait, Some(contact), None)?,
            room_status_url: self.url(Hook::Room, Some(contact), None)?,
        })
    }

    /// Back to where a call begins.
    pub(crate) fn start_again(&self) -> Option<OfferAnswer> {
        Some(OfferAnswer::Redirect { url: self.url(Hook::Voice, None, None)? })
    }

    /// A callback of this account. `None` if the contact's id is not one.
    pub(crate) fn url(&self, hook: Hook, contact: Option<&str>, leg: Option<&Token>) -> Option<String> {
        self.callback(hook, contact, leg).map(|callback| self.base.url(&callback))
    }

    /// The same, before it is a URL.
    pub(crate) fn callback(&self, hook: Hook, contact: Option<&str>, leg: Option<&Token>) -> Option<Callback> {
        let contact = match contact {
            Some(contact) => Some(Token::parse(contact).ok()?),
            None => None,
        };
        Some(Callback { account: self.name.clone(), hook, contact, leg: leg.cloned(), message: None })
    }
}

fn digit(key: &str) -> Option<u32> {
    key.parse().ok().filter(|digit| *digit < 10 && key.len() == 1)
}

fn menu_text(words: &WordsSettings, digits: &[u32]) -> String {
    let choices = digits.iter().filter_map(|digit| words.menu.get(&digit.to_string()));
    let parts = [&words.menu_opening].into_iter().chain(choices).chain([&words.menu_closing]);
    parts.filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}
