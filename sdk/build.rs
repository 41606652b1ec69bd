//! Names the compiled program that feature `elf` carries: the committed one, or the file that `EBB_ELF` names.

use std::{env, path::PathBuf};

fn main() -> Result<(), String> {
    println!("cargo:rerun-if-env-changed=EBB_ELF");
    if env::var_os("CARGO_FEATURE_ELF").is_none() {
        return Ok(());
    }
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo runs this")?);
    let elf = match env::var_os("EBB_ELF") {
        // A relative path counts from the workspace, where cargo is called.
        Some(elf) => package.join("..").join(elf),
        None => package.join("elf/ebb_device_registry.so"),
    };
    let elf = elf
        .canonicalize()
        .map_err(|error| format!("EBB_ELF names {}: {error}", elf.display()))?;
    let elf = elf.to_str().ok_or("the path of EBB_ELF is not UTF-8")?;
    println!("cargo:rerun-if-changed={elf}");
    println!("cargo:rustc-env=EBB_PROGRAM_FILE={elf}");
    Ok(())
}
