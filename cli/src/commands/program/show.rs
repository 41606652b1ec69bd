//! `ebb program show`

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        render::{self, program::ProgramView},
    },
    ebb_sdk::pda,
};

/// Show the program: its build, upgrade authority, contacts
///
/// Whether it is on the ledger, which build it is, who may upgrade it, and whom to report a vulnerability to. The hash is SHA-256 of the ELF without the zeros that pad it, as solana-verify prints it.
#[derive(clap::Args, Debug)]
#[command(
    after_long_help = "Examples:\n  ebb program show\n  ebb program show --program-id <PUBKEY> --output json"
)]
pub struct Args {}

pub async fn run(_: Args, context: &Context) -> Result<Exit, CliError> {
    let program_id = context.program_id();
    let program_data = pda::program_data(program_id);
    let data = resolve::program(context).await?;
    let view = ProgramView::read(program_id, &program_data, &data.data).ok_or_else(|| {
        CliError::other(format!(
            "account {program_data} is not what the upgradeable loader writes"
        ))
    })?;
    render::show(context, &view)
}
