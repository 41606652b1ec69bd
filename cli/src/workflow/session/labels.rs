//! What users are called on this machine.

use {
    crate::{context::Context, error::CliError},
    solana_sdk::pubkey::Pubkey,
    std::collections::BTreeMap,
};

/// The labels of users, by their keys, that agents of this machine have written down.
#[cfg(feature = "agent")]
pub async fn labels(context: &Context) -> Result<BTreeMap<Pubkey, String>, CliError> {
    crate::workflow::agent::labels(context).await
}

/// None, as no agent runs with this binary.
#[cfg(not(feature = "agent"))]
pub async fn labels(_: &Context) -> Result<BTreeMap<Pubkey, String>, CliError> {
    Ok(BTreeMap::new())
}
