//! A file that has grown long is divided.

use {
    crate::{shown, workspace},
    std::{ffi::OsStr, fs, path::Path},
};

/// How many lines a file has less than.
const LIMIT: usize = 400;

#[test]
fn a_source_file_has_less_than_400_lines() {
    let mut long = vec![];
    read(workspace(), &mut long);
    assert_eq!(long, Vec::<String>::new());
}

/// Names the long files of a folder and of those in it. What tools write there is passed over.
fn read(folder: &Path, long: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let entry = entry.expect("an entry");
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.to_string_lossy();
        let is_written = name.starts_with('.') || name == "target" || name == "node_modules";
        if is_written || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            read(&path, long);
        } else if path.extension() == Some(OsStr::new("rs")) {
            let lines = fs::read_to_string(&path)
                .expect("a source file")
                .lines()
                .count();
            if lines >= LIMIT {
                long.push(format!("{}: {lines} lines", shown(&path)));
            }
        }
    }
}
