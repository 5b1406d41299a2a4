//! The configuration: one TOML file, laid over by `HOLDFAST__SECTION__KEY` from the environment.
//!
//! Each role's section is the role's own type; here they are only put side by side. Relative paths are relative to the file.

use anyhow::Context as _;
use holdfast_carrier::CarrierSettings;
use holdfast_chassis::access::{PrincipalSettings, hash_token};
use holdfast_chassis::channel::RemoteSettings;
use holdfast_chassis::http::HttpSettings;
use holdfast_chassis::server::GrpcSettings;
use holdfast_chassis::settings::{Environment, load};
use holdfast_chassis::telemetry::LogSettings;
use holdfast_chassis::web::WebSettings;
use holdfast_dashboard::DashboardSettings;
use holdfast_desk::DeskSettings;
use holdfast_handoff::HandoffSettings;
use holdfast_router::settings::RouterSettings;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What stands for a carrier's token in the example that ships with Holdfast.
const EXAMPLE_AUTH_TOKEN: &str = "replace-this-token";

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What is logged, and how.
    #[serde(default)]
    pub log: LogSettings,
    /// The gRPC listener: router and desks.
    #[serde(default)]
    pub grpc: GrpcSettings,
    /// The HTTP listener: webhooks, health, metrics; desks and boards unless they have their own.
    #[serde(default)]
    pub http: HttpSettings,
    /// The router role.
    pub router: Option<RouterSettings>,
    /// The keys; needed by the router role.
    pub keys: Option<KeysSettings>,
    /// The carrier role.
    #[serde(default)]
    pub carrier: CarrierSettings,
    /// The desk role.
    #[serde(default)]
    pub desk: DeskSettings,
    /// The handoff role.
    #[serde(default)]
    pub handoff: HandoffSettings,
    /// The browser faces.
    #[serde(default)]
    pub web: WebSettings,
    /// The dashboard role.
    #[serde(default)]
    pub dashboard: DashboardSettings,
    /// Who may call.
    #[serde(default)]
    pub access: AccessSettings,
    /// Where the router is, for a process that does not run it itself.
    pub link: Option<LinkSettings>,
    /// How this process ends.
    #[serde(default)]
    pub shutdown: ShutdownSettings,
}

/// The keys of the house.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysSettings {
    /// The master key's file, mode 0600, made by `holdfast init`. Back it up apart from the journal.
    pub master_file: PathBuf,
}

/// Who may call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessSettings {
    /// People and services, each with the hash of a token (`holdfast token`).
    pub principals: Vec<PrincipalSettings>,
}

/// The way to a router in another process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    /// Where it listens.
    pub router: RemoteSettings,
    /// The file with the token of a principal of the role `carrier` (mode 0600); needed where the carrier role runs.
    pub carrier_token_file: Option<PathBuf>,
    /// The same of the role `desk`; needed where the desk role runs.
    pub desk_token_file: Option<PathBuf>,
    /// The same of the role `handoff`; needed where the handoff role runs.
    pub handoff_token_file: Option<PathBuf>,
    /// The same of the role `dashboard`; needed where the dashboard role runs.
    pub dashboard_token_file: Option<PathBuf>,
}

/// How this process ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShutdownSettings {
    /// How long it may take to finish what is in hand after SIGTERM, in milliseconds.
    pub drain_ms_max: u64,
}

impl Default for ShutdownSettings {
    fn default() -> Self {
        Self { drain_ms_max: 15_000 }
    }
}

impl Config {
    /// Reads a configuration and the environment over it.
    ///
    /// # Errors
    /// With file, line and field.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let mut config: Self = load(path, &Environment::from_process())?;
        let base = path.parent().unwrap_or(Path::new("."));
        config.settle(base);
        Ok(config)
    }

    fn settle(&mut self, base: &Path) {
        let settle = |path: &mut PathBuf| {
            if path.is_relative() {
                *path = base.join(&*path);
            }
        };
        if let Some(router) = &mut self.router {
            settle(&mut router.journal_dir);
            settle(&mut router.plan_file);
        }
        if let Some(keys) = &mut self.keys {
            settle(&mut keys.master_file);
        }
        if let Some(link) = &mut self.link {
            let LinkSettings { router, carrier_token_file, desk_token_file, handoff_token_file, dashboard_token_file } =
                link;
            let files =
                [&mut router.ca_file, carrier_token_file, desk_token_file, handoff_token_file, dashboard_token_file];
            files.into_iter().flatten().for_each(settle);
        }
        for tls in [&mut self.grpc.tls, &mut self.http.tls, &mut self.web.tls].into_iter().flatten() {
            settle(&mut tls.certificate_file);
            settle(&mut tls.key_file);
        }
    }

    /// Reads the secrets that are kept in files of their own. `path` is the configuration's.
    ///
    /// # Errors
    /// If one of them cannot be read, or others can read it.
    pub fn read_secrets(&mut self, path: &Path) -> anyhow::Result<()> {
        Ok(self.carrier.read_secrets(path.parent().unwrap_or(Path::new(".")))?)
    }

    /// What is still as in the example that ships with Holdfast, and known to everybody who has read it.
    #[must_use]
    pub fn known_secrets(&self) -> Vec<String> {
        let principals = self.access.principals.iter().filter(|it| {
            let example = hash_token(&format!("example-token-of-{}", it.name));
            it.token_sha256.eq_ignore_ascii_case(&example)
        });
        let principals = principals.map(|it| {
            format!("the token of principal `{}` is the example's, known to everybody: `holdfast token`", it.name)
        });
        let accounts = self.carrier.accounts.iter().filter(|it| it.auth_token.expose() == EXAMPLE_AUTH_TOKEN);
        let accounts = accounts
            .map(|it| format!("the auth_token of account `{}` is the example's: calls cannot be carried", it.name));
        principals.chain(accounts).collect()
    }

    /// The router's section.
    ///
    /// # Errors
    /// If it is missing.
    pub fn router(&self) -> anyhow::Result<&RouterSettings> {
        self.router.as_ref().context("the router role needs a [router] section")
    }

    /// The keys' section.
    ///
    /// # Errors
    /// If it is missing.
    pub fn keys(&self) -> anyhow::Result<&KeysSettings> {
        self.keys.as_ref().context("the router role needs a [keys] section")
    }
}
