//! Signing a transaction in one place and sending it from another, as Solana's own tools do.

use {
    super::{secret::KeyArg, signer::Keyring},
    crate::{error::CliError, input::key::Key},
    clap::Args,
    ebb_sdk::ledger::offline::{Lifetime, Offline},
    solana_sdk::{
        hash::Hash,
        pubkey::Pubkey,
        signature::{Keypair, Signature},
    },
};

/// What the options of verbs that sign are listed under.
pub const SIGNING: &str = "Signing options";

/// Options that say how a transaction is signed.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = SIGNING)]
pub struct OfflineArgs {
    /// Sign and send nothing; print the signatures, and who has still to sign
    ///
    /// Takes --blockhash. --keypair, --fee-payer and other keys may be a PUBKEY, whose holder signs elsewhere: with
    /// the same command line, as every signature is of the whole transaction. One of them sends it at last, with
    /// --signer for each of the others. The ledger is read all the same.
    #[arg(long, global = true, hide = true, hide_short_help = true)]
    pub sign_only: bool,

    /// Sign with this recent blockhash, which lives for a minute or so; with --nonce, the nonce's value
    #[arg(long, global = true, hide = true, hide_short_help = true, value_name = "HASH", value_parser = hash)]
    pub blockhash: Option<Hash>,

    /// A signature that --sign-only printed elsewhere; once for each
    #[arg(long = "signer", global = true, hide = true, hide_short_help = true, value_name = "PUBKEY=SIGNATURE", value_parser = presigned)]
    pub presigned: Vec<(Pubkey, Signature)>,

    /// Sign with the value of this nonce account, which lives until it is used
    #[arg(long, global = true, hide = true, hide_short_help = true, value_name = "PUBKEY", value_parser = crate::input::value::pubkey)]
    pub nonce: Option<Pubkey>,

    /// Who may use the nonce, written as for --keypair; defaults to the signer
    #[arg(
        long,
        global = true,
        hide = true,
        hide_short_help = true,
        value_name = "KEYPAIR"
    )]
    pub nonce_authority: Option<KeyArg>,

    /// Print the message that is signed too, in base64
    #[arg(long, global = true, hide = true, hide_short_help = true)]
    pub dump_transaction_message: bool,

    /// Pay so much for each compute unit, to be ahead of others on a busy cluster
    #[arg(
        long,
        global = true,
        hide = true,
        hide_short_help = true,
        value_name = "MICROLAMPORTS",
        value_parser = crate::input::value::price,
        default_value_t = 0,
        hide_default_value = true
    )]
    pub with_compute_unit_price: u64,
}

impl OfflineArgs {
    /// Whether the transaction is not just signed and sent.
    pub fn is_asked(&self) -> bool {
        self.sign_only || self.blockhash.is_some() || self.nonce.is_some()
    }

    /// The options that lack another. clap would not find one that stands elsewhere on the command line.
    pub fn check(&self) -> Result<(), CliError> {
        const HINT: &str =
            "right is, for example, --sign-only --blockhash 4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM";
        if self.sign_only && self.blockhash.is_none() {
            return Err(CliError::usage("--sign-only takes --blockhash").hint(HINT));
        }
        if self.dump_transaction_message && !self.sign_only {
            return Err(CliError::usage("--dump-transaction-message takes --sign-only").hint(HINT));
        }
        if self.nonce_authority.is_some() && self.nonce.is_none() {
            return Err(CliError::usage("--nonce-authority takes --nonce")
                .hint("name the nonce account: --nonce PUBKEY"));
        }
        if !self.presigned.is_empty() && !self.is_asked() {
            return Err(CliError::usage(
                "--signer takes the --blockhash that was signed, or --nonce",
            )
            .hint("name what --sign-only printed: --blockhash HASH"));
        }
        Ok(())
    }

    /// How the ledger is to sign, if not as always. `signer` is asked for if it has the nonce's authority.
    pub fn resolve(
        &self,
        keyring: &Keyring,
        signer: impl FnOnce() -> Result<Key, CliError>,
    ) -> Result<Option<Offline>, CliError> {
        let lifetime = match (self.nonce, self.blockhash) {
            (Some(address), value) => Lifetime::Nonce {
                address,
                authority: match &self.nonce_authority {
                    Some(source) => keyring.read("--nonce-authority", source)?,
                    None => signer()?,
                },
                value,
            },
            (None, Some(blockhash)) => Lifetime::Blockhash(blockhash),
            (None, None) => return Ok(None),
        };
        Ok(Some(Offline {
            lifetime,
            sign_only: self.sign_only,
            compute_unit_price: self.with_compute_unit_price,
        }))
    }
}

fn hash(text: &str) -> Result<Hash, String> {
    text.trim().parse().map_err(|_| {
        "not a blockhash; right is base58 of 32 bytes, as in 4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM"
            .to_owned()
    })
}

fn presigned(text: &str) -> Result<(Pubkey, Signature), String> {
    const RIGHT: &str = "right is PUBKEY=SIGNATURE, as --sign-only prints it";
    let parts = text.split_once('=');
    let read = |(key, signature): (&str, &str)| {
        Some((key.trim().parse().ok()?, signature.trim().parse().ok()?))
    };
    let (key, signature): (Pubkey, Signature) = parts
        .and_then(read)
        .ok_or_else(|| format!("not a signature; {RIGHT}"))?;
    // Both are 64 bytes.
    match Keypair::try_from(signature.as_ref()) {
        Ok(_) => Err(format!("a secret key, where a signature belongs; {RIGHT}")),
        Err(_) => Ok((key, signature)),
    }
}

#[cfg(test)]
mod tests {
    use {super::*, solana_sdk::signer::Signer};

    #[test]
    fn options_that_lack_another_are_named() {
        let hash = Hash::new_from_array([1; 32]);
        let none = OfflineArgs::default();
        assert!(none.check().is_ok() && !none.is_asked());
        let wrong = [
            OfflineArgs {
                sign_only: true,
                ..none.clone()
            },
            OfflineArgs {
                dump_transaction_message: true,
                blockhash: Some(hash),
                ..none.clone()
            },
            OfflineArgs {
                nonce_authority: Some("id.json".parse().unwrap()),
                ..none.clone()
            },
            OfflineArgs {
                presigned: vec![Default::default()],
                ..none.clone()
            },
        ];
        for args in wrong {
            assert!(!args.check().unwrap_err().hints().is_empty());
        }
        let right = OfflineArgs {
            sign_only: true,
            blockhash: Some(hash),
            ..none
        };
        assert!(right.check().is_ok() && right.is_asked());
    }

    #[test]
    fn a_signature_is_read_with_its_key() {
        let key = Keypair::new();
        let signature = key.sign_message(b"message");
        let text = format!("{}={signature}", key.pubkey());
        assert_eq!(presigned(&text), Ok((key.pubkey(), signature)));
        for wrong in ["", "=", &text[5..], &key.pubkey().to_string()] {
            assert!(presigned(wrong).unwrap_err().contains("PUBKEY=SIGNATURE"));
        }
        let padded = format!(" {} = {signature}\n", key.pubkey());
        assert_eq!(presigned(&padded), Ok((key.pubkey(), signature)));
        let secret = format!("{}={}", key.pubkey(), key.to_base58_string());
        let error = presigned(&secret).unwrap_err();
        assert!(error.starts_with("a secret key"), "{error}");
    }
}
