//! Reading single fields of a verified form, with the checks that are the same for every hook.

use super::{MAX_FIELD_BYTES, WebhookRefusal};
use crate::limits::Form;
use crate::twilio::sid::{AccountSid, CallSid, ConferenceSid, MessageSid};

/// The longest sequence number, in digits: more does not fit 64 bits.
const MAX_NUMBER_BYTES: usize = 19;

pub(super) struct Fields<'a>(pub(super) &'a Form);

impl<'a> Fields<'a> {
    /// The field's value; `None` when absent or empty.
    pub(super) fn optional(&self, name: &'static str) -> Result<Option<&'a str>, WebhookRefusal> {
        match self.whole(name)? {
            Some(value) if value.len() > MAX_FIELD_BYTES => Err(WebhookRefusal::TooLong(name)),
            other => Ok(other.filter(|value| !value.is_empty())),
        }
    }

    /// The field's value as long as it is; `None` when absent.
    pub(super) fn whole(&self, name: &'static str) -> Result<Option<&'a str>, WebhookRefusal> {
        self.0.get(name).map_err(|_| WebhookRefusal::Repeated(name))
    }

    pub(super) fn required(&self, name: &'static str) -> Result<&'a str, WebhookRefusal> {
        self.optional(name)?.ok_or(WebhookRefusal::Missing(name))
    }

    pub(super) fn number(&self, name: &'static str) -> Result<Option<u64>, WebhookRefusal> {
        let Some(text) = self.optional(name)? else { return Ok(None) };
        if text.len() > MAX_NUMBER_BYTES {
            return Err(WebhookRefusal::TooLong(name));
        }
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(WebhookRefusal::Malformed(name));
        }
        text.parse().map(Some).map_err(|_| WebhookRefusal::Malformed(name))
    }

    /// The sequence number for a dedupe key, `-` where there is none.
    pub(super) fn sequence_text(&self) -> Result<String, WebhookRefusal> {
        Ok(self.number("SequenceNumber")?.map_or_else(|| "-".to_owned(), |number| number.to_string()))
    }

    pub(super) fn call(&self) -> Result<CallSid, WebhookRefusal> {
        CallSid::parse(self.required("CallSid")?).map_err(|_| WebhookRefusal::Malformed("CallSid"))
    }

    /// The message's id, under its present or its former name.
    pub(super) fn message(&self) -> Result<MessageSid, WebhookRefusal> {
        let given = self.optional("MessageSid")?.or(self.optional("SmsSid")?);
        let given = given.ok_or(WebhookRefusal::Missing("MessageSid"))?;
        MessageSid::parse(given).map_err(|_| WebhookRefusal::Malformed("MessageSid"))
    }

    pub(super) fn account(&self) -> Result<AccountSid, WebhookRefusal> {
        AccountSid::parse(self.required("AccountSid")?).map_err(|_| WebhookRefusal::Malformed("AccountSid"))
    }

    pub(super) fn conference(&self) -> Result<ConferenceSid, WebhookRefusal> {
        ConferenceSid::parse(self.required("ConferenceSid")?).map_err(|_| WebhookRefusal::Malformed("ConferenceSid"))
    }
}
