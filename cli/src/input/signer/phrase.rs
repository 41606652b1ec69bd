//! Keys of seed phrases, derived as solana-keygen derives them.

use {
    bip39::{Language, Mnemonic},
    rpassword::prompt_password,
    solana_derivation_path::DerivationPath,
    solana_sdk::signature::{keypair_from_seed, keypair_from_seed_and_derivation_path, Keypair},
    std::error::Error,
    zeroize::Zeroizing,
};

/// Asks the terminal for a seed phrase and its passphrase. `name` is whose key it is, and `path` which of its keys.
pub fn ask(name: &str, path: Option<DerivationPath>) -> Result<Keypair, Box<dyn Error>> {
    let phrase = Zeroizing::new(prompt_password(format!("[{name}] seed phrase: "))?);
    let mnemonic = parse(&phrase)?;
    let passphrase = ask_passphrase(name)?;
    derive(&mnemonic, &passphrase, path)
}

/// Asks twice for what is typed unseen, unless there is none.
fn ask_passphrase(name: &str) -> Result<Zeroizing<String>, Box<dyn Error>> {
    let passphrase = Zeroizing::new(prompt_password(format!(
        "[{name}] If this seed phrase has an associated passphrase, enter it now. Otherwise, press ENTER to continue: "
    ))?);
    if !passphrase.is_empty() {
        let again = Zeroizing::new(prompt_password("Enter same passphrase again: ")?);
        if again != passphrase {
            return Err("Passphrases did not match".into());
        }
    }
    Ok(passphrase)
}

fn parse(phrase: &str) -> Result<Mnemonic, &'static str> {
    let mut languages = Language::ALL.iter();
    languages
        .find_map(|language| Mnemonic::parse_in(*language, phrase).ok())
        .ok_or("Can't get mnemonic from seed phrases")
}

/// Derives the key at a path; the seed itself is the key if there is none.
fn derive(
    mnemonic: &Mnemonic,
    passphrase: &str,
    path: Option<DerivationPath>,
) -> Result<Keypair, Box<dyn Error>> {
    let seed = Zeroizing::new(mnemonic.to_seed(passphrase));
    match path {
        Some(path) => keypair_from_seed_and_derivation_path(seed.as_slice(), Some(path)),
        None => keypair_from_seed(seed.as_slice()),
    }
}

#[cfg(test)]
mod tests {
    use {super::*, solana_sdk::signer::Signer};

    const PHRASE: &str =
        "pill tomorrow foster begin walnut borrow virtual kick shift mutual shoe scatter";
    const JAPANESE: &str = "そつう れきだい ほんやく わかす りくつ ばいか ろせん やちん そつう れきだい ほんやく わかめ";

    fn pubkey(phrase: &str, passphrase: &str, path: Option<DerivationPath>) -> String {
        let key = derive(&parse(phrase).unwrap(), passphrase, path);
        key.unwrap().pubkey().to_string()
    }

    /// What solana-clap-v3-utils 4.2.2, from which solana-keygen has its prompt, derives.
    #[test]
    fn keys_are_those_of_solana_keygen() {
        let key = DerivationPath::new_bip44;
        let base = Some(key(None, None));
        let full = DerivationPath::from_absolute_path_str("m/44/501/1/0").unwrap();
        for (phrase, passphrase, path, expected) in [
            (
                PHRASE,
                "",
                base.clone(),
                "5Ra911yxjEZZsivku9qjew3VsHCmRckUyFTmmV9zXipe",
            ),
            (
                PHRASE,
                "",
                Some(key(Some(2), None)),
                "GSGX3DySgNqDs6jwPXsTfzD1wnhwYiKUL6m9YdFS1KuH",
            ),
            (
                PHRASE,
                "",
                Some(key(Some(0), Some(0))),
                "5F86TNSTre3CYwZd1wELsGQGhqG2HkN3d8zxhbyBSnzm",
            ),
            (
                PHRASE,
                "",
                Some(full),
                "AWjbG5SH5VEay5ksZbGHHgJhYRhM1rsN5Z538cfFvs4a",
            ),
            (
                PHRASE,
                "",
                None,
                "5ZWj7a1f8tWkjBESHKgrLmXshuXxqeY9SYcfbshpAqPG",
            ),
            (
                PHRASE,
                "pass",
                base.clone(),
                "4APT7pzfk1j5oRrvF8f9MffaME1mwBGGiHP645EZycPM",
            ),
            (
                PHRASE,
                "pass",
                None,
                "91eZ1ECLqg14ngE3ZVBVzxCG23xhuFoS4VnbFqRQ2sdr",
            ),
            (
                JAPANESE,
                "",
                base,
                "Gof9z6WxsBXwXPAgxU67TNrZfvc5eYngbbf11WtcQ8fD",
            ),
        ] {
            assert_eq!(pubkey(phrase, passphrase, path), expected);
        }
    }

    #[test]
    fn a_phrase_may_have_more_blanks_but_no_other_words() {
        let spread = format!(" {}\t", PHRASE.replace(' ', "\u{2009}  "));
        assert_eq!(parse(&spread), parse(PHRASE));
        for wrong in ["", "not a phrase", &PHRASE.replace("pill", "shoe")] {
            assert_eq!(parse(wrong), Err("Can't get mnemonic from seed phrases"));
        }
    }
}
