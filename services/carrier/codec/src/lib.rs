//! Carrier dialects as values: verify a webhook, read it into the common model, render answers and REST requests.
//!
//! Sans-I/O: there is no socket, runtime, clock or HTTP type here. Whoever uses it hands in bytes and gets values back, so the
//! same code serves the carrier service, the simulated carrier and the tests. Left out on purpose: retries, ordering and
//! deduplication state, which need memory and belong to the carrier service.

pub mod callback;
pub mod limits;
pub mod model;
pub mod number;
pub mod secret;
pub mod token;
pub mod twilio;
