//! Devices chosen by what they are, with the accounts they name.

use {
    super::{
        filter::{Choice, FilterArgs},
        subject::Subject,
    },
    crate::{context::Context, error::CliError, resolve, view::device::DeviceView},
    ebb_sdk::{
        client::{CompactDevice, Keyed, Unreadable},
        ledger::LedgerError,
        state::{Contributor, Device, Location},
        EbbError,
    },
    futures_util::future::try_join_all,
    solana_sdk::pubkey::Pubkey,
    std::{
        borrow::Cow,
        collections::{BTreeSet, HashMap},
        rc::Rc,
    },
};

/// Devices, and the contributors and locations that they name.
pub struct Selection {
    /// Devices that could not be read.
    pub unreadable: Unreadable,
    /// In the order of their codes.
    devices: Vec<CompactDevice>,
    contributors: HashMap<Pubkey, Rc<Keyed<Contributor>>>,
    locations: HashMap<Pubkey, Rc<Keyed<Location>>>,
    /// When they were read, in Unix seconds.
    now: i64,
}

/// Devices as they come.
#[derive(Default)]
struct Found {
    devices: Vec<CompactDevice>,
    contributors: BTreeSet<Pubkey>,
    locations: BTreeSet<Pubkey>,
}

impl Found {
    fn push(&mut self, device: Keyed<Device>) {
        let head = &device.account.head;
        self.contributors.insert(head.contributor);
        self.locations.insert(head.location);
        self.devices.push(device.into());
    }
}

impl Selection {
    /// The devices that pass a filter: one call lists them, and one for each hundred reads the contributors and
    /// locations that they name, however many devices name them.
    pub async fn filtered(context: &Context, filter: &FilterArgs) -> Result<Self, CliError> {
        let program_id = context.program_id();
        let contributors = filter.contributor.iter();
        let locations = filter.location.iter();
        let choice = Choice::new(
            filter,
            contributors
                .clone()
                .map(|it| resolve::contributor_address(program_id, it))
                .collect(),
            locations
                .clone()
                .map(|it| resolve::location_address(program_id, it))
                .collect(),
        );
        let mut found = Found::default();
        let asked = choice.for_ledger();
        let listing = async {
            let visit = |device: Keyed<Device>| {
                if choice.takes(&device.account.head) {
                    found.push(device);
                }
            };
            Ok(context.client.visit_devices(&asked, visit).await?)
        };
        let (unreadable, now, contributors, locations) = tokio::try_join!(
            listing,
            context.now(),
            try_join_all(contributors.map(|it| resolve::contributor(context, it))),
            try_join_all(locations.map(|it| resolve::location(context, it))),
        )?;
        let selection = Self {
            unreadable,
            devices: vec![],
            contributors: by_address(contributors),
            locations: by_address(locations),
            now: now.time,
        };
        let mut selection = selection.with(context, found).await?;
        if choice.is_timed() {
            selection.keep(&choice)?;
        }
        Ok(selection)
    }

    /// The devices at these addresses, as far as there are any.
    pub async fn at(context: &Context, addresses: &[Pubkey]) -> Result<Self, CliError> {
        let devices = context.client.devices_at(addresses).await?;
        let mut found = Found::default();
        devices
            .into_iter()
            .flatten()
            .for_each(|device| found.push(device));
        let selection = Self {
            unreadable: vec![],
            devices: vec![],
            contributors: HashMap::new(),
            locations: HashMap::new(),
            now: context.now().await?.time,
        };
        selection.with(context, found).await
    }

    /// The same with these devices, and those of the accounts that they name which are not there yet.
    async fn with(mut self, context: &Context, found: Found) -> Result<Self, CliError> {
        let contributors = absent(found.contributors, &self.contributors);
        let locations = absent(found.locations, &self.locations);
        let client = &context.client;
        let (contributors, locations) = tokio::try_join!(
            client.contributors_at(&contributors),
            client.locations_at(&locations)
        )?;
        self.contributors
            .extend(by_address(contributors.into_iter().flatten()));
        self.locations
            .extend(by_address(locations.into_iter().flatten()));
        self.devices = found.devices;
        self.devices.sort_unstable_by(|a, b| a.code.cmp(&b.code));
        Ok(self)
    }

    /// Keeps what passes now.
    fn keep(&mut self, choice: &Choice<'_>) -> Result<(), CliError> {
        let mut kept = vec![];
        for device in std::mem::take(&mut self.devices) {
            let head = device.head()?;
            let location = self.locations.get(&head.location);
            if choice.takes_at(&head, location.map(|it| &it.account.head), self.now) {
                kept.push(device);
            }
        }
        self.devices = kept;
        Ok(())
    }

    /// The devices as they are shown, in the order of their codes.
    pub fn views(&self) -> impl Iterator<Item = Result<DeviceView, CliError>> + Clone + '_ {
        self.devices.iter().map(|device| {
            let device = device.device()?;
            let head = &device.account.head;
            let contributor = self.contributors.get(&head.contributor);
            let location = self.locations.get(&head.location);
            let contributor = code(contributor, &head.contributor, |found| &found.code);
            let location = code(location, &head.location, |found| &found.code);
            Ok(DeviceView::new(&device, &contributor, &location, self.now))
        })
    }

    /// The devices with all that the rules ask, in the order of their codes.
    ///
    /// # Errors
    /// A device names an account that is not there.
    pub async fn subjects(self, context: &Context) -> Result<Vec<Subject>, CliError> {
        let registry = resolve::registry(context).await?;
        let subjects = self.devices.iter().map(|device| {
            let device = device.device()?;
            let head = &device.account.head;
            Ok(Subject {
                contributor: named(&self.contributors, &head.contributor)?,
                location: named(&self.locations, &head.location)?,
                registry,
                now: self.now,
                device,
            })
        });
        subjects.collect()
    }
}

/// The code of an account, and its address if it is not there.
fn code<'a, T>(
    found: Option<&'a Rc<Keyed<T>>>,
    address: &Pubkey,
    code: impl FnOnce(&'a T) -> &'a str,
) -> Cow<'a, str> {
    match found {
        Some(found) => code(&found.account).into(),
        None => address.to_string().into(),
    }
}

fn absent<T>(addresses: BTreeSet<Pubkey>, found: &HashMap<Pubkey, T>) -> Vec<Pubkey> {
    let absent = addresses.into_iter().filter(|it| !found.contains_key(it));
    absent.collect()
}

fn by_address<T>(found: impl IntoIterator<Item = Keyed<T>>) -> HashMap<Pubkey, Rc<Keyed<T>>> {
    let found = found.into_iter();
    found.map(|found| (found.address, Rc::new(found))).collect()
}

fn named<T>(
    found: &HashMap<Pubkey, Rc<Keyed<T>>>,
    address: &Pubkey,
) -> Result<Rc<Keyed<T>>, CliError> {
    found.get(address).cloned().ok_or_else(|| {
        CliError::from(LedgerError::Account {
            address: *address,
            error: EbbError::WrongAccountType,
        })
    })
}
