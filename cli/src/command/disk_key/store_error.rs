//! What helps where a key store cannot be used, and how such a command ends.

use {crate::error::CliError, ebb_keystore::StoreError};

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::NotAStore(_) => Self::usage(message).hint(
                "name a folder that is empty or does not exist: --store DIR or EBB_KEY_STORE",
            ),
            StoreError::Corrupt { .. } => Self::other(message)
                .hint("nothing was changed: put the file back from a backup, or move it away"),
            StoreError::Unsigned { .. } => Self::other(message)
                .hint("take each key out with age: jq -r .content.material keys/HASH.json | age --decrypt --identity FILE")
                .hint("then bring it into a new store: ebb disk-key register … --key-file FILE --store DIR"),
            StoreError::Recipients { .. } => Self::other(message)
                .hint("put store.json back from a backup; whoever changed it may read keys that were stored since"),
            StoreError::NotGone {
                code, path, record, ..
            } => Self::other(message)
                .hint(format!("finish its destruction: ebb disk-key destroy {code} {path}"))
                .hint(format!(
                    "if the key is in use and that record was put there, move it away: {}",
                    record.display()
                )),
            StoreError::NewerFormat { .. } => Self::other(message).hint("use a newer ebb"),
            StoreError::Raced(_) | StoreError::Changed(_) => Self::other(message).hint("try again"),
            StoreError::WrongPassphrase(_) | StoreError::WrongSecret { .. } => Self::usage(message),
            StoreError::WrongIdentity(_) => Self::usage(message)
                .hint("name the file that the store was made with: --identity FILE"),
            StoreError::Identity { .. } => Self::usage(message)
                .hint("right is a file as age-keygen writes it, as in --identity key.txt"),
            StoreError::Material(_) => {
                Self::usage(message).hint("right is, for example, --generate for 64 random bytes")
            }
            StoreError::Io(_)
            | StoreError::Locked { .. }
            | StoreError::Twin { .. }
            | StoreError::Encryption(_) => Self::other(message),
        }
    }
}
