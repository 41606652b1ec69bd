//! What verbs share that set a key of an account, or clear it.

use {
    crate::{error::CliError, input::value, render::Item},
    ebb_sdk::{ledger::Submission, state::present, EbbError},
    solana_sdk::pubkey::Pubkey,
};

/// A key, or none.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
pub struct KeyOrClear {
    /// The key
    #[arg(value_name = "PUBKEY", value_parser = value::pubkey)]
    key: Option<Pubkey>,

    /// Nobody: take an earlier one back
    #[arg(long)]
    clear: bool,
}

impl KeyOrClear {
    /// The key, unless it is to be cleared.
    pub fn key(&self) -> Option<&Pubkey> {
        self.key.as_ref()
    }
}

/// A field of an account that holds a key or none, and what it is called.
pub struct KeyField<'a> {
    /// The verb.
    pub action: &'static str,
    /// The account.
    pub code: &'a str,
    /// The field, as `nominee`.
    pub name: &'static str,
    /// What it holds; zero for none.
    pub before: &'a Pubkey,
}

impl KeyField<'_> {
    /// What to say if it holds the key already.
    pub fn unchanged(&self, wanted: Option<&Pubkey>) -> Option<Item> {
        if present(self.before) != wanted {
            return None;
        }
        let Self { code, name, .. } = self;
        let text = match wanted {
            Some(key) => format!("{code}: {key} is the {name} already"),
            None => format!("{code}: there is no {name} already"),
        };
        Some(Item::unchanged(
            self.action,
            *code,
            as_text(wanted).as_deref(),
            text,
        ))
    }

    /// What to say once it holds the key.
    pub fn changed(&self, wanted: Option<&Pubkey>, submission: &Submission) -> Item {
        let Self { code, name, .. } = self;
        let text = match wanted {
            Some(key) => format!("{code}: {key} is now the {name}"),
            None => format!("{code}: there is no {name} any more"),
        };
        let (before, after) = (as_text(present(self.before)), as_text(wanted));
        Item::changed(
            self.action,
            *code,
            before.as_deref(),
            after.as_deref(),
            submission,
            text,
        )
    }
}

/// Only the nominee accepts.
///
/// # Errors
/// [`EbbError::NotNominee`]
pub fn check_nominee(code: &str, nominee: &Pubkey, signer: &Pubkey) -> Result<(), CliError> {
    let refused = CliError::refused(EbbError::NotNominee);
    match present(nominee) {
        Some(nominee) if nominee == signer => Ok(()),
        Some(nominee) => Err(refused
            .because(format!(
                "signed by {signer}, requires the nominee of {code}, {nominee}"
            ))
            .hint("sign with that key: --keypair")),
        None => Err(refused.because(format!("{code} has no nominee; nominate {signer} first"))),
    }
}

fn as_text(key: Option<&Pubkey>) -> Option<String> {
    key.map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zero_key_is_none() {
        let (none, key) = (Pubkey::default(), Pubkey::new_from_array([1; 32]));
        let field = |before| KeyField {
            action: "nominate",
            code: "co01",
            name: "nominee",
            before,
        };
        assert!(field(&none).unchanged(None).is_some());
        assert!(field(&key).unchanged(Some(&key)).is_some());
        assert!(field(&key).unchanged(None).is_none());
        assert!(field(&none).unchanged(Some(&key)).is_none());
    }

    #[test]
    fn only_the_nominee_accepts() {
        let [none, key, other] = [0, 1, 2].map(|byte| Pubkey::new_from_array([byte; 32]));
        assert_eq!(check_nominee("co01", &key, &key), Ok(()));
        for nominee in [none, other] {
            let error = check_nominee("co01", &nominee, &key).unwrap_err();
            assert!(error.is_refusal(EbbError::NotNominee));
        }
    }
}
