//! Devices chosen by what they are, with the accounts they name.

use {
    super::{
        filter::{Choice, FilterArgs},
        subject::Subject,
    },
    crate::{context::Context, error::CliError, resolve},
    ebb_sdk::{
        client::{Keyed, Listing},
        ledger::LedgerError,
        state::{Contributor, Device, Location},
        EbbError,
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::{BTreeSet, HashMap},
};

/// Devices, and the contributors and locations that they name.
pub struct Selection {
    /// The devices.
    pub devices: Listing<Device>,
    /// Their contributors, by address.
    pub contributors: HashMap<Pubkey, Keyed<Contributor>>,
    /// Their locations, by address.
    pub locations: HashMap<Pubkey, Keyed<Location>>,
    /// When they were read, in Unix seconds.
    pub now: i64,
}

impl Selection {
    /// The devices that pass a filter, in a few calls however many they are.
    pub async fn filtered(context: &Context, filter: &FilterArgs) -> Result<Self, CliError> {
        let mut contributors = vec![];
        for identifier in &filter.contributor {
            contributors.push(resolve::contributor(context, identifier).await?.address);
        }
        let mut locations = vec![];
        for identifier in &filter.location {
            locations.push(resolve::location(context, identifier).await?.address);
        }
        let choice = Choice::new(filter, contributors, locations);
        let listing = context.client.devices(&choice.for_ledger()).await?;
        let mut selection = Self::around(context, listing).await?;
        let Self {
            devices,
            locations,
            now,
            ..
        } = &mut selection;
        devices.items.retain(|device| {
            let head = &device.account.head;
            let location = locations.get(&head.location);
            choice.takes(head, location.map(|location| &location.account.head), *now)
        });
        Ok(selection)
    }

    /// The devices at these addresses, as far as there are any.
    pub async fn at(context: &Context, addresses: &[Pubkey]) -> Result<Self, CliError> {
        let found = context.client.devices_at(addresses).await?;
        let listing = Listing {
            items: found.into_iter().flatten().collect(),
            unreadable: vec![],
        };
        Self::around(context, listing).await
    }

    async fn around(context: &Context, devices: Listing<Device>) -> Result<Self, CliError> {
        let heads = devices.items.iter().map(|device| &device.account.head);
        let (owners, metros): (BTreeSet<Pubkey>, BTreeSet<Pubkey>) =
            heads.map(|head| (head.contributor, head.location)).unzip();
        let owners: Vec<Pubkey> = owners.into_iter().collect();
        let metros: Vec<Pubkey> = metros.into_iter().collect();
        Ok(Self {
            contributors: by_address(context.client.contributors_at(&owners).await?),
            locations: by_address(context.client.locations_at(&metros).await?),
            now: context.now().await?.time,
            devices,
        })
    }

    /// The devices with all that the rules ask, in the order of their codes.
    ///
    /// # Errors
    /// A device names an account that is not there.
    pub async fn subjects(self, context: &Context) -> Result<Vec<Subject>, CliError> {
        let registry = resolve::registry(context).await?;
        let mut subjects = self
            .devices
            .items
            .into_iter()
            .map(|device| {
                let head = &device.account.head;
                Ok(Subject {
                    contributor: named(&self.contributors, &head.contributor)?,
                    location: named(&self.locations, &head.location)?,
                    registry,
                    now: self.now,
                    device,
                })
            })
            .collect::<Result<Vec<_>, CliError>>()?;
        subjects.sort_by(|a, b| a.code().cmp(b.code()));
        Ok(subjects)
    }
}

fn by_address<T>(found: Vec<Option<Keyed<T>>>) -> HashMap<Pubkey, Keyed<T>> {
    found
        .into_iter()
        .flatten()
        .map(|found| (found.address, found))
        .collect()
}

fn named<T: Clone>(
    found: &HashMap<Pubkey, Keyed<T>>,
    address: &Pubkey,
) -> Result<Keyed<T>, CliError> {
    found.get(address).cloned().ok_or_else(|| {
        CliError::from(LedgerError::Account {
            address: *address,
            error: EbbError::WrongAccountType,
        })
    })
}
