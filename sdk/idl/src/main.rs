//! Writes `ebb_device_registry.json`, the program's interface for other languages, from what the
//! Rust crates already say: names, types, docs and numbers from the SDK's sources; errors, sizes,
//! addresses and accounts from its values and builders. What two of these say, they must agree on.
//!
//! `cargo run -p ebb-idl` writes it, `cargo run -p ebb-idl -- --check` fails if it is stale.

mod account;
mod event;
mod instruction;
mod json;
mod pda;
mod program;
mod source;
mod types;

use {
    anyhow::{bail, Context, Result},
    std::{env, fs, path::PathBuf, process::ExitCode},
};

fn main() -> ExitCode {
    let mode = env::args().skip(1).collect::<Vec<_>>();
    let done = match mode.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => write(),
        ["--check"] => check(),
        _ => {
            eprintln!("usage: ebb-idl [--check]");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("ebb_device_registry.json")
}

fn write() -> Result<()> {
    let path = path();
    fs::write(&path, generate()?).with_context(|| format!("{}", path.display()))
}

fn check() -> Result<()> {
    let path = path();
    let committed = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    if committed != generate()? {
        bail!(
            "{} is not what the sources give; run `cargo run -p ebb-idl` and commit it",
            path.display()
        );
    }
    Ok(())
}

fn generate() -> Result<String> {
    let source = source::Source::read()?;
    json::print(&program::root(&source)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_idl_is_what_the_sources_give() {
        super::check().unwrap();
    }
}
