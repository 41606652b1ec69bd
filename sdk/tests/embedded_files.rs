//! The files of the embedded ledger: damaged, cut short, left over, newer, removed, or not its own.

mod common;

use {
    common::{balance, create_dir, files, folder, open, pay, LIVING},
    ebb_sdk::{
        embedded::{EmbeddedError, EmbeddedLedger, EmbeddedOptions},
        ledger::LedgerError,
    },
    solana_program::pubkey::Pubkey,
    std::{
        fs::{self, OpenOptions},
        io::Write,
        path::{Path, PathBuf},
        time::Duration,
    },
    tempfile::TempDir,
};

fn ledger_with_two_transactions() -> (TempDir, Pubkey) {
    let dir = folder();
    let to = Pubkey::new_unique();
    let ledger = open(dir.path());
    pay(&ledger, &to, LIVING).unwrap();
    pay(&ledger, &to, LIVING).unwrap();
    (dir, to)
}

fn open_error(dir: &Path) -> EmbeddedError {
    EmbeddedLedger::open(dir, EmbeddedOptions::default()).unwrap_err()
}

/// Everything in the folder but the lock.
fn content(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let names = ["EBB-LEDGER.txt", "keys/default.json", "state", "journal"];
    let paths = names.map(|name| dir.join(name));
    let read = paths.map(|path| (path.clone(), fs::read(path).unwrap_or_default()));
    read.into()
}

#[test]
fn a_damaged_state_is_named_and_left_as_it_is() {
    let (dir, _) = ledger_with_two_transactions();
    let state = dir.path().join("state");
    let good = fs::read(&state).unwrap();
    let header = 0..84;
    let places = header.chain([84, 85, good.len() / 2, good.len() - 1]);
    for place in places {
        let mut bad = good.clone();
        bad[place] ^= 0x55;
        fs::write(&state, &bad).unwrap();
        let before = content(dir.path());
        let error = open_error(dir.path());
        // Of a newer format nothing else can be read.
        match error {
            EmbeddedError::Corrupt { ref path, .. } => assert_eq!(*path, state),
            EmbeddedError::NewerFormat { .. } => assert!((8..12).contains(&place)),
            error => panic!("byte {place}: {error}"),
        }
        assert!(error.to_string().contains("ebb ledger reset"));
        assert_eq!(content(dir.path()), before);
    }
    fs::write(&state, &good).unwrap();
    open(dir.path());
}

#[test]
fn a_state_of_another_length_is_named_and_left_as_it_is() {
    let (dir, _) = ledger_with_two_transactions();
    let state = dir.path().join("state");
    let good = fs::read(&state).unwrap();
    let longer = [good.as_slice(), b"x"].concat();
    for bad in [
        &[],
        &good[..11],
        &good[..84],
        &good[..good.len() - 1],
        &longer,
    ] {
        fs::write(&state, bad).unwrap();
        let before = content(dir.path());
        assert!(matches!(
            open_error(dir.path()),
            EmbeddedError::Corrupt { .. }
        ));
        assert_eq!(content(dir.path()), before);
    }
}

#[test]
fn a_state_that_is_gone_is_not_made_anew_over_a_history() {
    let (dir, _) = ledger_with_two_transactions();
    fs::remove_file(dir.path().join("state")).unwrap();
    let before = content(dir.path());
    assert!(matches!(
        open_error(dir.path()),
        EmbeddedError::Corrupt { .. }
    ));
    assert_eq!(content(dir.path()), before);
}

#[test]
fn a_newer_format_is_said_to_be_newer() {
    let (dir, _) = ledger_with_two_transactions();
    let state = dir.path().join("state");
    let mut newer = fs::read(&state).unwrap();
    newer[8] = 3;
    fs::write(&state, &newer).unwrap();
    let error = open_error(dir.path());
    assert!(matches!(
        error,
        EmbeddedError::NewerFormat {
            found: 3,
            supported: 2,
            ..
        }
    ));
    assert_eq!(fs::read(&state).unwrap(), newer);
}

