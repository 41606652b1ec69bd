//! Files and folders of a store, where somebody put something else in their place.

#![cfg(unix)]

use {
    super::*,
    ebb_folder::{FileError, Unsafe},
    nix::{
        sys::stat::Mode,
        unistd::{geteuid, mkfifo},
    },
    std::{
        fs::Permissions,
        os::unix::fs::{chown, symlink, PermissionsExt},
    },
};

const VICTIM: &[u8] = b"do not touch, not even by overwriting";

/// A store with a key, one that it destroyed, and somebody's file beside it.
struct Fixture {
    lab: Lab,
    key: KeyRecord,
    gone: KeyRecord,
}

impl Fixture {
    fn new() -> Self {
        let lab = Lab::new();
        let (key, gone) = (lab.put(&disk("key")), lab.put(&disk("gone")));
        lab.unlocked.destroy(&gone).unwrap();
        write_private(&lab.dir.path().join("victim"), VICTIM);
        Self { lab, key, gone }
    }

    fn victim(&self) -> PathBuf {
        self.lab.dir.path().join("victim")
    }

    /// Every file that this store reads or writes.
    fn files(&self) -> [PathBuf; 6] {
        let (store, key) = (&self.lab.store, self.lab.store.path_of(&self.key));
        [
            store.dir().join("store.json"),
            store.dir().join("lock"),
            key.with_added_extension("destroying"),
            key.with_added_extension("new"),
            key,
            store
                .folder
                .destruction(&self.gone.disk, &self.gone.commitment)
                .path(),
        ]
    }

    fn folders(&self) -> [PathBuf; 3] {
        ["", "keys", "destroyed"].map(|name| match name {
            "" => self.lab.store.dir().to_owned(),
            name => self.lab.store.dir().join(name),
        })
    }

    /// Uses every file.
    fn use_all(&self) -> Result<(), KeyStoreError> {
        let store = KeyStore::open(self.lab.store.dir())?.expect("there is a store");
        let unlocked = store.unlock(&self.lab.own())?;
        store.destruction(&self.gone.disk, &self.gone.commitment)?;
        unlocked.put_if_absent(&disk("key"), &owner(), &Material::generate()?)?;
        unlocked.destroy(&self.key)?;
        Ok(())
    }

    #[track_caller]
    fn refuses(&self, file: &Path, expected: Unsafe) {
        let result = self.use_all();
        assert_eq!(fs::read(self.victim()).unwrap(), VICTIM);
        match result {
            Err(KeyStoreError::File(FileError::Unsafe { path, problem })) => {
                assert_eq!((&*path, problem), (file, expected));
            }
            other => panic!("{}: {other:?}", file.display()),
        }
    }
}

