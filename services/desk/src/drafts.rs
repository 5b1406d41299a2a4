//! What is being written: kept in memory, so that a reload or another window goes on where the sentence stood.
//!
//! Never written to disk. This service has no store, and a draft is a person's words that nobody has decided to say: it is
//! worth keeping over a reload, and not worth a second place from which it would have to be erased. After a restart of this
//! service the window that is open says again what was typed in it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use zeroize::Zeroizing;

/// Bytes in one draft, at most: as long as a note.
pub(crate) const DRAFT_BYTES_MAX: usize = 8_000;

/// Drafts of one person, at most; the oldest gives way to a newer one.
pub(crate) const DRAFTS_MAX: usize = 16;

/// Texts of one person whose drafts are remembered until they are known to be sent, at most. A text that is repeated after so many
/// others is taken for a new one: what is being written then goes when it is answered.
pub(crate) const SENDING_MAX: usize = 64;

/// Bytes in all drafts together, at most; beyond, a draft is refused, and the window says so.
pub(crate) const BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// How long a draft is kept that nobody comes back to.
const KEEP: Duration = Duration::from_secs(12 * 3_600);

/// Words that cannot be printed and are wiped when they go.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Words(Zeroizing<String>);

impl From<String> for Words {
    fn from(words: String) -> Self {
        Self(Zeroizing::new(words))
    }
}

impl Words {
    pub(crate) fn expose(&self) -> &str {
        self.0.as_str()
    }
}

/// Everybody's drafts. Clones are one.
#[derive(Clone, Default)]
pub(crate) struct Drafts {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// By person, then by contact.
    kept: BTreeMap<String, BTreeMap<String, Draft>>,
    /// By person, the texts they asked to send, oldest first.
    sending: BTreeMap<String, VecDeque<Sending>>,
    bytes: usize,
    saves: u64,
}

struct Draft {
    words: Words,
    saved: u64,
    at: Instant,
}

/// A text and which save its draft was when it was asked first; none if there was no draft.
struct Sending {
    request_id: String,
    contact_id: String,
    saved: Option<u64>,
}

/// Why a draft was not kept. Nothing changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotKept {
    TooLong,
    Full,
}

impl NotKept {
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::TooLong => "DRAFT_TOO_LONG",
            Self::Full => "DRAFTS_FULL",
        }
    }
}

impl Drafts {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a draft in place of the last one; an empty one removes it.
    pub(crate) fn save(&self, counselor: &str, contact_id: &str, words: Words) -> Result<(), NotKept> {
        let bytes = words.expose().len();
        if bytes > DRAFT_BYTES_MAX {
            return Err(NotKept::TooLong);
        }
        let mut inner = self.lock();
        if bytes == 0 {
            inner.remove(counselor, contact_id);
            return Ok(());
        }
        if !inner.fits(counselor, contact_id, bytes) {
            inner.forget_old();
        }
        if !inner.fits(counselor, contact_id, bytes) {
            return Err(NotKept::Full);
        }
        inner.remove(counselor, contact_id);
        inner.make_room(counselor);
        inner.saves += 1;
        inner.bytes += bytes;
        let draft = Draft { words, saved: inner.saves, at: Instant::now() };
        inner.kept.entry(counselor.to_owned()).or_default().insert(contact_id.to_owned(), draft);
        Ok(())
    }

    /// Notes which draft this text is. One that is asked again is the draft it was: what is written since is the next message.
    pub(crate) fn sending(&self, counselor: &str, request_id: &str, contact_id: &str) {
        let mut inner = self.lock();
        let saved = inner.get(counselor, contact_id).map(|draft| draft.saved);
        let sending = inner.sending.entry(counselor.to_owned()).or_default();
        if sending.iter().any(|it| it.request_id == request_id) {
            return;
        }
        if sending.len() >= SENDING_MAX {
            sending.pop_front();
        }
        let (request_id, contact_id) = (request_id.to_owned(), contact_id.to_owned());
        sending.push_back(Sending { request_id, contact_id, saved });
    }

