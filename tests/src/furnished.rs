//! Worlds with more in them than [`World::new`].

use {
    crate::{path, user, Actor, Caller, Places, Situation, World},
    ebb_sdk::{
        pda,
        state::{Health, HoldKind, ProvisioningStatus},
    },
    solana_sdk::pubkey::Pubkey,
};

impl World {
    /// A device of the other contributor in the other location, activated, with a session and a disk
    /// key.
    pub fn neighboured() -> Self {
        let mut world = Self::new();
        let mut there = world.clone();
        there.at = Places {
            contributor: world.at.other_contributor,
            location: world.at.other_location,
            device: world.at.foreign_device,
            ..world.at
        };
        let instructions = [
            there.create_device(Actor::OtherContributor, Places::FOREIGN_DEVICE),
            there.activate(Actor::Authority),
            there.register_disk_key(Actor::Custodian, Caller::AGENT, 0),
            there.open_session(Actor::Agent, &user(0)),
            there.set_agent(Caller::AUTHORITY, None, Actor::Deployer),
        ];
        for instruction in instructions {
            world.must(instruction);
        }
        world
    }

    /// An account of each type, and a device with everything on it: draining, reported of, held, in
    /// use, with a disk key.
    pub fn furnished() -> Self {
        let mut world = Situation {
            sessions: 1,
            disk_keys: 1,
            ..Situation::of(Some(ProvisioningStatus::Activated))
        }
        .establish(&World::new());
        let instructions = [
            world.report(Caller::ORACLE, Health::Healthy),
            world.drain(Caller::OPERATOR, false),
            world.place_hold(Caller::AGENT, HoldKind::CriticalTraffic, 60),
            world.place_hold(Caller::CONTRIBUTOR, HoldKind::PendingTask, 3_600),
            world.nominate(Actor::Authority, Some(Actor::Successor)),
            world.nominate_contributor(Caller::AUTHORITY, Some(Actor::Successor)),
            world.set_budget(Actor::Authority, 2),
        ];
        for instruction in instructions {
            world.must(instruction);
            world.pass(1);
        }
        world
    }

    /// The first user's session on the device.
    pub fn session(&self) -> Pubkey {
        pda::session(&self.program_id, &self.at.device, &user(0)).0
    }

    /// The device's first disk key.
    pub fn disk_key(&self) -> Pubkey {
        pda::disk_key(&self.program_id, &self.at.device, &path(0)).0
    }

    /// The first user's session on the foreign device.
    pub fn foreign_session(&self) -> Pubkey {
        pda::session(&self.program_id, &self.at.foreign_device, &user(0)).0
    }

    /// The foreign device's first disk key.
    pub fn foreign_disk_key(&self) -> Pubkey {
        pda::disk_key(&self.program_id, &self.at.foreign_device, &path(0)).0
    }
}
