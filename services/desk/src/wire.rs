//! The JSON between a browser and this service, exactly as `services/web/app/wire.ts` has it.
//!
//! `word` makes the lowercase words of both from the enums of the proto, `say` is what a window says, `frame` what it hears
//! and `view` what is in there. A test reads `wire.ts` and compares. Nothing here can be printed: a person's words are in it.

mod frame;
mod say;
mod view;
mod word;

pub(crate) use frame::{Frame, Hello, Me, NamesView, TextsView};
pub(crate) use say::{Claim, Said, Spoken, Unread, read};

#[cfg(test)]
mod tests;
