//! A device and all that the rules read of it.

use {
    super::{Credential, FleetError, Roles},
    crate::{
        client::{Client, Keyed},
        error::EbbError,
        instruction::Expect,
        ledger::LedgerError,
        lifecycle::{check_release_hold, permit, Action, Facts, RelatedAccounts},
        role::Role,
        state::{
            AccountType, Contributor, Device, DeviceHead, Hold, Location, ProvisioningStatus,
            Registry,
        },
    },
    solana_program::pubkey::Pubkey,
    std::{
        collections::{BTreeSet, HashMap},
        sync::Arc,
    },
};

/// A device as it was read, with the accounts that decide what may be done to it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The device.
    pub device: Keyed<Device>,
    /// Its owner, which devices that are read together share.
    pub contributor: Arc<Keyed<Contributor>>,
    /// Its metro, shared as well.
    pub location: Arc<Keyed<Location>>,
    /// The registry.
    pub registry: Registry,
    /// When they were read, in Unix seconds.
    pub now: i64,
}

impl Subject {
    /// Reads what a device names.
    ///
    /// # Errors
    /// [`FleetError::NotFound`] if an account that it names is not there, or the ledger's.
    pub async fn around(client: &Client, device: Keyed<Device>) -> Result<Self, FleetError> {
        let head = &device.account.head;
        let (contributor, location, registry, now) = (
            client.contributor(&head.contributor).await?,
            client.location(&head.location).await?,
            client.registry().await?,
            client.ledger().now().await?,
        );
        let absent = FleetError::not_found;
        Ok(Self {
            contributor: contributor
                .ok_or(absent(AccountType::Contributor, &head.contributor))?
                .into(),
            location: location
                .ok_or(absent(AccountType::Location, &head.location))?
                .into(),
            registry: registry.ok_or_else(|| no_registry(client))?,
            now: now.time,
            device,
        })
    }

    /// Reads a device and what it names.
    ///
    /// # Errors
    /// As [`Subject::around`].
    pub async fn read(client: &Client, address: &Pubkey) -> Result<Self, FleetError> {
        match client.device(address).await? {
            Some(device) => Self::around(client, device).await,
            None => Err(FleetError::not_found(AccountType::Device, address)),
        }
    }

    /// Reads devices and what they name, in few calls however many they are; `None` where there is none.
    ///
    /// # Errors
    /// As [`Subject::around`], for all of them.
    pub async fn read_all(
        client: &Client,
        addresses: &[Pubkey],
    ) -> Result<Vec<Option<Self>>, FleetError> {
        let devices = client.devices_at(addresses).await?;
        let heads = || devices.iter().flatten().map(|it| &it.account.head);
        let contributors: BTreeSet<Pubkey> = heads().map(|head| head.contributor).collect();
        let locations: BTreeSet<Pubkey> = heads().map(|head| head.location).collect();
        let shared = SharedAccounts::read(client, contributors, locations).await?;
        devices
            .into_iter()
            .map(|device| device.map(|device| shared.subject(device)).transpose())
            .collect()
    }

    /// The same with the device read again at `now` (Unix seconds).
    pub fn reread(&self, device: Keyed<Device>, now: i64) -> Self {
        Self {
            device,
            now,
            ..self.clone()
        }
    }

    /// The same with every hold released that a signer in `role` may release.
    pub fn after_release(&self, role: Role, signer: &Pubkey) -> Self {
        let mut device = self.device.clone();
        for hold in device.account.head.holds.iter_mut() {
            if check_release_hold(hold, role, signer).is_ok() {
                *hold = Hold::default();
            }
        }
        self.reread(device, self.now)
    }

    /// The device's fixed part.
    pub fn head(&self) -> &DeviceHead {
        &self.device.account.head
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.device.account.code
    }

    /// Whether it is the registration that was read before, and has been in its status since then. Sessions, holds and
    /// health may have moved on.
    pub(super) fn is_in_same_stay(&self, before: &Self) -> bool {
        let (now, before) = (self.head(), before.head());
        now.is_same_registration(before)
            && now.status_changed_sequence == before.status_changed_sequence
    }

    /// Its status.
    pub fn status(&self) -> ProvisioningStatus {
        self.head().provisioning_status
    }

