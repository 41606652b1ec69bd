//! `ebb device drain` on a terminal: it asks, then shows a bar until the device is drained.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        pty::{exit_code, kill, Pty},
        support::EBB,
    },
    rexpect::session::{spawn_command, PtySession},
    std::process::Command,
};

const TIMEOUT_MS: u64 = 20_000;

/// Starts the drain as the contributor.
fn drain(fleet: &Fleet) -> PtySession {
    drain_of(fleet, &[DEVICE])
}

fn drain_of(fleet: &Fleet, which: &[&str]) -> PtySession {
    let mut command = Command::new(EBB);
    command
        .args(["--url", &fleet.lab.url(), "--keypair", &fleet.owner.path])
        .args(["device", "drain"])
        .args(which)
        .current_dir(fleet.lab.path())
        .env("HOME", fleet.lab.path())
        .env("TERM", "xterm");
    spawn_command(command, Some(TIMEOUT_MS)).unwrap()
}

#[test]
fn it_asks_and_waits_by_default() {
    let fleet = Fleet::with_sessions(2);
    let mut session = drain(&fleet);
    session.exp_string("2 sessions will be closed").unwrap();
    session.exp_string("Go on?").unwrap();
    session.send_line("y").unwrap();
    session.flush().unwrap();
    session.exp_string("Ctrl-C stops watching").unwrap();
    session.exp_string("0/2 closed").unwrap();
    session
        .exp_string("waiting for 2 sessions to leave")
        .unwrap();
    fleet.close(0);
    session.exp_string("1 of 2 left").unwrap();
    fleet.close(1);
    session
        .exp_string("2 left by themselves, 0 evicted")
        .unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), 0);
}

#[test]
fn a_terminal_that_cannot_redraw_gets_lines_with_the_time() {
    // The last has no room for a bar.
    let kinds = [
        (0, &[("TERM", "dumb")][..]),
        (0, &[]),
        (40, &[("TERM", "xterm")]),
    ];
    for (columns, variables) in kinds {
        let fleet = Fleet::with_sessions(2);
        fleet.drain();
        let lab = &fleet.lab;
        let pty = Pty {
            lab,
            columns,
            variables,
        };
        let mut session = pty.start(None, &["device", "drain", DEVICE, "--wait"]);
        session.exp_string("Ctrl-C stops").unwrap();
        fleet.close(0);
        let before = session.exp_string("1 session closed, 1 of 2 left").unwrap();
        fleet.close(1);
        let after = session.exp_eof().unwrap();
        assert_eq!(exit_code(&session), 0);
        let said = format!("{before}1 session closed, 1 of 2 left{after}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
        let stamped: Vec<&str> = said
            .lines()
            .filter(|line| !line.contains("waiting for"))
            .filter_map(|line| line.split_once("Z ams-dz001"))
            .map(|(stamp, _)| stamp)
            .collect();
        // Two users left, and the drain ended.
        assert_eq!(stamped.len(), 3, "{said}");
        assert!(stamped.iter().all(|stamp| stamp.len() == 19), "{said}");
    }
}

#[test]
fn a_dumb_terminal_is_asked_on_without_escapes() {
    let fleet = Fleet::with_sessions(1);
    let pty = Pty::of_kind(&fleet.lab, &[("TERM", "dumb")]);
    let mut session = pty.start(Some(&fleet.owner), &["device", "drain", DEVICE]);
    let before = session
        .exp_string("ams-dz001 will be drained. Go on? [y/N] ")
        .unwrap();
    session.send_line("n").unwrap();
    let after = session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), 1);
    assert!(
        !before.contains('\u{1b}') && !after.contains('\u{1b}'),
        "{before:?}{after:?}"
    );
}

#[test]
fn a_signal_while_a_question_is_open_declines_it() {
    for (signal, said, code) in [
        ("TERM", "ended by SIGTERM", 143),
        ("HUP", "ended by SIGHUP", 129),
    ] {
        let fleet = Fleet::with_sessions(1);
        let pty = Pty::of_kind(&fleet.lab, &[("TERM", "xterm")]);
        let mut session = pty.start(Some(&fleet.owner), &["device", "drain", DEVICE]);
        session.exp_string("Go on? [y/N] ").unwrap();
        kill(&fleet.lab, signal);
        session.exp_string(&format!("error: {said}")).unwrap();
        session.exp_eof().unwrap();
        assert_eq!(exit_code(&session), code);
        assert_eq!(fleet.get(DEVICE)["provisioning_status"], "activated");
    }
}

