//! Key stores that somebody changed who lacks their secret.

use {
    crate::custody::{Custody, DEVICE},
    serde_json::{json, Value},
    std::{
        fs,
        path::{Path, PathBuf},
    },
};

fn edit(file: &Path, change: impl FnOnce(&mut Value)) {
    let mut content: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    change(&mut content["content"]);
    fs::write(file, serde_json::to_vec(&content).unwrap()).unwrap();
}

fn file_of(custody: &Custody, folder: &str) -> PathBuf {
    let files = custody.files(folder);
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

#[test]
fn no_key_is_written_into_a_store_with_an_added_recipient() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    let stranger = age::x25519::Identity::generate().to_public().to_string();
    edit(&custody.store().join("store.json"), |content| {
        let recipients = content["recipients"].as_array_mut().unwrap();
        recipients.push(json!(stranger));
    });
    custody
        .register("b")
        .exits(1)
        .says_nothing()
        .warns("store.json is damaged: its signature is not this store's");
    assert_eq!(custody.files("keys").len(), 1);
    custody.run("list", &[]).exits(1);
}

#[test]
fn a_store_is_not_written_without_its_secret() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    let owner = ["--owner", &custody.owner.path];
    let register = [&[DEVICE, "b", "--generate"], &owner[..]].concat();
    custody
        .run("register", &register)
        .exits(2)
        .warns("opens with an age identity")
        .warns("--identity FILE");
    let other = age::x25519::Identity::generate();
    let other = custody.lab.file(
        "other.txt",
        age::secrecy::ExposeSecret::expose_secret(&other.to_string()),
    );
    let register = [&register[..], &["--identity", &other]].concat();
    custody
        .run("register", &register)
        .exits(2)
        .warns("no identity in that file opens the key store");
    assert_eq!(custody.files("keys").len(), 1);
    custody
        .run("list", &["--identity", &other])
        .exits(2)
        .says_nothing();
    custody
        .run("list", &["--identity", "identity.txt"])
        .exits(0)
        .says("same");
}

#[test]
fn a_changed_key_is_named_by_every_verb() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    let file = file_of(&custody, "keys");
    edit(&file, |content| {
        content["commitment"] = json!("07".repeat(32));
    });
    let name = file.file_name().unwrap().to_str().unwrap();
    let get = [DEVICE, "a", "--out", "out", "--identity", "identity.txt"];
    for run in [
        custody.run("list", &[]),
        custody.run("get", &get),
        custody.run("destroy", &[DEVICE, "a", "--yes"]),
    ] {
        run.exits(1)
            .warns(name)
            .warns("its signature is not this store's");
    }
    assert!(!custody.lab.path().join("out").exists());
}

#[test]
fn a_faked_destruction_is_not_attested() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.register("b").exits(0);
    custody.retire();
    let keys = custody.files("keys");
    custody.run("destroy", &[DEVICE, "a", "--yes"]).exits(0);
    let left = custody.files("keys").remove(0);
    let record = file_of(&custody, "destroyed");
    // The other key is taken away, and the record of the first made one of it.
    let key: Value = serde_json::from_slice(&fs::read(&left).unwrap()).unwrap();
    assert!(keys.contains(&left));
    let (device, path) = (&key["content"]["disk"], "b");
    assert_eq!(device["path"], path);
    fs::rename(&left, custody.lab.path().join("taken")).unwrap();
    edit(&record, |content| {
        content["disk"] = device.clone();
        content["commitment"] = key["content"]["commitment"].clone();
    });
    fs::rename(&record, record.with_file_name(destroyed_name(&key))).unwrap();
    custody
        .run("destroy", &[DEVICE, "b", "--yes"])
        .exits(1)
        .warns("its signature is not this store's");
    assert_eq!(custody.status(), "retiring");
}

/// The name that the record of a key's destruction has.
fn destroyed_name(key: &Value) -> String {
    use sha2::{Digest, Sha256};
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let content = &key["content"];
    let mut hasher = Sha256::new();
    for part in ["genesis", "program_id", "device"] {
        let part: solana_sdk::pubkey::Pubkey = text(&content["disk"][part]).parse().unwrap();
        hasher.update(part);
    }
    hasher.update(Sha256::digest(text(&content["disk"]["path"])));
    hasher.update(hex::decode(text(&content["commitment"])).unwrap());
    format!("{}.json", hex::encode(hasher.finalize()))
}

#[cfg(unix)]
#[test]
fn a_destroyed_key_that_is_put_back_is_not_registered_again() {
    let custody = Custody::new();
    crate::disk_key_killed::register_and_kill(&custody, "a");
    let file = file_of(&custody, "keys");
    let copy = custody.lab.path().join("copy");
    fs::copy(&file, &copy).unwrap();
    custody.run("destroy", &[DEVICE, "a", "--yes"]).exits(0);
    fs::rename(&copy, &file).unwrap();
    let get = [DEVICE, "a", "--out", "out", "--identity", "identity.txt"];
    for run in [custody.register("a"), custody.run("get", &get)] {
        run.exits(1)
            .warns("that it destroyed its key for a of ams-dz001, and the key is there")
            .warns("ebb disk-key destroy ams-dz001 a");
    }
    custody.run("destroy", &[DEVICE, "a", "--yes"]).exits(0);
    custody.register("a").exits(0);
    assert_eq!(custody.differences(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_store_that_others_may_write_is_refused() {
    use std::os::unix::fs::{symlink, PermissionsExt};
    let custody = Custody::new();
    custody.register("a").exits(0);
    let set = |mode| {
        fs::set_permissions(custody.store(), fs::Permissions::from_mode(mode)).unwrap();
    };
    set(0o777);
    custody
        .register("b")
        .exits(1)
        .warns("cannot use store: others may write to it, its mode is 0777");
    set(0o700);
    symlink(custody.store(), custody.lab.path().join("link")).unwrap();
    custody
        .run_on(
            "link",
            "register",
            &custody.registration("b", &["--generate"]),
        )
        .exits(1)
        .warns("cannot use link: it is a symbolic link");
    assert_eq!(custody.files("keys").len(), 1);
}
