//! The example configuration: complete, on this machine only, free of mistakes, and honest about what must be replaced.

use crate::house::{House, examples, text};
use holdfast::config::Config;

#[test]
fn the_example_loads_with_its_plan_and_stays_on_this_machine() {
    let config = Config::load(&examples().join("holdfast.toml")).unwrap();
    assert!(config.grpc.address.unwrap().ip().is_loopback() && config.http.address.ip().is_loopback());
    let plan = holdfast_plan::load(&config.router().unwrap().plan_file).unwrap();
    assert!(plan.warnings.is_empty());
    for line in plan.plan.lines.values() {
        assert!(config.carrier.accounts.iter().any(|account| account.name == line.account.to_string()));
    }
    assert_eq!(config.known_secrets().len(), 3);
}

#[test]
fn the_example_passes_check_and_check_says_what_to_replace() {
    let house = House::unfinished();
    let example = examples().join("holdfast.toml");
    let checked = house.run(&["check", "--config", example.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
    assert_eq!(text(&checked.stdout), "no problems found\n");
    let warned = text(&checked.stderr);
    for what in ["principal `ana`", "principal `operator`", "auth_token of account `twilio-main`"] {
        assert!(warned.contains(what), "{warned}");
    }
}

#[test]
fn the_example_names_every_setting_of_its_roles() {
    let example = std::fs::read_to_string(examples().join("holdfast.toml")).unwrap();
    // What a setting's own type would say is asked of the type: every key of the defaults stands in the example.
    let desk = serde_json::to_value(holdfast_desk::DeskSettings::default()).unwrap();
    let handoff = serde_json::to_value(holdfast_handoff::HandoffSettings::default()).unwrap();
    let dashboard = serde_json::to_value(holdfast_dashboard::DashboardSettings::default()).unwrap();
    let grpc = serde_json::to_value(holdfast_chassis::server::GrpcSettings::default()).unwrap();
    let http = serde_json::to_value(holdfast_chassis::http::HttpSettings::default()).unwrap();
    let pressure = serde_json::to_value(holdfast_chassis::pressure::PressureSettings::default()).unwrap();
    for settings in [desk, handoff, dashboard, grpc, http, pressure] {
        for key in settings.as_object().unwrap().keys() {
            assert!(example.contains(&format!("\n{key} = ")) || example.contains(&format!("\n# {key} = ")), "{key}");
        }
    }
}

#[test]
fn the_carriers_token_may_stand_in_a_file() {
    let house = House::unfinished();
    house.edit("holdfast.toml", "auth_token = \"replace-this-token\"", "auth_token_file = \"ana.token\"");
    let checked = house.run(&["check", "--config", "holdfast.toml"]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
    house.edit("holdfast.toml", "ana.token", "missing.token");
    let checked = house.run(&["check", "--config", "holdfast.toml"]);
    assert_eq!(checked.status.code(), Some(3));
    assert!(text(&checked.stderr).contains("account `twilio-main`: auth_token_file: cannot read the secret file"));
}
