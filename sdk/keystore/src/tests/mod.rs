mod forgery;
mod trouble;
mod unsafe_files;

use {
    super::*,
    age::secrecy::ExposeSecret,
    ebb_folder::{Access, Folder},
    solana_hash::Hash,
    solana_pubkey::Pubkey,
    std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
        thread,
        time::Instant,
    },
    tempfile::TempDir,
};

/// A folder with a store in it, which an identity opens.
struct Lab {
    dir: TempDir,
    own: Secret,
    store: KeyStore,
    unlocked: UnlockedKeyStore,
}

impl Lab {
    fn new() -> Self {
        let dir = folder();
        let own = identities(&identity());
        let unlocked = UnlockedKeyStore::create(&dir.path().join("store"), &own).unwrap();
        Self {
            store: unlocked.as_locked().clone(),
            unlocked,
            own,
            dir,
        }
    }

    fn own(&self) -> Secret {
        self.own.clone()
    }

    fn put(&self, disk: &Disk) -> KeyRecord {
        self.unlocked
            .put_if_absent(disk, &owner(), &Material::generate().unwrap())
            .unwrap()
    }

    /// Every file of the store but the lock, by name from the store on.
    fn files(&self) -> BTreeSet<String> {
        let dirs = ["", "keys", "destroyed"].map(|name| self.store.dir().join(name));
        let entries = dirs
            .iter()
            .filter_map(|dir| fs::read_dir(dir).ok())
            .flatten();
        let paths = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file());
        let names = paths.map(|path| {
            path.strip_prefix(self.store.dir())
                .unwrap()
                .display()
                .to_string()
        });
        names.filter(|name| name != "lock").collect()
    }
}

/// A folder that goes with the test, and that nobody else may write to whatever the umask.
fn folder() -> TempDir {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir().unwrap()
}

/// A new age identity as text.
fn identity() -> String {
    let identity = age::x25519::Identity::generate();
    identity.to_string().expose_secret().to_owned()
}

fn identities(text: &str) -> Secret {
    Secret::Identities(text.parse().unwrap())
}

/// Writes a file for its user only.
fn write_private(path: &Path, content: &[u8]) {
    let folder = Folder::new(path.parent().unwrap(), Access::Private);
    folder.write(path.file_name().unwrap(), &[content]).unwrap();
}

fn passphrase(text: &str) -> Secret {
    Secret::Passphrase(text.to_owned().into())
}

fn disk(path: &str) -> Disk {
    Disk {
        genesis: Hash::default(),
        program_id: Pubkey::new_from_array([4; 32]),
        device: Pubkey::new_from_array([1; 32]),
        path: path.into(),
    }
}

fn owner() -> Owner {
    Owner {
        code: "abc".into(),
        contributor: Pubkey::new_from_array([2; 32]),
        generation: 1,
        custodian: Pubkey::new_from_array([3; 32]),
    }
}

#[test]
fn a_key_comes_out_as_it_went_in() {
    let lab = Lab::new();
    let material = Material::generate().unwrap();
    let key = lab
        .unlocked
        .put_if_absent(&disk("a"), &owner(), &material)
        .unwrap();
    let again = KeyStore::open(lab.store.dir()).unwrap().unwrap();
    assert_eq!(again.key(&disk("a")).unwrap().as_ref(), Some(&key));
    assert_eq!(
        again
            .unlock(&lab.own())
            .unwrap()
            .material(&key)
            .unwrap()
            .expose(),
        material.expose()
    );
    assert_eq!(again.key(&disk("b")).unwrap(), None);
}

#[test]
fn a_passphrase_opens_a_store_and_a_wrong_one_does_not() {
    let dir = folder();
    let store = dir.path().join("store");
    let right = passphrase("right");
    let unlocked = UnlockedKeyStore::create(&store, &right).unwrap();
    let material = Material::generate().unwrap();
    let key = unlocked
        .put_if_absent(&disk("a"), &owner(), &material)
        .unwrap();
    assert_eq!(unlocked.material(&key).unwrap().expose(), material.expose());
    let store = KeyStore::open(&store).unwrap().unwrap();
    let again = store.unlock(&right).unwrap();
    assert_eq!(again.material(&key).unwrap().expose(), material.expose());
    let wrong = store.unlock(&passphrase("wrong")).map(drop).unwrap_err();
    assert!(
        matches!(wrong, KeyStoreError::WrongPassphrase(_)),
        "{wrong}"
    );
    let other = store.unlock(&identities(&identity()));
    assert_eq!(
        other.map(drop).unwrap_err().to_string(),
        format!(
            "the key store in {} opens with a passphrase",
            store.dir().display()
        )
    );
}

#[test]
fn only_its_own_identity_opens_a_store() {
    let lab = Lab::new();
    let refusal = |secret: &Secret| lab.store.unlock(secret).map(drop).unwrap_err();
    let wrong = refusal(&identities(&identity()));
    assert!(matches!(wrong, KeyStoreError::WrongIdentity(_)), "{wrong}");
    let kind = refusal(&passphrase("any"));
    assert!(
        matches!(
            kind,
            KeyStoreError::WrongSecretKind {
                opens_with: SecretKind::Identities,
                ..
            }
        ),
        "{kind}"
    );
}

