//! What opens a store.

use {
    age::{
        secrecy::{ExposeSecret, SecretString},
        x25519,
    },
    std::{collections::BTreeMap, fmt, str::FromStr},
    zeroize::Zeroizing,
};

/// What opens a store. `Debug` does not show it.
#[derive(Clone, Debug)]
pub enum Secret {
    /// A passphrase, which opens an identity that the store contains.
    Passphrase(SecretString),
    /// Identities that the store does not contain. It takes all of those that it was made with.
    Identities(Identities),
}

/// Which kind of secret opens a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// A passphrase.
    Passphrase,
    /// The identities that the store was made with.
    Identities,
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase => "a passphrase",
            Self::Identities => "an age identity",
        })
    }
}

/// One or more age identities, in text as age-keygen writes it: one a line, with empty lines and comments. `Debug` does not show them.
#[derive(Clone)]
pub struct Identities(BTreeMap<String, x25519::Identity>);

/// Why a text contains no age identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentitiesError {
    /// A line is neither empty, a comment nor an identity. It is not shown: it may be a secret that was cut short.
    #[error("line {0} is no identity of age's")]
    Line(usize),
    /// There is no line with an identity.
    #[error("there is none in it")]
    Empty,
}

impl FromStr for Identities {
    type Err = IdentitiesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lines = (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let parse = |(number, line): (usize, &str)| {
            line.parse::<x25519::Identity>()
                .map_err(|_| IdentitiesError::Line(number))
        };
        let identities: Vec<_> = lines.map(parse).collect::<Result<_, _>>()?;
        if identities.is_empty() {
            Err(IdentitiesError::Empty)
        } else {
            Ok(Self::new(identities))
        }
    }
}

impl Identities {
    pub(crate) fn new(identities: impl IntoIterator<Item = x25519::Identity>) -> Self {
        let named = identities
            .into_iter()
            .map(|identity| (identity.to_public().to_string(), identity));
        Self(named.collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &x25519::Identity> {
        self.0.values()
    }

    /// The public keys, in order.
    pub(crate) fn recipients(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// The secret keys, in the order of their public keys.
    pub(crate) fn expose(&self) -> Zeroizing<String> {
        let mut secrets = Zeroizing::new(String::new());
        for identity in self.iter() {
            secrets.push_str(identity.to_string().expose_secret());
        }
        secrets
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(identity: &x25519::Identity) -> String {
        identity.to_string().expose_secret().to_owned()
    }

    #[test]
    fn identities_are_read_as_age_keygen_writes_them() {
        let [one, two] = [(); 2].map(|()| x25519::Identity::generate());
        let mut expected = [&one, &two].map(|it| it.to_public().to_string()).to_vec();
        expected.sort();
        let file = format!("# a comment\n{}\r\n\n{}", text(&one), text(&two));
        let identities = file.parse::<Identities>().unwrap();
        assert_eq!(identities.recipients(), expected);
    }

    #[test]
    fn a_line_that_is_no_identity_is_named_and_not_shown() {
        let good = text(&x25519::Identity::generate());
        let cases = [
            ("", IdentitiesError::Empty),
            ("# a comment\n\n", IdentitiesError::Empty),
            ("AGE-SECRET-KEY-1NOPE", IdentitiesError::Line(1)),
            (&format!("{good}\n {good}"), IdentitiesError::Line(2)),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Identities>().unwrap_err(), expected);
        }
        assert_eq!(
            IdentitiesError::Line(2).to_string(),
            "line 2 is no identity of age's"
        );
    }

    #[test]
    fn no_secret_is_shown() {
        let secrets = [
            Secret::Passphrase("sesame".to_owned().into()),
            Secret::Identities(Identities::new([x25519::Identity::generate()])),
        ];
        let shown = secrets.map(|secret| format!("{secret:?}"));
        assert!(!shown[0].contains("sesame"), "{}", shown[0]);
        assert_eq!(shown[1], "Identities(Identities(…))");
    }
}
