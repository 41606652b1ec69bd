//! Names the compiled program that feature `elf` carries: the committed one, or the file that `EBB_ELF` names.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    println!("cargo:rerun-if-env-changed=EBB_ELF");
    if env::var_os("CARGO_FEATURE_ELF").is_none() {
        return ExitCode::SUCCESS;
    }
    match program_file() {
        Ok(file) => {
            println!("cargo:rerun-if-changed={file}");
            println!("cargo:rustc-env=EBB_PROGRAM_FILE={file}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn program_file() -> Result<String, String> {
    // Read at run time: checkouts that share a target folder share the compiled script too.
    let package = env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?;
    let package = Path::new(&package);
    let named = match env::var_os("EBB_ELF").map(PathBuf::from) {
        Some(elf) if elf.is_absolute() => elf,
        // Cargo runs this in the package's folder, but is called in the workspace's.
        Some(elf) => package.parent().unwrap_or(package).join(elf),
        None => package.join("elf/ebb_device_registry.so"),
    };
    let file = named
        .canonicalize()
        .map_err(|error| format!("there is no program {}: {error}", named.display()))?;
    file.into_os_string()
        .into_string()
        .map_err(|file| format!("the program's path is not UTF-8: {}", file.display()))
}
