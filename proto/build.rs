//! Compiles the protos with protox: no protoc is needed on any machine.

use std::path::PathBuf;
use std::{env, error::Error, fs};

const FILES: &[&str] = &[
    "holdfast/router/v1/router.proto",
    "holdfast/router/v1/command.proto",
    "holdfast/router/v1/directive.proto",
    "holdfast/router/v1/feed.proto",
    "holdfast/router/v1/explain.proto",
    "holdfast/desk/v1/desk.proto",
    "holdfast/handoff/v1/handoff.proto",
    "holdfast/journal/v1/terms.proto",
    "holdfast/journal/v1/plan.proto",
    "holdfast/journal/v1/event.proto",
    "holdfast/journal/v1/record.proto",
    "holdfast/journal/v1/snapshot.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=holdfast");
    let descriptors = protox::compile(FILES, ["."])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), prost::Message::encode_to_vec(&descriptors))?;
    // Positions are ordered as their contract says: by epoch, then by sequence.
    tonic_prost_build::configure()
        .bytes(".")
        .type_attribute(".holdfast.router.v1.Position", "#[derive(PartialOrd, Ord)]")
        .compile_fds(descriptors)?;
    Ok(())
}
