//! The master key's file, and what it takes to use it.

use holdfast_router::{MasterKey, MasterKeyError};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_master_key_is_made_once_and_read_only_by_its_owner() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master.key");
    assert!(matches!(MasterKey::load(&path), Err(MasterKeyError::Missing(_))));
    MasterKey::create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(MasterKey::create(&path), Err(MasterKeyError::Exists(_))), "never made anew over an old one");
    MasterKey::load(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(MasterKey::load(&path), Err(MasterKeyError::Exposed { .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    for text in ["", "holdfast-master-key-1 zz", "holdfast-master-key-1 00", &format!("other {}", "0".repeat(64))] {
        fs::write(&path, text).unwrap();
        assert!(matches!(MasterKey::load(&path), Err(MasterKeyError::Malformed(_))), "{text}");
    }
}
