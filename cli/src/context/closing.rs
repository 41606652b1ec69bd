//! Submitting what closes accounts, also where rent has risen since they were created.

use {
    super::Context,
    crate::{error::CliError, terminal::status},
    ebb_sdk::{
        client::{Closing, TopUp},
        ledger::Submission,
    },
    solana_sdk::{
        instruction::Instruction, native_token::LAMPORTS_PER_SOL, pubkey::Pubkey, signer::Signer,
    },
};

/// Submits one transaction that closes accounts, and reports what the fee payer adds to it. What others sign too is
/// complete from the start, as it cannot be sent a second time.
pub async fn submit(
    context: &Context,
    instruction: Instruction,
    closing: Closing,
    signers: &[&(dyn Signer + Sync)],
) -> Result<Submission, CliError> {
    let client = &context.client;
    if !context.is_prepared() {
        let (receipt, added) = client
            .send_closing(&[instruction], &[closing], signers)
            .await?;
        report(&added);
        return Ok(Submission::Accepted(receipt));
    }
    let payer = context.fee_payer()?.pubkey();
    let (all, added) = client
        .with_top_ups(&[instruction], &[closing], &payer)
        .await?;
    report(&added);
    Ok(client.submit(&all, signers).await?)
}

/// Reports what the fee payer adds to a transaction because rent has risen.
fn report(added: &[TopUp]) {
    for top_up in added {
        report_top_up(&top_up.recipient, top_up.lamports);
    }
}

/// Reports what the fee payer adds for one recipient.
pub fn report_top_up(recipient: &Pubkey, lamports: u64) {
    status(text(recipient, lamports));
}

fn text(recipient: &Pubkey, lamports: u64) -> String {
    format!(
        "rent has risen: the fee payer adds {} SOL for {}, whose account is empty and gets back less than an account \
         needs by now",
        lamports as f64 / LAMPORTS_PER_SOL as f64,
        recipient
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_who_gets_how_much() {
        assert_eq!(
            text(&Pubkey::default(), 1_500_000),
            "rent has risen: the fee payer adds 0.0015 SOL for 11111111111111111111111111111111, whose account is \
             empty and gets back less than an account needs by now"
        );
    }
}
