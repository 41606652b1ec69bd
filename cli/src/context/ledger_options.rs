//! How commands to copy name the ledger that a verb runs on.

#[cfg(feature = "top")]
use crate::input::{config::without_secrets, options::GlobalOptions};
use ebb_sdk::json::LedgerOptions;
#[cfg(feature = "serve")]
use {
    ebb_sdk::rpc::SecretUrl,
    solana_sdk::pubkey::Pubkey,
    std::path::{absolute, Path},
};

/// The ledger and the program as the options name them. A URL with secrets is left out.
#[cfg(feature = "top")]
pub fn given(options: &GlobalOptions) -> LedgerOptions {
    let url = options.url.as_ref().and_then(without_secrets);
    LedgerOptions::new(url, options.program_id.as_ref())
}

/// The ledger, which is in a folder or a cluster, and the program as any shell of this host can name them. A URL with secrets is
/// left out.
#[cfg(feature = "serve")]
pub fn from_anywhere(
    folder: Option<&Path>,
    cluster: Option<&SecretUrl>,
    program_id: &Pubkey,
) -> LedgerOptions {
    let embedded = folder.and_then(|folder| {
        let folder = absolute(folder).ok()?;
        Some(format!("embedded:{}", folder.to_str()?))
    });
    let cluster = cluster.filter(|url| !url.has_secrets());
    let url = embedded.as_deref().or(cluster.map(|url| url.expose()));
    LedgerOptions::new(url, Some(program_id).filter(|id| **id != ebb_sdk::ID))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "serve")]
    #[test]
    fn a_line_leads_to_the_ledger_from_anywhere_without_a_secret() {
        let cluster = |url: &str, id: &Pubkey| {
            let options = from_anywhere(None, Some(&SecretUrl::new(url)), id);
            options.line("top")
        };
        let other = Pubkey::new_from_array([1; 32]);
        for (url, id, line) in [
            ("http://localhost:8899", &ebb_sdk::ID, "ebb -u http://localhost:8899 top"),
            (
                "http://localhost:8899",
                &other,
                "ebb -u http://localhost:8899 --program-id 4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi top",
            ),
            ("https://rpc.example.com/secret", &ebb_sdk::ID, "ebb top"),
            ("https://rpc.example.com/?api-key=secret", &ebb_sdk::ID, "ebb top"),
            ("https://me:secret@rpc.example.com", &ebb_sdk::ID, "ebb top"),
        ] {
            assert_eq!(cluster(url, id), line);
        }
        let here = std::env::current_dir().unwrap();
        let options = from_anywhere(Some(Path::new("tour")), None, &ebb_sdk::ID);
        let folder = here.join("tour");
        let expected = LedgerOptions::new(
            Some(&format!("embedded:{}", folder.to_str().unwrap())),
            None,
        );
        assert_eq!(options, expected);
    }
}
