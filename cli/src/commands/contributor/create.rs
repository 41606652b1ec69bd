//! `ebb contributor create`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value,
        render,
        workflow::contributor::create::{create, ACTION},
    },
    solana_sdk::pubkey::Pubkey,
};

/// Admit a contributor, which can then register devices
///
/// Its authority key signs for it from then on. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "Examples:\n  ebb contributor create co01 --authority <PUBKEY>")]
pub struct Args {
    /// Its code
    #[arg(value_name = "CODE", value_parser = value::code)]
    code: String,

    /// The key that signs for it
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    authority: Pubkey,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = create(&args.code, &args.authority, context).await;
    render::report_item(context, ACTION, args.code, item)
}
