//! `ebb device list`

use {
    super::filter::{Choice, FilterArgs},
    crate::{
        context::Context,
        error::{CliError, Exit},
        output, resolve,
        view::device::DeviceView,
    },
    ebb_sdk::state::{Contributor, Location},
    solana_sdk::pubkey::Pubkey,
    std::collections::{BTreeSet, HashMap},
};

const EXAMPLES: &str = "\
Examples:
  ebb device list
  ebb device list --status draining --contributor co01
  ebb device list --without-status retired --location ams
  ebb device list --overdue --output json";

/// List devices; draining ones with what is left of their sessions and their deadline
///
/// Users notice nothing. The column sessions is `12/128` (open/capacity), for a draining device `12 of 96
/// left`; the column since tells for how long a device has been in its status. `drained` is a draining device
/// without sessions.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    filter: FilterArgs,
}

/// Lists.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut contributors = vec![];
    for identifier in &args.filter.contributor {
        contributors.push(resolve::contributor(context, identifier).await?.address);
    }
    let mut locations = vec![];
    for identifier in &args.filter.location {
        locations.push(resolve::location(context, identifier).await?.address);
    }
    let choice = Choice::new(&args.filter, contributors, locations);
    let mut listing = context.client.devices(&choice.for_ledger()).await?;
    let now = context.now().await?.time;
    let heads = listing.items.iter().map(|device| device.account.head);
    let (owners, metros) = heads.map(|head| (head.contributor, head.location)).unzip();
    let contributors = contributors_of(context, owners).await?;
    let locations = locations_of(context, metros).await?;
    listing.items.retain(|device| {
        let head = &device.account.head;
        let location = locations.get(&head.location).map(|location| &location.head);
        choice.takes(head, location, now)
    });
    let view = |device| {
        let found: &ebb_sdk::client::Keyed<ebb_sdk::state::Device> = &device;
        let head = &found.account.head;
        let contributor = contributors
            .get(&head.contributor)
            .map(|found| found.code.clone());
        let location = locations
            .get(&head.location)
            .map(|found| found.code.clone());
        DeviceView::new(
            found,
            &contributor.unwrap_or_else(|| head.contributor.to_string()),
            &location.unwrap_or_else(|| head.location.to_string()),
            now,
        )
    };
    let (views, unreadable) = output::views(listing, view, |view| view.code.clone());
    output::list(context, &views, &unreadable)
}

async fn contributors_of(
    context: &Context,
    addresses: BTreeSet<Pubkey>,
) -> Result<HashMap<Pubkey, Contributor>, CliError> {
    let addresses: Vec<Pubkey> = addresses.into_iter().collect();
    let found = context.client.contributors_at(&addresses).await?;
    Ok(found
        .into_iter()
        .flatten()
        .map(|found| (found.address, found.account))
        .collect())
}

async fn locations_of(
    context: &Context,
    addresses: BTreeSet<Pubkey>,
) -> Result<HashMap<Pubkey, Location>, CliError> {
    let addresses: Vec<Pubkey> = addresses.into_iter().collect();
    let found = context.client.locations_at(&addresses).await?;
    Ok(found
        .into_iter()
        .flatten()
        .map(|found| (found.address, found.account))
        .collect())
}
