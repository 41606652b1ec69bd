//! `ebb demo`

use crate::support::Lab;

#[test]
fn its_commands_work_on_the_ledger_it_leaves() {
    let lab = Lab::new();
    let dir = lab.path().join("the demo's folder");
    let run = lab
        .bare(&["demo", "--dir", dir.to_str().unwrap()])
        .exits(0)
        .says("3 of 4 left")
        .says("drained")
        .says("draining → activated")
        .warns("ams-dz001 is being prepared for removal: 4 sessions will be closed")
        .warns("the signer holds no role")
        .warns("#1 critical-traffic until")
        .warns("ams has 1 activated device and keeps at least 1")
        .warns(", 1 at a time. Ctrl-C starts no more")
        .says("TOOK")
        .says("\n  scripts/lab\n");
    let commands: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .collect();
    assert!(commands.len() > 15, "{}", run.stdout);
    for command in commands {
        let refused = command.contains("co02.json") || command.ends_with(" drain ams-dz001 --yes");
        lab.shell(command).exits(if refused { 4 } else { 0 });
    }
}

#[test]
fn it_can_be_played_again() {
    let lab = Lab::new();
    for _ in 0..2 {
        lab.bare(&["demo", "--dir", "lab"]).exits(0).says("stay in");
    }
}

#[test]
fn it_leaves_other_peoples_folders_alone() {
    let lab = Lab::new();
    lab.file("mine.txt", "mine");
    lab.bare(&["demo", "--dir", "."])
        .exits(1)
        .warns("is no Ebb ledger");
    lab.bare(&["--url", "testnet", "demo"])
        .exits(2)
        .warns("--dir");
    lab.bare(&["--output", "json", "demo"]).exits(2);
}

#[cfg(unix)]
#[test]
fn it_writes_through_no_link() {
    use std::{fs, os::unix::fs::symlink};
    let lab = Lab::new();
    lab.bare(&["--url", "embedded:lab", "init"]).exits(0);
    let victim = lab.file("victim", "precious");
    symlink(&victim, lab.path().join("lab/passphrase.txt")).unwrap();
    lab.bare(&["demo", "--dir", "lab"])
        .exits(1)
        .warns("passphrase.txt: it is a symbolic link");
    assert_eq!(fs::read_to_string(victim).unwrap(), "precious");
}