    /// Removes the draft that this text was; one saved since then is the next message, and stays.
    pub(crate) fn sent(&self, counselor: &str, request_id: &str) {
        let mut inner = self.lock();
        let texts = inner.sending.get(counselor).into_iter().flatten();
        let known = texts.rev().find(|it| it.request_id == request_id);
        let Some((contact_id, saved)) = known.map(|it| (it.contact_id.clone(), it.saved)) else { return };
        if saved.is_some() && inner.get(counselor, &contact_id).map(|draft| draft.saved) == saved {
            inner.remove(counselor, &contact_id);
        }
    }

    /// Removes the draft of a contact that is gone.
    pub(crate) fn gone(&self, counselor: &str, contact_id: &str) {
        let mut inner = self.lock();
        inner.remove(counselor, contact_id);
        inner.forget_sending(counselor, |it| it == contact_id);
    }

    /// The drafts of a person for the contacts they have; others are removed.
    pub(crate) fn of(&self, counselor: &str, has: impl Fn(&str) -> bool) -> BTreeMap<String, Words> {
        let mut inner = self.lock();
        let kept = inner.kept.get(counselor).map(|drafts| drafts.keys().cloned().collect()).unwrap_or_default();
        let kept: Vec<String> = kept;
        for contact_id in kept.iter().filter(|contact_id| !has(contact_id)) {
            inner.remove(counselor, contact_id);
        }
        inner.forget_sending(counselor, |contact_id| !has(contact_id));
        let drafts = inner.kept.get(counselor).into_iter().flatten();
        drafts.map(|(contact_id, draft)| (contact_id.clone(), draft.words.clone())).collect()
    }
}

impl Inner {
    fn get(&self, counselor: &str, contact_id: &str) -> Option<&Draft> {
        self.kept.get(counselor)?.get(contact_id)
    }

    fn fits(&self, counselor: &str, contact_id: &str, bytes: usize) -> bool {
        let old = self.get(counselor, contact_id).map_or(0, |draft| draft.words.expose().len());
        self.bytes - old + bytes <= BYTES_MAX
    }

    fn remove(&mut self, counselor: &str, contact_id: &str) {
        let Some(drafts) = self.kept.get_mut(counselor) else { return };
        if let Some(draft) = drafts.remove(contact_id) {
            self.bytes -= draft.words.expose().len();
        }
        if drafts.is_empty() {
            self.kept.remove(counselor);
        }
    }

    fn forget_sending(&mut self, counselor: &str, gone: impl Fn(&str) -> bool) {
        let Some(sending) = self.sending.get_mut(counselor) else { return };
        sending.retain(|it| !gone(&it.contact_id));
        if sending.is_empty() {
            self.sending.remove(counselor);
        }
    }

    fn make_room(&mut self, counselor: &str) {
        let Some(drafts) = self.kept.get(counselor).filter(|drafts| drafts.len() >= DRAFTS_MAX) else { return };
        let oldest = drafts.iter().min_by_key(|(_, draft)| draft.saved).map(|(contact_id, _)| contact_id.clone());
        if let Some(contact_id) = oldest {
            self.remove(counselor, &contact_id);
        }
    }

