//! A message of Holdfast's: taken or refused, on its way to the phone, and the receipts that tell of it.

use super::store::{Message, TextStatus};
use super::{Conversation, MessageSid};
use crate::carrier::exchange::Exchange;
use crate::carrier::fate;
use crate::carrier::ledger::Happened;
use crate::carrier::moves::Moves;
use crate::carrier::settings::Hidden;
use crate::carrier::stamp;
use crate::carrier::tell::Callback;
use crate::mark::Mark;
use crate::prng::Prng;
use std::sync::Arc;

/// The code for a person who wrote an opt-out word.
pub(crate) const BLOCKED: u32 = 21_610;
/// The code for a phone that cannot be reached.
const UNREACHABLE: u32 = 30_003;
/// From the request until the carrier has sent it, and from there until the phone has it, milliseconds of human time.
const SENT_AFTER_MS: (u64, u64) = (100, 800);
const DELIVERED_AFTER_MS: (u64, u64) = (200, 3_000);

/// A message that Holdfast asked for.
#[derive(Clone)]
pub(crate) struct TextOrder {
    pub(crate) to: Hidden,
    pub(crate) from: String,
    pub(crate) words: Hidden,
    pub(crate) receipts_to: Option<String>,
    pub(crate) late: bool,
}

/// The contact and the message's number that a receipt's address names.
fn named_by(url: Option<&str>) -> (Option<String>, Option<u32>) {
    let query = url.and_then(|url| url.split('#').next()?.split_once('?')).map_or("", |(_, query)| query);
    let (mut contact, mut number) = (None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "contact" => contact = Some(value.into_owned()),
            "message" => number = value.parse().ok(),
            _ => {}
        }
    }
    (contact, number)
}

impl Moves<'_> {
    /// Takes a message, or says with which code it is refused.
    pub(crate) fn send_text(&mut self, order: &TextOrder) -> Result<MessageSid, u32> {
        let conversation = Conversation::between(self.settings, order.to.reveal(), &order.from);
        let mark = Mark::of(order.words.reveal());
        let (contact, number) = named_by(order.receipts_to.as_deref());
        if self.state.messages.is_blocked(&conversation) {
            self.note(Happened::TextRefused { conversation, mark, contact, number, code: BLOCKED });
            return Err(BLOCKED);
        }
        let (sid, ordinal) = self.new_message();
        self.keep_message(Message {
            sid: sid.clone(),
            ordinal,
            conversation: conversation.clone(),
            inbound: false,
            from: Hidden::new(order.from.clone()),
            to: order.to.clone(),
            words: order.words.clone(),
            media: 0,
            status: TextStatus::Queued,
            error_code: None,
            made_s: stamp::now_s(),
            sent_s: None,
            receipts_to: order.receipts_to.clone(),
            next_sequence: 0,
        });
        let (message, line, late) = (sid.clone(), order.from.clone(), order.late);
        self.note(Happened::TextSent { message, conversation, line, mark, contact, number, late });
        Ok(sid)
    }

    /// A message was asked for on a connection that was cut before anything was done.
    pub(crate) fn cut_text(&mut self, order: &TextOrder) {
        let conversation = Conversation::between(self.settings, order.to.reveal(), &order.from);
        let (contact, number) = named_by(order.receipts_to.as_deref());
        self.note(Happened::TextCut { conversation, mark: Mark::of(order.words.reveal()), contact, number });
    }

    /// The message comes further, and whoever wants to know is told.
    fn further(&mut self, sid: &MessageSid, status: TextStatus, code: Option<u32>) {
        let Some(message) = self.state.messages.get_mut(sid) else { return };
        message.status = status;
        message.error_code = code;
        if status == TextStatus::Sent {
            message.sent_s = Some(stamp::now_s());
        }
        let conversation = message.conversation.clone();
        match (status, code) {
            (TextStatus::Delivered, _) => {
                self.note(Happened::TextDelivered { message: sid.clone() });
                self.state.messages.arrived(&conversation);
            }
            (TextStatus::Undelivered, code) => {
                self.note(Happened::TextUndelivered { message: sid.clone(), code: code.unwrap_or_default() });
            }
            _ => {}
        }
        self.tell_text(sid);
    }

    fn tell_text(&mut self, sid: &MessageSid) {
        let account = self.settings.account_sid.clone();
        let Some(message) = self.state.messages.get_mut(sid) else { return };
        let sequence = message.next_sequence;
        message.next_sequence += 1;
        let Some(url) = message.receipts_to.clone() else { return };
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let status = message.status.name();
        let mut form = vec![
            pair("AccountSid", &account),
            pair("ApiVersion", "2010-04-01"),
            pair("From", message.from.reveal()),
            pair("MessageSid", sid.as_str()),
            pair("MessageStatus", status),
            pair("SmsSid", sid.as_str()),
            pair("SmsStatus", status),
            pair("To", message.to.reveal()),
        ];
        if let Some(code) = message.error_code {
            form.push(pair("ErrorCode", &code.to_string()));
        }
        let subject = sid.as_str().to_owned();
        let composed = |after, settled| Callback {
            subject: sid.as_str().to_owned(),
            call: None,
            url,
            event: status,
            sequence,
            form,
            after,
            settled,
        };
        self.queue(subject, composed);
    }
}

/// A taken message on its way.
pub(crate) async fn live(exchange: Arc<Exchange>, sid: MessageSid) {
    let settings = &exchange.settings;
    let mut dice = Prng::keyed(settings.seed, &["text on its way", sid.as_str()]);
    let sent_after = settings.human(dice.between(SENT_AFTER_MS.0, SENT_AFTER_MS.1));
    let delivered_after = settings.human(dice.between(DELIVERED_AFTER_MS.0, DELIVERED_AFTER_MS.1));
    tokio::time::sleep(sent_after).await;
    exchange.change(|moves| moves.further(&sid, TextStatus::Sent, None));
    tokio::time::sleep(delivered_after).await;
    if fate::loses_text(&settings.faults, settings.seed, sid.as_str()) {
        exchange.change(|moves| moves.further(&sid, TextStatus::Undelivered, Some(UNREACHABLE)));
    } else {
        exchange.change(|moves| moves.further(&sid, TextStatus::Delivered, None));
    }
}

#[cfg(test)]
mod tests {
    use super::named_by;

    #[test]
    fn a_receipts_address_names_contact_and_number() {
        let url = "https://h.example/v1/carriers/a/text-status?contact=0a1b&message=7#rc=2";
        assert_eq!(named_by(Some(url)), (Some("0a1b".to_owned()), Some(7)));
        assert_eq!(named_by(Some("https://h.example/x")), (None, None));
        assert_eq!(named_by(None), (None, None));
    }
}
