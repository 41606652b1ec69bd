use super::*;

fn folder(access: Access) -> (tempfile::TempDir, Folder) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new(home.path().join("above").join("folder"), access);
    folder.create().unwrap();
    (home, folder)
}

#[test]
fn a_folder_that_is_absent_has_no_files() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new(home.path().join("absent"), Access::Umask);
    assert!(!folder.exists().unwrap());
    assert_eq!(folder.names().unwrap(), [""; 0]);
    assert_eq!(folder.read("file").unwrap(), None);
    assert!(folder.open_to_write("file").unwrap().is_none());
    assert!(!folder.remove("file").unwrap());
    folder.remove_if_empty().unwrap();
    assert_eq!(
        folder.write("file", &[b"1"]).unwrap_err().to_string(),
        format!(
            "cannot open {}: {}",
            folder.path().display(),
            io::Error::from(ErrorKind::NotFound)
        )
    );
    assert!(!folder.exists().unwrap());
}

#[test]
fn a_file_is_written_replaced_renamed_and_removed() {
    let (_home, folder) = folder(Access::Umask);
    folder.write("file", &[b"one, ", b"two"]).unwrap();
    assert_eq!(folder.read("file").unwrap().unwrap(), b"one, two");
    folder.write("file", &[b"three"]).unwrap();
    assert_eq!(folder.read("file").unwrap().unwrap(), b"three");
    assert_eq!(folder.names().unwrap(), ["file"]);

    folder.rename("file", "renamed").unwrap();
    assert_eq!(folder.read("file").unwrap(), None);
    assert_eq!(folder.read("renamed").unwrap().unwrap(), b"three");
    folder.remove_if_empty().unwrap();
    assert!(folder.remove("renamed").unwrap());
    assert!(!folder.remove("renamed").unwrap());
    folder.remove_if_empty().unwrap();
    assert!(!folder.exists().unwrap());
}

#[test]
fn what_a_killed_process_left_is_replaced() {
    let (_home, folder) = folder(Access::Private);
    folder.write("file.new", &[b"half a fi"]).unwrap();
    assert_eq!(unfinished("file"), "file.new");
    folder.write("file", &[b"file"]).unwrap();
    assert_eq!(folder.read("file").unwrap().unwrap(), b"file");
    assert_eq!(folder.names().unwrap(), ["file"]);
}

#[test]
fn a_name_does_not_lead_out_of_the_folder() {
    let (_home, folder) = folder(Access::Private);
    let above = Folder::new(folder.path().parent().unwrap(), Access::Private);
    above.write("file", &[b"of others"]).unwrap();
    let absolute = above.path_of("file");
    for name in [
        "",
        ".",
        "..",
        "../file",
        "a/b",
        "file/",
        "./file",
        absolute.to_str().unwrap(),
    ] {
        let refusals = [
            folder.open(name).map(drop).unwrap_err(),
            folder.open_to_write(name).map(drop).unwrap_err(),
            folder.write(name, &[b"ours"]).unwrap_err(),
            folder.rename(name, "file").unwrap_err(),
            folder.rename("file", name).unwrap_err(),
            folder.remove(name).map(drop).unwrap_err(),
            folder.lock(name, Duration::ZERO).map(drop).unwrap_err(),
        ];
        for refusal in refusals {
            match refusal {
                FileError::Io { path, source, .. } => {
                    assert_eq!(path, folder.path_of(name));
                    assert_eq!(source.kind(), ErrorKind::InvalidFilename, "{name}");
                }
                unsafe_file => panic!("{name}: {unsafe_file}"),
            }
        }
    }
    assert_eq!(above.read("file").unwrap().unwrap(), b"of others");
    assert_eq!(folder.names().unwrap(), [""; 0]);
}

#[test]
fn a_lock_is_had_by_one_at_a_time() {
    let (_home, folder) = folder(Access::Private);
    let mut lock = folder.lock("lock", Duration::ZERO).unwrap().unwrap();
    assert!(folder.lock("lock", Duration::ZERO).unwrap().is_none());
    assert!(folder.lock("other", Duration::ZERO).unwrap().is_some());
    lock.file().write_all(b"mine").unwrap();
    assert_eq!(folder.read("lock").unwrap().unwrap(), b"mine");
    drop(lock);
    assert!(folder.lock("lock", Duration::ZERO).unwrap().is_some());
}

#[cfg(unix)]
#[test]
fn modes_are_as_the_access_says() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (_home, private) = folder(Access::Private);
    private.write("file", &[b""]).unwrap();
    assert_eq!(mode(private.path()), 0o700);
    assert_eq!(mode(&private.path_of("file")), 0o600);

    // One that is there is closed to others while it is empty, and then left as it is.
    let open = Folder::new(private.path_of("open"), Access::Private);
    fs::create_dir(open.path()).unwrap();
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o755)).unwrap();
    open.create().unwrap();
    assert_eq!(mode(open.path()), 0o700);
    open.write("file", &[b""]).unwrap();
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o755)).unwrap();
    open.create().unwrap();
    assert_eq!(mode(open.path()), 0o755);
}
