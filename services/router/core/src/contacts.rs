//! The contacts of the hot state, by id.
//!
//! Each is shared: a copy of the whole, for a snapshot or a reader, takes a pointer for each contact, and what changes afterwards
//! changes in one of the copies alone.

use crate::contact::Contact;
use crate::id::ContactId;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::fmt;

/// Contacts by id, in the order of their ids.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Contacts(BTreeMap<ContactId, Arc<Contact>>);

impl Contacts {
    /// The contact with this id.
    #[must_use]
    pub fn get(&self, id: &ContactId) -> Option<&Contact> {
        self.0.get(id).map(|it| &**it)
    }

    /// For changing it in this copy.
    pub(crate) fn get_mut(&mut self, id: &ContactId) -> Option<&mut Contact> {
        self.0.get_mut(id).map(Arc::make_mut)
    }

    /// Whether there is one with this id.
    #[must_use]
    pub fn contains_key(&self, id: &ContactId) -> bool {
        self.0.contains_key(id)
    }

    /// Adds a contact under this id. False if one was there and has been replaced.
    pub fn insert(&mut self, id: ContactId, contact: Contact) -> bool {
        self.0.insert(id, Arc::new(contact)).is_none()
    }

    pub(crate) fn remove(&mut self, id: &ContactId) -> Option<Arc<Contact>> {
        self.0.remove(id)
    }

    /// Every contact with its id.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&ContactId, &Contact)> + ExactSizeIterator {
        self.0.iter().map(|(id, it)| (id, &**it))
    }

    /// Every contact.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Contact> + ExactSizeIterator {
        self.0.values().map(|it| &**it)
    }

    /// Every id.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &ContactId> + ExactSizeIterator {
        self.0.keys()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(ContactId, Contact)> for Contacts {
    fn from_iter<I: IntoIterator<Item = (ContactId, Contact)>>(all: I) -> Self {
        Self(all.into_iter().map(|(id, it)| (id, Arc::new(it))).collect())
    }
}

impl fmt::Debug for Contacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