#[test]
fn the_journals_tail_of_a_transaction_that_was_cut_short_is_cut_off() {
    let (dir, to) = ledger_with_two_transactions();
    let journal = dir.path().join("journal");
    let len = fs::metadata(&journal).unwrap().len();
    OpenOptions::new()
        .append(true)
        .open(&journal)
        .unwrap()
        .write_all(&[0xff; 1_000])
        .unwrap();
    let ledger = open(dir.path());
    assert_eq!(ledger.history().unwrap().len(), 2);
    pay(&ledger, &to, LIVING).unwrap();
    assert_eq!(ledger.history().unwrap().len(), 3);
    let entry = len / 2;
    assert!(fs::metadata(&journal).unwrap().len() < len + entry + 100);
}

#[test]
fn a_damaged_journal_is_named_and_left_as_it_is() {
    let (dir, to) = ledger_with_two_transactions();
    let journal = dir.path().join("journal");
    let good = fs::read(&journal).unwrap();
    for place in [0, 8, 12, 20, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[place] ^= 0x55;
        fs::write(&journal, &bad).unwrap();
        let error = open(dir.path()).history().unwrap_err();
        assert!(matches!(error, EmbeddedError::Corrupt { path, .. } if path == journal));
        assert_eq!(fs::read(&journal).unwrap(), bad);
    }
    fs::write(&journal, &good[..good.len() - 1]).unwrap();
    let ledger = open(dir.path());
    assert!(ledger.history().is_err());
    pay(&ledger, &to, LIVING).unwrap_err();
    assert_eq!(balance(&ledger, &to), 2 * LIVING);
    assert_eq!(fs::read(&journal).unwrap(), good[..good.len() - 1]);
}

#[test]
fn a_creation_that_was_interrupted_is_completed() {
    let whole = folder();
    open(whole.path());
    let key = fs::read(whole.path().join("keys/default.json")).unwrap();
    let marker = fs::read(whole.path().join("EBB-LEDGER.txt")).unwrap();
    let journal = fs::read(whole.path().join("journal")).unwrap();
    let steps: [(&str, &[u8]); 6] = [
        ("lock", b""),
        ("EBB-LEDGER.txt.new", &marker[..10]),
        ("EBB-LEDGER.txt", &marker),
        ("keys/default.json", &key),
        ("journal", &journal),
        ("state.new", b"half a state"),
    ];
    for done in 0..=steps.len() {
        let dir = folder();
        for (name, bytes) in &steps[..done] {
            let path = dir.path().join(name);
            create_dir(path.parent().unwrap());
            write_private(&path, bytes);
        }
        let ledger = open(dir.path());
        pay(&ledger, &Pubkey::new_unique(), LIVING).unwrap();
        assert_eq!(open(dir.path()).history().unwrap().len(), 1);
        if done > 3 {
            let kept = fs::read(dir.path().join("keys/default.json")).unwrap();
            assert_eq!(kept, key);
        }
    }
}

/// Writes a file for its user only.
fn write_private(path: &Path, content: &[u8]) {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).unwrap().write_all(content).unwrap();
}

#[test]
fn a_key_that_is_gone_or_damaged_is_named() {
    let (dir, _) = ledger_with_two_transactions();
    let key = dir.path().join("keys/default.json");
    fs::write(&key, "[1,2]").unwrap();
    assert!(matches!(open_error(dir.path()), EmbeddedError::Key { path, .. } if path == key));
    fs::remove_file(&key).unwrap();
    assert!(matches!(open_error(dir.path()), EmbeddedError::Key { path, .. } if path == key));
    assert!(!key.exists());
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_can_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, to) = ledger_with_two_transactions();
    let mode = |mode| {
        for path in [dir.path().to_owned(), dir.path().join("lock")] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    mode(0o500);
    let is_root = fs::write(dir.path().join("probe"), "").is_ok();
    let ledger = open(dir.path());
    assert_eq!(balance(&ledger, &to), 2 * LIVING);
    if !is_root {
        let error = pay(&ledger, &to, LIVING).unwrap_err();
        assert!(error.to_string().contains("lock"));
    }
    mode(0o700);
}