#[test]
fn no_file_holds_the_material() {
    let lab = Lab::new();
    let material = Material::read(&[0x5a; 64][..], "").unwrap();
    lab.unlocked
        .put_if_absent(&disk("a"), &owner(), &material)
        .unwrap();
    for name in lab.files() {
        let content = fs::read(lab.store.dir().join(&name)).unwrap();
        assert!(
            !content.windows(8).any(|window| window == [0x5a; 8]),
            "{name}"
        );
        let text = String::from_utf8(content).unwrap();
        assert!(
            !text.contains("5a5a5a5a") && !text.contains("WlpaWlpa"),
            "{name}"
        );
    }
}

#[cfg(unix)]
#[test]
fn files_and_folders_are_for_their_user_only() {
    use std::os::unix::fs::PermissionsExt;
    let lab = Lab::new();
    lab.unlocked.destroy(&lab.put(&disk("a"))).unwrap();
    lab.put(&disk("b"));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in ["", "keys", "destroyed"] {
        assert_eq!(mode(&lab.store.dir().join(name)), 0o700, "{name}");
    }
    for name in lab.files() {
        assert_eq!(mode(&lab.store.dir().join(&name)), 0o600, "{name}");
    }
    assert_eq!(mode(&lab.store.dir().join("lock")), 0o600);
}

#[test]
fn a_disk_has_one_key_and_a_key_one_disk() {
    let lab = Lab::new();
    let (one, two) = (Material::generate().unwrap(), Material::generate().unwrap());
    let first = lab
        .unlocked
        .put_if_absent(&disk("a"), &owner(), &one)
        .unwrap();
    assert_eq!(
        lab.unlocked
            .put_if_absent(&disk("a"), &owner(), &two)
            .unwrap(),
        first
    );
    let duplicate = lab
        .unlocked
        .put_if_absent(&disk("b"), &owner(), &one)
        .unwrap_err();
    assert!(
        matches!(duplicate, KeyStoreError::DuplicateMaterial { .. }),
        "{duplicate}"
    );
    assert_eq!(lab.store.keys().unwrap().len(), 1);
}

#[test]
fn a_destroyed_key_is_gone_and_that_is_on_record() {
    let lab = Lab::new();
    let before = lab.files();
    let (key, other) = (lab.put(&disk("a")), lab.put(&disk("b")));
    let record = lab.unlocked.destroy(&key).unwrap();
    assert_eq!(lab.store.key(&disk("a")).unwrap(), None);
    assert_eq!(lab.store.key(&disk("b")).unwrap(), Some(other.clone()));
    let destroyed = |commitment| lab.store.destruction(&disk("a"), commitment).unwrap();
    assert_eq!(destroyed(&key.commitment), Some(record.clone()));
    assert_eq!(destroyed(&other.commitment), None);
    // Again: another process was faster.
    assert_eq!(lab.unlocked.destroy(&key).unwrap(), record);
    let known = lab.store.destructions().unwrap();
    assert_eq!(known.into_iter().flatten().collect::<Vec<_>>(), [record]);
    lab.unlocked.destroy(&other).unwrap();
    let left: Vec<_> = lab.files().difference(&before).cloned().collect();
    assert_eq!(left.len(), 2);
    assert!(
        left.iter().all(|name| name.starts_with("destroyed/")),
        "{left:?}"
    );
}

#[test]
fn a_folder_of_other_files_is_left_alone() {
    let dir = folder();
    assert!(KeyStore::open(&dir.path().join("absent"))
        .unwrap()
        .is_none());
    assert!(KeyStore::open(dir.path()).unwrap().is_none());
    fs::write(dir.path().join("letter.txt"), "dear").unwrap();
    assert!(matches!(
        KeyStore::open(dir.path()),
        Err(KeyStoreError::NotAKeyStore(_))
    ));
}

#[test]
fn a_store_that_is_being_made_is_never_taken_for_something_else() {
    const ROUNDS: usize = 60;
    for _ in 0..ROUNDS {
        let dir = folder();
        let store = dir.path().join("store");
        let path = store.clone();
        let maker = thread::spawn(move || {
            UnlockedKeyStore::create(&path, &identities(&identity())).unwrap();
        });
        while !maker.is_finished() {
            KeyStore::open(&store).unwrap();
        }
        maker.join().unwrap();
        assert!(KeyStore::open(&store).unwrap().is_some());
    }
}

#[test]
fn a_store_is_made_once() {
    let lab = Lab::new();
    let again = UnlockedKeyStore::create(lab.store.dir(), &lab.own());
    assert!(matches!(again, Err(KeyStoreError::CreatedConcurrently(_))));
}

#[test]
fn disks_never_share_a_file() {
    let here = disk("a");
    let elsewhere = [
        Disk {
            genesis: Hash::new_from_array([9; 32]),
            ..here.clone()
        },
        Disk {
            program_id: Pubkey::new_from_array([9; 32]),
            ..here.clone()
        },
        Disk {
            device: Pubkey::new_from_array([9; 32]),
            ..here.clone()
        },
    ];
    let odd = [
        "..",
        "../../x",
        "a/b",
        " ",
        "a\\b",
        "ü\u{202e}",
        "NUL",
        &"x".repeat(64),
    ]
    .map(disk);
    let lab = Lab::new();
    let disks: Vec<&Disk> = [&here].into_iter().chain(&elsewhere).chain(&odd).collect();
    for disk in &disks {
        lab.put(disk);
    }
    assert_eq!(lab.store.keys().unwrap().len(), disks.len());
    for (at, disk) in disks.iter().enumerate() {
        let key = lab.store.key(disk).unwrap().unwrap();
        assert_eq!(&&key.disk, disk);
        lab.unlocked.destroy(&key).unwrap();
        assert_eq!(lab.store.keys().unwrap().len(), disks.len() - at - 1);
    }
}
