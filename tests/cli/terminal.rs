//! What differs on a terminal: questions, colours, Ctrl-C.

use {
    crate::support::{Lab, EBB},
    rexpect::{
        process::WaitStatus,
        session::{spawn_command, PtySession},
    },
    std::process::Command,
};

const PATIENCE_MS: u64 = 20_000;

/// A ledger with the contributor `co01`.
fn lab() -> Lab {
    let lab = Lab::initialized();
    let owner = lab.key("owner");
    lab.ebb(&[
        "contributor",
        "create",
        "co01",
        "--authority",
        &owner.pubkey,
    ])
    .exits(0);
    lab
}

fn ebb(lab: &Lab, args: &[&str], no_color: &str) -> PtySession {
    let mut command = Command::new(EBB);
    command
        .args(["--url", &lab.url()])
        .args(args)
        .current_dir(lab.path())
        .env("HOME", lab.path())
        .env("TERM", "xterm")
        .env("NO_COLOR", no_color);
    spawn_command(command, Some(PATIENCE_MS)).unwrap()
}

/// Answers the question whether to suspend `co01`; returns what was said then and the exit code.
fn answer(lab: &Lab, key: &str) -> (String, i32) {
    let mut session = ebb(lab, &["contributor", "suspend", "co01"], "1");
    session.exp_string("Go on?").unwrap();
    session.send(key).unwrap();
    session.flush().unwrap();
    let said = session.exp_eof().unwrap();
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (said, code),
        other => panic!("{other:?}: {said}"),
    }
}

#[test]
fn a_declined_question_does_nothing() {
    let lab = lab();
    let (said, code) = answer(&lab, "n\n");
    assert!(said.contains("declined: nothing was done"), "{said}");
    assert_eq!(code, 1);
    lab.ebb(&["contributor", "resume", "co01"])
        .exits(0)
        .says("is not suspended");
}

#[test]
fn a_question_that_is_agreed_to_does_it() {
    let lab = lab();
    let (said, code) = answer(&lab, "y\n");
    assert!(said.contains("co01: suspended"), "{said}");
    assert_eq!(code, 0);
}

#[test]
fn a_question_takes_no_answer_before_enter() {
    let lab = lab();
    for keys in ["yn\n", "y\u{3}"] {
        let (said, code) = answer(&lab, keys);
        assert!(code == 1 || code == 130, "{keys:?}: {said}");
    }
    lab.ebb(&["contributor", "resume", "co01"])
        .exits(0)
        .says("is not suspended");
}

#[test]
fn ctrl_c_while_a_seed_phrase_is_asked_for_is_exit_130() {
    let lab = lab();
    let suspend = ["contributor", "suspend", "co01", "--yes"];
    let mut session = ebb(&lab, &[&suspend[..], &["-k", "prompt://"]].concat(), "1");
    session.exp_string("seed phrase").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("interrupted").unwrap();
    session.exp_eof().unwrap();
    let ended = session.process().wait().unwrap();
    assert!(matches!(ended, WaitStatus::Exited(_, 130)), "{ended:?}");
}

#[test]
fn ctrl_c_is_exit_130() {
    let lab = lab();
    let (_, code) = answer(&lab, "\u{3}");
    assert_eq!(code, 130);
    lab.ebb(&["contributor", "resume", "co01"])
        .exits(0)
        .says("is not suspended");
}

#[test]
fn tables_have_colours_unless_no_color_says_otherwise() {
    let lab = lab();
    let said = |no_color| {
        ebb(&lab, &["contributor", "list"], no_color)
            .exp_eof()
            .unwrap()
    };
    assert!(said("").contains('\u{1b}'));
    assert!(!said("1").contains('\u{1b}'));
}
