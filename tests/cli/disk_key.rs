//! `ebb disk-key register`, `get`, `list` and `reassign`

use {
    crate::custody::{Custody, DEVICE},
    base64::{prelude::BASE64_STANDARD, Engine},
    serde_json::json,
    std::fs,
};

#[test]
fn a_key_is_stored_and_registered_and_comes_out_again() {
    let custody = Custody::new();
    custody.lab.file("luks.key", "0123456789abcdef");
    let args = custody.registration("/dev/sda", &["--key-file", "luks.key", "--output", "json"]);
    let item = custody
        .run("register", &args)
        .exits(0)
        .warns("luks.key holds the key too")
        .item();
    assert_eq!(
        (
            &item["code"],
            &item["path"],
            &item["from"],
            &item["to"],
            &item["changed"]
        ),
        (
            &json!(DEVICE),
            &json!("/dev/sda"),
            &json!(null),
            &json!("registered"),
            &json!(true)
        )
    );
    let again = custody.run("register", &args).exits(0).item();
    assert_eq!(
        (&again["changed"], &again["signature"]),
        (&json!(false), &json!(null))
    );
    let key = &custody.list()[0];
    let commitment = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f";
    assert_eq!(key["device"], DEVICE);
    assert_eq!(key["custodian"], custody.custodian.pubkey);
    assert_eq!(
        (&key["commitment"], &key["stored_commitment"]),
        (&json!(commitment), &json!(commitment))
    );
    assert_eq!(key["differences"], json!([]));
    assert_eq!(custody.material("/dev/sda"), b"0123456789abcdef");
    custody
        .run("ls", &[DEVICE])
        .exits(0)
        .says("/dev/sda")
        .says("same");
}

#[test]
fn key_material_may_come_from_stdin_or_be_made() {
    let custody = Custody::new();
    let url = custody.lab.url();
    let args = custody.registration(
        "piped",
        &["--key-file", "-", "--custodian", &custody.custodian.path],
    );
    custody
        .lab
        .with(|command| {
            command
                .env("EBB_KEY_STORE", "store")
                .args(["--url", &url, "disk-key", "register"])
                .args(args)
                .write_stdin(&b"\x00\xff0123456789abcdef"[..])
        })
        .exits(0);
    assert_eq!(custody.material("piped"), b"\x00\xff0123456789abcdef");
    // The agent may let it be registered too.
    let made = [DEVICE, "made", "--generate", "--owner", &custody.agent.path];
    let secret = ["--identity", "identity.txt"];
    custody
        .run("register", &[&made[..], &secret].concat())
        .exits(0);
    assert_eq!(custody.material("made").len(), 64);
}

#[test]
fn nothing_is_stored_that_cannot_be_registered() {
    let custody = Custody::new();
    let stranger = custody.lab.key("stranger");
    let as_stranger = [
        DEVICE,
        "a",
        "--generate",
        "--identity",
        "identity.txt",
        "--owner",
        &stranger.path,
    ];
    custody
        .run("register", &as_stranger)
        .exits(4)
        .warns(&custody.owner.pubkey)
        .warns(&custody.agent.pubkey);
    custody
        .run("register", &custody.registration("a", &[]))
        .exits(2)
        .warns("--generate");
    custody.lab.file("short.key", "hunter2\n");
    custody
        .run(
            "register",
            &custody.registration("a", &["--key-file", "short.key"]),
        )
        .exits(2)
        .warns("could be guessed from its commitment");
    custody
        .run("register", &["ams-dz009", "a", "--generate"])
        .exits(3)
        .warns(DEVICE);
    custody
        .run(
            "register",
            &[DEVICE, "a", "--generate", "--owner", &custody.owner.path],
        )
        .exits(2)
        .warns("--passphrase-file FILE, or --identity FILE");
    custody.retire();
    custody.register("a").exits(4).warns(
        "disk keys are registered while pending, activated or draining only: ams-dz001 is retired",
    );
    assert!(!custody.store().exists());
}

#[test]
fn a_path_is_any_text_of_64_bytes_that_is_shown_as_what_it_is() {
    let custody = Custody::new();
    let longest = "ä".repeat(32);
    let odd = [
        "../../etc/passwd",
        "/",
        "a b",
        "a,b",
        "--",
        "é\u{301}\u{5d0}",
        "'\"$(id)",
        &longest,
    ];
    for path in odd {
        let mut args = custody.registration("", &["--generate", "--", DEVICE, path]);
        args.drain(..2);
        custody.run("register", &args).exits(0);
    }
    assert_eq!(custody.list().len(), odd.len());
    assert_eq!(custody.files("keys").len(), odd.len());
    assert_eq!(custody.material(&longest).len(), 64);
    for path in [
        "",
        "a\nb",
        "a\u{1b}[2J",
        "\u{202e}x",
        "sda\u{200b}",
        &format!("{longest}x"),
    ] {
        custody
            .register(path)
            .exits(2)
            .warns("1 to 64 bytes of UTF-8, not all blanks, without control or invisible characters, as in /dev/nvme0n1p3");
    }
    for path in [" ", "a ", "\u{a0}a"] {
        custody
            .register(path)
            .exits(2)
            .warns("a path does not begin or end with a blank");
    }
    #[cfg(unix)]
    custody
        .lab
        .with(|command| {
            let bytes = std::os::unix::ffi::OsStrExt::from_bytes(&b"/dev/\xff"[..]);
            command
                .args(["disk-key", "register", DEVICE])
                .arg::<&std::ffi::OsStr>(bytes)
        })
        .exits(2)
        .warns("UTF-8");
    custody.retire();
    custody.run("destroy", &[DEVICE, "--all", "--yes"]).exits(0);
    assert_eq!(
        (custody.status().as_str(), custody.files("keys").len()),
        ("retired", 0)
    );
}

