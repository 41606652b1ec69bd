//! Signing a transaction's message.

use {
    super::LedgerError,
    solana_message::{Message, VersionedMessage},
    solana_program::{hash::Hash, pubkey::Pubkey},
    solana_sdk::{
        signature::Signature,
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

/// A message, and the signatures of those who have signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedMessage {
    message: Message,
    /// In the order of the message's signers; `None` where one is absent.
    signatures: Vec<Option<Signature>>,
}

impl SignedMessage {
    /// Signs for each key once, with a signer that is there if one is listed: some ask their user.
    ///
    /// # Errors
    /// [`LedgerError::Signer`], [`LedgerError::ForeignSignature`]
    pub(crate) fn new(
        message: Message,
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Self, LedgerError> {
        let mut keys = Vec::with_capacity(signers.len());
        for signer in signers {
            keys.push(signer.try_pubkey()?);
        }
        let bytes = message.serialize();
        let signatures = required(&message)
            .map(|key| {
                let listed = keys.iter().zip(signers);
                let of_key = listed.filter_map(|(known, it)| (known == key).then_some(*it));
                sign_with_any(of_key, key, &bytes)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            message,
            signatures,
        })
    }

    /// The message as it is signed.
    pub fn bytes(&self) -> Vec<u8> {
        self.message.serialize()
    }

    /// The blockhash, or the nonce's value.
    pub fn blockhash(&self) -> &Hash {
        &self.message.recent_blockhash
    }

    /// Who has signed, and how.
    pub fn present(&self) -> impl Iterator<Item = (&Pubkey, &Signature)> {
        self.each()
            .filter_map(|(key, signature)| Some((key, signature?)))
    }

    /// Who has still to sign.
    pub fn absent(&self) -> impl Iterator<Item = &Pubkey> {
        self.each()
            .filter_map(|(key, signature)| signature.is_none().then_some(key))
    }

    fn each(&self) -> impl Iterator<Item = (&Pubkey, Option<&Signature>)> {
        let signatures = self.signatures.iter().map(Option::as_ref);
        required(&self.message).zip(signatures)
    }
}

fn required(message: &Message) -> impl Iterator<Item = &Pubkey> {
    let required = usize::from(message.header.num_required_signatures);
    message.account_keys.iter().take(required)
}

/// The signature of the first of a key's signers that has one, those that ask nobody before those that do. `None` if
/// all of them are absent.
fn sign_with_any<'a>(
    signers: impl Iterator<Item = &'a (dyn Signer + Sync)>,
    key: &Pubkey,
    bytes: &[u8],
) -> Result<Option<Signature>, LedgerError> {
    let (asking, silent): (Vec<_>, Vec<_>) = signers.partition(|signer| signer.is_interactive());
    let mut is_foreign = false;
    for signer in silent.into_iter().chain(asking) {
        match signer.try_sign_message(bytes) {
            // Who is absent signs with zeros.
            Ok(signature) if signature == Signature::default() => {}
            Ok(signature) => return Ok(Some(signature)),
            Err(SignerError::PresignerError(_)) => is_foreign = true,
            Err(error) => return Err(error.into()),
        }
    }
    if is_foreign {
        Err(LedgerError::ForeignSignature(*key))
    } else {
        Ok(None)
    }
}

/// The message, signed by everyone who must.
pub(crate) fn sign(
    message: Message,
    signers: &[&(dyn Signer + Sync)],
) -> Result<VersionedTransaction, LedgerError> {
    let signed = SignedMessage::new(message, signers)?;
    if let Some(missing) = signed.absent().next() {
        return Err(LedgerError::Signer(format!("{missing} must sign too")));
    }
    Ok(VersionedTransaction {
        signatures: signed.signatures.into_iter().flatten().collect(),
        message: VersionedMessage::Legacy(signed.message),
    })
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        solana_program::instruction::{AccountMeta, Instruction},
        solana_sdk::{
            signature::Keypair,
            signer::{null_signer::NullSigner, presigner::Presigner},
        },
        std::sync::atomic::{AtomicUsize, Ordering},
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

    /// A wallet that counts how often it asks its user.
    struct Wallet(Keypair, AtomicUsize);

    impl Signer for Wallet {
        fn try_pubkey(&self) -> Result<Pubkey, SignerError> {
            self.0.try_pubkey()
        }

        fn try_sign_message(&self, message: &[u8]) -> Result<Signature, SignerError> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.try_sign_message(message)
        }

        fn is_interactive(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_signer_that_is_there_signs_wherever_it_is_listed() {
        let (one, two) = (Keypair::new(), Keypair::new());
        let message = message(&one, &two);
        let signature = two.sign_message(&message.serialize());
        let (key, absent) = (two.pubkey(), NullSigner::new(&two.pubkey()));
        let presigned = Presigner::new(&key, &signature);
        let foreign = Presigner::new(&key, &two.sign_message(b"another"));
        let wallet = Wallet(two.insecure_clone(), AtomicUsize::new(0));
        let sources: [&(dyn Signer + Sync); 5] = [&absent, &foreign, &presigned, &two, &wallet];
        let can_sign = |at: usize| at > 1;
        for (first, second) in (0..5).flat_map(|a| (0..5).map(move |b| (a, b))) {
            wallet.1.store(0, Ordering::Relaxed);
            let signers = [&one, sources[first], sources[second]];
            let signed = SignedMessage::new(message.clone(), &signers);
            if can_sign(first) || can_sign(second) {
                let present: Vec<_> = signed.unwrap().present().map(|(_, it)| *it).collect();
                assert_eq!(present[1..], [signature], "{first}, {second}");
            } else if first == 1 || second == 1 {
                assert!(matches!(signed, Err(LedgerError::ForeignSignature(it)) if it == key));
            } else {
                assert_eq!(signed.unwrap().absent().collect::<Vec<_>>(), [&key]);
            }
            // Only where nobody else can sign.
            let others = [first, second].into_iter().filter(|at| *at != 4);
            let asks = !others.clone().any(can_sign) && others.count() < 2;
            assert_eq!(wallet.1.load(Ordering::Relaxed), usize::from(asks));
        }
    }

    #[test]
    fn a_missing_signer_is_named() {
        let (one, two) = (Keypair::new(), Keypair::new());
        let error = sign(message(&one, &two), &[&one]).unwrap_err();
        assert!(error.to_string().contains(&two.pubkey().to_string()));
        assert!(matches!(payer(&[]), Err(LedgerError::Signer(_))));
    }

    #[test]
    fn who_is_absent_signs_elsewhere() {
        let (one, two) = (Keypair::new(), Keypair::new());
        let message = message(&one, &two);
        let away = NullSigner::new(&two.pubkey());
        let here = SignedMessage::new(message.clone(), &[&one, &away]).unwrap();
        assert_eq!(here.absent().collect::<Vec<_>>(), [&two.pubkey()]);
        let there = SignedMessage::new(message.clone(), &[&two]).unwrap();
        assert_eq!(here.bytes(), there.bytes());
        let (key, signature) = there.present().next().unwrap();
        assert_eq!(*key, two.pubkey());

        let presigned = Presigner::new(key, signature);
        let transaction = sign(message.clone(), &[&one, &presigned]).unwrap();
        assert!(transaction.verify_with_results().iter().all(|ok| *ok));
        let mut other = message;
        other.recent_blockhash = Hash::new_from_array([1; 32]);
        assert!(matches!(
            sign(other, &[&one, &presigned]),
            Err(LedgerError::ForeignSignature(key)) if key == two.pubkey()
        ));
    }
}
