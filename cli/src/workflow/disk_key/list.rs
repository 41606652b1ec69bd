//! Disk keys on chain and in the store, and how they differ.

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit, Kind},
        input::value::Identifier,
        render::disk_key::DiskKeyView,
        terminal::status,
        workflow::{
            disk_key::{
                disk::{self, commitment, DiskScope},
                store::{SecretArgs, StoreArgs},
            },
            list::list_on_ledger,
        },
    },
    ebb_keystore::{DestructionRecord, KeyRecord, KeyStore, KeyStoreError},
    ebb_sdk::{
        client::Listing,
        state::{Device, DiskKey},
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::{BTreeMap, BTreeSet, HashMap},
};

/// What is known of one disk's key.
#[derive(Default)]
struct KeyRecords {
    registered: Option<(Pubkey, DiskKey)>,
    stored: Option<KeyRecord>,
    destroyed: Vec<DestructionRecord>,
}

/// Lists the disk keys of one device, or of all.
pub async fn list(
    device: Option<&Identifier>,
    secret: &SecretArgs,
    store_args: &StoreArgs,
    context: &Context,
) -> Result<Exit, CliError> {
    let scope = DiskScope::read(context).await?;
    let only = match device {
        Some(device) => Some(disk::device(context, device).await?),
        None => None,
    };
    let address = only.as_ref().map(|(address, _)| address);
    let Listing {
        items, unreadable, ..
    } = context.client.disk_keys(address).await?;
    let mut known: BTreeMap<(Pubkey, String), KeyRecords> = BTreeMap::new();
    for key in items {
        let at = (key.account.head.device, key.account.path.clone());
        known.entry(at).or_default().registered = Some((key.address, key.account));
    }
    let store = store_args.open()?;
    let damaged = match &store {
        Some(store) => {
            secret.check_if_named(store)?;
            add_stored(store, &scope, address, &mut known)?
        }
        None => {
            status(format_args!(
                "there is no key store in {} yet",
                store_args.dir()?.display()
            ));
            false
        }
    };
    if let (Some(identifier), Some((_, None)), true) = (device, &only, known.is_empty()) {
        return Err(resolve::device_absent(context, identifier).await);
    }
    let devices = devices(context, known.keys().map(|(device, _)| *device).collect()).await?;
    let mut views: Vec<DiskKeyView> = known
        .into_iter()
        .filter_map(|((device, path), known)| view(devices.get(&device), device, path, known))
        .collect();
    views.sort_by(|a, b| (&a.device, &a.path).cmp(&(&b.device, &b.path)));
    let exit = list_on_ledger(context, views.iter().map(Ok), &unreadable).await?;
    Ok(if damaged {
        Exit::from(Some(Kind::Other))
    } else {
        exit
    })
}

/// Adds what the store holds of this scope, and of one device if it is named. Returns whether a file is damaged.
fn add_stored(
    store: &KeyStore,
    scope: &DiskScope,
    only: Option<&Pubkey>,
    known: &mut BTreeMap<(Pubkey, String), KeyRecords>,
) -> Result<bool, CliError> {
    let mut damaged = false;
    let mut warn = |error: &KeyStoreError| {
        status(format_args!("warning: {error}"));
        damaged = true;
    };
    for key in store.keys()? {
        match key {
            Ok(key) if scope.has(&key.disk) && only.is_none_or(|only| *only == key.disk.device) => {
                let at = (key.disk.device, key.disk.path.clone());
                known.entry(at).or_default().stored = Some(key);
            }
            Ok(_) => {}
            Err(error) => warn(&error),
        }
    }
    for destroyed in store.destructions()? {
        match destroyed {
            Ok(destroyed) if scope.has(&destroyed.disk) => {
                let at = (destroyed.disk.device, destroyed.disk.path.clone());
                if let Some(known) = known.get_mut(&at) {
                    known.destroyed.push(destroyed);
                }
            }
            Ok(_) => {}
            Err(error) => warn(&error),
        }
    }
    Ok(damaged)
}

async fn devices(
    context: &Context,
    addresses: BTreeSet<Pubkey>,
) -> Result<HashMap<Pubkey, Device>, CliError> {
    let addresses = Vec::from_iter(addresses);
    let found = context
        .client
        .devices_at(&addresses)
        .await?
        .into_iter()
        .flatten();
    Ok(found
        .map(|device| (device.address, device.account))
        .collect())
}

fn view(
    device: Option<&Device>,
    address: Pubkey,
    path: String,
    known: KeyRecords,
) -> Option<DiskKeyView> {
    let KeyRecords {
        registered,
        stored,
        destroyed,
    } = known;
    let is_destroyed = registered.as_ref().is_some_and(|(_, key)| {
        destroyed
            .iter()
            .any(|destroyed| destroyed.commitment == commitment(key))
    });
    DiskKeyView::new(
        device,
        address,
        path,
        registered,
        stored.as_ref(),
        is_destroyed,
    )
}
