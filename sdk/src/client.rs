//! The typed client: reads Ebb's accounts from a [`Ledger`] and sends instructions to it.

mod compact;
mod rent;

pub use {
    compact::CompactDevice,
    rent::{Closing, TopUp},
};

use {
    crate::{
        error::EbbError,
        ledger::{Filter, Ledger, LedgerError, Receipt, Submission},
        pda,
        state::{
            AccountType, Contributor, Device, DeviceHead, DiskKey, Health, Location,
            ProvisioningStatus, Registry, Session,
        },
    },
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::{account::Account, signer::Signer},
    std::sync::Arc,
};

/// An account and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed<T> {
    /// Its address.
    pub address: Pubkey,
    /// What it says.
    pub account: T,
}

/// What a list found. One account that cannot be read does not hide the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// In the order of their addresses.
    pub items: Vec<Keyed<T>>,
    /// Accounts that could not be read.
    pub unreadable: Unreadable,
    /// The slot that all of it is of.
    pub slot: u64,
}

/// What a list found beside the accounts that were handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visited {
    /// Accounts that could not be read.
    pub unreadable: Unreadable,
    /// The slot that all of it is of.
    pub slot: u64,
}

/// Accounts that could not be read, in the order of their addresses, and why.
pub type Unreadable = Vec<(Pubkey, EbbError)>;

/// Which devices to list. The ledger itself filters; the default takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceFilter {
    /// Only those in this status.
    pub status: Option<ProvisioningStatus>,
    /// Only those of this health.
    pub health: Option<Health>,
    /// Only those of this contributor.
    pub contributor: Option<Pubkey>,
    /// Only those at this location.
    pub location: Option<Pubkey>,
}

