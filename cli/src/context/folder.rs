//! What helps where the folder of an embedded ledger holds none.

use {
    crate::{error::CliError, input::similar::similar},
    ebb_sdk::{
        embedded::{EmbeddedError, EmbeddedLedger},
        ledger::LedgerError,
    },
    std::{
        fs,
        path::{Path, PathBuf},
    },
};

/// Adds how to make a ledger to the error that there is none, and names ledgers of like names beside it.
pub fn explain(error: EmbeddedError) -> CliError {
    let hints = match &error {
        EmbeddedError::Absent(dir) => hints(dir),
        _ => vec![],
    };
    let error = CliError::from(LedgerError::from(error));
    hints.into_iter().fold(error, CliError::hint)
}

fn hints(dir: &Path) -> Vec<String> {
    let beside = beside(dir).into_iter().map(|dir| {
        let dir = dir.display();
        format!("there is one in {dir}: --url embedded:{dir}")
    });
    let make = format!("make one there: ebb --url embedded:{} init", dir.display());
    beside.chain([make]).collect()
}

/// The ledgers in the same folder whose names are like a ledger's.
fn beside(dir: &Path) -> Vec<PathBuf> {
    let parent = dir.parent().unwrap_or(Path::new(""));
    let listed = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    let (Some(wanted), Ok(entries)) = (dir.file_name(), fs::read_dir(listed)) else {
        return vec![];
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names: Vec<String> = names
        .filter(|name| EmbeddedLedger::exists(parent.join(name)))
        .collect();
    similar(&wanted.to_string_lossy(), names.iter().map(String::as_str))
        .into_iter()
        .map(|name| parent.join(name))
        .collect()
}
