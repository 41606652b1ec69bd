//! What `--sign-only` prints, as Solana's own tools do.

use {
    super::document::versioned,
    crate::{
        error::CliError,
        terminal::{line, Output},
    },
    base64::{prelude::BASE64_STANDARD, Engine},
    ebb_sdk::ledger::SignedMessage,
    serde::Serialize,
};

#[derive(Serialize)]
struct SignedView {
    blockhash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    signers: Vec<String>,
    absent: Vec<String>,
}

/// Writes the signatures that are there, and who has still to sign; with `dump`, the message too.
pub fn signed(output: Output, signed: &SignedMessage, dump: bool) -> Result<(), CliError> {
    let view = SignedView::new(signed, dump);
    if output.is_json() {
        return versioned(output, &view);
    }
    view.lines().iter().try_for_each(line)
}

impl SignedView {
    fn new(signed: &SignedMessage, dump: bool) -> Self {
        let pair = |(key, signature)| format!("{key}={signature}");
        Self {
            blockhash: signed.blockhash().to_string(),
            message: dump.then(|| BASE64_STANDARD.encode(signed.bytes())),
            signers: signed.present().map(pair).collect(),
            absent: signed.absent().map(ToString::to_string).collect(),
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("Blockhash: {}", self.blockhash)];
        if let Some(message) = &self.message {
            lines.push(format!("Transaction Message: {message}"));
        }
        for (title, entries) in [
            ("Signers (Pubkey=Signature):", &self.signers),
            ("Absent Signers (Pubkey):", &self.absent),
        ] {
            if !entries.is_empty() {
                lines.push(title.to_owned());
                lines.extend(entries.iter().map(|entry| format!(" {entry}")));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_what_solanas_tools_print() {
        let view = SignedView {
            blockhash: "HASH".into(),
            message: Some("BASE64".into()),
            signers: vec!["KEY=SIGNATURE".into()],
            absent: vec!["OTHER".into()],
        };
        assert_eq!(
            view.lines().join("\n"),
            "Blockhash: HASH\nTransaction Message: BASE64\nSigners (Pubkey=Signature):\n KEY=SIGNATURE\n\
             Absent Signers (Pubkey):\n OTHER"
        );
    }
}
