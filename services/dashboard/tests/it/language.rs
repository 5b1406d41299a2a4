//! The plain board in either language, asked for over TCP as a browser asks.

use std::collections::BTreeSet;

use holdfast_proto::router::v1::{
    CapacitySnapshot, ContactState, CounselorView, HelpLevel, HelpView, QueueKey, Readiness,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::stage::{Stage, connected, contact, counselor, queue, snapshot, text};

/// The whole answer to a browser that likes these languages: head and page.
async fn ask(stage: &Stage, path: &str, likes: &str) -> String {
    let mut stream = TcpStream::connect(stage.address).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: board.test\r\nAuthorization: Bearer olga-token\r\nAccept: text/html\r\n\
         Accept-Language: {likes}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

/// What a person reads or is read, labels too, without the head of the answer.
fn words(answer: &str) -> BTreeSet<String> {
    let page = answer.split_once("<!DOCTYPE html>").unwrap().1;
    let labels = page.split("aria-label=\"").skip(1).filter_map(|it| it.split('"').next());
    let read = text(page);
    let split = labels.chain([read.as_str()]).flat_map(|it| it.split(|c: char| !c.is_alphabetic()));
    split.filter(|it| !it.is_empty()).map(str::to_lowercase).collect()
}

/// Both pages of one moment share names, units and the few words that are written alike, and nothing else.
async fn assert_apart(stage: &Stage) {
    let [english, spanish] =
        [ask(stage, "/board/plain?lang=en", "").await, ask(stage, "/board/plain?lang=es", "").await];
    let alike = ["a", "no", "s", "min", "plan", "utc", "chat", "coast", "harbor", "north", "west", "general"];
    let (english_words, spanish_words) = (words(&english), words(&spanish));
    let shared: Vec<_> =
        english_words.intersection(&spanish_words).filter(|it| !alike.contains(&it.as_str())).collect();
    assert!(shared.is_empty(), "{shared:?} of {}\n{}", text(&english), text(&spanish));
    assert!(english_words.len() > 30 && spanish_words.len() > 30);
    assert!(english.contains("<html lang=\"en\">") && spanish.contains("<html lang=\"es\">"));
}

fn busy() -> CapacitySnapshot {
    let chat = QueueKey { channel: holdfast_proto::router::v1::Channel::Chat.into(), ..queue("West") };
    let mut contacts = vec![connected("a", "North", 60, 5), connected("b", "North", 300, 100)];
    contacts.extend((0..10).map(|index| contact(&format!("w{index}"), "North", ContactState::Waiting, 100)));
    let mut asks = counselor("ana", "Harbor", Readiness::Available, 0);
    asks.help = Some(HelpView { level: HelpLevel::Join.into(), ..HelpView::default() });
    CapacitySnapshot {
        contacts,
        queues: vec![queue("North"), chat],
        counselors: vec![asks, CounselorView::default()],
        ..snapshot(&[])
    }
}

#[tokio::test]
async fn the_address_comes_first_and_then_what_the_browser_likes_best() {
    let mut stage = Stage::set().await;
    for heard in [false, true] {
        if heard {
            stage.follow().await.snapshot(busy()).await;
            stage.page_with("Waiting now 10").await;
        }
        for (path, likes, code, other) in [
            ("/board/plain", "", "en", "es"),
            ("/board/plain", "fr", "en", "es"),
            ("/board/plain", "es-MX,es;q=0.9,en;q=0.8", "es", "en"),
            ("/board/plain", "en-US,en;q=0.9,es;q=0.8", "en", "es"),
            ("/board/plain?lang=es", "en", "es", "en"),
            ("/board/plain?lang=en", "es", "en", "es"),
            ("/board/plain?lang=xx", "es", "es", "en"),
            ("/board/plain?lang=es&lang=en", "", "en", "es"),
        ] {
            let page = ask(&stage, path, likes).await;
            assert!(page.contains(&format!("<html lang=\"{code}\">")), "{path} {likes}: {page}");
            let link = format!("<a href=\"/board/plain?lang={other}\" lang=\"{other}\" hreflang=\"{other}\">");
            assert!(page.contains(&link), "{path} {likes}: {page}");
            // Neither names an address, so that the one that was asked for is loaded again, and its language with it.
            assert!(
                page.contains("http-equiv=\"refresh\" content=\"5\"") && page.contains("\r\nrefresh: 5\r\n"),
                "{page}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_is_in_one_language_only_before_in_the_middle_and_when_all_is_lost() {
    let mut stage = Stage::set().await;
    assert_apart(&stage).await;
    let mut feed = stage.follow().await;
    feed.snapshot(CapacitySnapshot::default()).await;
    stage.page_with("has no queues").await;
    assert_apart(&stage).await;
    feed.snapshot(busy()).await;
    stage.page_with("Somebody asks a supervisor to join").await;
    assert_apart(&stage).await;
    for advance_ms in [4_000, 40_000] {
        stage.clock.advance(advance_ms);
        assert_apart(&stage).await;
    }
}

#[tokio::test]
async fn spanish_speaks_as_the_live_board_does() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    feed.snapshot(busy()).await;
    stage.page_with("Waiting now 10").await;
    let page = ask(&stage, "/board/plain", "es").await;
    let read = text(&page);
    for part in [
        "<title>Esperan 10 · Capacidad</title>",
        "aria-label=\"Colas\"",
        "aria-label=\"Requiere una decisión\"",
        "8,3\u{a0}%",
        "meta 90\u{a0}%",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    for part in
        ["En vivo · 0,0 s", "Esperan ahora 10", "Pares libres / con alguien 0 / 0", "North · general · voz", "Actuar"]
    {
        assert!(read.contains(part), "{part} is not in {read}");
    }
    assert!(
        !page.contains("<script")
            && page.contains("\r\ncontent-security-policy: default-src 'none'; style-src 'self';")
    );
}

#[tokio::test]
async fn spanish_is_small_too_whatever_it_is_given() {
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let quotes = "\"".repeat(100);
    let queues: Vec<QueueKey> =
        (0..3_000).map(|index| QueueKey { need: quotes.clone(), ..queue(&format!("{index}{quotes}")) }).collect();
    let contacts = queues.iter().take(200).enumerate().map(|(index, queue)| {
        let held = contact(&format!("c{index}"), "", ContactState::Waiting, 100);
        holdfast_proto::router::v1::ContactView { queue: Some(queue.clone()), ..held }
    });
    feed.snapshot(CapacitySnapshot { contacts: contacts.collect(), queues, ..snapshot(&[]) }).await;
    stage.page_with("and 193 more").await;
    let page = ask(&stage, "/board/plain", "es").await;
    let page = page.split_once("\r\n\r\n").unwrap().1;
    assert!(text(page).contains("y 193 más") && text(page).contains("de 3000"));
    assert!(page.len() <= 30 * 1_024, "{} bytes", page.len());
    // With names as they are, all forty rows fit.
    let mut stage = Stage::set().await;
    let mut feed = stage.follow().await;
    let names: Vec<String> = (0..312).map(|index| format!("Region number {index}")).collect();
    feed.snapshot(snapshot(&names.iter().map(String::as_str).collect::<Vec<_>>())).await;
    stage.page_with("the first 40 of 312").await;
    let page = ask(&stage, "/board/plain", "es").await;
    assert!(text(&page).contains("las primeras 40 de 312"));
    assert!(page.len() <= 30 * 1_024, "{} bytes", page.len());
}
