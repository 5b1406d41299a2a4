//! Settings files, the environment over them, and where errors point.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use holdfast_chassis::access::PrincipalSettings;
use holdfast_chassis::server::GrpcSettings;
use holdfast_chassis::settings::{Environment, Place, Secret, SecretError, SettingsError, load, parse};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    name: String,
    password: Option<Secret>,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    grpc: GrpcSettings,
    #[serde(default)]
    principals: Vec<PrincipalSettings>,
}

const FILE: &str = r#"name = "east"
password = "hush"
regions = ["ny", "nj"]

[grpc]
address = "127.0.0.1:7440"
rpcs_max = 64

[[principals]]
name = "maria"
role = "counselor"
token_sha256 = "00"
"#;

fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    parse(text, Path::new("holdfast.toml"), &variables.iter().copied().collect())
}

fn mistake(text: &str, variables: &[(&str, &str)]) -> (Place, Option<String>, String) {
    match read(text, variables).unwrap_err() {
        SettingsError::Malformed { place, field, message } => (place, field, message),
        other => panic!("{other}"),
    }
}

fn at(line: usize, column: usize) -> Place {
    Place::File { path: "holdfast.toml".into(), line, column }
}

#[test]
fn a_file_becomes_the_callers_struct() {
    let settings = read(FILE, &[]).unwrap();
    assert_eq!((settings.name.as_str(), settings.grpc.rpcs_max), ("east", 64));
    assert_eq!(settings.password.as_ref().unwrap().expose(), "hush");
    assert_eq!(settings.principals.len(), 1);
    assert!(!format!("{settings:?}").contains("hush"));
}

#[test]
fn the_environment_lies_over_the_file() {
    let settings = read(
        FILE,
        &[
            ("HOLDFAST__NAME", "west"),
            ("HOLDFAST__GRPC__RPCS_MAX", "128"),
            ("HOLDFAST__GRPC__REFLECTION", "true"),
            ("HOLDFAST__GRPC__ADDRESS", "127.0.0.1:1"),
            ("HOLDFAST__PASSWORD", "\"12345\""),
            ("HOLDFAST__REGIONS", "[\"vt\"]"),
            ("HOLDFASTLY", "not ours"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(settings.name, "west");
    assert_eq!((settings.grpc.rpcs_max, settings.grpc.reflection), (128, true));
    assert_eq!(settings.grpc.address.unwrap().port(), 1);
    assert_eq!(settings.password.unwrap().expose(), "12345");
    assert_eq!(settings.regions, ["vt"]);
    // A section which the file does not have is made.
    assert_eq!(read("name = 'x'", &[("HOLDFAST__GRPC__RPCS_MAX", "7")]).unwrap().grpc.rpcs_max, 7);
}

#[test]
fn mistakes_in_the_file_point_at_line_column_and_field() {
    let cases = [
        ("rpcs_max = 64", "rpcs_max = \"many\"", (7, 12), "grpc.rpcs_max"),
        ("rpcs_max = 64", "rpc_max = 64", (7, 1), "grpc.rpc_max"),
        ("\"127.0.0.1:7440\"", "\"nowhere\"", (6, 11), "grpc.address"),
        ("role = \"counselor\"", "role = 3", (11, 8), "principals[0].role"),
        ("\"nj\"]", "7]", (3, 18), "regions[1]"),
    ];
    for (right, wrong, (line, column), field) in cases {
        let (place, named, message) = mistake(&FILE.replace(right, wrong), &[]);
        assert_eq!(place, at(line, column), "{wrong}: {message}");
        assert_eq!(named.as_deref(), Some(field), "{message}");
    }
    let (place, _, message) = mistake("name = \"east\"\nregions = [\n", &[]);
    assert!(matches!(place, Place::File { line: 2 | 3, .. }), "{place} {message}");
    let (_, _, message) = mistake("regions = []", &[]);
    assert!(message.contains("missing field `name`"), "{message}");
    let shown = read(&FILE.replace("64", "-1"), &[]).unwrap_err().to_string();
    assert!(shown.starts_with("holdfast.toml:7:12: grpc.rpcs_max: "), "{shown}");
}

#[test]
fn mistakes_in_the_environment_name_the_variable() {
    let cases = [
        ("HOLDFAST__GRPC__RPCS_MAX", "many", "grpc.rpcs_max"),
        ("HOLDFAST__GRPC__RPC_MAX", "1", "grpc.rpc_max"),
        ("HOLDFAST__REGIONS", "[\"ny\", 7]", "regions[1]"),
        ("HOLDFAST__NAME__FIRST", "x", "name.first"),
        ("HOLDFAST__GRPC____X", "1", "grpc..x"),
    ];
    for (variable, value, field) in cases {
        let (place, named, message) = mistake(FILE, &[(variable, value)]);
        assert_eq!(place, Place::Environment { variable: variable.to_owned() }, "{message}");
        assert_eq!(named.as_deref(), Some(field), "{message}");
    }
}

#[test]
fn no_mistake_quotes_a_secret() {
    for value in ["12345", "1.5", "true", "[12345]", "{ a = 12345 }"] {
        let (_, _, message) = mistake(&FILE.replace("\"hush\"", value), &[]);
        assert!(!message.contains("12345") && !message.contains("1.5") && !message.contains("true"), "{message}");
    }
    let environment: Environment = [("HOLDFAST__PASSWORD", "hush")].into_iter().collect();
    assert!(!format!("{environment:?}").contains("hush"));
}

#[test]
fn a_secret_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let write = |content: &[u8], mode| {
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        Secret::from_file(&path)
    };
    assert_eq!(write(b"hush\n", 0o600).unwrap().expose(), "hush");
    for mode in [0o640, 0o604, 0o620, 0o644] {
        assert!(matches!(write(b"hush", mode), Err(SecretError::Exposed { mode: found, .. }) if found == mode));
    }
    for content in [b"".as_slice(), b"\n", b"\xff\xfe", &vec![b'x'; 64 * 1024 + 1]] {
        assert!(matches!(write(content, 0o600), Err(SecretError::Malformed { .. })));
    }
    let absent = folder.path().join("absent");
    assert!(matches!(Secret::from_file(&absent), Err(SecretError::Unreadable { .. })));
    assert!(matches!(load::<Settings>(&absent, &Environment::none()), Err(SettingsError::Unreadable { .. })));
}
