//! The model as the ledger must hold it, to the byte.

use {
    crate::model::{
        address::{
            commitment, path, user, Address, ADDRESSES, CONTRIBUTOR_CODES, DEVICE_CODES,
            LOCATION_CODES,
        },
        instruction::{key_or_zero, COORDINATES, COUNTRY},
        state::{self, Drain, Mark, Model, Stage},
    },
    crate::{world::FUNDS, Actor, Held, Snapshot, World},
    ebb_sdk::{
        state::{
            AccountType, ContributorHead, DeviceHead, DiskKeyHead, DrainRecord, Head, Hold,
            HoldReason, HoldSlots, LocationHead, ProvisioningStatus, Reason, Registry, Session,
        },
        Role,
    },
    solana_sdk::{pubkey::Pubkey, rent::Rent},
    std::collections::{BTreeMap, BTreeSet},
};

/// The layout that this release writes.
const VERSION: u8 = 1;

/// Who pays the rent of accounts.
const PAYERS: [Actor; 2] = [Actor::Payer, Actor::Deployer];

/// What the ledger must hold of the program's accounts, and the rent that each payer has in them.
pub struct Expected {
    pub accounts: Snapshot,
    pub rent: BTreeMap<Actor, u64>,
}

impl Expected {
    pub fn of(model: &Model) -> Self {
        let mut expected = Self {
            accounts: Snapshot(BTreeMap::new()),
            rent: BTreeMap::new(),
        };
        if let Some(registry) = &model.registry {
            let head = registry_head(model, registry);
            expected.add(ADDRESSES.registry, &head, &[], registry.payer);
        }
        for (index, contributor) in present(&model.contributors) {
            let head = contributor_head(model, index, contributor);
            let (address, code) = (ADDRESSES.contributors[index], CONTRIBUTOR_CODES[index]);
            expected.add(address, &head, &[code], contributor.payer);
        }
        for (index, location) in present(&model.locations) {
            let head = location_head(model, index, location);
            let (address, code) = (ADDRESSES.locations[index], LOCATION_CODES[index]);
            expected.add(address, &head, &[code, code], location.payer);
        }
        for (index, device) in present(&model.devices) {
            expected.add_device(index, device);
        }
        expected
    }

    /// Names the fields in which a ledger differs, if it does.
    pub fn difference(&self, world: &World) -> Option<String> {
        let found = world.snapshot();
        if found != self.accounts {
            return Some(accounts_difference(&found, &self.accounts));
        }
        PAYERS.into_iter().find_map(|payer| {
            let (left, spent) = (world.lamports(&payer.key()), self.rent.get(&payer));
            let spent = spent.copied().unwrap_or(0);
            (left + spent != FUNDS).then(|| format!("{payer:?} has {left} left after {spent}"))
        })
    }

    fn add_device(&mut self, index: usize, device: &state::Device) {
        let (address, code) = (ADDRESSES.devices[index], DEVICE_CODES[index]);
        self.add(address, &device_head(index, device), &[code], device.payer);
        for (number, session) in &device.sessions {
            let place = ADDRESSES.sessions[index][*number];
            let head = Session {
                discriminator: AccountType::Session,
                version: VERSION,
                device: address.key,
                user: user(*number),
                payer: session.payer.key(),
                bump: place.bump,
                reserved: [0; 5],
                opened_slot: session.opened.slot,
                opened_at: session.opened.time,
            };
            self.add(place, &head, &[], session.payer);
        }
        for (disk, disk_key) in &device.disk_keys {
            let place = ADDRESSES.disk_keys[index][*disk];
            let head = DiskKeyHead {
                discriminator: AccountType::DiskKey,
                version: VERSION,
                device: address.key,
                custodian: disk_key.custodian.key(),
                payer: disk_key.payer.key(),
                commitment: commitment(*disk),
                bump: place.bump,
                reserved: [0; 5],
                registered_slot: disk_key.registered.slot,
                registered_at: disk_key.registered.time,
            };
            self.add(place, &head, &[&path(*disk)], disk_key.payer);
        }
    }

    /// An account is its head, then its strings as Borsh encodes them, and exempt from rent.
    fn add(&mut self, address: Address, head: &impl Head, strings: &[&str], payer: Actor) {
        let mut data = bytemuck::bytes_of(head).to_vec();
        for text in strings {
            data.extend((text.len() as u32).to_le_bytes());
            data.extend(text.as_bytes());
        }
        let lamports = Rent::default().minimum_balance(data.len());
        *self.rent.entry(payer).or_default() += lamports;
        self.accounts.0.insert(address.key, Held { lamports, data });
    }
}

fn accounts_difference(found: &Snapshot, expected: &Snapshot) -> String {
    let addresses: BTreeSet<&Pubkey> = found.0.keys().chain(expected.0.keys()).collect();
    let mut differences = String::new();
    for address in addresses {
        match (found.0.get(address), expected.0.get(address)) {
            (Some(found), Some(expected)) if found == expected => {}
            (Some(found), Some(expected)) => {
                let (found, expected) = (format!("{found:#?}"), format!("{expected:#?}"));
                differences += &format!("\naccount {address}, ledger and model:");
                for (found, expected) in found.lines().zip(expected.lines()) {
                    if found != expected {
                        differences += &format!("\n  {} | {}", found.trim(), expected.trim());
                    }
                }
            }
            (Some(found), None) => differences += &format!("\nonly on the ledger: {found:#?}"),
            (None, expected) => differences += &format!("\nonly in the model: {expected:#?}"),
        }
    }
    differences
}

