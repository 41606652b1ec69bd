//! Signing a transaction's message.

use {
    super::LedgerError,
    solana_message::{Message, VersionedMessage},
    solana_program::pubkey::Pubkey,
    solana_sdk::{
        signer::{Signer, SignerError},
        transaction::VersionedTransaction,
    },
};

impl From<SignerError> for LedgerError {
    fn from(error: SignerError) -> Self {
        LedgerError::Signer(error.to_string())
    }
}

/// The fee payer's address: the first signer's.
pub(crate) fn payer(signers: &[&(dyn Signer + Sync)]) -> Result<Pubkey, LedgerError> {
    match signers.first() {
        Some(payer) => Ok(payer.try_pubkey()?),
        None => Err(LedgerError::Signer("there is no fee payer".into())),
    }
}

/// The message, signed once by every signer, however often it is listed: some ask their user.
pub(crate) fn sign(
    message: Message,
    signers: &[&(dyn Signer + Sync)],
) -> Result<VersionedTransaction, LedgerError> {
    let mut seen = Vec::with_capacity(signers.len());
    let mut distinct: Vec<&dyn Signer> = Vec::with_capacity(signers.len());
    for signer in signers {
        let key = signer.try_pubkey()?;
        if !seen.contains(&key) {
            seen.push(key);
            distinct.push(*signer);
        }
    }
    if let Some(missing) = message
        .account_keys
        .iter()
        .take(usize::from(message.header.num_required_signatures))
        .find(|key| !seen.contains(key))
    {
        return Err(LedgerError::Signer(format!("{missing} must sign too")));
    }
    let message = VersionedMessage::Legacy(message);
    Ok(VersionedTransaction::try_new(message, distinct.as_slice())?)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        solana_program::instruction::{AccountMeta, Instruction},
        solana_sdk::signature::Keypair,
    };

    fn message(payer: &Keypair, other: &Keypair) -> Message {
        let instruction = Instruction::new_with_bytes(
            Pubkey::new_unique(),
            &[],
            vec![AccountMeta::new_readonly(other.pubkey(), true)],
        );
        Message::new(&[instruction], Some(&payer.pubkey()))
    }

    #[test]
    fn a_signer_listed_twice_signs_once() {
        let (one, two) = (Keypair::new(), Keypair::new());
        let transaction = sign(message(&one, &two), &[&one, &two, &one]).unwrap();
        assert_eq!(transaction.signatures.len(), 2);
        assert!(transaction.verify_with_results().iter().all(|ok| *ok));
    }

    #[test]
    fn a_missing_signer_is_named() {
        let (one, two) = (Keypair::new(), Keypair::new());
        let error = sign(message(&one, &two), &[&one]).unwrap_err();
        assert!(error.to_string().contains(&two.pubkey().to_string()));
        assert!(matches!(payer(&[]), Err(LedgerError::Signer(_))));
    }
}
