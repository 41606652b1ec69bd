//! `ebb contributor set-operator`

use crate::{
    context::Context,
    error::{CliError, Exit},
    input::value::{self, Identifier},
    render,
    workflow::{
        contributor::set_operator::{set_operator, ACTION},
        key_field::KeyOrClear,
    },
};

/// Set the key that runs a contributor's drains
///
/// The operator drains, undrains, holds, releases and evicts for the contributor, and does nothing else. An earlier
/// operator's key loses the role. Signed by the contributor's authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb contributor set-operator co01 <PUBKEY>
  ebb contributor set-operator co01 --clear")]
pub struct Args {
    /// The contributor
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,

    #[command(flatten)]
    operator: KeyOrClear,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = set_operator(&args.contributor, args.operator.key(), context).await;
    render::report_item(context, ACTION, args.contributor.to_string(), item)
}
