//! The carrier service's settings: accounts, what a person hears, and every bound.
//!
//! Left out: whom to dial and what the digits mean. Those come from the plan, through the router. [`CarrierSettings::check`]
//! is part of [`crate::bind`], so a service that started has settings that can be used.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use holdfast_chassis::settings::Secret;
use serde::Deserialize;

/// The settings of the role `carrier`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierSettings {
    /// Our accounts at carriers, each with its own name.
    #[serde(default)]
    pub accounts: Vec<AccountSettings>,
    /// Waits and sizes.
    #[serde(default)]
    pub bounds: Bounds,
}

/// Whose dialect an account speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VendorName {
    /// Twilio, and whatever speaks exactly like it.
    Twilio,
}

/// One account at a carrier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSettings {
    /// Our name of it, as in the plan and in the callback paths: `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// Whose dialect it speaks.
    pub vendor: VendorName,
    /// The carrier's id of the account.
    pub account_sid: String,
    /// The token that signs webhooks and opens the REST interface. Here, or better in [`AccountSettings::auth_token_file`].
    #[serde(default = "unset")]
    pub auth_token: Secret,
    /// A file (mode 0600) with that token, instead of the token itself. See [`CarrierSettings::read_secrets`].
    #[serde(default)]
    pub auth_token_file: Option<PathBuf>,
    /// The other live token while one is being rotated: webhooks signed with it are let in too.
    #[serde(default)]
    pub auth_token_secondary: Option<Secret>,
    /// Where the carrier reaches us: scheme, host and perhaps a path prefix. Signatures are checked over it.
    pub public_url: String,
    /// The origin of the carrier's REST interface; the vendor's own if absent.
    #[serde(default)]
    pub rest_base_url: Option<String>,
    /// A sound file for waiting persons; words and silence if absent.
    #[serde(default)]
    pub wait_music_url: Option<String>,
    /// What persons hear.
    #[serde(default)]
    pub words: WordsSettings,
}

fn unset() -> Secret {
    Secret::from(String::new())
}

/// What persons hear. Every text is spoken in [`WordsSettings::language`] and has at most 4,096 characters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WordsSettings {
    /// A tag such as `en-US`.
    pub language: String,
    /// Said once, before the person waits. Empty says nothing.
    pub greeting: String,
    /// Said before the choices of the menu.
    pub menu_opening: String,
    /// What is said for each digit the plan offers, by digit. A digit without words is still taken when pressed.
    pub menu: BTreeMap<String, String>,
    /// Said after the choices.
    pub menu_closing: String,
    /// Said again and again while the person waits. Empty says nothing.
    pub waiting: String,
    /// Silence after it, in seconds, 1 to 60, when there is no music.
    pub waiting_pause_s: u8,
    /// How long the menu waits for a key, in seconds, 1 to 60.
    pub key_wait_s: u8,
}

impl Default for WordsSettings {
    fn default() -> Self {
        Self {
            language: "en-US".to_owned(),
            greeting: "We are glad you called. Please stay on the line. A counselor will be with you.".to_owned(),
            menu_opening: "We are glad you called.".to_owned(),
            menu: BTreeMap::new(),
            menu_closing: "Or just stay on the line.".to_owned(),
            waiting: "You are not forgotten. Please stay on the line.".to_owned(),
            waiting_pause_s: 15,
            key_wait_s: 5,
        }
    }
}

/// The longest [`Bounds::missed_within_ms`]: shorter than the shortest time for which a plan lets the router remember a carrier's
/// id, which is a day.
pub const MISSED_WITHIN_MS_MAX: u64 = 72_000_000;

/// Waits and sizes. All are at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bounds {
    /// Within this a webhook is answered; 503 when the router could make nothing durable in that time.
    pub answer_within_ms: u64,
    /// Within this a webhook's body must have come.
    pub body_within_ms: u64,
    /// Within this the carrier must have answered a REST request; later its outcome is in doubt.
    pub rest_within_ms: u64,
    /// REST requests in flight over all accounts; more wait their turn.
    pub rest_in_flight: usize,
    /// How long a dial, hold or text that the carrier turns away for now is tried again before it counts as refused.
    pub retry_for_ms: u64,
    /// How long a dial or text in doubt must stay unlisted before it counts as never made. As long a text that was open at a
    /// restart waits for a beat of the router before it is in doubt.
    pub doubt_grace_ms: u64,
    /// The first pause between two listings for a doubt; doubled each time.
    pub doubt_list_every_ms: u64,
    /// The longest pause between two listings for a doubt.
    pub doubt_list_every_most_ms: u64,
    /// How often the carrier's live legs are compared with the router's.
    pub reconcile_every_ms: u64,
    /// Legs first heard of less than this before a listing began are left out of it.
    pub reconcile_fresh_ms: u64,
    /// A feed that says nothing for this long is opened again; the router says something every second.
    pub feed_silence_ms: u64,
    /// Calls whose contact is remembered for the number's status callback, per account; the oldest are forgotten.
    pub calls_remembered: usize,
    /// Texts whose ids at the carrier are remembered, per account, as many of ours as of theirs; the oldest are forgotten.
    pub texts_remembered: usize,
    /// How often texts that no webhook brought are looked for at the carrier.
    pub missed_every_ms: u64,
    /// How old a text must be to be looked for: a younger one may be on its way.
    pub missed_after_ms: u64,
    /// How far back the first look after a start goes, at most [`MISSED_WITHIN_MS_MAX`]. Older texts stay at the carrier.
    pub missed_within_ms: u64,
    /// Pages read of one listing. A longer listing is not compared at all, rather than in part; of texts that no webhook brought the
    /// newest are taken.
    pub listing_pages_most: usize,
    /// Rooms whose members are listed in one round; the rest get their turn in the next.
    pub rooms_listed_most: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            answer_within_ms: 8_000,
            body_within_ms: 5_000,
            rest_within_ms: 5_000,
            rest_in_flight: 64,
            retry_for_ms: 30_000,
            doubt_grace_ms: 15_000,
            doubt_list_every_ms: 1_000,
            doubt_list_every_most_ms: 4_000,
            reconcile_every_ms: 5_000,
            reconcile_fresh_ms: 3_000,
            feed_silence_ms: 5_000,
            calls_remembered: 65_536,
            texts_remembered: 65_536,
            missed_every_ms: 60_000,
            missed_after_ms: 30_000,
            missed_within_ms: 43_200_000,
            listing_pages_most: 50,
            rooms_listed_most: 100,
        }
    }
}

