//! Devices chosen by what they are, with the accounts they name.

use {
    super::{
        subject::{by_address, no_registry, SharedAccounts},
        Fleet, FleetError, Found, Subject,
    },
    crate::{
        client::{CompactDevice, DeviceFilter, Keyed, Unreadable},
        ledger::LedgerError,
        lifecycle::{permit, Action, Facts},
        state::{
            AccountType, Contributor, Device, DeviceHead, Health, Location, LocationHead,
            ProvisioningStatus,
        },
        Role,
    },
    solana_program::pubkey::Pubkey,
    std::{
        collections::{BTreeSet, HashMap},
        sync::Arc,
        time::Duration,
    },
};

/// Which devices to choose: those that meet every condition. An empty list is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selection {
    /// Only devices in one of these statuses.
    pub status: Vec<ProvisioningStatus>,
    /// No device in one of these statuses.
    pub without_status: Vec<ProvisioningStatus>,
    /// Only devices of one of these healths.
    pub health: Vec<Health>,
    /// Only devices of one of these contributors.
    pub contributor: Vec<Pubkey>,
    /// Only devices at one of these locations.
    pub location: Vec<Pubkey>,
    /// Only devices that have been draining for longer than this.
    pub draining_longer_than: Option<Duration>,
    /// Only draining devices whose deadline passed with sessions left, or whose planned return passed.
    pub overdue: bool,
    /// Only activated devices that no drain may start on now, and draining ones that a hold keeps from retiring.
    pub blocked: bool,
}

impl Selection {
    /// What the ledger itself can filter on: whatever has one value only.
    fn for_ledger(&self) -> DeviceFilter {
        let only_draining = self.overdue || self.draining_longer_than.is_some();
        DeviceFilter {
            status: if only_draining {
                Some(ProvisioningStatus::Draining)
            } else {
                single(&self.status)
            },
            health: single(&self.health),
            contributor: single(&self.contributor),
            location: single(&self.location),
        }
    }

    /// Whether a device at a location passes at `now` (Unix seconds).
    pub fn admits(&self, device: &DeviceHead, location: Option<&LocationHead>, now: i64) -> bool {
        self.takes(device) && self.takes_at(device, location, now)
    }

    /// Whether a device passes as far as that does not depend on the time or on its location.
    fn takes(&self, device: &DeviceHead) -> bool {
        let status = device.provisioning_status;
        among(&self.status, &status)
            && !self.without_status.contains(&status)
            && among(&self.health, &device.health)
            && among(&self.contributor, &device.contributor)
            && among(&self.location, &device.location)
    }

    /// Whether it may depend on those too.
    pub fn is_timed(&self) -> bool {
        self.draining_longer_than.is_some() || self.overdue || self.blocked
    }

    /// When after `now` (Unix seconds) the time alone may next change whether a device passes, which of its holds are
    /// live, or whether its agent is silent.
    pub fn next_moment(&self, device: &DeviceHead, now: i64) -> Option<i64> {
        let is_draining = device.provisioning_status == ProvisioningStatus::Draining;
        let drain = is_draining.then_some(&device.drain);
        let ends = drain.map(|drain| [drain.deadline, drain.planned_return]);
        let long_since = self.draining_longer_than.zip(drain).map(|(span, drain)| {
            let reached = drain.started_at.saturating_add_unsigned(span.as_secs());
            reached.saturating_add(1)
        });
        let holds = device.live_holds(now).map(|hold| hold.expires_at);
        let moments = holds
            .chain(ends.into_iter().flatten())
            .chain(long_since)
            .chain(device.death_confirmed_at())
            .chain(device.agent_silent_at());
        moments.filter(|at| *at > now).min()
    }

    /// Whether a device that is [taken](Selection::takes) passes at `now` (Unix seconds) too.
    fn takes_at(&self, device: &DeviceHead, location: Option<&LocationHead>, now: i64) -> bool {
        self.draining_longer_than
            .is_none_or(|span| drains_longer(device, span, now))
            && (!self.overdue || device.is_overdue(now))
            && (!self.blocked || is_blocked(device, location, now))
    }
}

fn single<T: Copy>(values: &[T]) -> Option<T> {
    match values {
        [value] => Some(*value),
        _ => None,
    }
}

fn among<T: PartialEq>(values: &[T], value: &T) -> bool {
    values.is_empty() || values.contains(value)
}

fn drains_longer(device: &DeviceHead, span: Duration, now: i64) -> bool {
    let drained_for = now.saturating_sub(device.drain.started_at);
    device.provisioning_status == ProvisioningStatus::Draining
        && u64::try_from(drained_for).is_ok_and(|seconds| seconds > span.as_secs())
}

/// Whether the device's next step towards removal would be refused for a hold or the budget.
fn is_blocked(device: &DeviceHead, location: Option<&LocationHead>, now: i64) -> bool {
    let facts = Facts {
        sessions: 0,
        ..Facts::of(device, now)
    };
    let facts = location.map_or(facts, |location| facts.with_location(location));
    let next = match device.provisioning_status {
        ProvisioningStatus::Activated => Action::Drain,
        ProvisioningStatus::Draining => Action::Retire,
        _ => return false,
    };
    let from = Some(device.provisioning_status);
    permit(next, from, Role::Contributor, &facts).is_err()
}

