//! `holdfast direct`, as an operator uses it: a real router, the real command line.

use crate::house::{House, Served, text};
use serde_json::Value;
use std::process::Output;

fn direct(house: &House, served: &Served, token: &str, arguments: &[&str]) -> Output {
    let server = served.server();
    let whole = [&["direct"], arguments, &["--server", &server, "--token-file", token]].concat();
    house.run(&whole)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_closes_a_center_sees_it_and_takes_it_back() {
    let house = House::new();
    let served = house.serve();
    let as_operator = |arguments: &[&str]| direct(&house, &served, "operator.token", arguments);

    let closed = as_operator(&["center", "harbor", "closed", "--for", "2h", "--reason", "no power in the building"]);
    assert_eq!(closed.status.code(), Some(0), "{}", text(&closed.stderr));
    assert!(text(&closed.stdout).starts_with("done; recorded at "));
    let diverted = as_operator(&[
        "queue",
        "florida/general/voice",
        "--to",
        "us/general/voice",
        "--for",
        "1h 30m",
        "--reason",
        "storm",
    ]);
    assert_eq!(diverted.status.code(), Some(0), "{}", text(&diverted.stderr));

    let table = text(&as_operator(&["list"]).stdout);
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(
        rows[1],
        ["harbor", "closed", "2:00", "h", "operator", "no", "power", "in", "the", "building"],
        "{table}"
    );
    assert_eq!(rows[2][..4], ["florida/general/voice", "as", "us/general/voice", "1:30"], "{table}");
    let json: Value = serde_json::from_slice(&as_operator(&["list", "-o", "json"]).stdout).unwrap();
    assert_eq!(json["directives"].as_array().unwrap().len(), 2, "{json}");
    assert_eq!(json["directives"][0]["what"], "closed", "{json}");

    for about in ["harbor", "florida/general/voice"] {
        assert_eq!(as_operator(&["end", about]).status.code(), Some(0));
    }
    assert_eq!(text(&as_operator(&["list"]).stdout).lines().count(), 1);
    let given = house_events(&house, served);
    assert_eq!(given, ["no power in the building", "storm"]);
}

/// The reasons in the journal, once nobody writes it any more.
fn house_events(house: &House, served: Served) -> Vec<String> {
    drop(served);
    let given = house.events("DirectiveGiven");
    given.iter().map(|it| it["directive"]["reason"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_directed_is_said_and_nothing_changes() {
    let house = House::new();
    let served = house.serve();
    let close =
        |center: &'static str, lasts: &'static str| ["center", center, "closed", "--for", lasts, "--reason", "a drill"];
    for (token, arguments, code, said) in [
        ("operator.token", close("harbour", "2h"), 1, "center harbour is not in the plan"),
        ("operator.token", close("harbor", "8d"), 1, "up to 7 days"),
        ("operator.token", close("harbor", "soon"), 1, "write 45m, 2h or 1d"),
        ("ana.token", close("harbor", "2h"), 5, "only a supervisor, an operator or an administrator"),
    ] {
        let refused = direct(&house, &served, token, &arguments);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains(said), "{}", text(&refused.stderr));
    }
    let without_reason = direct(&house, &served, "operator.token", &["center", "harbor", "closed", "--for", "2h"]);
    assert_eq!(without_reason.status.code(), Some(2), "{}", text(&without_reason.stderr));
    let misspelled = direct(&house, &served, "operator.token", &["end", "harbour"]);
    assert_eq!(misspelled.status.code(), Some(1), "{}", text(&misspelled.stdout));
    let not_a_queue = direct(&house, &served, "operator.token", &["end", "us/general"]);
    assert!(text(&not_a_queue.stderr).contains("write region/need/channel"), "{}", text(&not_a_queue.stderr));
    assert_eq!(text(&direct(&house, &served, "operator.token", &["list"]).stdout).lines().count(), 1);
}
