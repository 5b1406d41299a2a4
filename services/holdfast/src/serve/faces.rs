//! The HTTP side: the carriers' webhooks, and the browser faces behind one sign-in, with the bundle that is built into this program.

use super::parts::Parts;
use super::roles::Roles;
use crate::cli::RoleName;
use crate::config::Config;
use crate::exit;
use axum::Router as Routes;
use holdfast_chassis::access::ServiceKind;
use holdfast_chassis::shutdown::Shutdown;
use holdfast_chassis::web::{Asset, Bundle, Web, harden};
use holdfast_core::plan::Plan;
use holdfast_web::Page;
use std::collections::BTreeMap;

/// What somebody adds to the faces: the demo has a page of its own, and says on every page that its people are simulated.
#[derive(Default)]
pub(crate) struct Additions {
    /// Whether the people are simulated.
    pub(crate) demo: bool,
    /// Routes beside the faces.
    #[expect(clippy::type_complexity, reason = "one function, named once")]
    pub(crate) routes: Option<Box<dyn FnOnce(&Web) -> Routes + Send>>,
}

/// What is served over HTTP.
pub(super) struct Pages {
    /// The carriers' webhooks.
    pub(super) hooks: Routes,
    /// Desks, boards, and the sign-in before them.
    pub(super) faces: Routes,
}

impl Parts {
    /// Everything that is served over HTTP but the process's own manners (health, metrics).
    pub(super) fn pages(
        &self,
        config: &Config,
        roles: &Roles,
        plan: Option<&Plan>,
        additions: Additions,
        shutdown: &Shutdown,
    ) -> anyhow::Result<Pages> {
        let mut hooks = Routes::new();
        if roles.has(RoleName::Carrier) {
            hooks = hooks.merge(self.carrier(config, shutdown)?);
        }
        let tls = if config.web.address.is_some() { &config.web.tls } else { &config.http.tls }.is_some();
        let web = Web::new(self.access.clone(), &config.web, tls, bundle())?;
        let web = if additions.demo { web.demo() } else { web };
        let mut faces = Routes::new();
        if let Some(desk) = &self.desk {
            if let Some(names) = plan.and_then(|plan| plan.names.as_ref()) {
                desk.names().set(named(&names.regions), named(&names.needs), named(&names.centers));
            }
            faces = faces.merge(desk.routes(&web));
        }
        if roles.has(RoleName::Dashboard) {
            faces = faces.merge(self.dashboard(config, &web, shutdown)?);
        }
        if self.desk.is_some() || roles.has(RoleName::Dashboard) {
            faces = faces.merge(web.routes());
            if let Some(routes) = additions.routes {
                faces = faces.merge(routes(&web));
            }
        }
        Ok(Pages { hooks, faces: harden(faces, tls) })
    }

    /// Boards run on threads of their own: the line to the router, the fold, every page and every socket.
    fn dashboard(&self, config: &Config, web: &Web, shutdown: &Shutdown) -> anyhow::Result<Routes> {
        let _there = self.apart.enter();
        let line = self.line(config, ServiceKind::Dashboard)?;
        let dashboard = holdfast_dashboard::bind(config.dashboard.clone(), line, web.clone(), self.pressure.clone())?;
        holdfast_dashboard::describe_metrics();
        let dashboard = match &self.desk {
            Some(desk) => dashboard.after(desk.pace()),
            None => dashboard,
        };
        let routes = self.apart.routes(dashboard.routes());
        let shutdown = shutdown.clone();
        self.apart.spawn(async move { dashboard.run(shutdown).await });
        Ok(routes)
    }

    fn carrier(&self, config: &Config, shutdown: &Shutdown) -> anyhow::Result<Routes> {
        let carrier = holdfast_carrier::bind(config.carrier.clone(), self.line(config, ServiceKind::Carrier)?)?;
        let routes = carrier.routes();
        let shutdown = shutdown.clone();
        tokio::spawn(async move {
            carrier.run(shutdown.clone()).await;
            if !shutdown.is_triggered() {
                // It would go on taking webhooks, and nobody would ever be dialed again.
                tracing::error!("the carrier service ended; the process must end and be started anew");
                std::process::exit(exit::FATAL);
            }
        });
        Ok(routes)
    }
}

fn named<Id: ToString>(names: &BTreeMap<Id, String>) -> BTreeMap<String, String> {
    names.iter().map(|(id, name)| (id.to_string(), name.clone())).collect()
}

/// The pages and files that `make web` built into this program; none where it was built without Node.
fn bundle() -> Bundle {
    let page = |face: &str, boot: &str| {
        let page = match face {
            "desk" => Page::Desk,
            "board" => Page::Board,
            "wall" => Page::Wall,
            _ => return None,
        };
        holdfast_web::page(page, boot)
    };
    let asset = |path: &str| {
        let found = holdfast_web::asset(&format!("/assets/{path}"))?;
        Some(Asset { bytes: found.bytes, gzip: found.gzip, content_type: found.content_type })
    };
    Bundle::new(page, asset, holdfast_web::build_id())
}
