//! What helps where a key store cannot be used, and the exit code.

use {
    crate::error::CliError,
    ebb_keystore::{KeyStoreError, MaterialError, SecretKind},
};

impl From<KeyStoreError> for CliError {
    fn from(error: KeyStoreError) -> Self {
        let message = error.to_string();
        match error {
            KeyStoreError::NotAKeyStore(_) => Self::usage(message).hint(
                "name a folder that is empty or does not exist: --store DIR or EBB_KEY_STORE",
            ),
            KeyStoreError::Corrupt { .. } => Self::other(message)
                .hint("nothing was changed: put the file back from a backup, or move it away"),
            KeyStoreError::Unsigned { .. } => Self::other(message)
                .hint("take each key out with age: jq -r .content.material keys/HASH.json | age --decrypt --identity FILE")
                .hint("then bring it into a new store: ebb disk-key register … --key-file FILE --store DIR"),
            KeyStoreError::WrongRecipients { .. } => Self::other(message)
                .hint("put store.json back from a backup; whoever changed it may read keys that were stored since"),
            KeyStoreError::DestroyedKeyPresent {
                code, path, record, ..
            } => Self::other(message)
                .hint(format!("finish its destruction: ebb disk-key destroy {code} {path}"))
                .hint(format!(
                    "if the key is in use and that record was put there, move it away: {}",
                    record.display()
                )),
            KeyStoreError::NewerFormat { .. } => Self::other(message).hint("use a newer ebb"),
            KeyStoreError::CreatedConcurrently(_) | KeyStoreError::ChangedConcurrently(_) => {
                Self::other(message).hint("try again")
            }
            KeyStoreError::WrongPassphrase(_) => Self::usage(message),
            KeyStoreError::WrongSecretKind { opens_with, .. } => Self::usage(match opens_with {
                SecretKind::Passphrase => {
                    format!("{message}, asked for or from --passphrase-file FILE")
                }
                SecretKind::Identities => format!("{message}: --identity FILE"),
            }),
            KeyStoreError::WrongIdentity(store) => Self::usage(format!(
                "no identity in that file opens the key store in {}",
                store.display()
            ))
            .hint("name the file that the store was made with: --identity FILE"),
            KeyStoreError::Material(error) => error.into(),
            _ => Self::other(message),
        }
    }
}

impl From<MaterialError> for CliError {
    fn from(error: MaterialError) -> Self {
        Self::usage(error.to_string()).hint("right is, for example, --generate for 64 random bytes")
    }
}
