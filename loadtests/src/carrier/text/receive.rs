//! A person's message on its way to Holdfast: written down, posted as a signed hook, tried again, now and then posted twice.

use super::keyword::Keyword;
use super::store::{Message, TextStatus};
use super::{Conversation, MessageSid};
use crate::carrier::exchange::Exchange;
use crate::carrier::fate;
use crate::carrier::ledger::{Happened, HookFailure};
use crate::carrier::moves::Moves;
use crate::carrier::settings::Hidden;
use crate::carrier::stamp;
use crate::carrier::wire::Form;
use crate::mark::Mark;
use crate::prng::Prng;
use std::sync::Arc;
use std::time::Duration;

/// How much later a repeated hook comes, milliseconds: least and most.
const AGAIN_MS: (u64, u64) = (20, 500);

/// What a person wrote, and to whom.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) from: Hidden,
    pub(crate) line: String,
    pub(crate) class: String,
    pub(crate) from_state: String,
    pub(crate) words: Hidden,
    pub(crate) media: u32,
}

impl Moves<'_> {
    pub(crate) fn new_message(&mut self) -> (MessageSid, u64) {
        let ordinal = self.state.next_ordinal();
        let sid = Prng::keyed(self.settings.seed, &["message", &ordinal.to_string()]).sid("SM");
        (MessageSid::new(sid), ordinal)
    }

    pub(crate) fn keep_message(&mut self, message: Message) {
        if let Some(forgotten) = self.state.messages.keep(message, self.settings.bounds.messages_kept) {
            self.state.tails.remove(forgotten.as_str());
        }
    }

    /// The carrier has a person's message.
    pub(crate) fn write(&mut self, written: &Written) -> MessageSid {
        let conversation = Conversation::between(self.settings, written.from.reveal(), &written.line);
        let (sid, ordinal) = self.new_message();
        let now_s = stamp::now_s();
        self.keep_message(Message {
            sid: sid.clone(),
            ordinal,
            conversation: conversation.clone(),
            inbound: true,
            from: written.from.clone(),
            to: Hidden::new(written.line.clone()),
            words: written.words.clone(),
            media: written.media,
            status: TextStatus::Received,
            error_code: None,
            made_s: now_s,
            sent_s: Some(now_s),
            receipts_to: None,
            next_sequence: 0,
        });
        self.note(Happened::TextWritten {
            message: sid.clone(),
            conversation: conversation.clone(),
            line: written.line.clone(),
            class: written.class.clone(),
            mark: Mark::of(written.words.reveal()),
        });
        let blocks = match Keyword::of(written.words.reveal()) {
            Some(Keyword::Stop) => Some(true),
            Some(Keyword::Start) => Some(false),
            Some(Keyword::Help) | None => None,
        };
        if let Some(on) = blocks.filter(|on| self.state.messages.block(&conversation, *on)) {
            self.note(Happened::OptedOut { conversation, on });
        }
        sid
    }
}

fn form(exchange: &Exchange, sid: &MessageSid, written: &Written) -> Form {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut form = vec![
        pair("AccountSid", &exchange.settings.account_sid),
        pair("ApiVersion", "2010-04-01"),
        pair("Body", written.words.reveal()),
        pair("From", written.from.reveal()),
        pair("FromCity", ""),
        pair("FromCountry", "US"),
        pair("FromState", &written.from_state),
        pair("FromZip", ""),
        pair("MessageSid", sid.as_str()),
        pair("NumMedia", &written.media.to_string()),
        pair("NumSegments", "1"),
        pair("SmsMessageSid", sid.as_str()),
        pair("SmsSid", sid.as_str()),
        pair("SmsStatus", TextStatus::Received.name()),
        pair("To", &written.line),
        pair("ToCountry", "US"),
    ];
    for number in 0..written.media {
        form.push(pair(&format!("MediaContentType{number}"), "image/jpeg"));
        form.push(pair(&format!("MediaUrl{number}"), "https://media.example/none"));
    }
    if let Some(keyword) = Keyword::of(written.words.reveal()).filter(|_| exchange.settings.names_opt_outs) {
        form.push(pair("OptOutType", keyword.name()));
    }
    form
}

/// Tells Holdfast of a message, as often as it takes or as the policy says.
pub(crate) async fn deliver(exchange: Arc<Exchange>, sid: MessageSid, written: Written) {
    let settings = &exchange.settings;
    let form = form(&exchange, &sid, &written);
    for attempt in 0..=settings.text_retries {
        let answer = match &settings.text_url {
            Some(url) => exchange.wire.post(url, &form, sid.as_str()).await,
            None => Err(HookFailure::Foreign),
        };
        let loses = fate::loses_answer(&settings.faults, settings.seed, sid.as_str(), 0, attempt);
        let message = sid.clone();
        match answer {
            Ok(answer) if !loses => {
                exchange.note(Happened::TextTaken { message, attempt, took_us: answer.took_us });
                return repeat(&exchange, &sid, &form).await;
            }
            Ok(_) => exchange.note(Happened::TextNotTaken { message, attempt, why: HookFailure::AnswerLost }),
            Err(why) => {
                exchange.note(Happened::TextNotTaken { message, attempt, why });
                if matches!(why, HookFailure::Status(400..=499) | HookFailure::Foreign) {
                    break;
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(settings.retry_pause_ms)).await;
    }
    exchange.note(Happened::TextGivenUp { message: sid });
}

/// Sends a hook that was answered once more, if the dice say so. What comes of it changes nothing for the carrier.
async fn repeat(exchange: &Exchange, sid: &MessageSid, form: &Form) {
    let settings = &exchange.settings;
    if !fate::repeats_text(&settings.faults, settings.seed, sid.as_str()) {
        return;
    }
    let after_ms = Prng::keyed(settings.seed, &["text again after", sid.as_str()]).between(AGAIN_MS.0, AGAIN_MS.1);
    tokio::time::sleep(Duration::from_millis(after_ms)).await;
    if let Some(url) = &settings.text_url {
        drop(exchange.wire.post(url, form, sid.as_str()).await);
    }
}