/// What is there, with its place.
fn present<T>(list: &[Option<T>]) -> impl Iterator<Item = (usize, &T)> {
    let places = list.iter().enumerate();
    places.filter_map(|(index, place)| Some((index, place.as_ref()?)))
}

fn registry_head(model: &Model, registry: &state::Registry) -> Registry {
    Registry {
        discriminator: AccountType::Registry,
        version: VERSION,
        require_healthy: registry.require_healthy,
        bump: ADDRESSES.registry.bump,
        authority: registry.authority.key(),
        nominee: key_or_zero(registry.nominee),
        health_oracle: registry.oracle.key(),
        contributors: model.contributors.iter().flatten().count() as u32,
        locations: model.locations.iter().flatten().count() as u32,
        reserved: [0; 4],
        sequence: registry.sequence,
    }
}

fn contributor_head(
    model: &Model,
    index: usize,
    contributor: &state::Contributor,
) -> ContributorHead {
    let devices = model.present().filter(|device| device.contributor == index);
    ContributorHead {
        discriminator: AccountType::Contributor,
        version: VERSION,
        suspended: contributor.suspended,
        bump: ADDRESSES.contributors[index].bump,
        authority: contributor.authority.key(),
        nominee: key_or_zero(contributor.nominee),
        operator: key_or_zero(contributor.operator),
        devices: devices.count() as u32,
        registrations: contributor.registrations,
        sequence: contributor.sequence,
    }
}

fn location_head(model: &Model, index: usize, location: &state::Location) -> LocationHead {
    LocationHead {
        discriminator: AccountType::Location,
        version: VERSION,
        country: COUNTRY,
        latitude: COORDINATES.0,
        longitude: COORDINATES.1,
        min_activated: location.min_activated,
        devices: model.count(index, None),
        activated: model.count(index, Some(ProvisioningStatus::Activated)),
        draining: model.count(index, Some(ProvisioningStatus::Draining)),
        bump: ADDRESSES.locations[index].bump,
        reserved: [0; 3],
        sequence: location.sequence,
    }
}

fn device_head(index: usize, device: &state::Device) -> DeviceHead {
    let Mark { at: entered, .. } = device.entered;
    let report = device.report.as_ref();
    DeviceHead {
        discriminator: AccountType::Device,
        version: VERSION,
        provisioning_status: device.status(),
        health: device.health(),
        contributor: ADDRESSES.contributors[device.contributor].key,
        location: ADDRESSES.locations[device.location].key,
        public_ip: device.public_ip,
        max_sessions: device.max_sessions,
        sessions: device.sessions.len() as u32,
        disk_keys: device.disk_keys.len() as u32,
        next_hold_id: device.next_hold,
        generation: device.generation,
        sequence: device.sequence,
        created_slot: device.created.slot,
        created_at: device.created.time,
        status_changed_slot: entered.slot,
        status_changed_at: entered.time,
        status_changed_sequence: device.entered.sequence,
        health_reported_slot: report.map_or(0, |report| report.mark.at.slot),
        health_reported_at: report.map_or(0, |report| report.mark.at.time),
        health_reported_sequence: report
            .filter(|report| !report.outdated)
            .map_or(0, |report| report.mark.sequence),
        agent: key_or_zero(device.agent),
        payer: device.payer.key(),
        health_reported_by: report.map_or(Role::None, |report| report.role),
        bump: ADDRESSES.devices[index].bump,
        device_type: device.kind,
        reserved: [0; 5],
        drain: match &device.stage {
            Stage::Draining(drain) => drain_record(drain),
            _ => DrainRecord::default(),
        },
        holds: HoldSlots(std::array::from_fn(|place| {
            device.holds[place].as_ref().map_or(Hold::default(), hold)
        })),
    }
}

fn drain_record(drain: &Drain) -> DrainRecord {
    DrainRecord {
        started_slot: drain.started.slot,
        started_at: drain.started.time,
        deadline: drain.deadline.unwrap_or(0),
        planned_return: drain.planned_return.unwrap_or(0),
        sessions_at_start: drain.sessions,
        role: drain.role,
        reason_role: drain.reason_by.1,
        deadline_role: drain.deadline_by.1,
        reason: Reason::new(drain.reason).expect("the model took this reason"),
        started_by: drain.by.key(),
        reason_by: drain.reason_by.0.key(),
        deadline_by: drain.deadline_by.0.key(),
    }
}

fn hold(hold: &state::Hold) -> Hold {
    Hold {
        expires_at: hold.expires,
        id: hold.id,
        kind: hold.kind,
        role: hold.role,
        reason: HoldReason::new(hold.reason).expect("the model took this reason"),
        reserved: 0,
        placed_by: hold.by.key(),
    }
}
