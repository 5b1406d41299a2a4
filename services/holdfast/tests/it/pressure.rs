//! A whole process under pressure: its level rises with the first command that waits, is told, and is left by time alone, also with
//! a dashboard that hears of it in the same process.

use crate::house::{House, Served, wait_for};
use crate::persons::AtDesk;

async fn level(served: &Served) -> Option<u8> {
    let page = served.get_as("operator", "/metrics").await.1;
    let line = page.lines().find_map(|line| line.strip_prefix("holdfast_pressure_level "))?;
    line.trim().parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_level_rises_with_the_first_command_that_waits_and_is_left_by_time_alone() {
    let house = House::new();
    for level in ["raised", "high"] {
        let never = format!("{level} = {{ wait_ms = 60000, commit_ms = 60000 }}");
        house.edit("holdfast.toml", &never, &format!("{level} = {{ wait_ms = 0, commit_ms = 60000 }}"));
    }
    house.edit("holdfast.toml", "smooth_ms = 1000", "smooth_ms = 50");
    house.edit("holdfast.toml", "hold_ms = 60000", "hold_ms = 3000");
    house.edit("holdfast.toml", "readmit_ms = 10000", "readmit_ms = 0");
    let served = house.serve();
    let ask = || tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(level(&served)));
    let desk = AtDesk::start(&house, &served, "ana", "+12065550271");
    wait_for("pressure", || (ask()? == 2).then_some(()));
    // A question is turned away in words; the desk is there all the same.
    let asks = ["explain", &"0".repeat(32), "--server", &served.server(), "--token-file", "operator.token"];
    let refused = house.run(&asks);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(words.contains("people on the line come first"), "{words}");
    wait_for("calm", || (ask()? == 0).then_some(()));
    let refused = house.run(&asks);
    assert!(!String::from_utf8_lossy(&refused.stderr).contains("come first"), "{refused:?}");
    drop(desk);
}
