//! `ebb top`: refused where there is no screen, and a terminal that is left however it ends. What it shows is tried in
//! `scripts/check-top`.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        pty::{exit_code, kill, Pty},
        server::Server,
        support::EBB,
    },
    rexpect::session::{spawn_command, PtySession},
    std::{process::Command, thread, time::Duration},
};

const TIMEOUT_MS: u64 = 30_000;
/// What takes the screen over, and what gives it back with the cursor.
const ENTER: &str = "\u{1b}[?1049h";
const LEAVE: &str = "\u{1b}[?1049l\u{1b}[?25h";

/// Starts it on the ledger.
fn start(fleet: &Fleet) -> PtySession {
    let mut session = start_on(fleet, ["--url", &fleet.lab.url()]);
    session.exp_string("ebb top  1 device, 0 draining").unwrap();
    session
}

/// Starts it on a terminal of 80 columns and 24 rows. The option names what is read.
fn start_on(fleet: &Fleet, origin: [&str; 2]) -> PtySession {
    let mut command = Command::new("sh");
    let script = "echo $$ >pid; stty -echo cols 80 rows 24; exec \"$@\"";
    command
        .args(["-c", script, "sh", EBB])
        .args(origin)
        .arg("top")
        .current_dir(fleet.lab.path())
        .env("HOME", fleet.lab.path())
        .env("TERM", "xterm")
        .env("NO_COLOR", "1");
    let mut session = spawn_command(command, Some(TIMEOUT_MS)).unwrap();
    session.exp_string(ENTER).unwrap();
    session
}

/// Draws everything anew until the command that brings the device back has this behind it. Between words the cursor is moved.
fn wait_for_undrain(session: &mut PtySession, said: &str) {
    for _ in 0..600 {
        session.send("\u{c}").unwrap();
        session.flush().unwrap();
        let (_, found) = session.exp_regex("bring|refused:.{1,9}policy").unwrap();
        if found.ends_with(said) {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("there never was {said}");
}

/// Returns what comes behind the screen, and the exit code.
fn end(mut session: PtySession) -> (String, i32) {
    session.exp_string(LEAVE).unwrap();
    let rest = session.exp_eof().unwrap();
    let rest = rest.replace("\u{1b}[?25h", "").replace("\r\n", "\n");
    (rest, exit_code(&session))
}

#[test]
fn keys_end_it_and_the_terminal_is_left() {
    let fleet = Fleet::with_sessions(0);
    for (key, said, code) in [
        ("q", "", 0),
        ("\u{1b}", "", 0),
        ("\u{3}", "error: interrupted\n", 130),
    ] {
        let mut session = start(&fleet);
        session.send(key).unwrap();
        session.flush().unwrap();
        assert_eq!(end(session), (said.to_owned(), code));
    }
}

#[test]
fn signals_end_it_and_the_terminal_is_left() {
    let fleet = Fleet::with_sessions(0);
    for (signal, said, code) in [
        ("INT", "error: interrupted\n", 130),
        ("TERM", "error: ended by SIGTERM\n", 143),
        ("HUP", "error: ended by SIGHUP\n", 129),
    ] {
        let session = start(&fleet);
        kill(&fleet.lab, signal);
        assert_eq!(end(session), (said.to_owned(), code), "{signal}");
    }
}

#[test]
fn an_error_that_is_no_outage_leaves_the_terminal_before_it_is_reported() {
    let fleet = Fleet::with_sessions(0);
    let session = start(&fleet);
    std::fs::write(fleet.lab.ledger().join("state"), "damaged").unwrap();
    let (said, code) = end(session);
    assert_eq!(code, 1, "{said}");
    assert!(said.starts_with("error: "), "{said}");
}

#[test]
fn what_policy_refuses_is_no_command_of_the_ledgers_or_a_servers_device() {
    let fleet = Fleet::with_sessions(0);
    fleet.require_healthy();
    fleet.report_healthy(DEVICE);
    fleet.drain();
    let server = Server::start_with(&fleet.lab, &["--no-history"]);
    for origin in [["--url", &fleet.lab.url()], ["--server", server.url()]] {
        let mut session = start_on(&fleet, origin);
        wait_for_undrain(&mut session, "policy");
        fleet.report_healthy(DEVICE);
        wait_for_undrain(&mut session, "bring");
        session.send("q").unwrap();
        session.flush().unwrap();
        assert_eq!(end(session), (String::new(), 0));
        // The next change of status asks for another report.
        fleet.device(&["undrain", DEVICE, "--yes"]).exits(0);
        fleet.drain();
    }
}

#[test]
fn without_a_screen_it_is_refused() {
    let fleet = Fleet::with_sessions(0);
    let lab = &fleet.lab;
    let hint = "hint: right is, without one, `ebb device list` for what is there now, and `ebb device watch` for changes as lines";
    lab.ebb(&["top"])
        .exits(2)
        .says_nothing()
        .warns("error: `ebb top` fills the screen of a terminal, and stdin or stdout is none\n")
        .warns(hint);
    lab.ebb(&["top", "--output", "json"])
        .exits(2)
        .says_nothing()
        .warns("`ebb top` fills a screen, and writes no JSON");
    lab.ebb(&["top", "--location", "absent"]).exits(2);
    for variables in [&[("TERM", "dumb")][..], &[("TERM", "")], &[]] {
        let (said, code) = Pty::of_kind(lab, variables).run(None, &["top"]);
        assert_eq!(code, 2, "{said}");
        let refusal = "error: `ebb top` fills the screen of a terminal, and by TERM, this one can only be written to line by line\n";
        assert_eq!(said, format!("{refusal}{hint}\n"));
    }
}

#[test]
fn what_is_not_there_is_reported_before_the_screen_is_taken() {
    let fleet = Fleet::with_sessions(0);
    let xterm = [("TERM", "xterm"), ("NO_COLOR", "1")];
    let pty = Pty::of_kind(&fleet.lab, &xterm);
    let (said, code) = pty.run(None, &["top", "--location", "absent"]);
    assert_eq!(code, 3, "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
    assert!(said.contains("absent"), "{said}");
    assert_eq!(fleet.get(DEVICE)["code"], DEVICE);
}
