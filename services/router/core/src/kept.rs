//! L3': whoever can only be taken with empty hands (a caller, somebody at high risk) does not starve behind later texts. One
//! counselor for each of them is kept: they get nobody later, and are free once the conversations they have are over.

use crate::contact::{Contact, Place};
use crate::id::{ContactId, CounselorId};
use crate::index::Waiting;
use crate::plan::Ruling;
use crate::policy::{could_be_asked, needs_empty_hands};
use crate::pool::{Stand, Turn};
use crate::state::{Class, State};
use crate::time::Timestamp;
use alloc::collections::btree_set;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

/// For how many of those who wait for empty hands somebody is kept, the first by their places. Whoever is behind them comes nearer
/// with each that is taken, so that nobody starves. A higher value keeps more of the staff from writing while a long queue of
/// callers waits, and makes each text cost more then.
pub const KEPT_MAX: usize = 256;

/// Which counselors who have somebody are kept for a contact that came before: they get nobody who came after it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Kept(BTreeMap<CounselorId, (Place, ContactId)>);

impl Kept {
    /// Who is kept for whom now: at most one for each of the first [`KEPT_MAX`] contacts that only somebody with empty hands could
    /// take. Costs nothing unless somebody who has a conversation has room for another.
    #[must_use]
    pub fn find(state: &State, now: Timestamp) -> Self {
        let mut kept = Self::default();
        let turns = &state.index.standings.turns;
        let mut open: BTreeMap<Stand, Open<'_>> =
            turns.iter().map(|(stand, turns)| (*stand, Open { passed: VecDeque::new(), rest: turns.iter() })).collect();
        if open.is_empty() {
            return kept;
        }
        for (place, contact, (class, waiting)) in state.barred(now) {
            let mut best: Option<(&Turn, Stand)> = None;
            for (_, pool) in state.pools_asked(class, waiting) {
                let (first, last) = Stand::range(*pool, true);
                let theirs = open.range_mut(first..=last);
                for (stand, open) in theirs.filter(|(it, _)| it.would.has(contact.channel)) {
                    let next = open.first(|id| could_be_asked(contact, id, now));
                    if let Some(turn) = next.filter(|it| best.is_none_or(|(first, _)| *it < first)) {
                        best = Some((turn, *stand));
                    }
                }
            }
            if let Some((turn, stand)) = best {
                if let Some(open) = open.get_mut(&stand) {
                    open.passed.retain(|it| *it != turn);
                }
                kept.0.insert(turn.3.clone(), (place, contact.id));
            }
        }
        kept
    }

    /// Whether this counselor is kept for somebody who came before this contact.
    ///
    /// # Errors
    /// For whom.
    pub fn allows(&self, id: &CounselorId, contact: &Contact) -> Result<(), Ruling> {
        match contact.place.and_then(|place| self.earlier(id, (place, contact.id))) {
            Some(whom) => Err(Ruling::KeptForEarlier(whom)),
            None => Ok(()),
        }
    }

    /// For whom, before this place, this counselor is kept.
    pub(crate) fn earlier(&self, id: &CounselorId, place: (Place, ContactId)) -> Option<ContactId> {
        self.0.get(id).filter(|earlier| **earlier < place).map(|(_, whom)| *whom)
    }
}

/// Those of one stand who are not kept yet, in their order.
struct Open<'a> {
    /// Looked at and left.
    passed: VecDeque<&'a Turn>,
    rest: btree_set::Iter<'a, Turn>,
}

impl<'a> Open<'a> {
    /// The first who may be kept. They stay until they are taken out of `passed`.
    fn first(&mut self, may: impl Fn(&CounselorId) -> bool) -> Option<&'a Turn> {
        if let Some(turn) = self.passed.iter().find(|it| may(&it.3)) {
            return Some(*turn);
        }
        for turn in self.rest.by_ref() {
            self.passed.push_back(turn);
            if may(&turn.3) {
                return Some(turn);
            }
        }
        None
    }
}

impl State {
    /// In the order of their places, the first of those who wait for somebody with empty hands, without those whom somebody can take
    /// now.
    fn barred(&self, now: Timestamp) -> Vec<(Place, &Contact, (&Class, &Waiting))> {
        let classes = self.index.waiting.iter().filter(|(class, waiting)| self.could_be_kept_for(class, waiting));
        let mut first: Vec<(Place, ContactId, (&Class, &Waiting))> = classes
            .flat_map(|theirs| theirs.1.places.iter().take(KEPT_MAX).map(move |(at, id)| (*at, *id, theirs)))
            .collect();
        first.sort_unstable_by_key(|(place, id, _)| (*place, *id));
        first.truncate(KEPT_MAX);
        let contacts = first.into_iter().filter_map(|(place, id, theirs)| Some((place, self.contact(id)?, theirs)));
        contacts.filter(|(_, it, (class, waiting))| !self.can_be_taken(it, class, waiting, now)).collect()
    }

    /// Whether anybody who has somebody could take this class with empty hands.
    fn could_be_kept_for(&self, class: &Class, waiting: &Waiting) -> bool {
        let channel = class.queue.channel;
        let turns = &self.index.standings.turns;
        let mut stands = turns.keys().filter(|it| it.would.has(channel) && self.asks(class, waiting, it.pool));
        !waiting.places.is_empty() && needs_empty_hands(channel, class.acuity) && stands.next().is_some()
    }

    /// Whether somebody with empty hands can take this contact now.
    fn can_be_taken(&self, contact: &Contact, class: &Class, waiting: &Waiting, now: Timestamp) -> bool {
        let fit = |pool| self.index.standings.fit(pool, contact.channel, contact.acuity);
        let pools = self.pools_asked(class, waiting).iter();
        let mut people = pools.flat_map(|(_, pool)| fit(*pool)).flat_map(|(_, people)| people);
        people.any(|it| it.is_good(now) && could_be_asked(contact, &it.who, now))
    }
}