/// Why settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsRefusal {
    /// Two accounts with one name.
    #[error("account `{0}` is listed twice; give each its own name")]
    RepeatedAccount(String),
    /// Something of an account cannot be used.
    #[error("account `{account}`: {field}: {why}")]
    Account {
        /// Which account.
        account: String,
        /// Which of its settings.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Texts would be looked for that the router may have forgotten already, and would take twice.
    #[error(
        "bounds.missed_within_ms must be at most {MISSED_WITHIN_MS_MAX}: the router may have forgotten texts that are older"
    )]
    MissedWithin,
    /// A bound is zero.
    #[error("bounds.{0} must be at least 1")]
    ZeroBound(&'static str),
    /// The HTTP client for REST requests cannot be made.
    #[error("cannot set up the client for the carriers' rest interfaces: {0}")]
    Client(String),
}

impl CarrierSettings {
    /// Reads the tokens that are kept in files; relative paths are relative to `base`. Doing it again reads them again.
    ///
    /// # Errors
    /// [`SettingsRefusal`] if a file gives no token, or an account has its token in both places.
    pub fn read_secrets(&mut self, base: &Path) -> Result<(), SettingsRefusal> {
        for account in &mut self.accounts {
            let Some(file) = &account.auth_token_file else { continue };
            let refused =
                |why| SettingsRefusal::Account { account: account.name.clone(), field: "auth_token_file", why };
            if account.auth_token != unset() {
                return Err(refused("the token is in the configuration too; keep it in the file only".to_owned()));
            }
            account.auth_token = Secret::from_file(&base.join(file)).map_err(|error| refused(error.to_string()))?;
        }
        Ok(())
    }

    /// Checks what can be checked without the accounts' vendors.
    ///
    /// # Errors
    /// [`SettingsRefusal`], the first mistake found.
    pub fn check(&self) -> Result<(), SettingsRefusal> {
        for (at, account) in self.accounts.iter().enumerate() {
            if self.accounts.iter().skip(at + 1).any(|other| other.name == account.name) {
                return Err(SettingsRefusal::RepeatedAccount(account.name.clone()));
            }
        }
        self.bounds.check()
    }
}

impl Bounds {
    fn check(&self) -> Result<(), SettingsRefusal> {
        let zero = [
            ("answer_within_ms", self.answer_within_ms == 0),
            ("body_within_ms", self.body_within_ms == 0),
            ("rest_within_ms", self.rest_within_ms == 0),
            ("rest_in_flight", self.rest_in_flight == 0),
            ("retry_for_ms", self.retry_for_ms == 0),
            ("doubt_grace_ms", self.doubt_grace_ms == 0),
            ("doubt_list_every_ms", self.doubt_list_every_ms == 0),
            ("doubt_list_every_most_ms", self.doubt_list_every_most_ms == 0),
            ("reconcile_every_ms", self.reconcile_every_ms == 0),
            ("reconcile_fresh_ms", self.reconcile_fresh_ms == 0),
            ("feed_silence_ms", self.feed_silence_ms == 0),
            ("calls_remembered", self.calls_remembered == 0),
            ("texts_remembered", self.texts_remembered == 0),
            ("missed_every_ms", self.missed_every_ms == 0),
            ("missed_after_ms", self.missed_after_ms == 0),
            ("missed_within_ms", self.missed_within_ms == 0),
            ("listing_pages_most", self.listing_pages_most == 0),
            ("rooms_listed_most", self.rooms_listed_most == 0),
        ];
        if let Some((name, _)) = zero.into_iter().find(|(_, zero)| *zero) {
            return Err(SettingsRefusal::ZeroBound(name));
        }
        if self.missed_within_ms > MISSED_WITHIN_MS_MAX { Err(SettingsRefusal::MissedWithin) } else { Ok(()) }
    }

    pub(crate) fn doubt_grace(&self) -> Duration {
        Duration::from_millis(self.doubt_grace_ms)
    }

    /// The pause before listing number `attempt` (from 0) for a doubt.
    pub(crate) fn doubt_pause(&self, attempt: u32) -> Duration {
        let doubled = self.doubt_list_every_ms.saturating_mul(1_u64 << attempt.min(16));
        Duration::from_millis(doubled.min(self.doubt_list_every_most_ms))
    }
}
