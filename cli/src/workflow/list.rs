//! Lists that are read from a ledger.

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        render::{self, View},
    },
    ebb_sdk::EbbError,
    solana_sdk::pubkey::Pubkey,
};

/// Writes a list that was read from a ledger.
///
/// # Errors
/// Where there is nothing because there is no registry, that.
pub async fn list_on_ledger<V: View>(
    context: &Context,
    rows: impl Iterator<Item = Result<V, CliError>> + Clone,
    unreadable: &[(Pubkey, EbbError)],
) -> Result<Exit, CliError> {
    if rows.clone().next().is_none() && unreadable.is_empty() {
        resolve::registry(context).await?;
    }
    render::list(context, rows, unreadable)
}
