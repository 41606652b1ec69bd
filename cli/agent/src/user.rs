//! Who a user is on the ledger.

use {
    ebb_sdk::value::check_key,
    sha2::{Digest, Sha256},
    solana_sdk::pubkey::Pubkey,
};

/// What stands before a label that is hashed, so that it is no hash of anything else.
const DOMAIN: &[u8] = b"ebb:user:";

/// The key of the user that a device calls `label`: the label itself if it is a public key in base58, else its hash.
pub fn of_label(label: &str) -> Pubkey {
    let named = label.parse().ok().filter(|key| check_key(key).is_ok());
    named.unwrap_or_else(|| {
        let mut hasher = Sha256::new();
        hasher.update(DOMAIN);
        hasher.update(label.as_bytes());
        Pubkey::new_from_array(hasher.finalize().into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_itself() {
        let key = "7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q";
        assert_eq!(of_label(key).to_string(), key);
    }

    #[test]
    fn any_other_text_is_hashed() {
        // The SHA-256 of `ebb:user:alice`.
        let alice = "9Z3RA9Jy9rAcjRCZbset934yh9DdCFV1SCR436f6fCG6";
        assert_eq!(of_label("alice").to_string(), alice);
        // The zero key stands for none.
        let zero = "11111111111111111111111111111111";
        assert_ne!(of_label(zero).to_string(), zero);
    }
}