#[test]
fn a_fleet_is_asked_about_once() {
    let fleet = Fleet::with_sessions(1);
    fleet.add("ams-dz002");
    let mut session = drain_of(&fleet, &["--location", "ams", "--detach"]);
    session.exp_string("WHAT HAPPENS").unwrap();
    session
        .exp_string("2 devices are being prepared for removal: 1 session will be closed")
        .unwrap();
    session
        .exp_string("ams-dz001, ams-dz002 will be drained. Go on?")
        .unwrap();
    session.send_line("y").unwrap();
    session.flush().unwrap();
    let said = session.exp_eof().unwrap();
    // What was asked is repeated with the answer, before Enter and after it.
    assert!(said.matches("Go on?").count() <= 2, "{said}");
    assert!(said.contains("draining, 1 left"), "{said}");
    assert_eq!(exit_code(&session), 0);
    assert_eq!(fleet.get("ams-dz002")["drained"], true);
}

#[test]
fn what_others_do_meanwhile_spoils_nothing() {
    let fleet = Fleet::with_sessions(0);
    let codes = [DEVICE, "ams-dz002", "ams-dz003", "ams-dz004"];
    codes[1..].iter().for_each(|code| fleet.add(code));
    let sequences = || codes.map(|code| fleet.get(code)["sequence"].as_u64().unwrap());
    let before = sequences();
    // All four are packed into one transaction, which is refused.
    let mut session = drain_of(
        &fleet,
        &["--location", "ams", "--detach", "--parallel", "1"],
    );
    session.exp_string("Go on?").unwrap();
    let hold = ["hold", DEVICE, "--kind", "pending-task", "--for", "1h"];
    fleet.device(&hold).exits(0);
    let drain = ["device", "drain", "ams-dz002", "--yes"];
    fleet.lab.ebb(&drain).exits(0);
    fleet.device(&["drain", "ams-dz003", "--yes"]).exits(0);
    session.send_line("y").unwrap();
    session.flush().unwrap();
    let said = session.exp_eof().unwrap();
    let row = |code: &str| {
        let mut rows = said.lines().filter(|line| line.starts_with(code));
        let words: Vec<&str> = rows.next_back().unwrap().split_whitespace().collect();
        words[1..].join(" ")
    };
    assert!(row(codes[0]).starts_with("failed: a live hold"), "{said}");
    assert!(row(codes[1]).starts_with("drained, as before"), "{said}");
    assert!(row(codes[2]).starts_with("drained "), "{said}");
    assert!(row(codes[3]).starts_with("drained "), "{said}");
    assert!(!row(codes[2]).contains("as before"), "{said}");
    assert!(!row(codes[3]).contains("as before"), "{said}");
    assert_eq!(exit_code(&session), 4);
    assert_eq!(sequences(), before.map(|sequence| sequence + 1));
}

#[test]
fn a_declined_drain_does_nothing() {
    let fleet = Fleet::with_sessions(1);
    let mut session = drain(&fleet);
    session.exp_string("Go on?").unwrap();
    session.send_line("n").unwrap();
    session.flush().unwrap();
    session.exp_string("declined").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), 1);
    assert_eq!(fleet.get(DEVICE)["provisioning_status"], "activated");
}

#[test]
fn ctrl_c_leaves_the_drain_going_on() {
    let fleet = Fleet::with_sessions(1);
    let mut session = drain(&fleet);
    session.exp_string("Go on?").unwrap();
    session.send_line("y").unwrap();
    session.flush().unwrap();
    session.exp_string("0/1 closed").unwrap();
    session.send_control('c').unwrap();
    session
        .exp_string("Stopped watching, which cancels no drain")
        .unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), 130);
    assert_eq!(fleet.get(DEVICE)["provisioning_status"], "draining");
}
