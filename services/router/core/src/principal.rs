//! Who asked: every command and every record carries its principal.
//!
//! Authentication is the chassis's work and authorisation the router's edge; here a principal is only a fact to keep.

use alloc::sync::Arc;

/// The role a person signed in with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// A trained crisis counselor.
    Counselor,
    /// A peer supporter with lived experience.
    Peer,
    /// Someone who supports counselors on shift.
    Supervisor,
    /// Someone who watches and steers capacity.
    Operator,
    /// Someone who may change the plan and erase a person's data.
    Administrator,
}

/// Who asked for a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Principal {
    /// A person who signed in.
    Person {
        /// Their name in the configuration.
        name: Arc<str>,
        /// The role their token carries.
        role: Role,
    },
    /// A carrier's signed webhook for one of our accounts.
    Carrier(Arc<str>),
    /// One of our own services.
    Service(Arc<str>),
    /// The router itself: a deadline, a start, a recovery.
    Router,
}
