//! Twilio's dialect: signatures, webhooks, TwiML answers and REST requests.
//!
//! Left out: GET webhooks (we configure POST everywhere, so that the body is signed), Conversations and media streams.

pub mod date;
pub mod rest;
pub mod sid;
pub mod signature;
pub mod twiml;
pub mod webhook;
