//! Files that somebody wrote who may write to the folder and lacks the store's secret.

use {
    super::*,
    crate::record::{encode, Content, Protection},
    age::x25519,
    base64::{prelude::BASE64_STANDARD, Engine},
    serde_json::{json, Value},
    solana_keypair::Keypair,
    solana_signer::Signer,
};

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Changes a file's JSON and leaves its signature.
fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut file = json_of(path);
    change(&mut file["content"]);
    fs::write(path, serde_json::to_vec(&file).unwrap()).unwrap();
}

/// As [`edit`], signed by somebody.
fn forge<T: Content>(path: &Path, signer: &Keypair, change: impl FnOnce(&mut Value)) {
    let mut content = json_of(path)["content"].take();
    change(&mut content);
    let content: T = serde_json::from_value(content).unwrap();
    fs::write(path, encode(&content, signer).unwrap()).unwrap();
}

fn stranger() -> String {
    x25519::Identity::generate().to_public().to_string()
}

#[track_caller]
fn assert_corrupt<T>(result: Result<T, KeyStoreError>, file: &Path) {
    match result.map(drop) {
        Err(KeyStoreError::Corrupt { path, .. }) => assert_eq!(path, file),
        other => panic!("{other:?}"),
    }
}

fn config(store: &KeyStore) -> PathBuf {
    store.dir().join("store.json")
}

fn reopened(lab: &Lab) -> KeyStore {
    KeyStore::open(lab.store.dir()).unwrap().unwrap()
}

#[test]
fn an_added_recipient_is_found_with_or_without_a_new_signature() {
    let lab = Lab::new();
    let stranger = stranger();
    let add = |content: &mut Value| {
        let recipients = content["recipients"].as_array_mut().unwrap();
        recipients.push(json!(stranger));
    };
    let good = fs::read(config(&lab.store)).unwrap();
    edit(&config(&lab.store), add);
    assert_corrupt(KeyStore::open(lab.store.dir()), &config(&lab.store));

    // Whoever changes the verifier too gets past that, and not past the secret.
    fs::write(config(&lab.store), &good).unwrap();
    let forger = Keypair::new();
    forge::<Protection>(&config(&lab.store), &forger, |content| {
        add(content);
        content["verifier"] = json!(forger.pubkey().to_string());
    });
    let refusal = reopened(&lab).unlock(&lab.own()).map(drop).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        format!(
            "{} names {stranger}, which the secret does not derive; no key was stored or read",
            config(&lab.store).display()
        )
    );

    fs::write(config(&lab.store), &good).unwrap();
    reopened(&lab).unlock(&lab.own()).map(drop).unwrap();
}

