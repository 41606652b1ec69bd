//! Secrets that were given where they do not belong, and how what a user wrote is shown again.

use {
    bip39::Language,
    ebb_sdk::rpc::SecretUrl,
    solana_sdk::pubkey::Pubkey,
    std::{borrow::Cow, ffi::OsString, fmt, path::Path, str::FromStr},
};

/// Why a secret is refused, and where it belongs.
pub const REFUSAL: &str = "a secret does not belong here, where others can read it: put it into a file that only you can \
     read (chmod 600) and name the file, or use prompt:// for a seed phrase and - for stdin";

/// What a path is like that a blank was pasted with.
pub const PADDED: &str = "a path does not begin or end with a blank";

/// So many letters and digits in a row may be a key, and a pubkey has fewer only if it is one.
const KEY_LEN: usize = 40;
/// The same in a path, whose folders may be named by digests.
const KEY_LEN_IN_PATH: usize = 65;
/// So many numbers in a list may be a key.
const KEY_NUMBERS: usize = 8;
/// So many words may be a part of a seed phrase.
const PHRASE_WORDS: usize = 8;
/// So many arguments in a row are a seed phrase: twelve words, of which an option took one.
const PHRASE_ARGS: usize = 11;

/// The text, or in place of a secret what it is. A URL is shown without its secrets.
pub fn shown(text: &str) -> Cow<'_, str> {
    match kind(text) {
        Some(kind) => Cow::Borrowed(kind),
        None if is_url(text) => Cow::Owned(SecretUrl::new(text).to_string()),
        None => Cow::Borrowed(text),
    }
}

/// Whether a text may be a secret, as far as its form says. What exists as a file is a path.
pub fn is_secret(text: &str) -> bool {
    kind(text).is_some()
}

fn kind(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if has_list(text) || (has_long_run(text) && !is_url(text)) {
        return (!Path::new(text).exists()).then_some("a secret key");
    }
    has_words(text).then_some("a seed phrase")
}

/// A key's bytes, as solana-keygen writes them, or a part of them.
fn has_list(text: &str) -> bool {
    let between = |c: char| c.is_whitespace() || "[](){},;\"'".contains(c);
    text.split(|c: char| !c.is_ascii_digit() && !between(c))
        .any(|list| list.split(between).filter(|it| !it.is_empty()).count() >= KEY_NUMBERS)
}

/// A key in base58, hexadecimal or the like, or a part of it.
fn has_long_run(text: &str) -> bool {
    let longest = if text.contains(['/', '\\']) {
        KEY_LEN_IN_PATH
    } else {
        KEY_LEN
    };
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|run| run.len() >= longest && run.parse::<Pubkey>().is_err())
}

fn has_words(text: &str) -> bool {
    let mut words = 0;
    text.split_whitespace().any(|word| {
        words = if word.chars().all(char::is_alphabetic) {
            words + 1
        } else {
            0
        };
        words >= PHRASE_WORDS
    })
}

/// A URL that may hold secrets. Those of keys name a device or a file.
fn is_url(text: &str) -> bool {
    let keys = ["usb", "prompt", "file", "stdin"];
    text.split_once("://")
        .is_some_and(|(scheme, _)| !keys.contains(&scheme))
}

/// Whether the words of a seed phrase stand among arguments, each an argument of its own.
pub fn has_phrase(args: impl Iterator<Item = OsString>) -> bool {
    let (mut words, mut known) = (0, 0);
    for arg in args {
        match arg.to_str().filter(|arg| is_phrase_word(arg)) {
            Some(word) => {
                words += 1;
                known += usize::from(Language::English.find_word(word).is_some());
            }
            None => (words, known) = (0, 0),
        }
        // One word in four may be mistyped, or be none of the phrase.
        if words >= PHRASE_ARGS && known * 4 >= words * 3 {
            return true;
        }
    }
    false
}