/// Chosen devices, and the contributors and locations that they name.
pub struct Selected {
    /// Devices that could not be read, so that it is not known whether they pass.
    pub unreadable: Unreadable,
    /// When they were read, in Unix seconds.
    pub now: i64,
    /// In the order of their codes.
    devices: Vec<CompactDevice>,
    contributors: HashMap<Pubkey, Arc<Keyed<Contributor>>>,
    locations: HashMap<Pubkey, Arc<Keyed<Location>>>,
}

/// A chosen device, with what it names as far as that is there.
pub struct SelectedDevice<'a> {
    /// The device.
    pub device: Keyed<Device>,
    /// Its owner.
    pub contributor: Option<&'a Contributor>,
    /// Where it stands.
    pub location: Option<&'a Location>,
}

impl Selected {
    /// How many could be read.
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Whether there is none that could be read.
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// The devices that could be read, in the order of their codes.
    pub fn devices(
        &self,
    ) -> impl Iterator<Item = Result<SelectedDevice<'_>, FleetError>> + Clone + '_ {
        self.devices.iter().map(|device| {
            let device = device.device()?;
            let head = &device.account.head;
            let contributor = self.contributors.get(&head.contributor);
            let location = self.locations.get(&head.location);
            Ok(SelectedDevice {
                contributor: contributor.map(|found| &found.account),
                location: location.map(|found| &found.account),
                device,
            })
        })
    }

    /// The devices with all that the rules read, to plan with. Those that could not be read come last, each with why: a plan
    /// reports them as failed.
    ///
    /// # Errors
    /// The registry cannot be read, or is not there.
    pub async fn found(self, fleet: &Fleet) -> Result<Vec<Found>, FleetError> {
        let client = fleet.client();
        let registry = client.registry().await?;
        let shared = SharedAccounts {
            contributors: self.contributors,
            locations: self.locations,
            registry: registry.ok_or_else(|| no_registry(client))?,
            now: self.now,
        };
        let subject = |device: CompactDevice| -> Result<Subject, FleetError> {
            shared.subject(device.device()?)
        };
        let devices = self.devices.into_iter();
        let read = devices.map(|device| (device.address, subject(device).map(Arc::new)));
        let unreadable = self.unreadable.into_iter().map(|(address, error)| {
            let error = LedgerError::Account { address, error };
            (address, Err(error.into()))
        });
        Ok(read.chain(unreadable).collect())
    }
}

impl Fleet {
    /// The devices that pass a selection: one call lists them, and one for each hundred reads the contributors and
    /// locations that they name, however many devices name them.
    ///
    /// # Errors
    /// [`FleetError::NotFound`] for a contributor or location that the selection names, or the ledger's.
    pub async fn select(&self, selection: &Selection) -> Result<Selected, FleetError> {
        let client = self.client();
        let mut devices: Vec<CompactDevice> = vec![];
        let mut heads = Named::default();
        let filter = selection.for_ledger();
        let visit = |device: Keyed<Device>| {
            if selection.takes(&device.account.head) {
                heads.insert(&device.account.head);
                devices.push(device.into());
            }
        };
        let listing = client.visit_devices(&filter, visit);
        let (visited, now, contributors, locations) = tokio::try_join!(
            listing,
            client.ledger().now(),
            client.contributors_at(&selection.contributor),
            client.locations_at(&selection.location),
        )?;
        require(
            AccountType::Contributor,
            &selection.contributor,
            &contributors,
        )?;
        require(AccountType::Location, &selection.location, &locations)?;
        let (mut contributors, mut locations) = (by_address(contributors), by_address(locations));
        let (more_contributors, more_locations) = (
            absent(heads.contributors, &contributors),
            absent(heads.locations, &locations),
        );
        let (more_contributors, more_locations) = tokio::try_join!(
            client.contributors_at(&more_contributors),
            client.locations_at(&more_locations),
        )?;
        contributors.extend(by_address(more_contributors));
        locations.extend(by_address(more_locations));
        devices.sort_unstable_by(|a, b| a.code.cmp(&b.code));
        let mut selected = Selected {
            unreadable: visited.unreadable,
            now: now.time,
            devices,
            contributors,
            locations,
        };
        if selection.is_timed() {
            selected.keep(selection)?;
        }
        Ok(selected)
    }
}

impl Selected {
    /// Keeps what passes now.
    fn keep(&mut self, selection: &Selection) -> Result<(), FleetError> {
        let mut kept = vec![];
        for device in std::mem::take(&mut self.devices) {
            let head = device.head()?;
            let location = self.locations.get(&head.location);
            if selection.takes_at(&head, location.map(|it| &it.account.head), self.now) {
                kept.push(device);
            }
        }
        self.devices = kept;
        Ok(())
    }
}

/// The accounts that devices name.
#[derive(Default)]
struct Named {
    contributors: BTreeSet<Pubkey>,
    locations: BTreeSet<Pubkey>,
}

impl Named {
    fn insert(&mut self, head: &DeviceHead) {
        self.contributors.insert(head.contributor);
        self.locations.insert(head.location);
    }
}

fn require<T>(
    kind: AccountType,
    addresses: &[Pubkey],
    found: &[Option<Keyed<T>>],
) -> Result<(), FleetError> {
    let mut pairs = addresses.iter().zip(found);
    match pairs.find(|(_, found)| found.is_none()) {
        Some((address, _)) => Err(FleetError::not_found(kind, address)),
        None => Ok(()),
    }
}

fn absent<T>(addresses: BTreeSet<Pubkey>, found: &HashMap<Pubkey, T>) -> Vec<Pubkey> {
    let absent = addresses.into_iter().filter(|it| !found.contains_key(it));
    absent.collect()
}

#[cfg(test)]
mod tests;
