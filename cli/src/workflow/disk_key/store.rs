//! Which store, and what opens it.

use {
    crate::{
        context::Context,
        error::CliError,
        input::value,
        stop,
        terminal::{escaped, status},
    },
    dialoguer::Password,
    directories::ProjectDirs,
    ebb_keystore::{Identities, IdentitiesError, KeyStore, Secret, SecretKind, UnlockedKeyStore},
    std::{
        fmt, fs,
        path::{Path, PathBuf},
    },
    zeroize::Zeroizing,
};

/// Where keys are kept.
#[derive(clap::Args, Debug)]
pub struct StoreArgs {
    /// Folder of the key store
    ///
    /// By default key-store in the user's data directory.
    #[arg(
        long = "store",
        env = "EBB_KEY_STORE",
        hide_env_values = true,
        hide_short_help = true,
        value_name = "DIR",
        value_parser = value::path_parser()
    )]
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
    pub fn open(&self) -> Result<Option<KeyStore>, CliError> {
        Ok(KeyStore::open(&self.dir()?)?)
    }
}

/// What opens the store, and what its recipients and signatures are checked against.
#[derive(clap::Args, Debug)]
#[group(multiple = false)]
pub struct SecretArgs {
    /// File with the store's passphrase on line 1
    ///
    /// Without it, the passphrase is asked for.
    #[arg(long, value_name = "FILE", value_parser = value::path_parser())]
    passphrase_file: Option<PathBuf>,

    /// File of an age identity, instead of a passphrase
    ///
    /// As age-keygen writes it.
    #[arg(long, value_name = "FILE", value_parser = value::path_parser())]
    identity: Option<PathBuf>,
}

impl SecretArgs {
    /// What the options name.
    fn named(&self) -> Result<Option<Secret>, CliError> {
        match (&self.passphrase_file, &self.identity) {
            (_, Some(file)) => Ok(Some(Secret::Identities(read_identities(file)?))),
            (None, None) => Ok(None),
            (Some(file), None) => {
                let text = fs::read_to_string(file).map_err(|error| {
                    // It may be the passphrase itself that stands in place of its file.
                    CliError::usage(format!(
                        "--passphrase-file: the file cannot be read: {error}"
                    ))
                })?;
                let text = Zeroizing::new(text);
                match text.lines().next().filter(|line| !line.is_empty()) {
                    Some(line) => Ok(Some(Secret::Passphrase(line.to_owned().into()))),
                    None => Err(CliError::usage(format!(
                        "--passphrase-file: {}: its first line is empty",
                        file.display()
                    ))),
                }
            }
        }
    }

    /// Checks a store against what opens it, which is asked for if it is not named.
    pub fn unlock(
        &self,
        context: &Context,
        store: &KeyStore,
    ) -> Result<UnlockedKeyStore, CliError> {
        Ok(store.unlock(&self.secret(context, store)?)?)
    }

    /// As [`SecretArgs::unlock`], if what opens the store is named.
    pub fn check_if_named(&self, store: &KeyStore) -> Result<(), CliError> {
        if let Some(secret) = self.named()? {
            store.unlock(&secret)?;
        }
        Ok(())
    }

    fn secret(&self, context: &Context, store: &KeyStore) -> Result<Secret, CliError> {
        let dir = store.dir().display();
        match self.named()? {
            Some(secret) => Ok(secret),
            None if store.secret_kind() == SecretKind::Identities => Err(CliError::usage(format!(
                "the key store in {dir} opens with an age identity"
            ))
            .hint("name its file: --identity FILE")),
            None => {
                let prompt = escaped(&format!("Passphrase of the key store in {dir}")).into_owned();
                ask(context, move || Password::new().with_prompt(prompt))
            }
        }
    }

    /// The store, made if there is none. What opens it is asked for if it is not named.
    pub fn open_or_create(
        &self,
        context: &Context,
        store: &StoreArgs,
    ) -> Result<UnlockedKeyStore, CliError> {
        if let Some(store) = store.open()? {
            return self.unlock(context, &store);
        }
        let dir = store.dir()?;
        let secret = match self.named()? {
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
        Ok(UnlockedKeyStore::create(&dir, &secret)?)
    }
}

/// Reads a file as age-keygen writes it.
fn read_identities(file: &Path) -> Result<Identities, CliError> {
    let unreadable = |problem: &dyn fmt::Display| {
        CliError::usage(format!(
            "cannot read an age identity from {}: {problem}",
            file.display()
        ))
        .hint("right is a file as age-keygen writes it, as in --identity key.txt")
    };
    let text = fs::read_to_string(file).map_err(|error| unreadable(&error))?;
    let text = Zeroizing::new(text);
    text.parse()
        .map_err(|error: IdentitiesError| unreadable(&error))
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