fn is_phrase_word(arg: &str) -> bool {
    (3..=8).contains(&arg.len()) && arg.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Where a key is, as an option names it: a file, stdin, a prompt, a wallet, or a pubkey.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyArg(String);

impl KeyArg {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        if is_secret(trimmed) {
            return Err(REFUSAL.to_owned());
        }
        let is_path =
            trimmed != "-" && !trimmed.contains("://") && trimmed.parse::<Pubkey>().is_err();
        if is_path && trimmed != text {
            return Err(PADDED.to_owned());
        }
        Ok(Self(trimmed.to_owned()))
    }
}

impl fmt::Display for KeyArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

impl fmt::Debug for KeyArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        solana_sdk::{signature::Keypair, signer::Signer},
    };

    const PHRASE: &str =
        "pill tomorrow foster begin walnut borrow virtual kick shift mutual shoe scatter";

    #[test]
    fn secrets_are_known_by_their_form() {
        let key = Keypair::new();
        let base58 = key.to_base58_string();
        let list = format!("{:?}", key.to_bytes());
        let hex: String = key
            .to_bytes()
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect();
        for secret in [
            base58.as_str(),
            &base58[..KEY_LEN],
            &format!(" {base58}\n"),
            &format!("keys/{base58}"),
            &format!("{}={base58}", key.pubkey()),
            &list,
            &list.replace(' ', ""),
            &list[..60],
            &format!("{}={list}", key.pubkey()),
            &hex,
            "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
        ] {
            assert_eq!(shown(secret), "a secret key", "{secret}");
            assert_eq!(
                secret.parse::<KeyArg>(),
                Err(REFUSAL.to_owned()),
                "{secret}"
            );
        }
        for phrase in [PHRASE, &format!("{}={PHRASE}", key.pubkey())] {
            assert_eq!(shown(phrase), "a seed phrase");
        }
        assert_eq!(PHRASE.parse::<KeyArg>(), Err(REFUSAL.to_owned()));
        assert_eq!(
            shown("https://me:token@example.com/token"),
            "https://example.com/…"
        );
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        let pubkey = ebb_sdk::ID.to_string();
        for text in [
            "",
            "-",
            "id.json",
            "/home/me/.config/solana/id.json",
            "/nix/store/0123456789abcdef0123456789abcdef-keys/id.json",
            "objects/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "prompt://?key=0/0",
            "usb://ledger/4Nd1mYw5hMtMNFdMpgWvKyBTF8FjTTy1yBvWyGcBZCmS",
            "1,2,3",
            "replace the line card",
            &pubkey,
        ] {
            assert_eq!(shown(text), text);
        }
        assert_eq!(pubkey.parse::<KeyArg>().unwrap().to_string(), pubkey);
    }

    #[test]
    fn a_file_that_exists_is_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a".repeat(KEY_LEN_IN_PATH));
        let text = file.to_str().unwrap();
        assert_eq!(shown(text), "a secret key");
        std::fs::write(&file, "").unwrap();
        assert_eq!(shown(text), text);
        assert_eq!(text.parse::<KeyArg>().unwrap().as_str(), text);
    }

    #[test]
    fn a_phrase_is_found_among_arguments() {
        let args = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let found = |text: &str| has_phrase(args(text).into_iter());
        assert!(found(&format!("ebb -k {PHRASE} registry get")));
        assert!(found(&format!(
            "ebb -k {} device list",
            PHRASE.replace("kick", "kikc")
        )));
        let codes: Vec<String> = (0..20).map(|number| format!("ams-dz{number:03}")).collect();
        assert!(!found(&format!("ebb device undrain {}", codes.join(" "))));
        let names =
            "amsone amstwo amsthree amsfour amsfive amssix fraone fratwo frathree frafour frafive";
        assert!(!found(&format!("ebb device undrain {names}")));
    }

    #[test]
    fn a_blank_is_no_part_of_a_key_argument() {
        let pubkey = ebb_sdk::ID.to_string();
        for harmless in [pubkey.as_str(), "-", "prompt://", "usb://ledger"] {
            let padded = format!(" {harmless}\t").parse::<KeyArg>();
            assert_eq!(padded.unwrap().as_str(), harmless);
        }
        for path in [" id.json", "id.json ", "id.json\n"] {
            assert_eq!(path.parse::<KeyArg>(), Err(PADDED.to_owned()));
        }
    }
}
