//! Processes that are killed, that damage files, or that put a file where a folder belongs.

use super::*;

#[test]
fn a_destruction_cut_short_before_the_key_is_gone_proves_nothing() {
    let lab = Lab::new();
    let key = lab.put(&disk("a"));
    let content = fs::read(lab.store.path_of(&key)).unwrap();
    lab.unlocked.destroy(&key).unwrap();
    write_private(&lab.store.path_of(&key), &content);
    assert_eq!(
        lab.store.destruction(&disk("a"), &key.commitment).unwrap(),
        None
    );
    lab.unlocked.destroy(&key).unwrap();
    assert!(lab
        .store
        .destruction(&disk("a"), &key.commitment)
        .unwrap()
        .is_some());
    assert_eq!(lab.store.keys().unwrap().len(), 0);
}

#[test]
fn what_a_killed_process_left_is_finished_by_the_next() {
    let lab = Lab::new();
    let key = lab.put(&disk("a"));
    let content = fs::read(lab.store.path_of(&key)).unwrap();
    lab.unlocked.destroy(&key).unwrap();
    let before = lab.files();
    for leftover in ["destroying", "new"] {
        let leftover = lab.store.path_of(&key).with_added_extension(leftover);
        write_private(&leftover, &content);
        // Readers do not mind it.
        assert_eq!(lab.store.keys().unwrap().len(), 0);
        assert!(lab
            .store
            .destruction(&disk("a"), &key.commitment)
            .unwrap()
            .is_some());
        assert_eq!(lab.files(), before);
    }
}

#[test]
fn a_key_that_was_replaced_is_not_destroyed() {
    let lab = Lab::new();
    let old = lab.put(&disk("a"));
    lab.unlocked.destroy(&old).unwrap();
    let new = lab.put(&disk("a"));
    assert!(matches!(
        lab.unlocked.destroy(&old),
        Err(KeyStoreError::ChangedConcurrently(_))
    ));
    assert_eq!(lab.store.key(&disk("a")).unwrap(), Some(new));
}

#[test]
fn a_key_that_comes_back_is_no_longer_destroyed() {
    let lab = Lab::new();
    let material = Material::generate().unwrap();
    let key = lab
        .unlocked
        .put_if_absent(&disk("a"), &owner(), &material)
        .unwrap();
    lab.unlocked.destroy(&key).unwrap();
    lab.unlocked
        .put_if_absent(&disk("a"), &owner(), &material)
        .unwrap();
    assert_eq!(
        lab.store.destruction(&disk("a"), &key.commitment).unwrap(),
        None
    );
    fs::remove_file(lab.store.path_of(&key)).unwrap();
    assert_eq!(
        lab.store.destruction(&disk("a"), &key.commitment).unwrap(),
        None
    );
}

#[test]
fn a_damaged_file_is_named_and_left_as_it_is() {
    let lab = Lab::new();
    let (key, other) = (lab.put(&disk("a")), lab.put(&disk("b")));
    let file = lab.store.path_of(&key);
    let good = fs::read_to_string(&file).unwrap();
    let damaged = [
        String::new(),
        good[..good.len() / 2].to_owned(),
        good.replace("abc", "abd"),
        good.replace("\\n-----END", "\\nAAAA\\n-----END"),
        fs::read_to_string(lab.store.path_of(&other)).unwrap(),
    ];
    for content in damaged {
        fs::write(&file, &content).unwrap();
        let errors = [
            lab.store.key(&disk("a")).map(drop).unwrap_err(),
            lab.unlocked.destroy(&key).map(drop).unwrap_err(),
            lab.unlocked
                .put_if_absent(&disk("a"), &owner(), &Material::generate().unwrap())
                .map(drop)
                .unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(&error, KeyStoreError::Corrupt { path, .. } if *path == file),
                "{error}"
            );
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
        // It does not hide the others.
        let keys = lab.store.keys().unwrap();
        assert_eq!(keys.iter().filter(|key| key.is_ok()).count(), 1);
    }
    fs::write(&file, good.replace("\"format\": 2", "\"format\": 3")).unwrap();
    let newer = lab.store.key(&disk("a")).unwrap_err();
    assert!(
        matches!(newer, KeyStoreError::NewerFormat { found: 3, .. }),
        "{newer}"
    );
    fs::write(&file, good.replace("\"format\": 2", "\"format\": 1")).unwrap();
    let older = lab.store.key(&disk("a")).unwrap_err();
    assert!(
        matches!(older, KeyStoreError::Unsigned { found: 1, .. }),
        "{older}"
    );
    fs::write(&file, good).unwrap();
    lab.unlocked.destroy(&key).unwrap();
}

#[test]
fn a_locked_store_is_waited_for_and_then_given_up() {
    let lab = Lab::new();
    let key = lab.put(&disk("a"));
    let lock = fs::File::open(lab.store.dir().join("lock")).unwrap();
    lock.lock().unwrap();
    let started = Instant::now();
    let error = lab.unlocked.destroy(&key).unwrap_err();
    assert!(started.elapsed().as_secs() >= 10);
    assert!(
        error
            .to_string()
            .contains(lab.store.dir().to_str().unwrap()),
        "{error}"
    );
    // Readers do not care.
    assert_eq!(lab.store.key(&disk("a")).unwrap(), Some(key.clone()));
    drop(lock);
    lab.unlocked.destroy(&key).unwrap();
}

#[test]
fn a_key_stays_while_its_destruction_cannot_be_recorded() {
    let lab = Lab::new();
    let key = lab.put(&disk("a"));
    let content = fs::read(lab.store.path_of(&key)).unwrap();
    fs::write(lab.store.dir().join("destroyed"), "in the way").unwrap();
    lab.unlocked.destroy(&key).unwrap_err();
    assert_eq!(fs::read(lab.store.path_of(&key)).unwrap(), content);
    fs::remove_file(lab.store.dir().join("destroyed")).unwrap();
    lab.unlocked.destroy(&key).unwrap();
}

#[test]
fn a_damaged_record_does_not_hide_the_others() {
    let lab = Lab::new();
    let (one, two) = (lab.put(&disk("a")), lab.put(&disk("b")));
    lab.unlocked.destroy(&one).unwrap();
    lab.unlocked.destroy(&two).unwrap();
    let file = lab
        .store
        .folder
        .destruction(&one.disk, &one.commitment)
        .path();
    fs::write(&file, "").unwrap();
    let error = lab
        .store
        .destruction(&one.disk, &one.commitment)
        .unwrap_err();
    assert!(
        matches!(&error, KeyStoreError::Corrupt { path, .. } if *path == file),
        "{error}"
    );
    let known = lab.store.destructions().unwrap();
    assert_eq!(known.iter().filter(|it| it.is_ok()).count(), 1);
}