#[test]
fn a_device_has_at_most_32_keys() {
    let custody = Custody::new();
    for number in 0..32 {
        custody.register(&format!("disk{number}")).exits(0);
    }
    custody
        .register("disk32")
        .exits(4)
        .warns("a device has at most 32 disk keys: ams-dz001 has 32");
    assert_eq!(custody.files("keys").len(), 32);
}

#[test]
fn key_material_serves_one_disk() {
    let custody = Custody::new();
    custody.lab.file("luks.key", "0123456789abcdef");
    let file = ["--key-file", "luks.key"];
    custody
        .run("register", &custody.registration("a", &file))
        .exits(0);
    custody
        .run("register", &custody.registration("b", &file))
        .exits(1)
        .warns("the store holds this very key material for a of ams-dz001");
    custody.lab.file("luks.key", "fedcba9876543210");
    custody
        .run("register", &custody.registration("a", &file))
        .exits(4)
        .warns("the device has a disk key at this path already")
        .warns("the key given has another");
}

#[test]
fn a_key_goes_to_a_new_file_only() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.lab.file("there", "mine");
    let get = |more: &[&str]| custody.run("get", &[&[DEVICE, "a"], more].concat());
    get(&["--out", "there", "--identity", "identity.txt"])
        .exits(2)
        .warns("nothing is written over");
    assert_eq!(fs::read(custody.lab.path().join("there")).unwrap(), b"mine");
    get(&["--out", "new"]).exits(2).warns("--identity FILE");
    assert!(!custody.lab.path().join("new").exists());
    let reported = get(&[
        "--out",
        "new",
        "--identity",
        "identity.txt",
        "--output",
        "json",
    ])
    .exits(0)
    .warns("wrote 64 bytes")
    .json();
    assert_eq!(
        (&reported["code"], &reported["bytes"]),
        (&json!(DEVICE), &json!(64))
    );
    #[cfg(unix)]
    {
        let mode = fs::metadata(custody.lab.path().join("new"))
            .unwrap()
            .permissions();
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
            0o600
        );
    }
    let piped = get(&["--identity", "identity.txt", "--output", "json"]);
    let piped = piped.exits(0).json();
    let key = BASE64_STANDARD.decode(piped["key_base64"].as_str().unwrap());
    assert_eq!(
        key.unwrap(),
        fs::read(custody.lab.path().join("new")).unwrap()
    );
    assert_eq!(piped["commitment"], reported["commitment"]);
    custody
        .run("get", &[DEVICE, "b", "--out", "b"])
        .exits(3)
        .warns("has no key for b of ams-dz001");
}

#[test]
fn a_store_opens_with_its_passphrase_only() {
    let custody = Custody::new();
    let right = custody.lab.file("right", "open sesame\n");
    let wrong = custody.lab.file("wrong", "open barley\n");
    let empty = custody.lab.file("empty", "\n");
    let register = |path: &str, passphrase: &str| {
        let args = [
            DEVICE,
            path,
            "--generate",
            "--owner",
            &custody.owner.path,
            "--passphrase-file",
            passphrase,
        ];
        custody.run("register", &args)
    };
    register("a", &empty)
        .exits(2)
        .warns("its first line is empty");
    register("a", &right).exits(0);
    register("b", &wrong)
        .exits(2)
        .warns("the passphrase is not that of the key store in store");
    let get = |passphrase: &str| {
        custody.run(
            "get",
            &[DEVICE, "a", "--out", "out", "--passphrase-file", passphrase],
        )
    };
    get(&wrong).exits(2).warns("the passphrase is not that");
    assert!(!custody.lab.path().join("out").exists());
    get(&right).exits(0);
    assert_eq!(custody.files("keys").len(), 1);
}

#[test]
fn another_custodian_is_named_by_the_authority() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    let new = custody.lab.key("new");
    let args = ["a", "--custodian", &new.pubkey, "--output", "json"];
    let args = [&["disk-key", "reassign", DEVICE], &args[..]].concat();
    custody
        .lab
        .ebb_as(&custody.custodian, &args)
        .exits(4)
        .says("Unauthorized");
    let item = custody.lab.ebb(&args).exits(0).item();
    assert_eq!(
        (&item["from"], &item["to"], &item["path"]),
        (
            &json!(custody.custodian.pubkey),
            &json!(new.pubkey),
            &json!("a")
        )
    );
    let again = custody.lab.ebb(&args).exits(0).item();
    assert_eq!(again["changed"], false);
    assert_eq!(custody.differences(), ["other-custodian"]);
    let absent = [
        "disk-key",
        "reassign",
        DEVICE,
        "b",
        "--custodian",
        &new.pubkey,
    ];
    custody.lab.ebb(&absent).exits(3).warns("no disk key at b");

    custody.retire();
    custody
        .run("destroy", &[DEVICE, "a", "--yes"])
        .exits(4)
        .warns("only the disk key's custodian may attest its destruction")
        .warns(&new.pubkey);
    assert_eq!(custody.files("keys").len(), 1);
    // The new one has the same store at hand.
    custody
        .run("destroy", &[DEVICE, "a", "--yes", "--custodian", &new.path])
        .exits(0)
        .says("retiring → retired");
}
