//! `ebb disk-key` killed at work. No hook in the binary is needed: between its steps it waits for locks, which are
//! held here; and it is killed at many moments in no step with its work.

use {
    crate::custody::{differences, wait_until, Custody, DEVICE},
    serde_json::{json, Value},
    std::{fs::File, path::Path, process::Child, thread, time::Duration},
};

fn lock(dir: &Path) -> File {
    let lock = File::open(dir.join("lock")).unwrap();
    lock.lock().unwrap();
    lock
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Leaves a key that is stored and not registered.
pub fn register_and_kill(custody: &Custody, path: &str) {
    let stored = custody.files("keys").len();
    let ledger = lock(&custody.lab.ledger());
    let child = custody.start("register", &custody.registration(path, &["--generate"]));
    wait_until(|| {
        let files = custody.files("keys");
        files.len() > stored && files.iter().all(|file| file.extension().unwrap() == "json")
    });
    kill(child);
    drop(ledger);
}

#[test]
fn a_registration_killed_before_the_chain_knows_is_finished_by_the_next() {
    let custody = Custody::new();
    register_and_kill(&custody, "a");
    assert_eq!(custody.differences(), ["in-store-only"]);
    let material = custody.material("a");
    custody
        .register("a")
        .exits(0)
        .warns("registering the key that the store holds for a");
    assert_eq!(custody.differences(), [""; 0]);
    assert_eq!(custody.material("a"), material);
}

#[test]
fn a_key_that_is_stored_is_not_registered_in_place_of_another() {
    let custody = Custody::new();
    register_and_kill(&custody, "a");
    custody.lab.file("luks.key", "0123456789abcdef");
    let other = custody.registration("a", &["--key-file", "luks.key"]);
    custody
        .run("register", &other)
        .exits(1)
        .warns("the store holds another key for a of ams-dz001, which is not registered");
    // Without material the stored one is meant.
    register_and_kill(&custody, "b");
    custody
        .run("register", &custody.registration("b", &[]))
        .exits(0);
    // It may be destroyed at any time, as it is not registered.
    custody
        .run("destroy", &[DEVICE, "a", "--yes"])
        .exits(0)
        .says("it was not registered");
    custody.run("register", &other).exits(0);
    assert_eq!(custody.material("a"), b"0123456789abcdef");
}

#[test]
fn a_key_with_another_commitment_is_not_attested() {
    let custody = Custody::new();
    register_and_kill(&custody, "a");
    // Another store of the same custodian's was faster.
    let register = custody.registration("a", &["--generate"]);
    custody.run_on("other", "register", &register).exits(0);
    assert_eq!(custody.differences(), ["commitment-mismatch"]);
    custody
        .register("a")
        .exits(4)
        .warns("and the store's key for it has");
    custody.retire();
    let destroy = |more: &[&str]| custody.run("destroy", &[&[DEVICE, "a", "--yes"], more].concat());
    destroy(&[]).exits(1).warns("nothing was destroyed");
    assert_eq!(
        (custody.files("keys").len(), custody.status()),
        (1, "retiring".into())
    );
    destroy(&["--destroyed-elsewhere"])
        .exits(0)
        .says("on your word");
    assert_eq!(
        (custody.files("keys").len(), custody.status()),
        (1, "retired".into())
    );
}

#[test]
fn a_destruction_killed_before_the_store_is_touched_did_nothing() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.retire();
    let material = custody.material("a");
    let store = lock(&custody.store());
    let child = custody.start("destroy", &[DEVICE, "a", "--yes"]);
    thread::sleep(Duration::from_millis(500));
    kill(child);
    drop(store);
    assert_eq!(custody.differences(), [""; 0]);
    assert_eq!(custody.material("a"), material);
    custody.run("destroy", &[DEVICE, "a", "--yes"]).exits(0);
}

#[test]
fn a_destruction_killed_before_the_chain_knows_is_attested_by_the_next() {
    let custody = Custody::new();
    custody.register("a").exits(0);
    custody.retire();
    let ledger = lock(&custody.lab.ledger());
    let child = custody.start("destroy", &[DEVICE, "a", "--yes"]);
    wait_until(|| custody.files("keys").is_empty());
    thread::sleep(Duration::from_millis(100));
    kill(child);
    drop(ledger);
    assert_eq!(custody.status(), "retiring");
    assert_eq!(custody.differences(), ["destroyed-not-attested"]);
    custody.run("get", &[DEVICE, "a", "--out", "out"]).exits(3);
    // Nothing is lost any more, so there is nothing to ask.
    custody
        .run("destroy", &[DEVICE, "a"])
        .exits(0)
        .says("as it was before")
        .says("retiring → retired");
}

fn is_one_of(key: &Value, allowed: &[&[&str]]) -> bool {
    allowed.iter().any(|one| differences(key) == *one)
}

#[test]
fn killed_at_any_moment_no_key_is_lost_and_none_is_attested_unless_destroyed() {
    const KEYS: u64 = 12;
    let custody = Custody::new();
    let (mut kills, mut half_registered, mut half_destroyed) = (0, 0, 0);
    for number in 0..KEYS {
        let path = format!("disk{number}");
        for attempt in 0..4 {
            let child = custody.start("register", &custody.registration(&path, &["--generate"]));
            thread::sleep(Duration::from_micros(
                4_000 + 7_919 * ((number * 4 + attempt) % 9),
            ));
            kill(child);
            kills += 1;
            // A key that the chain knows is in the store.
            for key in custody.list() {
                assert!(is_one_of(&key, &[&[], &["in-store-only"]]), "{key}");
                half_registered += u64::from(!differences(&key).is_empty());
            }
        }
        custody.register(&path).exits(0);
    }
    assert_eq!(custody.list().len() as u64, KEYS);
    assert!(custody
        .list()
        .iter()
        .all(|key| key["differences"] == json!([])));
    custody.retire();
    // Later from time to time, so that it ends on a slow machine too.
    while custody.status() == "retiring" {
        let child = custody.start("destroy", &[DEVICE, "--all", "--yes"]);
        thread::sleep(Duration::from_micros(
            9_000 + 3_571 * (kills % 11) + 250 * kills,
        ));
        kill(child);
        kills += 1;
        // A key is in the store until it is destroyed, and attested only then.
        for key in custody.list() {
            assert!(
                is_one_of(&key, &[&[], &["destroyed-not-attested"]]),
                "{key}"
            );
            half_destroyed += u64::from(!differences(&key).is_empty());
        }
    }
    println!("{kills} kills: {half_registered} times half registered, {half_destroyed} times half destroyed");
    assert_eq!(
        (custody.status(), custody.list().len()),
        ("retired".into(), 0)
    );
    custody.run("destroy", &[DEVICE, "--all"]).exits(0);
    assert_eq!(custody.files("keys").len(), 0);
}
