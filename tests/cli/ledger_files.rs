//! The embedded ledger's folder, where somebody put something else in it.

#![cfg(unix)]

use {
    crate::support::Lab,
    std::{
        fs::{self, Permissions},
        os::unix::fs::{symlink, PermissionsExt},
    },
};

#[test]
fn a_link_in_the_folder_is_refused_and_what_it_points_to_is_left_alone() {
    let lab = Lab::initialized();
    let victim = lab.file("victim", "precious");
    for name in ["state.new", "clock", "lock"] {
        let path = lab.ledger().join(name);
        let _ = fs::remove_file(&path);
        symlink(&victim, &path).unwrap();
        let run = lab.ebb(&["registry", "set-policy", "--require-healthy", "true"]);
        run.exits(1).says_nothing().warns(&format!(
            "cannot use {}: it is a symbolic link",
            path.display()
        ));
        fs::remove_file(&path).unwrap();
    }
    assert_eq!(fs::read_to_string(victim).unwrap(), "precious");
    lab.ebb(&["registry", "set-policy", "--require-healthy", "true"])
        .exits(0);
}

#[test]
fn a_folder_that_others_may_write_is_refused() {
    let lab = Lab::initialized();
    let set = |mode| fs::set_permissions(lab.ledger(), Permissions::from_mode(mode)).unwrap();
    set(0o777);
    lab.ebb(&["registry", "get"])
        .exits(1)
        .says_nothing()
        .warns("others may write to it, its mode is 0777; right is chmod go-w");
    set(0o755);
    lab.ebb(&["registry", "get"]).exits(0);
}

#[test]
fn nothing_that_is_made_is_open_to_others_whatever_the_umask() {
    for umask in ["0000", "0002", "0077"] {
        let lab = Lab::new();
        let line = format!("umask {umask} && ebb -u embedded:made/here init");
        lab.shell(&line).exits(0);
        let dir = lab.path().join("made/here");
        let mode = |name: &str| {
            let metadata = fs::metadata(dir.join(name)).unwrap();
            metadata.permissions().mode() & 0o777
        };
        for name in ["", "EBB-LEDGER.txt", "state", "journal", "clock", "lock"] {
            assert_eq!(mode(name) & 0o022, 0, "{name} with umask {umask}");
        }
        assert_eq!((mode("keys"), mode("keys/default.json")), (0o700, 0o600));
    }
}