#[test]
fn a_reset_removes_its_own_files_and_no_others() {
    let dir = folder();
    let ledger = open(dir.path());
    fs::write(dir.path().join("keys/mine.json"), "mine").unwrap();
    fs::write(dir.path().join("notes"), "mine").unwrap();
    assert!(EmbeddedLedger::reset(dir.path(), Duration::ZERO).unwrap());
    assert_eq!(files(dir.path()), ["keys", "lock", "notes"]);
    assert_eq!(files(&dir.path().join("keys")), ["mine.json"]);
    let error = pay(&ledger, &Pubkey::new_unique(), LIVING).unwrap_err();
    assert!(matches!(
        error,
        LedgerError::Embedded(EmbeddedError::Removed(_))
    ));
    assert!(ledger.info().is_err());
    assert_eq!(files(dir.path()), ["keys", "lock", "notes"]);
}

#[test]
fn after_a_reset_there_is_a_new_ledger_and_old_objects_take_it_up() {
    let dir = folder();
    let old = open(dir.path());
    let to = Pubkey::new_unique();
    pay(&old, &to, LIVING).unwrap();
    assert!(EmbeddedLedger::reset(dir.path(), Duration::ZERO).unwrap());
    assert!(!EmbeddedLedger::reset(dir.path(), Duration::ZERO).unwrap());
    let new = open(dir.path());
    assert_ne!(new.default_key(), old.default_key());
    assert_eq!((balance(&new, &to), balance(&old, &to)), (0, 0));
    assert!(new.history().unwrap().is_empty());
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let dir = folder();
    fs::write(dir.path().join("state"), "theirs").unwrap();
    for error in [
        EmbeddedLedger::open(dir.path(), EmbeddedOptions::default()).unwrap_err(),
        EmbeddedLedger::reset(dir.path(), Duration::ZERO).unwrap_err(),
    ] {
        assert!(matches!(error, EmbeddedError::NotALedger(_)));
    }
    assert_eq!(files(dir.path()), ["state"]);
    let absent = dir.path().join("absent");
    assert!(!EmbeddedLedger::reset(&absent, Duration::ZERO).unwrap());
    assert!(!absent.exists());
}

#[test]
fn a_file_in_the_folders_place_is_an_error() {
    let dir = folder();
    let file = dir.path().join("file");
    fs::write(&file, "theirs").unwrap();
    let error = EmbeddedLedger::open(&file, EmbeddedOptions::default()).unwrap_err();
    assert!(matches!(error, EmbeddedError::Io { .. }));
    let below = file.join("below");
    let error = EmbeddedLedger::open(below, EmbeddedOptions::default()).unwrap_err();
    assert!(matches!(error, EmbeddedError::Io { .. }));
}

#[test]
fn where_none_is_to_be_made_an_absent_ledger_is_an_error_and_nothing_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let reading = || EmbeddedOptions {
        create: false,
        ..EmbeddedOptions::default()
    };
    let absent = dir.path().join("absent");
    for path in [absent.as_path(), dir.path()] {
        let error = EmbeddedLedger::open(path, reading()).unwrap_err();
        assert!(
            matches!(&error, EmbeddedError::Absent(at) if at == path),
            "{error}"
        );
        assert!(error.is_of_no_ledger());
        assert!(!EmbeddedLedger::exists(path));
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    drop(open(&absent));
    assert!(EmbeddedLedger::exists(&absent));
    let read = EmbeddedLedger::open(&absent, reading()).unwrap();
    assert_eq!(read.info().unwrap().transactions, 0);
}
