//! Where files and ledgers are.

use {
    crate::input::secret::{is_secret, PADDED, REFUSAL},
    clap::builder::{PathBufValueParser, TypedValueParser},
    ebb_sdk::rpc::SecretUrl,
    std::path::PathBuf,
};

/// Reads what names a ledger.
pub fn ledger(text: &str) -> Result<SecretUrl, String> {
    let ledger = SecretUrl::new(text);
    if ledger.expose() != text && ledger.expose().starts_with("embedded") {
        Err(PADDED.to_owned())
    } else {
        Ok(ledger)
    }
}

/// Reads what names a server.
pub fn server(text: &str) -> Result<SecretUrl, String> {
    Ok(SecretUrl::new(text))
}

/// Reads a path.
pub fn path_parser() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(path)
}

/// Takes a path that no blank was pasted with and that is no secret.
pub fn path(path: PathBuf) -> Result<PathBuf, String> {
    match path.to_str() {
        Some(text) if text.trim() != text => Err(PADDED.to_owned()),
        Some(text) if is_secret(text) => Err(REFUSAL.to_owned()),
        _ => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::input::value::*,
        std::{net::Ipv4Addr, time::Duration},
    };

    #[test]
    fn a_blank_is_no_part_of_a_value() {
        let key = ebb_sdk::ID.to_string();
        assert_eq!(pubkey(&format!(" {key}\n")), Ok(ebb_sdk::ID));
        assert_eq!(code("co01 "), Ok("co01".to_owned()));
        assert_eq!(identifier(" co01"), Ok(Identifier::Code("co01".into())));
        let address = identifier(&format!("\t{key} "));
        assert_eq!(address, Ok(Identifier::Address(ebb_sdk::ID)));
        assert_eq!(public_ip(" 1.2.3.4"), Ok(Ipv4Addr::new(1, 2, 3, 4)));
        assert_eq!(duration(" 30m "), Ok(Duration::from_secs(1800)));
        assert_eq!(time(" 2h "), Ok(Time::In(Duration::from_secs(7200))));
        assert_eq!(latitude(" 52.3"), Ok(52_300_000));
        assert_eq!(country("NL "), Ok(*b"NL"));
        assert_eq!(number(" 7 "), Ok(7));
        assert_eq!(ledger(" t\n").unwrap().expose(), "t");
        assert_eq!(ledger("embedded:lab "), Err(PADDED.to_owned()));
        for padded in [" id.json", "id.json\n"] {
            assert_eq!(path(padded.into()), Err(PADDED.to_owned()));
            assert_eq!(pubkey(padded), Err(PADDED.to_owned()));
        }
        assert_eq!(path("my id.json".into()), Ok("my id.json".into()));
    }

    #[test]
    fn a_secret_is_no_pubkey_and_no_path() {
        let secret = solana_sdk::signature::Keypair::new().to_base58_string();
        let error = pubkey(&secret).unwrap_err();
        assert!(error.starts_with("a secret key, where its pubkey belongs"));
        assert_eq!(path(secret.clone().into()), Err(REFUSAL.to_owned()));
        let error = duration(&secret).unwrap_err();
        assert!(error.starts_with("not a duration"), "{error}");
    }
}
