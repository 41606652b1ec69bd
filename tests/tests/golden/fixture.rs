//! Fixtures are text: a name, then indented lines of what it holds.

use std::{env, fs, path::PathBuf};

/// Set, it writes the fixtures instead of checking them.
const UPDATE: &str = "EBB_UPDATE_GOLDEN";

/// One name and its lines.
pub struct Entry {
    pub name: String,
    pub lines: Vec<String>,
}

impl Entry {
    pub fn new(name: &str, lines: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            lines,
        }
    }

    /// The bytes in the line that begins with a word.
    pub fn bytes(&self, word: &str) -> Vec<u8> {
        let rest = self.lines.iter().find_map(|line| line.strip_prefix(word));
        let hex: Vec<u8> = rest.expect("the line is there").trim().bytes().collect();
        hex.chunks(2)
            .map(|pair| {
                let pair = std::str::from_utf8(pair).expect("it is ASCII");
                u8::from_str_radix(pair, 16).expect("it is hexadecimal")
            })
            .collect()
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "golden", name]
        .iter()
        .collect()
}

/// Reads a fixture.
pub fn read(name: &str) -> Vec<Entry> {
    let text = fs::read_to_string(file(name)).expect("the fixture is there");
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("  ") {
            None => entries.push(Entry::new(line, Vec::new())),
            Some(line) => {
                let entry = entries.last_mut().expect("a name comes first");
                entry.lines.push(line.to_owned());
            }
        }
    }
    entries
}

/// The entry of a name.
pub fn find<'a>(entries: &'a [Entry], name: &str) -> &'a Entry {
    let found = entries.iter().find(|entry| entry.name == name);
    found.unwrap_or_else(|| panic!("the fixture has no {name}"))
}

/// Compares what the code makes with a fixture.
#[track_caller]
pub fn check(name: &str, found: &[Entry]) {
    let text: String = found
        .iter()
        .map(|entry| {
            let lines: String = entry
                .lines
                .iter()
                .map(|line| format!("  {line}\n"))
                .collect();
            format!("{}\n{lines}", entry.name)
        })
        .collect();
    if env::var_os(UPDATE).is_some() {
        fs::write(file(name), text).expect("the fixture can be written");
        return;
    }
    let expected = fs::read_to_string(file(name)).expect("the fixture is there");
    let mut lines = expected
        .lines()
        .chain(["(end)"])
        .zip(text.lines().chain(["(end)"]));
    if let Some((expected, found)) = lines.find(|(expected, found)| expected != found) {
        panic!(
            "{name} no longer matches.\n  fixture: {expected}\n  code:    {found}\n\
             Accounts on chain and clients hold these bytes. If the change is deliberate, \
             run this test once with {UPDATE}=1 and review the difference."
        );
    }
}