#[test]
fn an_added_recipient_is_found_by_a_passphrase_too() {
    let dir = folder();
    let (folder, secret) = (dir.path().join("store"), passphrase("sesame"));
    let store = UnlockedKeyStore::create(&folder, &secret)
        .unwrap()
        .as_locked()
        .clone();
    let forger = Keypair::new();
    for only in [false, true] {
        let stranger = stranger();
        forge::<Protection>(&config(&store), &forger, |content| {
            let recipients = content["recipients"].as_array_mut().unwrap();
            if only {
                recipients.clear();
            }
            recipients.push(json!(stranger.clone()));
            content["verifier"] = json!(forger.pubkey().to_string());
        });
        let store = KeyStore::open(&folder).unwrap().unwrap();
        match store.unlock(&secret).map(drop) {
            Err(KeyStoreError::WrongRecipients { path, foreign }) => {
                assert_eq!((path, foreign), (config(&store), vec![stranger]));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_recipients_are_all_that_the_secret_derives() {
    let dir = folder();
    let (one, two) = (identity(), identity());
    let create = |name: &str, secret: &Secret| {
        let unlocked = UnlockedKeyStore::create(&dir.path().join(name), secret).unwrap();
        unlocked.as_locked().clone()
    };
    let store = create("store", &identities(&one));
    let both = identities(&format!("{one}\n{two}"));
    let refusal = store.unlock(&both).map(drop).unwrap_err();
    assert!(
        matches!(&refusal, KeyStoreError::WrongRecipients { foreign, .. } if foreign.is_empty()),
        "{refusal:?}"
    );
    assert_eq!(
        refusal.to_string(),
        format!(
            "{} does not name just the recipients that the secret derives; no key was stored or read",
            config(&store).display()
        )
    );
    let wrong = store.unlock(&identities(&two)).map(drop);
    assert!(
        matches!(wrong, Err(KeyStoreError::WrongIdentity(_))),
        "{wrong:?}"
    );

    // The order of identities, and one that is there twice, change nothing.
    let store = create("shared", &both);
    let again = identities(&format!("{two}\n{one}\n{two}"));
    store.unlock(&again).map(drop).unwrap();
}

#[test]
fn a_key_is_encrypted_to_the_stores_identity_alone() {
    let lab = Lab::new();
    let key = lab.put(&disk("a"));
    let armour: Vec<_> = key.material.lines().collect();
    let binary = BASE64_STANDARD
        .decode(armour[1..armour.len() - 1].concat())
        .unwrap();
    let header = String::from_utf8_lossy(&binary);
    let header = header.split("\n---").next().unwrap();
    let stanzas: Vec<_> = header
        .lines()
        .filter(|line| line.starts_with("-> "))
        .collect();
    // age adds one at random, so that readers do not rely on there being none.
    let x25519 = stanzas.iter().filter(|line| line.starts_with("-> X25519 "));
    assert_eq!(x25519.count(), 1, "{header}");
}

#[test]
fn another_verifier_is_found() {
    let lab = Lab::new();
    let forger = Keypair::new();
    let verifier = forger.pubkey().to_string();
    forge::<Protection>(&config(&lab.store), &forger, |content| {
        content["verifier"] = json!(verifier);
    });
    assert_corrupt(reopened(&lab).unlock(&lab.own()), &config(&lab.store));
}

#[test]
fn a_key_is_what_the_store_wrote_or_is_refused() {
    let lab = Lab::new();
    let (key, other) = (lab.put(&disk("a")), lab.put(&disk("b")));
    let file = lab.store.path_of(&key);
    let good = fs::read(&file).unwrap();
    let changes: [fn(&mut Value); 6] = [
        |content| content["owner"]["code"] = json!("abd"),
        |content| content["owner"]["generation"] = json!(2),
        |content| content["commitment"] = json!("07".repeat(32)),
        |content| content["stored_at"] = json!("2026-01-02T03:04:05Z"),
        |content| content["disk"]["path"] = json!("b"),
        |content| content["more"] = json!(1),
    ];
    for change in changes {
        edit(&file, change);
        assert_corrupt(lab.store.key(&disk("a")), &file);
        assert_corrupt(lab.unlocked.destroy(&key), &file);
        fs::write(&file, &good).unwrap();
    }
    edit(&file, |content| content["material"] = json!(other.material));
    assert_corrupt(lab.store.key(&disk("a")), &file);
    fs::write(&file, &good).unwrap();
    forge::<KeyRecord>(&file, &Keypair::new(), |content| {
        content["commitment"] = json!("07".repeat(32));
    });
    assert_corrupt(lab.store.key(&disk("a")), &file);
    fs::write(&file, &good).unwrap();
    assert_eq!(lab.store.key(&disk("a")).unwrap(), Some(key));
}

#[test]
fn records_do_not_move_from_disk_to_disk_or_from_store_to_store() {
    let lab = Lab::new();
    let folder = lab.dir.path().join("second");
    let second = UnlockedKeyStore::create(&folder, &lab.own()).unwrap();
    let (a, b) = (lab.put(&disk("a")), lab.put(&disk("b")));
    let (a, b) = (lab.store.path_of(&a), lab.store.path_of(&b));
    fs::rename(&a, a.with_extension("swap")).unwrap();
    fs::rename(&b, &a).unwrap();
    fs::rename(a.with_extension("swap"), &b).unwrap();
    assert_corrupt(lab.store.key(&disk("a")), &a);
    assert_corrupt(lab.store.key(&disk("b")), &b);

    // The same secret, the same disk, and the same material.
    let material = Material::generate().unwrap();
    let here = lab
        .unlocked
        .put_if_absent(&disk("c"), &owner(), &material)
        .unwrap();
    let there = second
        .put_if_absent(&disk("c"), &owner(), &material)
        .unwrap();
    second.destroy(&there).unwrap();
    let record = second
        .as_locked()
        .folder
        .destruction(&disk("c"), &there.commitment)
        .path();
    let fake = lab
        .store
        .folder
        .destruction(&disk("c"), &here.commitment)
        .path();
    lab.unlocked.destroy(&here).unwrap();
    fs::copy(record, &fake).unwrap();
    assert_corrupt(lab.store.destruction(&disk("c"), &here.commitment), &fake);
}

#[test]
fn a_destruction_cannot_be_faked() {
    let lab = Lab::new();
    let (key, gone) = (lab.put(&disk("a")), lab.put(&disk("b")));
    lab.unlocked.destroy(&gone).unwrap();
    let record = |key: &KeyRecord| {
        lab.store
            .folder
            .destruction(&key.disk, &key.commitment)
            .path()
    };
    fs::rename(lab.store.path_of(&key), lab.dir.path().join("away")).unwrap();
    let fake = record(&key);
    let commitment = key.commitment.to_string();
    let as_of_key = |content: &mut Value| {
        content["disk"]["path"] = json!("a");
        content["commitment"] = json!(commitment);
    };
    let forgeries: [&dyn Fn(); 3] = [&|| {}, &|| edit(&fake, as_of_key), &|| {
        forge::<DestructionRecord>(&fake, &Keypair::new(), as_of_key)
    }];
    for forgery in forgeries {
        fs::copy(record(&gone), &fake).unwrap();
        forgery();
        assert_corrupt(lab.store.destruction(&key.disk, &key.commitment), &fake);
        assert_corrupt(lab.unlocked.destroy(&key), &fake);
        let known = lab.store.destructions().unwrap();
        assert_eq!(known.iter().filter(|it| it.is_ok()).count(), 1);
    }
}

#[test]
fn a_destroyed_key_that_is_put_back_is_not_used_again() {
    let lab = Lab::new();
    let key = lab.put(&disk("a"));
    let copy = fs::read(lab.store.path_of(&key)).unwrap();
    let destroyed = lab.unlocked.destroy(&key).unwrap();
    write_private(&lab.store.path_of(&key), &copy);
    let refusals = [
        lab.store.usable_key(&disk("a")).map(drop).unwrap_err(),
        lab.unlocked
            .put_if_absent(&disk("a"), &owner(), &Material::generate().unwrap())
            .map(drop)
            .unwrap_err(),
    ];
    for refusal in refusals {
        assert_eq!(
            refusal.to_string(),
            format!(
                "the store recorded at {} that it destroyed its key for a of abc, and the key is there",
                destroyed.destroyed_at
            )
        );
    }
    lab.unlocked.destroy(&key).unwrap();
    assert_eq!(lab.store.usable_key(&disk("a")).unwrap(), None);
    assert!(lab
        .store
        .destruction(&disk("a"), &key.commitment)
        .unwrap()
        .is_some());
}

#[test]
fn a_store_that_was_not_signed_is_refused() {
    let lab = Lab::new();
    let mut file = json_of(&config(&lab.store));
    file["format"] = json!(1);
    fs::write(config(&lab.store), file.to_string()).unwrap();
    let error = KeyStore::open(lab.store.dir()).map(drop).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{} has format 1, whose records are not signed and could be anybody's",
            config(&lab.store).display()
        )
    );
}
