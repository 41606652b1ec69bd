//! The embedded ledger's files, where somebody put something else in their place.

#![cfg(unix)]

mod common;

use {
    common::{folder, open, pay, wait, LIVING},
    ebb_folder::{FileError, Unsafe},
    ebb_sdk::{
        embedded::{EmbeddedError, EmbeddedLedger, EmbeddedOptions},
        ledger::{Ledger, LedgerError},
    },
    nix::{
        sys::stat::Mode,
        unistd::{geteuid, mkfifo},
    },
    solana_program::pubkey::Pubkey,
    std::{
        fs::{self, Permissions},
        os::unix::{
            fs::{chown, symlink, PermissionsExt},
            net::UnixListener,
        },
        path::{Path, PathBuf},
        time::Duration,
    },
    tempfile::TempDir,
};

/// Everything that a ledger reads or writes.
const FILES: [&str; 8] = [
    "EBB-LEDGER.txt",
    "keys/default.json",
    "state",
    "state.new",
    "journal",
    "clock",
    "lock",
    "keys",
];
const VICTIM: &str = "do not touch";

/// A ledger, and somebody's file beside it.
struct Fixture {
    dir: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let fixture = Self { dir: folder() };
        pay(&open(&fixture.ledger()), &Pubkey::new_unique(), LIVING).unwrap();
        fs::write(fixture.victim(), VICTIM).unwrap();
        fs::set_permissions(fixture.victim(), Permissions::from_mode(0o600)).unwrap();
        fixture
    }

    fn ledger(&self) -> PathBuf {
        self.dir.path().join("ledger")
    }

    fn victim(&self) -> PathBuf {
        self.dir.path().join("victim")
    }

    /// What refuses to read the clock of the ledger in `dir` and to pay.
    fn refusal_in(&self, dir: &Path) -> (PathBuf, Unsafe) {
        let used = EmbeddedLedger::open(dir, EmbeddedOptions::default())
            .map_err(LedgerError::from)
            .and_then(|ledger| {
                wait(ledger.now())?;
                pay(&ledger, &Pubkey::new_unique(), LIVING)
            });
        assert_eq!(fs::read_to_string(self.victim()).unwrap(), VICTIM);
        match used {
            Err(LedgerError::Embedded(EmbeddedError::Io(FileError::Unsafe { path, problem }))) => {
                (path, problem)
            }
            other => panic!("{other:?}"),
        }
    }

    /// Puts something in the place of a file and asserts what is said of it.
    fn refuses(&self, name: &str, problem: Unsafe, put: impl FnOnce(&Path)) {
        let (path, away) = (self.ledger().join(name), self.dir.path().join("away"));
        let was_there = fs::rename(&path, &away).is_ok();
        put(&path);
        assert_eq!(
            self.refusal_in(&self.ledger()),
            (path.clone(), problem),
            "{name}"
        );
        assert!(path.symlink_metadata().is_ok(), "{name} was replaced");
        if path.symlink_metadata().unwrap().is_dir() {
            fs::remove_dir_all(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        if was_there {
            fs::rename(&away, &path).unwrap();
        }
        let ledger = open(&self.ledger());
        pay(&ledger, &Pubkey::new_unique(), LIVING).unwrap();
    }

    /// Changes a file or folder, and asserts what is said of it.
    fn refuses_changed(&self, name: &str, problem: Unsafe, change: impl FnOnce(&Path)) {
        let path = match name {
            "" => self.ledger(),
            name => self.ledger().join(name),
        };
        change(&path);
        assert_eq!(self.refusal_in(&self.ledger()), (path, problem), "{name}");
    }
}

fn set_mode(mode: u32) -> impl Fn(&Path) {
    move |path| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap()
}

#[test]
fn a_link_is_neither_read_nor_written_through() {
    let fixture = Fixture::new();
    for name in FILES {
        for target in [
            fixture.victim(),
            "nowhere".into(),
            fixture.ledger().join("state"),
        ] {
            fixture.refuses(name, Unsafe::SymbolicLink, |path| {
                symlink(&target, path).unwrap()
            });
        }
    }
    // A folder behind the link is no better than a file.
    let away = fixture.dir.path().join("elsewhere");
    fs::create_dir(&away).unwrap();
    fs::copy(
        fixture.ledger().join("keys/default.json"),
        away.join("default.json"),
    )
    .unwrap();
    fixture.refuses("keys", Unsafe::SymbolicLink, |path| {
        symlink(&away, path).unwrap()
    });
}

#[test]
fn a_pipe_a_socket_and_a_folder_are_no_files_and_block_nobody() {
    let fixture = Fixture::new();
    for name in FILES {
        let problem = match name {
            "keys" => Unsafe::NotAFolder,
            _ => Unsafe::NotAFile,
        };
        fixture.refuses(name, problem, |path| mkfifo(path, Mode::S_IRWXU).unwrap());
        fixture.refuses(name, problem, |path| {
            drop(UnixListener::bind(path).unwrap())
        });
        if name != "keys" {
            fixture.refuses(name, problem, |path| fs::create_dir(path).unwrap());
        }
    }
}

#[test]
fn a_hard_link_is_refused() {
    let fixture = Fixture::new();
    for name in FILES.into_iter().filter(|name| *name != "keys") {
        fixture.refuses(name, Unsafe::HardLink(2), |path| {
            fs::hard_link(fixture.victim(), path).unwrap();
        });
    }
}

#[test]
fn what_others_may_write_or_read_is_refused() {
    for name in FILES
        .into_iter()
        .filter(|name| *name != "state.new")
        .chain([""])
    {
        for mode in [0o666, 0o660, 0o777, 0o602] {
            // A folder cannot be entered without.
            let mode = mode
                | if ["", "keys"].contains(&name) {
                    0o100
                } else {
                    0
                };
            Fixture::new().refuses_changed(name, Unsafe::Writable(mode), set_mode(mode));
        }
    }
    for mode in [0o644, 0o640, 0o604] {
        Fixture::new().refuses_changed("keys/default.json", Unsafe::Readable(mode), set_mode(mode));
    }
}

#[test]
fn a_leftover_that_others_may_write_is_refused() {
    let fixture = Fixture::new();
    fixture.refuses("state.new", Unsafe::Writable(0o666), |path| {
        fs::write(path, "half a state").unwrap();
        set_mode(0o666)(path);
    });
}

#[test]
fn files_of_another_user_are_refused_to_root_too() {
    if !geteuid().is_root() {
        // Only root can give files away; others meet those of others in the folders above.
        let error = EmbeddedLedger::open("/", EmbeddedOptions::default()).unwrap_err();
        assert!(error
            .to_string()
            .contains("cannot use /: it belongs to user 0"));
        return;
    }
    let problem = Unsafe::Owner {
        owner: 65_534,
        user: 0,
    };
    for name in FILES
        .into_iter()
        .filter(|name| *name != "state.new")
        .chain([""])
    {
        Fixture::new().refuses_changed(name, problem, |path| {
            chown(path, Some(65_534), None).unwrap();
        });
    }
}

#[test]
fn a_folder_may_be_below_a_link_and_not_be_one() {
    let fixture = Fixture::new();
    let (above, link) = (
        fixture.dir.path().join("above"),
        fixture.dir.path().join("link"),
    );
    symlink(fixture.dir.path(), &above).unwrap();
    symlink(fixture.ledger(), &link).unwrap();
    pay(&open(&above.join("ledger")), &Pubkey::new_unique(), LIVING).unwrap();
    for spelling in ["link", "link/", "link/."] {
        let refusal = fixture.refusal_in(&fixture.dir.path().join(spelling));
        assert_eq!(refusal, (link.clone(), Unsafe::SymbolicLink));
    }
    let reset = EmbeddedLedger::reset(&link, Duration::ZERO).unwrap_err();
    assert!(reset.to_string().contains("it is a symbolic link"));
    open(&fixture.ledger());
}

#[test]
fn no_ledger_is_made_where_others_may_write() {
    let dir = folder();
    let open_to_all = dir.path().join("open");
    fs::create_dir(&open_to_all).unwrap();
    set_mode(0o777)(&open_to_all);
    let error = EmbeddedLedger::open(&open_to_all, EmbeddedOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "cannot use {}: others may write to it, its mode is 0777; right is chmod go-w",
            open_to_all.display()
        )
    );
    assert_eq!(common::files(&open_to_all), [""; 0]);
}

#[test]
fn a_reset_removes_links_and_not_what_they_point_to() {
    let fixture = Fixture::new();
    for name in ["state", "journal", "clock", "keys/default.json"] {
        let path = fixture.ledger().join(name);
        fs::remove_file(&path).unwrap();
        symlink(fixture.victim(), path).unwrap();
    }
    assert!(EmbeddedLedger::reset(fixture.ledger(), Duration::ZERO).unwrap());
    assert_eq!(fs::read_to_string(fixture.victim()).unwrap(), VICTIM);
    assert_eq!(common::files(&fixture.ledger()), ["lock"]);
}
