//! The three feeds: what each record means for operators, for each desk it concerns, and for each carrier account.
//!
//! A record's frames are made once, when it is committed, and shared by everybody who follows.

pub mod capacity;
pub mod desk;
pub mod effects;
pub mod followers;
pub mod hub;
pub mod projection;
pub mod touched;
pub mod words;
