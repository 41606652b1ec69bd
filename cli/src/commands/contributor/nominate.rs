//! `ebb contributor nominate`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    render,
    workflow::{
        contributor::nominate::{nominate, ACTION},
        key_field::KeyOrClear,
    },
};

/// Nominate a contributor's next authority
///
/// Nothing changes hands until the nominee accepts. A new nomination replaces an earlier one. Signed by the
/// contributor's authority unless it is suspended, or by the authority for a contributor that lost its key.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb contributor nominate co01 <PUBKEY>
  ebb contributor nominate co01 --clear")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,

    #[command(flatten)]
    nominee: KeyOrClear,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = nominate(&args.contributor, args.nominee.key(), context).await;
    render::report_item(context, ACTION, args.contributor.to_string(), item)
}
