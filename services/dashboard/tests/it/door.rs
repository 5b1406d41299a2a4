//! Who is let in, and how a board ends.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_dashboard::DashboardSettings;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::stage::{Stage, people_without, snapshot};
use crate::viewer::{Viewer, from_page, request};

/// How an upgrade was refused: the status, and the problem's words.
fn refused(answer: Result<Viewer, Error>) -> (u16, String) {
    match answer {
        Err(Error::Http(response)) => {
            let problem: Value =
                serde_json::from_slice(response.body().as_deref().unwrap_or_default()).unwrap_or_default();
            (response.status().as_u16(), problem["detail"].as_str().unwrap_or_default().to_owned())
        }
        Err(other) => panic!("not refused over HTTP: {other}"),
        Ok(_) => panic!("let in"),
    }
}

fn cookie(who: &str) -> String {
    format!("holdfast={}", URL_SAFE_NO_PAD.encode(format!("{who}-token")))
}

#[tokio::test]
async fn supervisors_operators_and_administrators_look_and_nobody_else_does() {
    let stage = Stage::set().await;
    for who in ["olga", "sam", "ada"] {
        let viewer = Viewer::open(&stage, who).await;
        assert_eq!(viewer.hello["me"]["name"], who);
        for path in ["/board", "/wall", "/board/plain"] {
            assert_eq!(stage.get_as(who, path).await.status(), StatusCode::OK, "{who} {path}");
        }
    }
    for (who, role) in [("ana", "counselor"), ("pat", "peer")] {
        assert_eq!(refused(Viewer::ask(&stage, request(who)).await), (403, format!("this is not open to a {role}")));
        for path in ["/board", "/wall", "/board/plain"] {
            let answer = stage.get_as(who, path).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{who} {path}");
            let page = answer.into_body().collect().await.unwrap().to_bytes();
            assert!(String::from_utf8_lossy(&page).contains("This page is not part of your role"), "{path}");
        }
    }
    assert_eq!(refused(Viewer::ask(&stage, request("")).await).0, 401);
    assert_eq!(refused(Viewer::ask(&stage, request("nobody")).await).0, 401);
    for path in ["/board", "/wall", "/board/plain"] {
        let answer = stage.get_as("", path).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{path}");
        assert!(answer.headers()["location"].to_str().unwrap().starts_with("/sign-in"), "{path}");
    }
    // Nothing in a stylesheet is anybody's secret.
    assert_eq!(stage.get_as("", "/board/plain.css").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_page_from_elsewhere_does_not_ride_on_a_cookie() {
    let stage = Stage::set().await;
    let ours = "http://board.test";
    Viewer::ask(&stage, from_page(&cookie("olga"), ours)).await.unwrap();
    for elsewhere in ["http://evil.test", "https://board.test", "http://board.test:81", "null"] {
        let (status, detail) = refused(Viewer::ask(&stage, from_page(&cookie("olga"), elsewhere)).await);
        assert_eq!(status, 403, "{elsewhere}");
        assert!(detail.contains("does not come from a page of ours"), "{detail}");
    }
    assert_eq!(refused(Viewer::ask(&stage, from_page(&cookie("ana"), ours)).await).0, 403);
    assert_eq!(refused(Viewer::ask(&stage, from_page("holdfast=x", ours)).await).0, 401);
}

#[tokio::test]
async fn the_pages_are_the_bundles_and_say_who_looks() {
    let stage = Stage::set().await;
    for face in ["board", "wall"] {
        let answer = stage.get_as("sam", &format!("/{face}")).await;
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self';"));
        let page = answer.into_body().collect().await.unwrap().to_bytes();
        let page = String::from_utf8_lossy(&page).into_owned();
        assert!(page.contains(&format!("<title>{face}</title>")) && page.contains("\"role\":\"supervisor\""), "{page}");
    }
}

#[tokio::test]
async fn the_plain_board_may_be_opened_to_a_closed_network() {
    let stage = Stage::set_with(DashboardSettings { plain_public: true, ..DashboardSettings::default() }).await;
    assert_eq!(stage.get_as("", "/board/plain").await.status(), StatusCode::OK);
    assert_eq!(stage.get_as("", "/board").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(refused(Viewer::ask(&stage, request("")).await).0, 401);
}

#[tokio::test]
async fn whoever_is_taken_out_of_the_table_sees_no_more() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let (mut olga, mut sam) = (Viewer::open(&stage, "olga").await, Viewer::open(&stage, "sam").await);
    olga.until("the board", |board| board["seq"] == 1).await;
    stage.access.replace(&people_without(&["olga"])).unwrap();
    let why = olga.closed().await.unwrap();
    assert_eq!((why.code, why.reason.as_str()), (CloseCode::Policy, "signed out"));
    sam.until("the board", |board| board["seq"] == 1).await;
}

#[tokio::test]
async fn one_board_too_many_is_told_to_come_back_and_finds_room_when_another_closed() {
    let stage = Stage::set_with(DashboardSettings { viewers_max: 1, ..DashboardSettings::default() }).await;
    let first = Viewer::open(&stage, "olga").await;
    let (status, detail) = refused(Viewer::ask(&stage, request("sam")).await);
    assert_eq!(status, 503);
    assert!(detail.contains("/board/plain"), "{detail}");
    drop(first);
    let again = async {
        while Viewer::ask(&stage, request("sam")).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::viewer::PATIENCE, again).await.unwrap();
}

#[tokio::test]
async fn open_boards_are_told_when_the_process_ends() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let mut viewer = Viewer::open(&stage, "olga").await;
    viewer.until("the board", |board| board["seq"] == 1).await;
    stage.shutdown.trigger();
    let why = viewer.closed().await.unwrap();
    assert_eq!((why.code, why.reason.as_str()), (CloseCode::Away, "restarting; come back"));
}

#[tokio::test]
async fn a_board_that_was_restarted_is_of_a_later_epoch() {
    let mut epochs = Vec::new();
    for restarted_after_ms in [0, 5_000] {
        let mut stage = Stage::set_after(restarted_after_ms).await;
        let mut feed = stage.follow().await;
        feed.snapshot(snapshot(&["North"])).await;
        let mut viewer = Viewer::open(&stage, "olga").await;
        let board = viewer.until("the board", |board| board["seq"] == 1).await;
        epochs.push(board["epoch"].as_u64().unwrap());
    }
    // Whoever comes back with a place of the first is not mistaken for one who has seen the frames of the second.
    assert!(epochs[0] < epochs[1], "{epochs:?}");
}