    /// What a step expects of it that must not fail because a user came or left meanwhile.
    pub fn expect(&self) -> Expect {
        Expect::in_status(self.head())
    }

    /// The same for one of many such steps: a credential that is the device's contributor names it already.
    pub fn expect_under(&self, credential: &Credential) -> Expect {
        let expect = self.expect();
        Expect {
            contributor: expect.contributor.filter(|it| *it != credential.address),
            ..expect
        }
    }

    /// What a step expects whose signature is good for what was shown only. What lands at once was read at once; a
    /// transaction that is `prepared` to be sent later may land after another party's change, so it expects that there was
    /// none.
    pub fn expect_shown(&self, prepared: bool) -> Expect {
        if prepared {
            Expect::as_read(self.head())
        } else {
            self.expect()
        }
    }

    /// What the guards read.
    pub fn facts(&self, force: bool) -> Facts {
        let related = RelatedAccounts::of(
            Some(&self.contributor.account.head),
            Some(&self.registry),
            Some(&self.location.account.head),
        );
        Facts::of(self.head(), self.now)
            .with_related(related)
            .with_force(force)
    }

    /// The roles that keys have on it.
    pub fn roles<'a>(&'a self, program_id: &'a Pubkey) -> Roles<'a> {
        Roles {
            program_id,
            contributor: &self.contributor,
            registry: &self.registry,
        }
    }

    /// Permits an action to a signer in `role` now, and returns where it leads.
    ///
    /// # Errors
    /// The rule that refuses it.
    pub fn permit(
        &self,
        action: Action,
        role: Role,
        force: bool,
    ) -> Result<Option<ProvisioningStatus>, EbbError> {
        permit(action, Some(self.status()), role, &self.facts(force))
    }
}

/// The code of a device, or its address if it could not be read.
pub(super) fn code_or_address(subject: Option<&Subject>, address: &Pubkey) -> String {
    match subject {
        Some(subject) => subject.code().to_owned(),
        None => address.to_string(),
    }
}

/// What several devices name.
pub(super) struct SharedAccounts {
    pub contributors: HashMap<Pubkey, Arc<Keyed<Contributor>>>,
    pub locations: HashMap<Pubkey, Arc<Keyed<Location>>>,
    pub registry: Registry,
    pub now: i64,
}

impl SharedAccounts {
    /// Reads contributors and locations, the registry and the clock. What is not there is left out.
    ///
    /// # Errors
    /// [`FleetError::NotFound`] for the registry, or the ledger's.
    pub async fn read(
        client: &Client,
        contributors: BTreeSet<Pubkey>,
        locations: BTreeSet<Pubkey>,
    ) -> Result<Self, FleetError> {
        let (contributors, locations) = (Vec::from_iter(contributors), Vec::from_iter(locations));
        let (contributors, locations, registry, now) = tokio::try_join!(
            client.contributors_at(&contributors),
            client.locations_at(&locations),
            client.registry(),
            client.ledger().now(),
        )?;
        Ok(Self {
            contributors: by_address(contributors),
            locations: by_address(locations),
            registry: registry.ok_or_else(|| no_registry(client))?,
            now: now.time,
        })
    }

    pub fn subject(&self, device: Keyed<Device>) -> Result<Subject, FleetError> {
        let head = &device.account.head;
        Ok(Subject {
            contributor: named(&self.contributors, &head.contributor)?,
            location: named(&self.locations, &head.location)?,
            registry: self.registry,
            now: self.now,
            device,
        })
    }
}

pub(super) fn no_registry(client: &Client) -> FleetError {
    let address = crate::pda::registry(client.program_id()).0;
    FleetError::not_found(AccountType::Registry, &address)
}

pub(super) fn by_address<T>(
    found: impl IntoIterator<Item = Option<Keyed<T>>>,
) -> HashMap<Pubkey, Arc<Keyed<T>>> {
    let found = found.into_iter().flatten();
    found
        .map(|found| (found.address, Arc::new(found)))
        .collect()
}

fn named<T>(
    found: &HashMap<Pubkey, Arc<Keyed<T>>>,
    address: &Pubkey,
) -> Result<Arc<Keyed<T>>, FleetError> {
    found.get(address).cloned().ok_or_else(|| {
        FleetError::from(LedgerError::Account {
            address: *address,
            error: EbbError::WrongAccountType,
        })
    })
}
