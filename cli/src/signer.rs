//! Who signs, read from where the user says.

use {
    crate::error::CliError,
    solana_clap_v3_utils::{
        input_parsers::signer::{SignerSource, SignerSourceKind},
        keypair::keypair_from_seed_phrase,
    },
    solana_sdk::signature::{read_keypair, read_keypair_file, Keypair},
    std::{error::Error, io},
};

/// Reads a key from a file, stdin (`-`) or a prompted seed phrase (`prompt://`). `option` is the option that
/// named it.
pub fn read(option: &str, source: &str) -> Result<Keypair, CliError> {
    let failed = |error: Box<dyn Error>| {
        CliError::usage(format!("{option}: cannot read a key from {source}: {error}")).hint(format!(
            "right is a file as solana-keygen writes it, as in {option} id.json; `-` for stdin; prompt:// for a seed phrase"
        ))
    };
    let parsed = SignerSource::parse(source).map_err(|error| failed(error.into()))?;
    match parsed.kind {
        SignerSourceKind::Filepath(file) => read_keypair_file(file).map_err(failed),
        SignerSourceKind::Stdin => read_keypair(&mut io::stdin()).map_err(failed),
        SignerSourceKind::Prompt => {
            keypair_from_seed_phrase(option, false, false, parsed.derivation_path, parsed.legacy)
                .map_err(failed)
        }
        SignerSourceKind::Usb(_) => Err(failed("this build signs with no hardware wallet".into())),
        SignerSourceKind::Pubkey(_) => Err(failed("a pubkey cannot sign".into())),
        SignerSourceKind::Base58Keypair(_) => {
            Err(failed("a secret does not belong on a command line".into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use {super::*, solana_sdk::signer::Signer, std::fs};

    #[test]
    fn reads_a_key_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("id.json");
        let key = Keypair::new();
        fs::write(&file, format!("{:?}", key.to_bytes())).unwrap();
        assert_eq!(
            read("--keypair", file.to_str().unwrap()).unwrap().pubkey(),
            key.pubkey()
        );
    }

    #[test]
    fn what_is_no_key_names_the_option_and_a_right_example() {
        let dir = tempfile::tempdir().unwrap();
        let broken = dir.path().join("broken.json");
        fs::write(&broken, "[1,2,3]").unwrap();
        let key = ebb_sdk::ID.to_string();
        for source in [
            "/nonexistent/id.json",
            broken.to_str().unwrap(),
            &key,
            "usb://ledger",
        ] {
            let error = read("--fee-payer", source).unwrap_err();
            assert_eq!(error.kind(), crate::error::Kind::Usage);
            assert!(error.message().starts_with("--fee-payer: "), "{error}");
            assert!(error.hints()[0].contains("--fee-payer id.json"));
        }
    }
}
