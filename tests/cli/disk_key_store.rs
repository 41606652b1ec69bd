//! Key stores that are damaged, locked, or another ledger's.

use {
    crate::custody::{Custody, DEVICE},
    std::fs,
};

#[test]
fn a_damaged_key_is_named_and_left_as_it_is() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.register("b").exits(0);
    custody.retire();
    let file = custody.files("keys").remove(0);
    let good = fs::read(&file).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let damaged = &good[..good.len() - 20];
    fs::write(&file, damaged).unwrap();
    custody
        .run("list", &[])
        .exits(1)
        .says("on-chain-only")
        .says("same")
        .warns(name)
        .warns("is damaged");
    custody
        .run("destroy", &[DEVICE, "--all", "--yes"])
        .exits(1)
        .warns(name)
        .warns("is damaged");
    let both = custody
        .run("destroy", &[DEVICE, "a", "b", "--yes"])
        .exits(1);
    both.warns(name).says("and attested that");
    for path in ["a", "b"] {
        let vouch = [DEVICE, path, "--yes", "--destroyed-elsewhere"];
        custody.run("destroy", &vouch);
    }
    assert_eq!(fs::read(&file).unwrap(), damaged);
    assert_eq!(custody.status(), "retiring");
    fs::write(&file, good).unwrap();
    custody
        .run("destroy", &[DEVICE, "--all", "--yes"])
        .exits(0)
        .says("retiring → retired");
}

#[test]
fn a_damaged_store_is_named() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    fs::write(custody.store().join("store.json"), "{}").unwrap();
    for run in [custody.register("b"), custody.run("list", &[])] {
        run.exits(1)
            .warns("store.json is damaged")
            .warns("nothing was changed");
    }
    fs::remove_file(custody.store().join("store.json")).unwrap();
    custody.register("b").exits(2).warns("is no key store");
    assert_eq!(custody.files("keys").len(), 1);
}

#[test]
fn a_store_in_use_is_waited_for_and_then_given_up() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.retire();
    let lock = fs::File::open(custody.store().join("lock")).unwrap();
    lock.lock().unwrap();
    custody
        .run("destroy", &[DEVICE, "a", "--yes"])
        .exits(1)
        .warns("the key store in store is in use by another process; gave up after 10");
    // Reading needs no lock.
    assert_eq!(custody.differences(), [""; 0]);
    drop(lock);
    custody.run("destroy", &[DEVICE, "a", "--yes"]).exits(0);
    assert_eq!(custody.status(), "retired");
}

#[test]
fn keys_of_two_ledgers_do_not_mix() {
    let (custody, other) = (Custody::new(), Custody::new());
    let shared = custody.store();
    let shared = shared.to_str().unwrap();
    custody.register("a").exits(0);
    let run = |verb: &str, args: &[&str]| other.run_on(shared, verb, args);
    // Same program, same device, same path.
    run("list", &[]).exits(0).says_nothing();
    run("get", &[DEVICE, "a", "--out", "out"]).exits(3);
    other.retire();
    run("destroy", &[DEVICE, "a", "--yes"]).exits(3);
    assert_eq!(custody.differences(), [""; 0]);
    assert_eq!(custody.material("a").len(), 64);
}

#[test]
fn nothing_is_sent_that_the_store_could_not_do() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.retire();
    // Folders cannot be made where files are.
    custody.lab.file("store/destroyed", "in the way");
    custody
        .run("destroy", &[DEVICE, "a", "--yes"])
        .exits(1)
        .warns("destroyed");
    assert_eq!(custody.status(), "retiring");
    fs::remove_file(custody.store().join("destroyed")).unwrap();
    assert_eq!(custody.material("a").len(), 64);

    let custody = Custody::new();
    custody.register("a").exits(0);
    fs::rename(
        custody.store().join("keys"),
        custody.lab.path().join("away"),
    )
    .unwrap();
    custody.lab.file("store/keys", "in the way");
    custody.register("b").exits(1).warns("keys");
    fs::remove_file(custody.store().join("keys")).unwrap();
    fs::rename(
        custody.lab.path().join("away"),
        custody.store().join("keys"),
    )
    .unwrap();
    assert_eq!(custody.differences(), [""; 0]);
}

#[test]
fn the_right_kind_of_secret_is_named() {
    let custody = Custody::new();
    custody.lab.file("pass.txt", "sesame\n");
    custody.lab.file("empty.txt", "# a comment\n");
    custody.lab.file("cut.txt", "\nAGE-SECRET-KEY-1NOPE\n");
    let refusal = |store: &str, secret: [&str; 2]| {
        let list = custody.run_on(
            store,
            "list",
            &[&["--output", "json"], &secret[..]].concat(),
        );
        let error = list.exits(2).says_nothing().error();
        assert_eq!(error["kind"], "usage");
        error["message"].as_str().unwrap().to_owned()
    };
    let by_passphrase = custody.registration("a", &["--generate", "--passphrase-file", "pass.txt"]);
    let by_passphrase: Vec<_> = by_passphrase
        .into_iter()
        .filter(|arg| !["--identity", "identity.txt"].contains(arg))
        .collect();
    custody
        .run_on("by-passphrase", "register", &by_passphrase)
        .exits(0);
    custody.register("b").exits(0);
    assert_eq!(
        refusal("by-passphrase", ["--identity", "identity.txt"]),
        "the key store in by-passphrase opens with a passphrase, asked for or from --passphrase-file FILE"
    );
    for (file, message) in [
        (
            "pass.txt",
            "the key store in store opens with an age identity: --identity FILE",
        ),
        (
            "empty.txt",
            "cannot read an age identity from empty.txt: there is none in it",
        ),
        (
            "cut.txt",
            "cannot read an age identity from cut.txt: line 2 is no identity of age's",
        ),
    ] {
        let option = match file {
            "pass.txt" => "--passphrase-file",
            _ => "--identity",
        };
        assert_eq!(refusal("store", [option, file]), message);
    }
}
