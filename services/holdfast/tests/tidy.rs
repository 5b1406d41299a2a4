//! The file rules: every file says what it is for, none is too long, no name is a drawer, every element of the wire is explained.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the house has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// The longest a source file may be.
const LINES_MAX: usize = 500;
/// Names that say nothing about what is inside.
const DRAWERS: &[&str] = &["utils", "util", "common", "helpers", "helper", "manager", "misc", "types"];
/// Words the field does not use for these things.
const NOT_OURS: &[&str] = &["TaskQueue", "Ticket", "AgentId", "WorkerId"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn files(extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> =
        ["proto", "services", "loadtests", "deploy"].iter().map(|it| root().join(it)).collect();
    while let Some(here) = open.pop() {
        for entry in fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && name != "node_modules" {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    for file in files("rs") {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} does not open with //!", file.display());
    }
}

#[test]
fn no_file_is_too_long() {
    for file in files("rs") {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LINES_MAX, "{} has {lines} lines; split it", file.display());
    }
}

#[test]
fn no_name_is_a_drawer() {
    for file in files("rs") {
        for part in file.strip_prefix(root()).unwrap().components() {
            let name = part.as_os_str().to_string_lossy();
            let stem = name.trim_end_matches(".rs");
            assert!(!DRAWERS.contains(&stem), "{}: name what is inside", file.display());
        }
    }
}

#[test]
fn nothing_is_left_unfinished() {
    let marks =
        ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "unimplemented".to_owned() + "!(", "todo".to_owned() + "!("];
    for file in files("rs").into_iter().chain(files("proto")) {
        let text = fs::read_to_string(&file).unwrap();
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} has {mark}", file.display());
        }
    }
}

#[test]
fn one_word_for_one_thing() {
    for file in files("rs") {
        if file.ends_with("tidy.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for word in NOT_OURS {
            assert!(!text.contains(word), "{} says {word}", file.display());
        }
    }
}

#[test]
fn every_element_of_the_wire_is_explained() {
    for file in files("proto") {
        let text = fs::read_to_string(&file).unwrap();
        let mut explained = false;
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            let element = ["message ", "service ", "rpc ", "enum ", "oneof "].iter().any(|it| line.starts_with(it))
                || (line.ends_with(';') && line.contains(" = ") && !line.starts_with("syntax"));
            assert!(!element || explained, "{}:{}: explain it in a comment above: {line}", file.display(), number + 1);
            explained = line.starts_with("//");
        }
    }
}

#[test]
fn every_crate_keeps_the_lints() {
    for file in files("toml").into_iter().filter(|it| it.ends_with("Cargo.toml")) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{} does not keep the workspace's lints", file.display());
    }
}

#[test]
fn no_path_of_a_machine_is_in_the_tree() {
    let here = root();
    let parent = format!("{}/", here.display());
    for extension in ["rs", "toml", "proto", "md", "sh", "txt", "json"] {
        let mut all = if ["md", "json", "txt", "sh"].contains(&extension) { Vec::new() } else { files(extension) };
        all.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Makefile"].map(|it| here.join(it)));
        for file in all {
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains(&parent), "{} carries a path of this machine", file.display());
        }
    }
}