    fn forget_old(&mut self) {
        let old = |draft: &Draft| draft.at.elapsed() >= KEEP;
        let gone: Vec<(String, String)> = self
            .kept
            .iter()
            .flat_map(|(counselor, drafts)| {
                drafts.iter().map(move |(contact_id, draft)| (counselor, contact_id, draft))
            })
            .filter(|(_, _, draft)| old(draft))
            .map(|(counselor, contact_id, _)| (counselor.clone(), contact_id.clone()))
            .collect();
        for (counselor, contact_id) in gone {
            self.remove(&counselor, &contact_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Words {
        Words::from(text.to_owned())
    }

    fn kept(drafts: &Drafts, counselor: &str) -> Vec<String> {
        drafts.of(counselor, |_| true).into_iter().map(|(contact, it)| format!("{contact}:{}", it.expose())).collect()
    }

    #[test]
    fn the_last_words_are_kept_and_an_empty_draft_is_none() {
        let drafts = Drafts::default();
        drafts.save("ana", "c1", words("I he")).unwrap();
        drafts.save("ana", "c1", words("I hear you")).unwrap();
        drafts.save("bo", "c1", words("other")).unwrap();
        assert_eq!(kept(&drafts, "ana"), ["c1:I hear you"]);
        drafts.save("ana", "c1", words("")).unwrap();
        assert!(kept(&drafts, "ana").is_empty() && drafts.lock().bytes == 5);
        assert_eq!(
            drafts.of("bo", |contact_id| contact_id == "c2").len(),
            0,
            "a contact that is gone takes its draft along"
        );
        assert!(drafts.lock().kept.is_empty() && drafts.lock().bytes == 0);
    }

    #[test]
    fn sending_removes_what_was_sent_and_not_what_was_written_since() {
        let drafts = Drafts::default();
        drafts.save("ana", "c1", words("one")).unwrap();
        drafts.sending("ana", "r1", "c1");
        drafts.save("ana", "c1", words("two")).unwrap();
        drafts.sent("ana", "r1");
        assert_eq!(kept(&drafts, "ana"), ["c1:two"]);
        // Asked again since its answer was lost: it is still the first.
        drafts.sending("ana", "r1", "c1");
        drafts.sent("ana", "r1");
        drafts.sent("ana", "never asked");
        assert_eq!(kept(&drafts, "ana"), ["c1:two"]);
        drafts.sending("ana", "r2", "c1");
        drafts.sent("ana", "r2");
        assert!(kept(&drafts, "ana").is_empty());
        // Sent without a draft, and one written before the answer.
        drafts.sending("ana", "r3", "c1");
        drafts.save("ana", "c1", words("three")).unwrap();
        drafts.sent("ana", "r3");
        assert_eq!(kept(&drafts, "ana"), ["c1:three"]);
        drafts.gone("ana", "c1");
        assert!(drafts.lock().sending.is_empty(), "nothing is left behind");
    }

    #[test]
    fn texts_on_their_way_are_bounded() {
        let drafts = Drafts::default();
        for number in 0..=SENDING_MAX {
            drafts.sending("ana", &format!("r{number}"), "c1");
        }
        drafts.save("ana", "c1", words("next")).unwrap();
        drafts.sending("ana", "r1", "c1");
        drafts.sent("ana", "r1");
        assert_eq!(kept(&drafts, "ana"), ["c1:next"]);
        drafts.sending("ana", "r0", "c1");
        drafts.sent("ana", "r0");
        assert!(kept(&drafts, "ana").is_empty(), "the oldest was forgotten, and is a new one");
        assert_eq!(drafts.lock().sending["ana"].len(), SENDING_MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn drafts_are_bounded_for_each_person_and_for_all() {
        let drafts = Drafts::default();
        assert_eq!(drafts.save("ana", "c", words(&"a".repeat(DRAFT_BYTES_MAX + 1))), Err(NotKept::TooLong));
        for number in 0..=DRAFTS_MAX {
            drafts.save("ana", &format!("c{number:02}"), words("x")).unwrap();
        }
        assert_eq!(kept(&drafts, "ana").len(), DRAFTS_MAX);
        assert!(!kept(&drafts, "ana").contains(&"c00:x".to_owned()), "the oldest gives way");
        let full = "a".repeat(DRAFT_BYTES_MAX);
        let mut person = 0;
        let refused = loop {
            if let Err(refused) = drafts.save(&format!("p{}", person / DRAFTS_MAX), &format!("c{person}"), words(&full))
            {
                break refused;
            }
            person += 1;
        };
        assert_eq!(refused, NotKept::Full);
        assert!(drafts.lock().bytes <= BYTES_MAX && person > 8_000);
        tokio::time::advance(KEEP).await;
        drafts.save("late", "c", words(&full)).unwrap();
        assert_eq!(drafts.lock().bytes, DRAFT_BYTES_MAX, "what nobody came back to makes room");
    }
}
