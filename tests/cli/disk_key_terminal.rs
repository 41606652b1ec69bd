//! `ebb disk-key` on a terminal: passphrases are asked for, and keys not shown.

use {
    crate::{
        custody::{Custody, DEVICE},
        disk_key_killed::register_and_kill,
        pty::{exit_code, kill, Pty},
        support::EBB,
    },
    rexpect::{
        process::WaitStatus,
        session::{spawn_command, PtySession},
    },
    std::process::Command,
};

const TIMEOUT_MS: u64 = 30_000;

fn start(custody: &Custody, args: &[&str]) -> PtySession {
    let mut command = Command::new(EBB);
    command
        .args(["--url", &custody.lab.url(), "disk-key"])
        .args(args);
    // A verb that signs nothing takes no key.
    if !args.starts_with(&["get"]) {
        command.args(["--keypair", &custody.custodian.path]);
    }
    command
        .current_dir(custody.lab.path())
        .env("HOME", custody.lab.path())
        .env("EBB_KEY_STORE", "store")
        .env("TERM", "xterm")
        .env("NO_COLOR", "1");
    spawn_command(command, Some(TIMEOUT_MS)).unwrap()
}

/// Answers questions; returns what was said after them and the exit code.
fn answer(mut session: PtySession, answers: &[(&str, &str)]) -> (String, i32) {
    for (question, answer) in answers {
        session.exp_string(question).unwrap();
        session.send_line(answer).unwrap();
    }
    let said = session.exp_eof().unwrap();
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (said, code),
        other => panic!("{other:?}: {said}"),
    }
}

#[test]
fn a_passphrase_is_asked_for_twice_and_then_once() {
    let custody = Custody::new();
    let register = [
        "register",
        DEVICE,
        "a",
        "--generate",
        "--owner",
        &custody.owner.path,
    ];
    let new = "Passphrase for the new key store in store";
    let answers = [(new, "sesame"), ("The same again", "sesame")];
    let (said, code) = answer(start(&custody, &register), &answers);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("registered the key of a") && !said.contains("sesame"),
        "{said}"
    );

    let get = ["get", DEVICE, "a", "--out", "out"];
    let wrong = [("Passphrase of the key store in store", "barley")];
    let (said, code) = answer(start(&custody, &get), &wrong);
    assert_eq!(code, 2, "{said}");
    assert!(!custody.lab.path().join("out").exists());
    let right = [("Passphrase of the key store in store", "sesame")];
    let (said, code) = answer(start(&custody, &get), &right);
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        std::fs::read(custody.lab.path().join("out")).unwrap().len(),
        64
    );
}

#[test]
fn a_key_does_not_go_to_a_terminal() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    let get = ["get", DEVICE, "a", "--identity", "identity.txt"];
    let (said, code) = answer(start(&custody, &get), &[]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("stdout is a terminal") && said.contains("--out FILE"),
        "{said}"
    );
}

#[test]
fn a_destruction_that_is_declined_does_nothing() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.retire();
    let destroy = ["destroy", DEVICE, "a", "--identity", "identity.txt"];
    let (said, code) = answer(
        start(&custody, &destroy),
        &[("can never be read again. Go on?", "n")],
    );
    assert_eq!(code, 1, "{said}");
    assert_eq!(custody.differences(), [""; 0]);
    let (said, code) = answer(
        start(&custody, &destroy),
        &[("can never be read again. Go on?", "y")],
    );
    assert_eq!(code, 0, "{said}");
    assert_eq!(custody.status(), "retired");
}

#[test]
fn a_key_that_is_registered_while_the_question_is_open_stays() {
    let custody = Custody::new();
    register_and_kill(&custody, "a");
    let material = custody.material("a");
    let mut session = start(
        &custody,
        &["destroy", DEVICE, "a", "--identity", "identity.txt"],
    );
    session.exp_string("Go on?").unwrap();
    custody.register("a").exits(0);
    session.send_line("y").unwrap();
    let said = session.exp_eof().unwrap();
    assert!(said.contains("was registered meanwhile"), "{said}");
    assert_eq!(custody.differences(), [""; 0]);
    assert_eq!(custody.material("a"), material);
}

#[test]
fn a_signal_while_a_passphrase_is_asked_for_ends_the_run() {
    for (signal, said, code) in [
        ("INT", "interrupted", 130),
        ("TERM", "ended by SIGTERM", 143),
    ] {
        let custody = Custody::new();
        let variables = [("TERM", "xterm"), ("EBB_KEY_STORE", "store")];
        let pty = Pty::of_kind(&custody.lab, &variables);
        let register = ["disk-key", "register", DEVICE, "a", "--generate", "--owner"];
        let register = [&register[..], &[&custody.owner.path]].concat();
        let mut session = pty.start(Some(&custody.custodian), &register);
        session
            .exp_string("Passphrase for the new key store in store")
            .unwrap();
        kill(&custody.lab, signal);
        session.exp_string(&format!("error: {said}")).unwrap();
        session.exp_eof().unwrap();
        assert_eq!(exit_code(&session), code);
        assert!(!custody.store().exists());
    }
}