impl DeviceFilter {
    fn conditions(&self) -> Vec<Filter> {
        let byte = |offset, value: u8| Filter {
            offset,
            bytes: vec![value],
        };
        let key = |offset, value: &Pubkey| Filter {
            offset,
            bytes: value.to_bytes().to_vec(),
        };
        [
            self.status
                .map(|status| byte(DeviceHead::PROVISIONING_STATUS_OFFSET, status as u8)),
            self.health
                .map(|health| byte(DeviceHead::HEALTH_OFFSET, health as u8)),
            self.contributor
                .map(|contributor| key(DeviceHead::CONTRIBUTOR_OFFSET, &contributor)),
            self.location
                .map(|location| key(DeviceHead::LOCATION_OFFSET, &location)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Reads the accounts of one deployment of the program and sends instructions to it.
#[derive(Clone)]
pub struct Client {
    ledger: Arc<dyn Ledger>,
    program_id: Pubkey,
}

type Decode<T> = fn(&[u8]) -> Result<T, EbbError>;

impl Client {
    /// A client of the program at `program_id` on `ledger`.
    pub fn new(ledger: Arc<dyn Ledger>, program_id: Pubkey) -> Self {
        Self { ledger, program_id }
    }

    /// The program's id.
    pub fn program_id(&self) -> &Pubkey {
        &self.program_id
    }

    /// The ledger.
    pub fn ledger(&self) -> &dyn Ledger {
        self.ledger.as_ref()
    }

    /// The registry, once `Initialize` has run.
    ///
    /// # Errors
    /// Of the ledger; [`LedgerError::Account`] if what is there is no registry.
    pub async fn registry(&self) -> Result<Option<Registry>, LedgerError> {
        let address = pda::registry(&self.program_id).0;
        Ok(self
            .one(address, Registry::decode)
            .await?
            .map(|found| found.account))
    }

    /// A contributor by address. Errors as [`Client::registry`].
    pub async fn contributor(
        &self,
        address: &Pubkey,
    ) -> Result<Option<Keyed<Contributor>>, LedgerError> {
        self.one(*address, Contributor::decode).await
    }

    /// A location by address. Errors as [`Client::registry`].
    pub async fn location(&self, address: &Pubkey) -> Result<Option<Keyed<Location>>, LedgerError> {
        self.one(*address, Location::decode).await
    }

    /// A device by address. Errors as [`Client::registry`].
    pub async fn device(&self, address: &Pubkey) -> Result<Option<Keyed<Device>>, LedgerError> {
        self.one(*address, Device::decode).await
    }

    /// Devices by address, in their order, in one round trip for each hundred.
    pub async fn devices_at(
        &self,
        addresses: &[Pubkey],
    ) -> Result<Vec<Option<Keyed<Device>>>, LedgerError> {
        self.at(addresses, Device::decode).await
    }

    /// Contributors by address, in their order, in one round trip for each hundred.
    pub async fn contributors_at(
        &self,
        addresses: &[Pubkey],
    ) -> Result<Vec<Option<Keyed<Contributor>>>, LedgerError> {
        self.at(addresses, Contributor::decode).await
    }

    /// Locations by address, in their order, in one round trip for each hundred.
    pub async fn locations_at(
        &self,
        addresses: &[Pubkey],
    ) -> Result<Vec<Option<Keyed<Location>>>, LedgerError> {
        self.at(addresses, Location::decode).await
    }

    /// A session by address. Errors as [`Client::registry`].
    pub async fn session(&self, address: &Pubkey) -> Result<Option<Keyed<Session>>, LedgerError> {
        self.one(*address, Session::decode).await
    }

    /// A disk key by address. Errors as [`Client::registry`].
    pub async fn disk_key(&self, address: &Pubkey) -> Result<Option<Keyed<DiskKey>>, LedgerError> {
        self.one(*address, DiskKey::decode).await
    }

    /// Every contributor.
    pub async fn contributors(&self) -> Result<Listing<Contributor>, LedgerError> {
        self.list(AccountType::Contributor, vec![], Contributor::decode)
            .await
    }

    /// Every location.
    pub async fn locations(&self) -> Result<Listing<Location>, LedgerError> {
        self.list(AccountType::Location, vec![], Location::decode)
            .await
    }

    /// The devices that pass a filter, in one call.
    pub async fn devices(&self, filter: &DeviceFilter) -> Result<Listing<Device>, LedgerError> {
        self.list(AccountType::Device, filter.conditions(), Device::decode)
            .await
    }

    /// Hands over the devices that pass a filter, in one call, each as soon as it is read and in no order: for lists that
    /// are too long to be held as [`Client::devices`] does.
    ///
    /// # Errors
    /// Of the ledger; what was handed over until then is not all there is.
    pub async fn visit_devices(
        &self,
        filter: &DeviceFilter,
        visit: impl FnMut(Keyed<Device>) + Send,
    ) -> Result<Visited, LedgerError> {
        let conditions = filter.conditions();
        self.visit(AccountType::Device, conditions, Device::decode, visit)
            .await
    }

    /// The sessions of one device, or all.
    pub async fn sessions(&self, device: Option<&Pubkey>) -> Result<Listing<Session>, LedgerError> {
        self.list(AccountType::Session, of_device(device), Session::decode)
            .await
    }

    /// The disk keys of one device, or all.
    pub async fn disk_keys(
        &self,
        device: Option<&Pubkey>,
    ) -> Result<Listing<DiskKey>, LedgerError> {
        self.list(AccountType::DiskKey, of_device(device), DiskKey::decode)
            .await
    }

    /// Sends one transaction; see [`Ledger::send`].
    pub async fn send(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        self.ledger.send(instructions, signers).await
    }

    /// Sends one transaction, or signs it only where the ledger does no more; see [`Ledger::submit`].
    pub async fn submit(
        &self,
        instructions: &[Instruction],
        signers: &[&(dyn Signer + Sync)],
    ) -> Result<Submission, LedgerError> {
        self.ledger.submit(instructions, signers).await
    }

    async fn one<T>(
        &self,
        address: Pubkey,
        decode: Decode<T>,
    ) -> Result<Option<Keyed<T>>, LedgerError> {
        Ok(self.at(&[address], decode).await?.pop().flatten())
    }

    async fn at<T>(
        &self,
        addresses: &[Pubkey],
        decode: Decode<T>,
    ) -> Result<Vec<Option<Keyed<T>>>, LedgerError> {
        let found = self.ledger.accounts(addresses).await?;
        addresses
            .iter()
            .zip(found)
            .map(|(address, account)| {
                account
                    .map(|account| self.read(*address, &account, decode))
                    .transpose()
            })
            .collect()
    }

    async fn list<T: Send>(
        &self,
        kind: AccountType,
        conditions: Vec<Filter>,
        decode: Decode<T>,
    ) -> Result<Listing<T>, LedgerError> {
        let mut items = vec![];
        let collect = |found| items.push(found);
        let Visited { unreadable, slot } = self.visit(kind, conditions, decode, collect).await?;
        items.sort_unstable_by_key(|found: &Keyed<T>| found.address);
        Ok(Listing {
            items,
            unreadable,
            slot,
        })
    }

    async fn visit<T>(
        &self,
        kind: AccountType,
        mut conditions: Vec<Filter>,
        decode: Decode<T>,
        mut visit: impl FnMut(Keyed<T>) + Send,
    ) -> Result<Visited, LedgerError> {
        let kind = Filter {
            offset: 0,
            bytes: vec![kind as u8],
        };
        conditions.insert(0, kind);
        let mut unreadable = vec![];
        let mut read = |address, account: Account| match decode(&account.data) {
            Ok(account) => visit(Keyed { address, account }),
            Err(error) => unreadable.push((address, error)),
        };
        let slot = self
            .ledger
            .visit_program_accounts(&self.program_id, &conditions, &mut read)
            .await?;
        unreadable.sort_unstable_by_key(|(address, _)| *address);
        Ok(Visited { unreadable, slot })
    }

    fn read<T>(
        &self,
        address: Pubkey,
        account: &Account,
        decode: Decode<T>,
    ) -> Result<Keyed<T>, LedgerError> {
        let error = |error| LedgerError::Account { address, error };
        if account.owner != self.program_id {
            return Err(error(EbbError::WrongOwner));
        }
        let account = decode(&account.data).map_err(error)?;
        Ok(Keyed { address, account })
    }
}

/// Sessions and disk keys both name their device right after the header.
fn of_device(device: Option<&Pubkey>) -> Vec<Filter> {
    device
        .map(|device| Filter {
            offset: crate::state::DEVICE_OFFSET,
            bytes: device.to_bytes().to_vec(),
        })
        .into_iter()
        .collect()
}
