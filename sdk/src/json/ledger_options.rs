use {shell_words::quote, solana_program::pubkey::Pubkey};

/// The options of `ebb` with which commands to copy name the ledger and the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerOptions(String);

impl LedgerOptions {
    /// Takes what `--url` names, without secrets, and what `--program-id` does.
    pub fn new(url: Option<&str>, program_id: Option<&Pubkey>) -> Self {
        let url = url.map(|url| format!(" -u {}", quote(url)));
        let program = program_id.map(|id| format!(" --program-id {id}"));
        Self([url, program].into_iter().flatten().collect())
    }

    /// Returns the line for a shell that runs `ebb` with these options and arguments.
    pub fn line(&self, arguments: &str) -> String {
        format!("ebb{} {arguments}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_ledger_and_program_for_a_shell() {
        let key = Pubkey::new_from_array([1; 32]);
        for (url, program_id, line) in [
            (None, None, "ebb device get a"),
            (
                Some("embedded:/srv/tour"),
                None,
                "ebb -u embedded:/srv/tour device get a",
            ),
            (
                Some("embedded:/srv/it's; reboot"),
                Some(&key),
                r"ebb -u 'embedded:/srv/it'\''s; reboot' --program-id 4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi device get a",
            ),
            (
                Some("http://[::1]:8899"),
                None,
                "ebb -u 'http://[::1]:8899' device get a",
            ),
        ] {
            let options = LedgerOptions::new(url, program_id);
            assert_eq!(options.line("device get a"), line);
        }
    }
}