/// Puts something in the place of each file in turn, and asserts what is said of it.
fn refuses_in_place_of_files(problem: Unsafe, put: fn(&Fixture, &Path)) {
    let place = Fixture::new();
    for file in place.files() {
        let away = place.lab.dir.path().join("away");
        let was_there = fs::rename(&file, &away).is_ok();
        put(&place, &file);
        place.refuses(&file, problem);
        if file.is_dir() && !file.is_symlink() {
            fs::remove_dir(&file).unwrap();
        } else {
            fs::remove_file(&file).unwrap();
        }
        if was_there {
            fs::rename(&away, &file).unwrap();
        }
    }
    place.use_all().unwrap();
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn links_pipes_and_folders_are_refused_in_place_of_files() {
    refuses_in_place_of_files(Unsafe::SymbolicLink, |place, file| {
        symlink(place.victim(), file).unwrap();
    });
    refuses_in_place_of_files(Unsafe::SymbolicLink, |_, file| {
        symlink("nowhere", file).unwrap();
    });
    refuses_in_place_of_files(Unsafe::HardLink(2), |place, file| {
        fs::hard_link(place.victim(), file).unwrap();
    });
    refuses_in_place_of_files(Unsafe::NotAFile, |_, file| {
        mkfifo(file, Mode::S_IRWXU).unwrap();
    });
    refuses_in_place_of_files(Unsafe::NotAFile, |_, file| fs::create_dir(file).unwrap());
}

#[test]
fn files_that_others_may_read_or_write_are_refused() {
    for (mode, problem) in [
        (0o644, Unsafe::Readable(0o644)),
        (0o640, Unsafe::Readable(0o640)),
        (0o660, Unsafe::Writable(0o660)),
        (0o602, Unsafe::Writable(0o602)),
    ] {
        let place = Fixture::new();
        for file in place.files().into_iter().filter(|file| file.exists()) {
            set_mode(&file, mode);
            place.refuses(&file, problem);
            set_mode(&file, 0o600);
        }
    }
}

#[test]
fn folders_that_others_may_write_are_refused() {
    let place = Fixture::new();
    for folder in place.folders() {
        for mode in [0o777, 0o1777, 0o770, 0o722] {
            set_mode(&folder, mode);
            place.refuses(&folder, Unsafe::Writable(mode));
            set_mode(&folder, 0o700);
        }
    }
}

#[test]
fn linked_folders_are_refused() {
    let place = Fixture::new();
    for folder in place.folders() {
        let away = place.lab.dir.path().join("away");
        fs::rename(&folder, &away).unwrap();
        symlink(&away, &folder).unwrap();
        place.refuses(&folder, Unsafe::SymbolicLink);
        fs::remove_file(&folder).unwrap();
        fs::rename(&away, &folder).unwrap();
    }
    // The folders above are the user's choice.
    let above = place.lab.dir.path().join("above");
    symlink(place.lab.dir.path(), &above).unwrap();
    let store = KeyStore::open(&above.join("store")).unwrap().unwrap();
    assert_eq!(store.key(&disk("key")).unwrap(), Some(place.key));
}

#[test]
fn what_belongs_to_another_user_is_refused_to_root_too() {
    if !geteuid().is_root() {
        // Only root can give files away; others meet those of others above.
        let error = KeyStore::open(Path::new("/")).map(drop).unwrap_err();
        assert!(error
            .to_string()
            .starts_with("cannot use /: it belongs to user 0"));
        return;
    }
    let place = Fixture::new();
    let problem = Unsafe::Owner {
        owner: 65_534,
        user: 0,
    };
    let files = place.files().into_iter().filter(|file| file.exists());
    for path in files.chain(place.folders()) {
        chown(&path, Some(65_534), None).unwrap();
        place.refuses(&path, problem);
        chown(&path, Some(0), None).unwrap();
    }
}

#[test]
fn no_store_is_made_in_a_link_or_among_files_of_others() {
    let lab = Lab::new();
    let (link, target) = (lab.dir.path().join("link"), lab.dir.path().join("target"));
    fs::create_dir(&target).unwrap();
    symlink(&target, &link).unwrap();
    let refusal = UnlockedKeyStore::create(&link, &lab.own())
        .map(drop)
        .unwrap_err();
    assert!(
        matches!(&refusal, KeyStoreError::File(FileError::Unsafe { path, problem: Unsafe::SymbolicLink }) if *path == link),
        "{refusal}"
    );
    assert_eq!(fs::read_dir(&target).unwrap().count(), 0);

    set_mode(&target, 0o777);
    let refusal = UnlockedKeyStore::create(&target, &lab.own())
        .map(drop)
        .unwrap_err();
    assert!(
        refusal
            .to_string()
            .ends_with("target: others may write to it, its mode is 0777; right is chmod go-w"),
        "{refusal}"
    );
    assert_eq!(fs::read_dir(&target).unwrap().count(), 0);

    // One that others may only read is closed to them while it is empty.
    set_mode(&target, 0o755);
    UnlockedKeyStore::create(&target, &lab.own()).unwrap();
    assert_eq!(
        fs::metadata(&target).unwrap().permissions().mode() & 0o7777,
        0o700
    );
}
