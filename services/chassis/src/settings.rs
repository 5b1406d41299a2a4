//! Settings: one TOML file into a service's own struct, overlaid by the environment, with errors that point at the line.
//!
//! What the settings mean is each service's own business. Durations are integers with their unit in the name; there is
//! no reload here, a changed file is simply loaded again.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

mod overlay;
mod place;
mod secret;

pub use overlay::{ENVIRONMENT_PREFIX, Environment};
pub use place::Place;
pub use secret::{SECRET_FILE_BYTES_MAX, Secret, SecretError};

/// Bytes in a settings file, at most: ten thousand principals fit twice.
pub const SETTINGS_FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Why settings were not loaded. Each says where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read the settings file {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is larger than [`SETTINGS_FILE_BYTES_MAX`].
    #[error("the settings file {} is larger than {SETTINGS_FILE_BYTES_MAX} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Something in the file or in the environment is not what the settings expect.
    #[error("{place}: {}{message}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
    Malformed {
        /// Where it stands.
        place: Place,
        /// The dotted path of the field, e.g. `grpc.address` or `principals[2].role`, where it is known.
        field: Option<String>,
        /// What is wrong, and where it helps, what would be right.
        message: String,
    },
}

/// Loads `path` and lays `environment` over it. Unknown fields are refused where the caller's struct says
/// `#[serde(deny_unknown_fields)]`, in the environment too.
///
/// # Errors
/// See [`SettingsError`].
pub fn load<T: DeserializeOwned>(path: &Path, environment: &Environment) -> Result<T, SettingsError> {
    let unreadable = |source| SettingsError::Unreadable { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > SETTINGS_FILE_BYTES_MAX {
        return Err(SettingsError::TooLarge { path: path.to_owned() });
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    parse(&text, path, environment)
}

/// As [`load`], from text that was read already; `path` is only named in errors.
///
/// # Errors
/// [`SettingsError::Malformed`].
pub fn parse<T: DeserializeOwned>(text: &str, path: &Path, environment: &Environment) -> Result<T, SettingsError> {
    let malformed = |root: Option<&DeTable<'_>>, error: &toml::de::Error| {
        let span = error.span().unwrap_or_default();
        SettingsError::Malformed {
            place: place::of(&span, text, path, environment),
            field: root.and_then(|root| place::field(root, &span)),
            message: error.message().to_owned(),
        }
    };
    let mut root: Spanned<DeTable<'_>> = DeTable::parse(text).map_err(|error| malformed(None, &error))?;
    overlay::lay(root.get_mut(), text.len(), environment)?;
    let kept = root.clone();
    T::deserialize(Deserializer::from(root)).map_err(|error| malformed(Some(kept.get_ref()), &error))
}
