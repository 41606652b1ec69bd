//! What differs on a terminal: questions, colours, Ctrl-C.

use {
    crate::{
        pty::Pty,
        support::{Lab, EBB},
    },
    rexpect::{
        process::WaitStatus,
        session::{spawn_command, PtySession},
    },
    std::process::Command,
};

const TIMEOUT_MS: u64 = 20_000;

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
    spawn_command(command, Some(TIMEOUT_MS)).unwrap()
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
fn a_key_is_derived_from_a_seed_phrase_as_solana_keygen_does() {
    let lab = Lab::new();
    let phrase = "pill tomorrow foster begin walnut borrow virtual kick shift mutual shoe scatter";
    let of_key = "signed by 5Ra911yxjEZZsivku9qjew3VsHCmRckUyFTmmV9zXipe";
    let of_path = "signed by 5F86TNSTre3CYwZd1wELsGQGhqG2HkN3d8zxhbyBSnzm";
    let of_passphrase = "signed by 4APT7pzfk1j5oRrvF8f9MffaME1mwBGGiHP645EZycPM";
    for (source, passphrase, again, shown, code) in [
        ("prompt://", "", "", of_key, 4),
        ("prompt://?key=0/0", "", "", of_path, 4),
        ("prompt://", "pass", "pass", of_passphrase, 4),
        ("prompt://", "pass", "slip", "Passphrases did not match", 2),
    ] {
        let mut session = ebb(&lab, &["init", "-k", source], "1");
        session.exp_string("[--keypair] seed phrase: ").unwrap();
        session.send_line(phrase).unwrap();
        session.exp_string("press ENTER to continue: ").unwrap();
        session.send_line(passphrase).unwrap();
        if !again.is_empty() {
            let asked = session.exp_string("Enter same passphrase again: ").unwrap();
            assert!(!asked.contains(passphrase), "{asked}");
            session.send_line(again).unwrap();
        }
        let said = session.exp_eof().unwrap();
        assert!(said.contains(shown), "{said}");
        let ended = session.process().wait().unwrap();
        assert!(
            matches!(ended, WaitStatus::Exited(_, it) if it == code),
            "{ended:?}"
        );
    }
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
fn colours_obey_the_environment_everywhere_and_change_no_layout() {
    let lab = lab();
    let xterm = ("TERM", "xterm");
    let kinds = [
        (&[xterm][..], true),
        (&[xterm, ("CLICOLOR", "1")], true),
        (&[xterm, ("NO_COLOR", "")], true),
        (&[xterm, ("NO_COLOR", "1")], false),
        (&[xterm, ("CLICOLOR", "0")], false),
        (&[xterm, ("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&[xterm, ("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0")], true),
        (&[("TERM", "dumb")], false),
        (&[("TERM", "dumb"), ("CI", "true")], false),
        (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true),
        (&[], false),
    ];
    for args in [
        &["contributor", "list"][..],
        &["contributor", "get", "co01"],
        &["contributor", "suspend", "--help"],
        &["contributor", "suspnd"],
        &["lifecycle"],
    ] {
        let plain = Pty::of_kind(&lab, &[]).run(None, args);
        for (variables, are_coloured) in kinds {
            let (said, code) = Pty::of_kind(&lab, variables).run(None, args);
            assert_eq!(
                said.contains('\u{1b}'),
                are_coloured,
                "{args:?} {variables:?}"
            );
            assert_eq!((uncoloured(&said), code), plain, "{args:?} {variables:?}");
        }
    }
}

#[test]
fn colours_are_forced_off_a_terminal() {
    let lab = lab();
    let list = ["--url", &lab.url(), "contributor", "list"];
    let plain = lab.bare(&list).exits(0).stdout;
    let forced = lab.with(|command| command.env("CLICOLOR_FORCE", "1").args(list));
    let forced = forced.exits(0).stdout;
    assert!(forced.starts_with("\u{1b}[1mCODE\u{1b}[0m  "), "{forced:?}");
    assert_eq!(uncoloured(&forced), plain);
}

/// A text without its colours.
fn uncoloured(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap().to_owned();
    first
        + &parts
            .map(|part| part.split_once('m').unwrap().1)
            .collect::<String>()
}
