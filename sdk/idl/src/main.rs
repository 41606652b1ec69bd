//! Writes `ebb_device_registry.json`, the program's interface for other languages, from what the
//! Rust crates already say: names, types, docs and numbers from the SDK's sources; errors, sizes,
//! addresses and accounts from its values and builders. What two of these say, they must agree on.
//!
//! Codama's own derives (0.13.2) are no substitute. They read neither rustdoc nor what a macro expands to, so the IDL would lack
//! docs, errors, constants, sizes of accounts and defaults of `None`; and each account of each instruction would be an
//! attribute written by hand, which nothing compares with the builder.
//!
//! It also fills the tables of `docs/design.md` that list instructions, layouts, events and errors.
//!
//! `cargo run -p ebb-idl` writes both files, `cargo run -p ebb-idl -- --check` fails if one is stale.

mod account;
mod design;
mod event;
mod instruction;
mod json;
mod pda;
mod program;
mod source;
mod types;

use {
    anyhow::{ensure, Context, Result},
    std::{
        env, fs,
        path::{Path, PathBuf},
        process::ExitCode,
    },
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

/// A file that is made from the sources.
struct Made {
    path: PathBuf,
    text: String,
}

fn all() -> Result<[Made; 2]> {
    let source = source::Source::read()?;
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let idl = Made {
        path: folder.join("ebb_device_registry.json"),
        text: json::print(&program::root(&source)?)?,
    };
    let path = folder.join("../../docs/design.md");
    let text = design::fill(&read(&path)?, &source)?;
    Ok([idl, Made { path, text }])
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{}", path.display()))
}

fn write() -> Result<()> {
    all()?.iter().try_for_each(|made| {
        fs::write(&made.path, &made.text).with_context(|| format!("{}", made.path.display()))
    })
}

fn check() -> Result<()> {
    all()?.iter().try_for_each(|made| {
        ensure!(
            read(&made.path)? == made.text,
            "{} is not what the sources give; run `cargo run -p ebb-idl` and commit it",
            made.path.display()
        );
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_idl_and_tables_are_what_the_sources_give() {
        super::check().unwrap();
    }
}
