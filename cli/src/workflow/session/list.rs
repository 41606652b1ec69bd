//! Sessions, with what their devices and users are called.

use {
    super::labels::labels,
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        input::value::Identifier,
        render::{self, session::SessionView},
        workflow::list::list_on_ledger,
    },
    ebb_sdk::{
        client::{Keyed, Listing},
        state::Session,
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::{BTreeSet, HashMap},
};

/// Lists the sessions of one device, or of all.
pub async fn list(device: Option<&Identifier>, context: &Context) -> Result<Exit, CliError> {
    let (listing, codes) = match device {
        Some(device) => of_one(device, context).await?,
        None => of_all(context).await?,
    };
    let labels = labels(context).await?;
    let view = |found: Keyed<Session>| {
        let code = codes.get(&found.account.device).cloned();
        let label = labels.get(&found.account.user).cloned();
        SessionView::new(&found, code, label)
    };
    let order = |view: &SessionView| {
        let (device, opened_at) = (view.device.clone(), view.opened_at.clone());
        (device, opened_at, view.user.clone())
    };
    let (views, unreadable) = render::views(listing, view, order);
    list_on_ledger(context, views.iter().map(Ok), &unreadable).await
}

/// Sessions, and the codes of their devices.
type Sessions = (Listing<Session>, HashMap<Pubkey, String>);

async fn of_one(device: &Identifier, context: &Context) -> Result<Sessions, CliError> {
    let found = resolve::device(context, device).await?;
    let listing = context.client.sessions(Some(&found.address)).await?;
    let code = (found.address, found.account.code);
    Ok((listing, HashMap::from([code])))
}

async fn of_all(context: &Context) -> Result<Sessions, CliError> {
    let listing = context.client.sessions(None).await?;
    let sessions = listing.items.iter();
    let devices: BTreeSet<Pubkey> = sessions.map(|session| session.account.device).collect();
    let devices = Vec::from_iter(devices);
    let found = context.client.devices_at(&devices).await?;
    let found = found.into_iter().flatten();
    let codes = found.map(|device| (device.address, device.account.code));
    let codes = codes.collect();
    Ok((listing, codes))
}
