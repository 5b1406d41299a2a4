//! What every browser face is bolted to: sign-in, sessions, origins, headers, the built bundle and WebSockets.
//!
//! A session *is* the bearer token, in a cookie that scripts cannot read: there is no session store. So a session survives
//! a restart of any process, works in every process that has the same table, and ends the moment its token is taken
//! out of the table: who it is and what they may do is asked of the [`AccessTable`] at every request, and of an open
//! socket again and again ([`Pass::stands`]). What a page shows and what a role may do there is the faces' own business.

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use http::request::Parts;

use crate::access::{AccessTable, Principal, Role};

mod bundle;
mod gate;
mod headers;
mod language;
mod once;
mod origin;
mod pages;
mod session;
mod sign_in;
pub mod socket;

pub use bundle::{Asset, Bundle};
pub use gate::{BOARD_ROLES, DESK_ROLES, Pass};
pub use headers::{CONTENT_POLICY, harden};
pub use language::Language;
pub use once::{CODE_LIFE, CODES_MAX, OnceError};
pub use origin::{ORIGINS_MAX, WebSettings, WebSettingsError};
pub use sign_in::{ATTEMPT_WAIT_MAX, ATTEMPTS_MAX, WRONG_ANSWER_AFTER};

/// The browser side of one process. Clones are one.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "holds one-time codes and a bundle, which have none")]
pub struct Web {
    inner: Arc<Inner>,
}

struct Inner {
    access: AccessTable,
    origins: origin::Origins,
    bundle: Bundle,
    demo: bool,
    codes: once::Codes,
    attempts: tokio::sync::Semaphore,
}

impl Web {
    /// The browser side over `access`. `tls`: whether our own listener speaks it; behind something that ends TLS for us, name
    /// the outside in [`WebSettings::public_origins`].
    ///
    /// # Errors
    /// [`WebSettingsError`] names the first setting that cannot be.
    pub fn new(
        access: AccessTable,
        settings: &WebSettings,
        tls: bool,
        bundle: Bundle,
    ) -> Result<Self, WebSettingsError> {
        let inner = Inner {
            access,
            origins: origin::Origins::new(settings, tls)?,
            bundle,
            demo: false,
            codes: once::Codes::default(),
            attempts: tokio::sync::Semaphore::new(ATTEMPTS_MAX),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Says on every page that its people are simulated. To be called before the first clone is made.
    #[must_use]
    pub fn demo(mut self) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.demo = true;
        }
        self
    }

    /// Whether the people are simulated, for the first frame of a socket.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.inner.demo
    }

    /// Sign-in, sign-out, `/` and `/assets/…`: mount once per process.
    pub fn routes(&self) -> Router {
        sign_in::routes(self.clone()).merge(bundle::routes(self.clone()))
    }

    /// Who sent this request, if anybody we know: by `Authorization: Bearer` (scripts) or else by the cookie.
    #[must_use]
    pub fn pass(&self, request: &Parts) -> Option<Pass> {
        gate::pass(self, request, &[])
    }

    /// Lets a page's reader in, or says where to go instead: to the sign-in page, or 403 in words.
    ///
    /// # Errors
    /// The answer to give: 303 to the sign-in for browsers, 401 as a problem for others, 403 for a role not in `roles`.
    #[expect(clippy::result_large_err, reason = "the error is the answer, made once per refused request")]
    pub fn page_for(&self, request: &Parts, roles: &[Role]) -> Result<Pass, Response> {
        gate::page(self, request, roles)
    }

    /// Lets a WebSocket's or a POST's sender in. A request that is known by its cookie must name an origin of ours: a page
    /// elsewhere could make a browser send the cookie. One that is known by a header of its own needs none.
    ///
    /// # Errors
    /// The answer to give, as a problem: 403 for a foreign origin or a role not in `roles`, 401 for nobody we know.
    #[expect(clippy::result_large_err, reason = "the error is the answer, made once per refused request")]
    pub fn speaker_for(&self, request: &Parts, roles: &[Role]) -> Result<Pass, Response> {
        gate::speaker(self, request, roles)
    }

    /// One of the bundle's pages (`desk`, `board`, `wall`) for somebody who was let in; where no bundle was built, a
    /// plain page that says how to get it.
    #[must_use]
    pub fn face(&self, face: &'static str, request: &Parts, who: &Principal) -> Response {
        bundle::face(self, face, request, who)
    }

    /// The build of the bundle, for the first frame of a socket; empty where none was built.
    #[must_use]
    pub fn build(&self) -> &'static str {
        self.inner.bundle.build()
    }

    /// Makes a path under which whoever opens it first, within [`CODE_LIFE`], is signed in with `token`. A token in an address
    /// would stay in histories and logs; this leaves nothing of worth there. Only the demo makes such.
    ///
    /// # Errors
    /// [`OnceError`]; nothing was made.
    pub fn one_time(&self, token: crate::settings::Secret) -> Result<String, OnceError> {
        if self.inner.access.lookup(token.expose()).is_none() {
            return Err(OnceError::UnknownToken);
        }
        self.inner.codes.make(token).map(|code| format!("{}{code}", sign_in::ONCE))
    }
}
