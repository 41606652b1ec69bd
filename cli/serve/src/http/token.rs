//! What requests must carry.

use {
    sha2::{Digest, Sha256},
    std::fmt,
    subtle::ConstantTimeEq,
};

/// What a request must carry to be answered. Only a hash of it is kept.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    /// A token of this text.
    pub fn new(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Compares in the same time whatever is given.
    pub fn is(&self, given: &str) -> bool {
        Self::new(given).0.ct_eq(&self.0).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_compared_and_not_shown() {
        let token = Token::new("secret");
        assert!(token.is("secret"));
        assert!(!token.is("secre") && !token.is(""));
        assert_eq!(format!("{token:?}"), "Token");
    }
}
