//! Who may import whom: the map of the house, kept over `cargo metadata`.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the map has failed")]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each crate of ours, and which of ours it may use. What is not listed is forbidden.
const MAP: &[(&str, &[&str])] = &[
    ("holdfast-proto", &[]),
    ("holdfast-core", &[]),
    ("holdfast-chassis", &[]),
    ("holdfast-carrier-codec", &[]),
    ("holdfast-journal", &["holdfast-core", "holdfast-proto"]),
    ("holdfast-plan", &["holdfast-core"]),
    ("holdfast-router", &["holdfast-core", "holdfast-journal", "holdfast-plan", "holdfast-proto", "holdfast-chassis"]),
    ("holdfast-carrier", &["holdfast-carrier-codec", "holdfast-proto", "holdfast-chassis"]),
    ("holdfast-desk", &["holdfast-proto", "holdfast-chassis"]),
    ("holdfast-handoff", &["holdfast-proto", "holdfast-chassis"]),
    ("holdfast-dashboard", &["holdfast-proto", "holdfast-chassis"]),
    ("holdfast-web", &[]),
    ("holdfast-loadtests", &["holdfast-proto", "holdfast-carrier-codec"]),
];

/// What may stand in the core beside itself: no clock, no I/O, nothing async.
const CORE_MAY_USE: &[&str] = &["thiserror"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// Every crate of ours, and what it depends on outside of tests.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let used = package["dependencies"].as_array().unwrap().iter();
            // Tests may use what they like (a null kind is a normal dependency).
            let used = used.filter(|it| it["kind"].as_str() != Some("dev"));
            let used = used.map(|it| it["name"].as_str().unwrap().to_owned()).collect();
            (package["name"].as_str().unwrap().to_owned(), used)
        })
        .collect()
}

#[test]
fn everybody_imports_only_whom_they_may() {
    let all = dependencies();
    for (name, used) in &all {
        if name == "holdfast" {
            continue;
        }
        let (_, may) = MAP.iter().find(|(it, _)| it == name).unwrap_or_else(|| panic!("{name} is not on the map"));
        for dependency in used.iter().filter(|it| it.starts_with("holdfast")) {
            assert!(may.contains(&dependency.as_str()), "{name} -> {dependency} is not allowed");
        }
    }
}

#[test]
fn the_core_is_pure() {
    let all = dependencies();
    for dependency in &all["holdfast-core"] {
        assert!(CORE_MAY_USE.contains(&dependency.as_str()), "the core uses {dependency}");
    }
    let lib = fs::read_to_string(root().join("services/router/core/src/lib.rs")).unwrap();
    assert!(lib.contains("#![no_std]"));
}

#[test]
fn only_the_driver_appends() {
    for file in sources("services/router/src") {
        let text = fs::read_to_string(&file).unwrap();
        let appends = text.contains("journal.append(");
        assert_eq!(appends, file.ends_with("driver.rs"), "{} appends to the journal", file.display());
    }
}

#[test]
fn only_the_carrier_names_a_vendor() {
    for dir in [
        "services/router",
        "services/desk",
        "services/handoff",
        "services/dashboard",
        "services/chassis",
        "proto/holdfast",
    ] {
        for file in sources(dir) {
            // Tests and benches use the example plan, and it names an account.
            if file.components().any(|it| ["tests", "benches", "plan"].iter().any(|exempt| it.as_os_str() == *exempt)) {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap().to_lowercase();
            for vendor in ["twilio", "telnyx", "vonage", "signalwire", "plivo"] {
                assert!(!text.contains(vendor), "{} names {vendor}", file.display());
            }
        }
    }
}

#[test]
fn wire_and_core_meet_only_where_they_may() {
    for file in sources("services/router/src") {
        let path = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        // Feeds are made of views, access looks at commands, and the gRPC face speaks the wire: all through `convert`.
        if ["/convert/", "/feed/", "access.rs", "grpc.rs"].iter().any(|it| path.contains(it)) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        assert!(!text.contains("holdfast_proto"), "{path} mentions the wire");
    }
}

fn sources(dir: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(dir)];
    while let Some(here) = open.pop() {
        for entry in fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "rs" || it == "proto") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{dir} has no sources");
    found
}
