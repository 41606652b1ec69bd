//! What the model remembers.
//!
//! Nothing is stored that follows from something else: counts of devices, sessions and disk keys are
//! recounted whenever they are asked for, so a count that the program keeps wrong shows.

use {
    crate::Actor,
    ebb_sdk::{
        state::{DeviceType, Health, HoldKind, ProvisioningStatus},
        Role,
    },
    std::collections::BTreeMap,
};

/// Codes that contributors can have.
pub const CONTRIBUTORS: usize = 3;
/// Codes that locations can have.
pub const LOCATIONS: usize = 3;
/// Codes that devices can have.
pub const DEVICES: usize = 4;
/// Users that can connect, one more than the tests' devices take.
pub const USERS: usize = 5;
/// Disks that a device can have, one more than may have a key.
pub const DISKS: usize = 33;

/// The most holds on a device, by anyone.
pub const MAX_HOLDS: usize = 8;

/// For how long a device must have been reported dead, in seconds.
const DEATH_SECONDS: i64 = 60;

/// The Clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    pub slot: u64,
    /// Unix seconds.
    pub time: i64,
}

/// When something happened, and the number of the mutation.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub at: Now,
    pub sequence: u64,
}

/// The network as `docs/design.md` says it must be.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub now: Now,
    pub registry: Option<Registry>,
    pub contributors: [Option<Contributor>; CONTRIBUTORS],
    pub locations: [Option<Location>; LOCATIONS],
    pub devices: [Option<Device>; DEVICES],
}

#[derive(Clone, Debug)]
pub struct Registry {
    pub authority: Actor,
    pub nominee: Option<Actor>,
    pub oracle: Actor,
    pub require_healthy: bool,
    pub sequence: u64,
    pub payer: Actor,
}

#[derive(Clone, Debug)]
pub struct Contributor {
    pub authority: Actor,
    pub nominee: Option<Actor>,
    pub operator: Option<Actor>,
    pub suspended: bool,
    pub registrations: u64,
    pub sequence: u64,
    pub payer: Actor,
}

#[derive(Clone, Debug)]
pub struct Location {
    pub min_activated: u32,
    pub sequence: u64,
    pub payer: Actor,
}

#[derive(Clone, Debug)]
pub struct Device {
    pub contributor: usize,
    pub location: usize,
    pub kind: DeviceType,
    pub public_ip: [u8; 4],
    pub max_sessions: u32,
    pub agent: Option<Actor>,
    pub payer: Actor,
    pub generation: u64,
    pub sequence: u64,
    pub created: Now,
    pub stage: Stage,
    pub entered: Mark,
    pub report: Option<Report>,
    pub holds: [Option<Hold>; MAX_HOLDS],
    pub next_hold: u32,
    pub sessions: BTreeMap<usize, Session>,
    pub disk_keys: BTreeMap<usize, DiskKey>,
}

/// The provisioning status, with what exists in that status only.
#[derive(Clone, Debug)]
pub enum Stage {
    Pending,
    Activated,
    Draining(Drain),
    Retiring,
    Retired,
}

#[derive(Clone, Debug)]
pub struct Drain {
    pub started: Now,
    pub by: Actor,
    pub role: Role,
    pub reason: &'static str,
    /// Who gave the reason that stands.
    pub reason_by: (Actor, Role),
    pub deadline: Option<i64>,
    /// Who set the deadline that stands.
    pub deadline_by: (Actor, Role),
    pub planned_return: Option<i64>,
    pub sessions: u32,
}

#[derive(Clone, Debug)]
pub struct Report {
    pub health: Health,
    pub role: Role,
    pub mark: Mark,
    /// Address, location or agent changed since.
    pub outdated: bool,
}

#[derive(Clone, Debug)]
pub struct Hold {
    pub id: u32,
    pub kind: HoldKind,
    pub by: Actor,
    pub role: Role,
    pub reason: &'static str,
    pub expires: i64,
}

#[derive(Clone, Debug)]
pub struct Session {
    pub opened: Now,
    pub payer: Actor,
}

#[derive(Clone, Debug)]
pub struct DiskKey {
    pub registered: Now,
    pub custodian: Actor,
    pub payer: Actor,
}

impl Model {
    /// The devices that are there.
    pub fn present(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().flatten()
    }

    /// Devices in a location, of one status or of any.
    pub fn count(&self, location: usize, status: Option<ProvisioningStatus>) -> u32 {
        let here = self
            .present()
            .filter(|device| device.location == location)
            .filter(|device| status.is_none_or(|status| device.status() == status));
        here.count() as u32
    }
}

impl Device {
    pub fn status(&self) -> ProvisioningStatus {
        match self.stage {
            Stage::Pending => ProvisioningStatus::Pending,
            Stage::Activated => ProvisioningStatus::Activated,
            Stage::Draining(_) => ProvisioningStatus::Draining,
            Stage::Retiring => ProvisioningStatus::Retiring,
            Stage::Retired => ProvisioningStatus::Retired,
        }
    }

    pub fn health(&self) -> Health {
        self.report
            .as_ref()
            .map_or(Health::Unknown, |report| report.health)
    }

    /// The last report is about an address, a location or an agent that the device no longer has.
    pub fn outdate_report(&mut self) {
        if let Some(report) = &mut self.report {
            report.outdated = true;
        }
    }

    pub fn is_dead(&self) -> bool {
        self.health() == Health::Dead
    }

    /// Reported dead long enough to be evicted and retired.
    pub fn is_surely_dead(&self, now: Now) -> bool {
        let dead = self
            .report
            .as_ref()
            .filter(|report| report.health == Health::Dead);
        dead.is_some_and(|report| now.time - report.mark.at.time >= DEATH_SECONDS)
    }

    pub fn is_drained(&self) -> bool {
        matches!(self.stage, Stage::Draining(_)) && self.sessions.is_empty()
    }

    /// Holds that have not expired.
    pub fn live_holds(&self, now: Now) -> impl Iterator<Item = &Hold> {
        self.holds
            .iter()
            .flatten()
            .filter(move |hold| now.time < hold.expires)
    }

    /// The id of the hold in a place, or one that no hold has.
    pub fn hold_id(&self, place: usize) -> u32 {
        let hold = self.holds.get(place).and_then(Option::as_ref);
        hold.map_or(self.next_hold, |hold| hold.id)
    }

    /// Empties the places of holds that have expired.
    pub fn prune(&mut self, now: Now) {
        for place in &mut self.holds {
            if place.as_ref().is_some_and(|hold| hold.expires <= now.time) {
                *place = None;
            }
        }
    }

    /// Counts one more mutation.
    pub fn count(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Enters a stage, which is one mutation.
    pub fn enter(&mut self, stage: Stage, now: Now) -> u64 {
        if matches!(stage, Stage::Retiring | Stage::Retired) {
            self.holds = Default::default();
        }
        self.stage = stage;
        let sequence = self.count();
        self.entered = Mark { at: now, sequence };
        sequence
    }
}
