//! Sending what closes accounts, also where rent has risen since they were created.

use {
    crate::{context::Context, error::CliError, output::status},
    ebb_sdk::{
        client::{Closing, TopUp},
        ledger::Receipt,
    },
    solana_sdk::{instruction::Instruction, native_token::LAMPORTS_PER_SOL, signer::Signer},
};

/// Sends one transaction that closes accounts, and reports what the fee payer adds to it. What others sign too is
/// complete from the start, as it cannot be sent a second time.
pub async fn send(
    context: &Context,
    instruction: Instruction,
    closing: Closing,
    signers: &[&(dyn Signer + Sync)],
) -> Result<Receipt, CliError> {
    let client = &context.client;
    if !context.is_prepared() {
        let (receipt, added) = client
            .send_closing(&[instruction], &[closing], signers)
            .await?;
        report(&added);
        return Ok(receipt);
    }
    let added = client.top_ups(&[closing]).await?;
    report(&added);
    let payer = context.fee_payer()?.pubkey();
    let mut all = vec![instruction];
    all.extend(added.iter().map(|top_up| top_up.transfer(&payer)));
    Ok(client.send(&all, signers).await?)
}

/// Reports what the fee payer adds to a transaction because rent has risen.
pub fn report(added: &[TopUp]) {
    for top_up in added {
        status(text(top_up));
    }
}

fn text(top_up: &TopUp) -> String {
    format!(
        "rent has risen: the fee payer adds {} SOL for {}, whose account is empty and gets back less than an account \
         needs by now",
        top_up.lamports as f64 / LAMPORTS_PER_SOL as f64,
        top_up.recipient
    )
}

#[cfg(test)]
mod tests {
    use {super::*, solana_sdk::pubkey::Pubkey};

    #[test]
    fn says_who_gets_how_much() {
        let top_up = TopUp {
            recipient: Pubkey::default(),
            lamports: 1_500_000,
        };
        assert_eq!(
            text(&top_up),
            "rent has risen: the fee payer adds 0.0015 SOL for 11111111111111111111111111111111, whose account is \
             empty and gets back less than an account needs by now"
        );
    }
}
