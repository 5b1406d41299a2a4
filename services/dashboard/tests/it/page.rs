//! The page itself: its age, its size, its safety, and what never stands on it.

use axum::http::StatusCode;
use holdfast_proto::router::v1::{
    CapacitySnapshot, ContactState, ContactView, CounselorView, HelpLevel, HelpView, QueueKey, Readiness,
};

use crate::stage::{Stage, contact, counselor, queue, snapshot, text};

#[tokio::test]
async fn before_the_router_is_heard_the_page_says_so() {
    let stage = Stage::set().await;
    let answer = stage.get("/board/plain").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(text(&stage.page().await).contains("This board has not heard from the router yet."));
}

#[tokio::test]
async fn every_answer_forbids_scripts_and_strangers() {
    let mut stage = Stage::set().await;
    let answer = stage.get("/board/plain").await;
    let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'none'; style-src 'self';"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "same-origin");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("refresh"), "5");
    let mut feed = stage.follow().await;
    feed.snapshot(snapshot(&["North"])).await;
    let page = stage.page_with("North").await;
    for forbidden in ["<script", "javascript:", " onload", " style=", "http://", "https://"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("<link rel=\"stylesheet\" href=\"/board/plain.css\">"));
    let style = stage.get("/board/plain.css").await;
    assert_eq!(style.headers().get("content-type").unwrap(), "text/css; charset=utf-8");
    for part in ["<caption>", "scope=\"col\"", "scope=\"row\"", "lang=\"en\"", "http-equiv=\"refresh\" content=\"5\""] {
        assert!(page.contains(part), "{part}");
    }
}

#[tokio::test]
async fn data_age_is_live_then_late_then_lost() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let waiting = vec![contact("a", "North", ContactState::Waiting, 10)];
    feed.snapshot(CapacitySnapshot { contacts: waiting, ..snapshot(&["North"]) }).await;
    stage.page_with("Live · 0.0 s").await;
    for (advance_ms, words) in [
        (400, "Live · 0.4 s"),
        (1_600, "Live · 2.0 s"),
        (1, "Late · 2 s"),
        (2_999, "Late · 5 s"),
        (1, "Lost · as of 14:02:11 UTC"),
    ] {
        stage.clock.advance(advance_ms);
        let page = text(&stage.page().await);
        assert!(page.contains(words), "{words:?} is not in {page}");
    }
    // Numbers stay, and waits go on growing.
    let page = text(&stage.page().await);
    assert!(page.contains("Waiting now 1") && page.contains("Longest wait 0:15"), "{page}");
    feed.contacts(Vec::new()).await;
    stage.page_with("Live · 0.0 s").await;
}

#[tokio::test]
async fn hostile_names_are_escaped_and_cut() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let hostile = snapshot(&["<script>alert(1)</script>", "\"><b>&\u{202e}\r\n", &"w".repeat(500)]);
    feed.snapshot(CapacitySnapshot { network: "<i>".to_owned(), ..hostile }).await;
    let page = stage.page_with("Capacity").await;
    let page = if page.contains("alert") { page } else { stage.page_with("alert").await };
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert!(page.contains("&quot;&gt;&lt;b&gt;&amp;"));
    for forbidden in ["<script", "<b>", "<i>", "\u{202e}", &"w".repeat(33)] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[tokio::test]
async fn the_page_is_small_whatever_it_is_given() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let queues: Vec<QueueKey> = (0..3_000)
        .map(|index| QueueKey { need: "\"".repeat(100), ..queue(&format!("{index}{}", "\"".repeat(100))) })
        .collect();
    // And with as many decisions as are shown, about those names.
    let contacts = queues.iter().take(200).enumerate().map(|(index, queue)| ContactView {
        queue: Some(queue.clone()),
        ..contact(&format!("c{index}"), "", ContactState::Waiting, 100)
    });
    feed.snapshot(CapacitySnapshot { contacts: contacts.collect(), queues, ..snapshot(&[]) }).await;
    let page = stage.page_with("and 193 more").await;
    assert!(text(&page).contains("of 3000") && text(&page).contains("longest wait 1:40, 1 waiting"));
    assert!(page.len() <= 30 * 1_024, "{} bytes", page.len());
    let rows = page.matches("scope=\"row\"").count();
    assert!((20..=40).contains(&rows), "{rows} rows");
    // With names as they are, all forty rows fit.
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let names: Vec<String> = (0..312).map(|index| format!("Region number {index}")).collect();
    feed.snapshot(snapshot(&names.iter().map(String::as_str).collect::<Vec<_>>())).await;
    let page = stage.page_with("the first 40 of 312").await;
    assert_eq!(page.matches("scope=\"row\"").count(), 40);
    assert!(page.len() <= 30 * 1_024, "{} bytes", page.len());
}

#[tokio::test]
async fn nobody_is_named_on_the_board() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let id = "0123456789abcdef0123456789abcdef";
    let mut held = contact(id, "North", ContactState::Waiting, 10);
    held.counselor_id = "ana-the-counselor".to_owned();
    feed.snapshot(CapacitySnapshot {
        contacts: vec![held],
        counselors: vec![CounselorView {
            help: Some(HelpView { level: HelpLevel::Join.into(), contact_id: id.to_owned(), ..HelpView::default() }),
            name: "Ana Counselor".to_owned(),
            ..counselor("ana-the-counselor", "Harbor", Readiness::Available, 0)
        }],
        ..snapshot(&["North"])
    })
    .await;
    let page = stage.page_with("Somebody asks a supervisor to join").await;
    for named in [id, "ana-the-counselor", "Ana Counselor"] {
        assert!(!page.contains(named), "{named}");
    }
}
