//! Settings: one TOML file into a service's own struct, overlaid by the environment, with errors that point at the line.
//!
//! What the settings mean is each service's own business. Durations are integers with their unit in the name; there is
//! no reload here, a changed file is simply loaded again.

mod secret;

pub use secret::{SECRET_FILE_BYTES_MAX, Secret, SecretError};
