//! What verbs read, whoever answers: the ledger, or a server of it.

use {
    crate::{
        error::CliError,
        input::{
            filter::FilterArgs,
            value::{Identifier, Time},
        },
        render::{
            device::DeviceView,
            history::{EventEntry, GapEntry},
        },
    },
    async_trait::async_trait,
    ebb_sdk::{
        client::{Keyed, Unreadable},
        fleet::{Selected, SelectedDevice},
        json::{ContributorJson, LocationJson, RegistryJson},
    },
    solana_sdk::pubkey::Pubkey,
};

/// Accounts in the order of their codes, and those that cannot be read.
pub type Listed<V> = (Vec<V>, Unreadable);

/// Devices in the order of their codes, and those that cannot be read.
pub struct Devices {
    /// When they were read, in Unix seconds.
    pub now: i64,
    /// Those that cannot be read.
    pub unreadable: Unreadable,
    rows: DeviceRows,
}

enum DeviceRows {
    Selected(Box<Selected>),
    Views(Vec<DeviceView>),
}

impl Devices {
    /// Devices that a server answered.
    pub fn new(now: i64, views: Vec<DeviceView>, unreadable: Unreadable) -> Self {
        Self {
            now,
            unreadable,
            rows: DeviceRows::Views(views),
        }
    }

    /// The views of the devices, each made when it is asked for.
    pub fn views(&self) -> impl Iterator<Item = Result<DeviceView, CliError>> + Clone + '_ {
        self.items().map(|item| Ok(item?.view()))
    }

    /// The devices as they were read.
    pub fn items(&self) -> impl Iterator<Item = Result<DeviceItem<'_>, CliError>> + Clone + '_ {
        let (selected, views) = match &self.rows {
            DeviceRows::Selected(selected) => (Some(selected.as_ref()), None),
            DeviceRows::Views(views) => (None, Some(views)),
        };
        let selected = selected.into_iter().flat_map(|selected| {
            let devices = selected.devices();
            devices.map(|device| Ok(DeviceItem::Selected(Box::new(device?), selected.now)))
        });
        let views = views.into_iter().flatten();
        selected.chain(views.map(|view| Ok(DeviceItem::View(view))))
    }
}

/// A device as it was read.
pub enum DeviceItem<'a> {
    /// By the ledger, at a time.
    Selected(Box<SelectedDevice<'a>>, i64),
    /// By a server.
    View(&'a DeviceView),
}

/// Which state of which device it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceState {
    /// The device.
    pub address: Pubkey,
    /// The contributor that registered it.
    pub contributor: Pubkey,
    /// Which of the contributor's registrations it is.
    pub generation: u64,
    /// How many mutations it has counted.
    pub sequence: u64,
}

impl DeviceState {
    /// That of a view; `None` if its addresses are none.
    pub fn of(view: &DeviceView) -> Option<Self> {
        let device = &view.device;
        Some(Self {
            address: device.address.parse().ok()?,
            contributor: device.contributor_address.parse().ok()?,
            generation: device.generation,
            sequence: device.sequence,
        })
    }
}

impl DeviceItem<'_> {
    /// Which state it is; `None` if a server sent what is none.
    pub fn state(&self) -> Option<DeviceState> {
        match self {
            Self::Selected(selected, _) => {
                let Keyed { address, account } = &selected.device;
                Some(DeviceState {
                    address: *address,
                    contributor: account.head.contributor,
                    generation: account.head.generation,
                    sequence: account.head.sequence,
                })
            }
            Self::View(view) => DeviceState::of(view),
        }
    }

    /// What is shown of it.
    pub fn view(&self) -> DeviceView {
        match self {
            Self::Selected(selected, now) => DeviceView::of_selected(selected, *now),
            Self::View(view) => DeviceView::clone(view),
        }
    }
}

impl From<Selected> for Devices {
    fn from(mut selected: Selected) -> Self {
        Self {
            now: selected.now,
            unreadable: std::mem::take(&mut selected.unreadable),
            rows: DeviceRows::Selected(Box::new(selected)),
        }
    }
}

/// What verbs read from.
#[async_trait(?Send)]
pub trait Reader {
    /// The devices that pass a filter.
    ///
    /// # Errors
    /// Also that a contributor or location which the filter names is not there.
    async fn devices(&self, filter: &FilterArgs) -> Result<Devices, CliError>;

    /// A device.
    ///
    /// # Errors
    /// Also that it is not there.
    async fn device(&self, device: &Identifier) -> Result<DeviceView, CliError>;

    /// All locations.
    async fn locations(&self) -> Result<Listed<LocationJson>, CliError>;

    /// A location.
    ///
    /// # Errors
    /// Also that it is not there.
    async fn location(&self, location: &Identifier) -> Result<LocationJson, CliError>;

    /// All contributors.
    async fn contributors(&self) -> Result<Listed<ContributorJson>, CliError>;

    /// A contributor.
    ///
    /// # Errors
    /// Also that it is not there.
    async fn contributor(&self, contributor: &Identifier) -> Result<ContributorJson, CliError>;

    /// The registry.
    ///
    /// # Errors
    /// Also that it is not there.
    async fn registry(&self) -> Result<RegistryJson, CliError>;

    /// What happened to a device.
    ///
    /// # Errors
    /// Also that there is no such device and no record of one.
    async fn history<'a>(
        &'a self,
        device: &'a Identifier,
        since: Option<Time>,
    ) -> Result<Box<dyn History + 'a>, CliError>;

    /// The devices that pass a filter, again and again.
    fn watch<'a>(&'a self, filter: &'a FilterArgs) -> Box<dyn Watch + 'a>;
}

/// The history of a device, which grows.
#[async_trait(?Send)]
pub trait History {
    /// What happened, registration by registration, in the ledger's order.
    fn events(&self) -> Vec<EventEntry>;

    /// The holes.
    fn gaps(&self) -> Vec<GapEntry>;

    /// What the holes may come from, a line each.
    fn reasons(&self) -> Vec<String>;

    /// Waits until there may be more, reads it, and returns the events that are new.
    ///
    /// # Errors
    /// After an outage, the next call goes on from there.
    async fn next(&mut self) -> Result<Vec<EventEntry>, CliError>;
}

/// A selection of devices that is watched.
#[async_trait(?Send)]
pub trait Watch {
    /// Returns the selection at once when it is called first, and then when it may have changed. No reading is older than
    /// the one before.
    ///
    /// # Errors
    /// After an outage, the next call goes on from there.
    async fn next(&mut self) -> Result<Devices, CliError>;
}
