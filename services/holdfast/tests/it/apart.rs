//! What may be slow has a listener and threads of its own, and they give way.

use crate::house::{House, wait_for};
use std::fs;

/// Each thread of a process by its name, with by how much it gives way.
fn threads(process: u32) -> Vec<(String, i64)> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap().map_while(Result::ok);
    // A thread may end while it is looked at.
    let stats = tasks.filter_map(|task| fs::read_to_string(task.path().join("stat")).ok());
    stats
        .map(|stat| {
            let (name, rest) = stat.split_once('(').unwrap().1.rsplit_once(')').unwrap();
            (name.to_owned(), rest.split_whitespace().nth(16).unwrap().parse().unwrap())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn boards_have_an_address_and_threads_of_their_own() {
    let house = House::new();
    house.edit("holdfast.toml", "# address = \"127.0.0.1:7481\"", "address = \"127.0.0.1:0\"");
    let served = house.serve();
    let web = served.web.expect("an address of its own");
    assert_ne!(web, served.http);
    let status = async |address: std::net::SocketAddr, path: &str| {
        let asked = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        asked.get(format!("http://{address}{path}")).send().await.unwrap().status().as_u16()
    };
    for (path, at_http, at_web) in [
        ("/healthz", 200, 404),
        ("/metrics", 200, 404),
        ("/v1/carriers/twilio-main/voice", 405, 404),
        ("/sign-in", 404, 200),
        ("/board/plain.css", 404, 200),
        ("/desk", 404, 401),
    ] {
        assert_eq!((status(served.http, path).await, status(web, path).await), (at_http, at_web), "{path}");
    }
    let threads = threads(served.process());
    let (apart, others): (Vec<_>, Vec<_>) = threads.into_iter().partition(|(name, _)| name == "holdfast-apart");
    let writer = others.iter().find(|(name, _)| name == "holdfast-writer").map(|(_, nice)| *nice).unwrap();
    assert!(others.iter().all(|(_, nice)| *nice == writer), "{others:?}");
    assert!(!apart.is_empty() && apart.iter().all(|(_, nice)| *nice > writer), "{apart:?}");
    assert_eq!(served.terminate().0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_of_their_own_everything_is_at_one_as_before() {
    let house = House::new();
    let served = house.serve();
    assert_eq!(served.web, None);
    for path in ["/healthz", "/metrics", "/board/plain"] {
        assert_eq!(served.get_as("operator", path).await.0, 200, "{path}");
    }
    let level = wait_for("the level of pressure", || {
        let page = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(served.get_as("operator", "/metrics"))
        });
        page.1.lines().find(|line| line.starts_with("holdfast_pressure_level")).map(str::to_owned)
    });
    assert_eq!(level, "holdfast_pressure_level 0");
}
