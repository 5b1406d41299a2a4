//! The same call over two processes: the queue and the desks in one, the telephone lines and the board in another.

use crate::house::{House, MAIN, wait_for};
use crate::persons::{AtDesk, carrier, ends_it, reach, takes_a_call};
use std::fs;

/// The configuration of a process whose router is elsewhere.
pub(crate) fn linked(house: &House, router: &str) {
    let text = fs::read_to_string(house.path("holdfast.toml")).unwrap();
    let (before, rest) = text.split_once("[router]\n").unwrap();
    let (_, after) = rest.split_once("[[carrier.accounts]]\n").unwrap();
    let link = format!(
        "[link]\nrouter = {{ uri = \"{router}\" }}\ncarrier_token_file = \"carrier-elsewhere.token\"\n\
         handoff_token_file = \"handoff-elsewhere.token\"\ndashboard_token_file = \"dashboard-elsewhere.token\"\n"
    );
    fs::write(house.path("elsewhere.toml"), format!("{before}{link}\n[[carrier.accounts]]\n{after}")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_serve_one_call() {
    let house = House::new();
    let carrier = carrier(&house).await;
    let queue = house.serve_as("holdfast.toml", "router,desk");
    linked(&house, &queue.server());
    let checked = house.run(&["check", "--config", "elsewhere.toml"]);
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
    let lines = house.serve_as("elsewhere.toml", "carrier,dashboard");
    assert!(lines.grpc.is_none());
    reach(&carrier, &lines);

    let mut desk = AtDesk::start(&house, &queue, "ana", "+12065550271");
    takes_a_call(&mut desk, &carrier, "+12065550147", MAIN, "All is well.");
    assert_eq!(lines.get_as("operator", "/board/plain").await.0, 200);
    let webhooks = reqwest::get(queue.url("/v1/carriers/twilio-main/voice")).await.unwrap();
    assert_eq!(webhooks.status().as_u16(), 404, "a process has the roles it was given");
    ends_it(&mut desk);
    wait_for("the person's line to be ended", || (carrier.live_persons() == 0).then_some(()));
    assert_eq!(lines.terminate().0, Some(0));
    assert_eq!(queue.terminate().0, Some(0));
    assert_eq!(house.events("ContactConnected").len(), 1);
}
