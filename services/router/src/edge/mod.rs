//! The edge: the only place where a person's number or words are in clear, on their way in (sealed before anything is decided)
//! and out (unsealed for the desk and effects feeds).
//!
//! The core never sees them, the journal holds ciphertext, and a person is a random id that only the erasable index can tie to a
//! number.

pub mod archive;
pub mod index;
pub mod master;
pub mod personal;
pub mod prepare;
pub mod vault;
