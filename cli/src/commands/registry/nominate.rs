//! `ebb registry nominate`

use crate::{
    context::Context,
    error::{CliError, Exit},
    render::{self, registry::CODE},
    workflow::{
        key_field::KeyOrClear,
        registry::nominate::{nominate, ACTION},
    },
};

/// Nominate the next authority
///
/// Nothing changes hands until the nominee accepts. A new nomination replaces an earlier one. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(
    args = crate::input::signing::signing(),
    after_long_help = "Examples:\n  ebb registry nominate <PUBKEY>\n  ebb registry nominate --clear"
)]
pub struct Args {
    #[command(flatten)]
    nominee: KeyOrClear,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let item = nominate(args.nominee.key(), context).await;
    render::report_item(context, ACTION, CODE, item)
}
