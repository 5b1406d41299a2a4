//! What does not start, and what it says: file and line, or the sentence that says what to do.

use crate::house::{House, text};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

/// What `serve` says when it refuses to start.
fn refused(house: &House) -> String {
    let ended = house.run(&["serve", "--config", "holdfast.toml"]);
    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{said}{}", text(&ended.stdout));
    said
}

/// What `check` says when it finds problems.
fn found(house: &House) -> String {
    let checked = house.run(&["check", "--config", "holdfast.toml"]);
    let said = text(&checked.stderr);
    assert_eq!(checked.status.code(), Some(3), "{said}{}", text(&checked.stdout));
    said
}

#[test]
fn a_key_nobody_knows_is_named_with_its_line() {
    let house = House::new();
    let place = format!("holdfast.toml:{}:", house.line_of("holdfast.toml", "headers_max"));
    house.edit("holdfast.toml", "headers_max", "headers_most");
    for said in [refused(&house), found(&house)] {
        assert!(said.contains(&place) && said.contains("headers_most"), "{said}");
    }
}

#[test]
fn a_plan_that_contradicts_itself_is_named_with_its_line() {
    let house = House::new();
    let place = format!("plan.toml:{}:", house.line_of("plan.toml", "need = \"youth\""));
    house.edit("plan.toml", "need = \"youth\"", "need = \"yuoth\"");
    for said in [refused(&house), found(&house)] {
        assert!(said.contains(&place) && said.contains("yuoth"), "{said}");
    }
}

#[test]
fn a_line_whose_account_is_not_configured_is_named_with_its_line() {
    let house = House::new();
    let line = house.line_of("plan.toml", "account = \"twilio-main\"");
    house.edit("plan.toml", "account = \"twilio-main\"", "account = \"twilio-west\"");
    let said = found(&house);
    assert!(said.contains(&format!("plan.toml:{line}: lines[0].account: no [[carrier.accounts]]")), "{said}");
    assert!(said.contains("`twilio-west`; there is twilio-main"), "{said}");
}

#[test]
fn an_account_that_cannot_be_used_is_found_before_the_start() {
    let house = House::new();
    house.edit("holdfast.toml", "https://line.example.org", "line.example.org");
    for said in [refused(&house), found(&house)] {
        assert!(said.contains("account `twilio-main`: public_url: the public address must begin"), "{said}");
    }
}

#[test]
fn levels_of_pressure_rise_from_one_to_the_next_or_nothing_starts() {
    let house = House::new();
    house.edit("holdfast.toml", "high = { wait_ms = 60000,", "high = { wait_ms = 59999,");
    for said in [refused(&house), found(&house)] {
        assert!(said.contains("router.pressure.high.wait_ms is 59999; use no less than"), "{said}");
    }
    let house = House::new();
    house.edit("holdfast.toml", "frame_high_ms = 2000", "frame_high_ms = 900");
    assert!(found(&house).contains("dashboard.frame_high_ms is 900; use 50 to 60000, and no less than"));
}

#[test]
fn desks_and_boards_of_their_own_address_need_tls_as_well() {
    let house = House::new();
    house.edit("holdfast.toml", "# address = \"127.0.0.1:7481\"", "address = \"0.0.0.0:0\"");
    assert!(refused(&house).contains("refusing to listen on 0.0.0.0:0 without TLS"));
    let said = found(&house);
    assert!(said.contains("web.address: refusing to listen on 0.0.0.0:0 without TLS"), "{said}");
}

#[test]
fn nothing_listens_beyond_this_machine_without_tls() {
    for (section, field) in [("grpc", "grpc.address"), ("http", "http.address")] {
        let house = House::new();
        let from = format!("[{section}]\naddress = \"127.0.0.1:0\"");
        house.edit("holdfast.toml", &from, &format!("[{section}]\naddress = \"0.0.0.0:0\""));
        assert!(refused(&house).contains("refusing to listen on 0.0.0.0:0 without TLS"));
        let said = found(&house);
        assert!(said.contains(&format!("{field}: refusing to listen on 0.0.0.0:0 without TLS")), "{said}");
    }
}

#[test]
fn the_master_key_must_be_there_and_nobody_elses() {
    let house = House::unfinished();
    assert!(refused(&house).contains("make one with `holdfast init`"));
    let made = house.run(&["init", "--config", "holdfast.toml"]);
    assert!(made.status.success());
    let again = house.run(&["init", "--config", "holdfast.toml"]);
    assert_eq!(again.status.code(), Some(1), "a second key would make everything unreadable");
    let key = house.path("master.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let said = refused(&house);
    assert!(said.contains("can be read by others (mode 644): chmod 600 it"), "{said}");
}

#[test]
fn two_processes_never_share_a_journal() {
    let house = House::new();
    let served = house.serve();
    let said = refused(&house);
    assert!(said.contains("another process has the journal: one process owns a directory"), "{said}");
    assert_eq!(served.terminate().0, Some(0), "the first goes on undisturbed");
}

#[test]
fn a_role_without_a_router_needs_to_know_where_it_is() {
    let house = House::new();
    let ended = house.run(&["serve", "--config", "holdfast.toml", "--roles", "carrier"]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(text(&ended.stderr).contains("needs a [link] section"), "{}", text(&ended.stderr));
}
