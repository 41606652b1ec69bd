//! `ebb session list`

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render::{self, session::SessionView},
        workflow::session::labels,
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::{BTreeSet, HashMap},
};

/// List sessions, of one device or of all
///
/// A user whom an agent of this machine knows is listed by what the device calls it, too.
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
Examples:
  ebb session list
  ebb session list ams-dz001 --output json")]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Option<Identifier>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut codes: HashMap<Pubkey, String> = HashMap::new();
    let listing = match &args.device {
        Some(device) => {
            let found = resolve::device(context, device).await?;
            codes.insert(found.address, found.account.code);
            context.client.sessions(Some(&found.address)).await?
        }
        None => {
            let listing = context.client.sessions(None).await?;
            let devices: BTreeSet<Pubkey> = listing
                .items
                .iter()
                .map(|session| session.account.device)
                .collect();
            let devices = Vec::from_iter(devices);
            let found = context
                .client
                .devices_at(&devices)
                .await?
                .into_iter()
                .flatten();
            codes.extend(found.map(|device| (device.address, device.account.code)));
            listing
        }
    };
    let labels = labels(context).await?;
    let (views, unreadable) = render::views(
        listing,
        |found| {
            let code = codes.get(&found.account.device).cloned();
            let label = labels.get(&found.account.user).cloned();
            SessionView::new(&found, code, label)
        },
        |view| {
            (
                view.device.clone(),
                view.opened_at.clone(),
                view.user.clone(),
            )
        },
    );
    render::list_on_ledger(context, views.iter().map(Ok), &unreadable).await
}
