//! Turns `dist/` into a table of what the crate embeds. It never runs npm: without a built bundle the table is empty, and the
//! crate builds all the same.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=dist");
    let dist = here.join("dist");
    let build = fs::read_to_string(dist.join("build")).unwrap_or_default();
    let mut table = String::new();
    let _ = writeln!(table, "const BUILD: &str = {:?};", build.trim());
    for face in ["desk", "board", "wall"] {
        let shell = fs::read_to_string(dist.join(format!("{face}.html"))).ok();
        let _ = writeln!(table, "const {}: Option<&str> = {shell:?};", face.to_uppercase());
    }
    let _ = writeln!(table, "const ASSETS: &[(&str, Asset)] = &[");
    for file in assets(&dist.join("assets")) {
        entry(&mut table, &file);
    }
    table.push_str("];\n");
    fs::write(out.join("table.rs"), table)
}

/// The files to embed, by name; the compressed twins are found beside them.
fn assets(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.flatten().map(|it| it.path()).collect();
    found.retain(|it| it.extension().is_some_and(|it| it != "gz"));
    found.sort();
    found
}

fn entry(table: &mut String, file: &Path) {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut gz = file.as_os_str().to_owned();
    gz.push(".gz");
    let gzip = if Path::new(&gz).exists() { format!("Some(include_bytes!({gz:?}))") } else { "None".to_owned() };
    let kind = match file.extension().and_then(|it| it.to_str()) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let _ = writeln!(
        table,
        "({name:?}, Asset {{ bytes: include_bytes!({file:?}), gzip: {gzip}, content_type: {kind:?} }}),"
    );
}
