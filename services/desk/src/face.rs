//! The browser's door: the desk's page, and its socket behind the gate.

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use holdfast_chassis::web::{DESK_ROLES, Web, socket};

use crate::session::Shared;
use crate::window;

#[derive(Clone)]
struct Face {
    shared: Shared,
    web: Web,
}

pub(crate) fn routes(shared: Shared, web: Web) -> Router {
    Router::new().route("/desk", get(page)).route("/ui/v1/desk", get(open)).with_state(Face { shared, web })
}

async fn page(State(Face { web, .. }): State<Face>, request: Parts) -> Response {
    match web.page_for(&request, DESK_ROLES) {
        Ok(pass) => web.face("desk", &request, &pass.principal),
        Err(elsewhere) => elsewhere,
    }
}

async fn open(
    State(Face { shared, web }): State<Face>,
    request: Parts,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let pass = match web.speaker_for(&request, DESK_ROLES) {
        Ok(pass) => pass,
        Err(refused) => return refused,
    };
    match upgrade {
        Ok(upgrade) => {
            let build = web.build();
            socket::bounded(upgrade, socket::MESSAGE_BYTES_MAX)
                .on_upgrade(move |socket| Box::pin(window::run(shared, pass, build, socket)))
        }
        Err(rejection) => rejection.into_response(),
    }
}
