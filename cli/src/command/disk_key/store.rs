//! Which store, and what opens it.

use {
    crate::{
        context::Context,
        error::CliError,
        keystore::{Protection, Secret, Store},
        output::{escaped, status},
        stop,
    },
    dialoguer::Password,
    directories::ProjectDirs,
    std::{fs, path::PathBuf},
    zeroize::Zeroizing,
};

/// Where keys are kept.
#[derive(clap::Args, Debug)]
pub struct StoreArgs {
    /// Folder of the key store; by default key-store in the user's data directory
    #[arg(long = "store", env = "EBB_KEY_STORE", value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl StoreArgs {
    /// The folder, which need not exist.
    pub fn dir(&self) -> Result<PathBuf, CliError> {
        if let Some(dir) = self.dir.as_ref().filter(|dir| !dir.as_os_str().is_empty()) {
            return Ok(dir.clone());
        }
        ProjectDirs::from("", "", "ebb")
            .map(|dirs| dirs.data_dir().join("key-store"))
            .ok_or_else(|| {
                CliError::usage("there is no home directory to keep keys in")
                    .hint("name a folder: --store DIR or EBB_KEY_STORE")
            })
    }

    /// The store, if there is one.
    pub fn open(&self) -> Result<Option<Store>, CliError> {
        Ok(Store::open(&self.dir()?)?)
    }
}

/// What opens the store.
#[derive(clap::Args, Debug)]
#[group(multiple = false)]
pub struct SecretArgs {
    /// File with the store's passphrase on its first line; without it, it is asked for
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,

    /// File of an age identity, as age-keygen writes it, instead of a passphrase
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

impl SecretArgs {
    /// What the options name.
    fn named(&self) -> Result<Option<Secret>, CliError> {
        match (&self.passphrase_file, &self.identity) {
            (_, Some(file)) => Ok(Some(Secret::IdentityFile(file.clone()))),
            (None, None) => Ok(None),
            (Some(file), None) => {
                let wrong = |problem: &dyn std::fmt::Display| {
                    CliError::usage(format!("--passphrase-file: {}: {problem}", file.display()))
                };
                let text = fs::read_to_string(file).map_err(|error| wrong(&error))?;
                let text = Zeroizing::new(text);
                match text.lines().next().filter(|line| !line.is_empty()) {
                    Some(line) => Ok(Some(Secret::Passphrase(line.to_owned().into()))),
                    None => Err(wrong(&"its first line is empty")),
                }
            }
        }
    }

    /// What opens a store, asked for if it is not named.
    pub fn secret(&self, context: &Context, store: &Store) -> Result<Secret, CliError> {
        let dir = store.dir().display();
        match self.named()? {
            Some(secret) => Ok(secret),
            None if !store.protection().is_by_passphrase() => Err(CliError::usage(format!(
                "the key store in {dir} opens with an age identity"
            ))
            .hint("name its file: --identity FILE")),
            None => {
                let prompt = escaped(&format!("Passphrase of the key store in {dir}")).into_owned();
                ask(context, move || Password::new().with_prompt(prompt))
            }
        }
    }

    /// The store, made if there is none. What opens it is checked if it is named.
    pub fn open_or_create(&self, context: &Context, store: &StoreArgs) -> Result<Store, CliError> {
        let named = self.named()?;
        if let Some(store) = store.open()? {
            if let Some(secret) = named {
                store.check(&secret)?;
            }
            return Ok(store);
        }
        let dir = store.dir()?;
        let secret = match named {
            Some(secret) => secret,
            None => {
                let prompt = format!("Passphrase for the new key store in {}", dir.display());
                let prompt = escaped(&prompt).into_owned();
                ask(context, move || {
                    Password::new()
                        .with_prompt(prompt)
                        .with_confirmation("The same again", "These differ")
                })?
            }
        };
        Ok(Store::create(&dir, Protection::new(&secret)?)?)
    }
}

fn ask(
    context: &Context,
    prompt: impl FnOnce() -> Password<'static> + Send + 'static,
) -> Result<Secret, CliError> {
    if !context.terminal.interactive {
        return Err(CliError::usage(
            "there is no terminal to ask for the key store's passphrase on",
        )
        .hint("name what opens it: --passphrase-file FILE, or --identity FILE"));
    }
    let passphrase = stop::ask(move || prompt().interact())
        .inspect_err(|_| status(""))?
        .map_err(|dialoguer::Error::IO(error)| CliError::from(error))?;
    Ok(Secret::Passphrase(passphrase.into()))
}
