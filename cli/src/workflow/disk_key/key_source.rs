//! Where new key material comes from.

use {
    crate::{error::CliError, input::value},
    ebb_keystore::Material,
    std::{fs::File, io, path::PathBuf},
};

/// Where new key material comes from.
#[derive(clap::Args, Debug)]
#[group(multiple = false)]
pub struct KeySource {
    /// File with the key material; `-` is stdin
    ///
    /// It must be random: its SHA-256 is public.
    #[arg(long, value_name = "FILE", value_parser = value::path_parser())]
    key_file: Option<PathBuf>,

    /// Make 64 random bytes
    #[arg(long)]
    generate: bool,
}

impl KeySource {
    /// The material that is given. It is made on first use.
    pub fn given(&self) -> Result<Option<Material>, CliError> {
        let Some(path) = &self.key_file else {
            return Ok(None);
        };
        if path.as_os_str() == "-" {
            return Ok(Some(Material::read(io::stdin(), "stdin")?));
        }
        let name = path.display().to_string();
        let file = File::open(path)
            .map_err(|error| CliError::usage(format!("--key-file: cannot read {name}: {error}")))?;
        Ok(Some(Material::read(file, &name)?))
    }

    /// The file that will still hold the material when it is stored.
    pub fn file_left(&self) -> Option<&PathBuf> {
        self.key_file
            .as_ref()
            .filter(|path| path.as_os_str() != "-")
    }

    /// New material.
    pub fn generate(&self) -> Result<Material, CliError> {
        if !self.generate {
            return Err(CliError::usage("no key material is named")
                .hint("right is --generate for 64 random bytes, or --key-file FILE"));
        }
        Ok(Material::generate()?)
    }
}
