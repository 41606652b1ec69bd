//! What an agent has signed: the first signature of a transaction, which is its payer's, is its name on the ledger.

use {
    ebb_sdk::fleet::Key,
    solana_sdk::{
        pubkey::Pubkey,
        signature::Signature,
        signer::{Signer, SignerError},
    },
    std::{
        collections::{HashSet, VecDeque},
        sync::{Arc, Mutex, PoisonError},
    },
};

/// How many signatures are remembered: more than land before the ledger is read again.
const KEPT: usize = 20_000;

/// The signatures that an agent has made since it started. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Signatures(Arc<Mutex<Made>>);

#[derive(Debug, Default)]
struct Made {
    all: HashSet<Signature>,
    /// Oldest first.
    order: VecDeque<Signature>,
}

impl Signatures {
    /// A key whose signatures are remembered before anybody has them.
    pub fn record(&self, key: Key) -> Key {
        let made = self.clone();
        Arc::new(Recorded { key, made })
    }

    /// Whether a signature was made here.
    pub fn contains(&self, signature: &Signature) -> bool {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.all.contains(signature)
    }

    fn insert(&self, signature: Signature) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if made.all.insert(signature) {
            made.order.push_back(signature);
        }
        if made.order.len() > KEPT {
            if let Some(oldest) = made.order.pop_front() {
                made.all.remove(&oldest);
            }
        }
    }
}

/// Signs as a key does.
struct Recorded {
    key: Key,
    made: Signatures,
}

impl Signer for Recorded {
    fn try_pubkey(&self) -> Result<Pubkey, SignerError> {
        self.key.try_pubkey()
    }

    fn try_sign_message(&self, message: &[u8]) -> Result<Signature, SignerError> {
        let signature = self.key.try_sign_message(message)?;
        self.made.insert(signature);
        Ok(signature)
    }

    fn is_interactive(&self) -> bool {
        self.key.is_interactive()
    }
}

#[cfg(test)]
mod tests {
    use {super::*, solana_sdk::signature::Keypair};

    #[test]
    fn what_was_signed_is_known_and_forgotten_when_much_more_was() {
        let (made, pair) = (Signatures::default(), Arc::new(Keypair::new()));
        let key = made.record(pair.clone());
        assert_eq!(key.pubkey(), pair.pubkey());
        let signature = key.sign_message(b"a");
        assert_eq!(signature, pair.sign_message(b"a"));
        assert!(made.contains(&signature));
        assert!(!made.contains(&pair.sign_message(b"b")));
        for number in 0..KEPT as u64 {
            let mut bytes = [1; 64];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            made.insert(Signature::from(bytes));
        }
        assert!(!made.contains(&signature));
    }
}
