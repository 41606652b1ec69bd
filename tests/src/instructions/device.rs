//! Devices, and what hangs on them.

use {
    super::{built, commitment, path, DEADLINE, MAX_SESSIONS},
    crate::{Actor, Caller, World},
    ebb_sdk::{
        instruction as build,
        instruction::{
            CreateDevice, DrainDevice, Expect, PlaceHold, RegisterDiskKey, UpdateDevice,
            UpdateDrain,
        },
        state::{DeviceType, Health, HoldKind},
    },
    solana_sdk::{
        instruction::{AccountMeta, Instruction},
        pubkey::Pubkey,
    },
};

impl World {
    /// Registers a device of the contributor in the location, with the agent.
    pub fn create_device(&self, by: Actor, code: &str) -> Instruction {
        built(build::create_device(
            &self.program_id,
            &by.key(),
            &Actor::Payer.key(),
            &self.at.contributor,
            &self.at.location,
            CreateDevice {
                code: code.into(),
                device_type: DeviceType::Edge,
                public_ip: [195, 219, 138, 50],
                max_sessions: MAX_SESSIONS,
                agent: Actor::Agent.key(),
            },
        ))
    }

    /// Updates the device. `relocate` moves it to the other location.
    pub fn update_device(&self, by: Actor, args: UpdateDevice, relocate: bool) -> Instruction {
        let ends = (&self.at.location, &self.at.other_location);
        built(build::update_device(
            &self.program_id,
            &by.key(),
            &self.at.device,
            &self.at.contributor,
            relocate.then_some(ends),
            args,
        ))
    }

    /// Activates the device.
    pub fn activate(&self, by: Actor) -> Instruction {
        self.activate_device(by, &self.at.device)
    }

    /// Activates any device of the contributor in the location.
    pub fn activate_device(&self, by: Actor, device: &Pubkey) -> Instruction {
        build::activate_device(
            &self.program_id,
            &by.key(),
            device,
            &self.at.location,
            &self.at.contributor,
            Expect::default(),
        )
    }

    /// Drains the device.
    pub fn drain(&self, by: Caller, force: bool) -> Instruction {
        self.drain_with(
            by,
            DrainDevice {
                deadline_seconds: DEADLINE,
                force,
                reason: "rack power".into(),
                ..DrainDevice::default()
            },
        )
    }

    /// Drains the device with any arguments.
    pub fn drain_with(&self, by: Caller, args: DrainDevice) -> Instruction {
        built(build::drain_device(
            &self.program_id,
            &by.actor.key(),
            &self.at.device,
            &self.at.location,
            &self.credential(by),
            args,
        ))
    }

    /// Changes the drain record.
    pub fn update_drain(&self, by: Caller, args: UpdateDrain) -> Instruction {
        built(build::update_drain(
            &self.program_id,
            &by.actor.key(),
            &self.at.device,
            &self.credential(by),
            args,
        ))
    }

    /// Undrains the device.
    pub fn undrain(&self, by: Actor) -> Instruction {
        build::undrain_device(
            &self.program_id,
            &by.key(),
            &self.at.device,
            &self.at.location,
            &self.at.contributor,
            Expect::default(),
        )
    }

    /// Retires the device.
    pub fn retire(&self, by: Caller) -> Instruction {
        build::retire_device(
            &self.program_id,
            &by.actor.key(),
            &self.at.device,
            &self.at.location,
            &self.credential(by),
            Expect::default(),
        )
    }

    /// Removes the device.
    pub fn remove(&self, by: Caller) -> Instruction {
        build::remove_device(
            &self.program_id,
            &by.actor.key(),
            &self.at.device,
            &self.at.location,
            &self.at.contributor,
            &Actor::Payer.key(),
            &self.credential(by),
            Expect::default(),
        )
    }

    /// Sets the device's agent; `old` signs too.
    pub fn set_agent(&self, by: Caller, old: Option<Actor>, agent: Actor) -> Instruction {
        let old = old.map(Actor::key);
        built(build::set_agent(
            &self.program_id,
            &by.actor.key(),
            &self.at.device,
            &self.credential(by),
            old.as_ref(),
            &agent.key(),
            Expect::default(),
        ))
    }

    /// Reports the device's health, as the agent does or with any credential.
    pub fn report(&self, by: Caller, health: Health) -> Instruction {
        let (reporter, expect) = (by.actor.key(), Expect::default());
        let mut report = build::report_health(
            &self.program_id,
            &reporter,
            &self.at.device,
            true,
            health,
            expect,
        );
        let credential = self.at.credential(by.credential);
        let readonly = |key| AccountMeta::new_readonly(key, false);
        report.accounts.extend(credential.map(readonly));
        report
    }

    /// Places a hold on the device.
    pub fn place_hold(&self, by: Caller, kind: HoldKind, seconds: u32) -> Instruction {
        let credential = self.at.credential(by.credential);
        built(build::place_hold(
            &self.program_id,
            &by.actor.key(),
            &self.at.device,
            credential.as_ref(),
            PlaceHold {
                expect: Expect::default(),
                kind,
                duration_seconds: seconds,
                reason: "backup of /var/log".into(),
            },
        ))
    }

    /// Releases a hold of the device.
    pub fn release_hold(&self, by: Caller, id: u32) -> Instruction {
        let credential = self.at.credential(by.credential);
        build::release_hold(
            &self.program_id,
            &by.actor.key(),
            &self.at.device,
            credential.as_ref(),
            id,
            Expect::default(),
        )
    }

    /// Opens a user's session on the device.
    pub fn open_session(&self, by: Actor, user: &Pubkey) -> Instruction {
        built(build::open_session(
            &self.program_id,
            &by.key(),
            &Actor::Payer.key(),
            &self.at.device,
            user,
            Expect::default(),
        ))
    }

    /// Closes a user's session on the device.
    pub fn close_session(&self, by: Caller, user: &Pubkey) -> Instruction {
        let credential = self.at.credential(by.credential);
        build::close_session(
            &self.program_id,
            &by.actor.key(),
            &self.at.device,
            user,
            &Actor::Payer.key(),
            credential.as_ref(),
            Expect::default(),
        )
    }

    /// Registers a disk key of the device, with the consent of its agent or contributor.
    pub fn register_disk_key(&self, custodian: Actor, consent: Caller, number: u8) -> Instruction {
        let credential = self.at.credential(consent.credential);
        built(build::register_disk_key(
            &self.program_id,
            &custodian.key(),
            &consent.actor.key(),
            &Actor::Payer.key(),
            &self.at.device,
            credential.as_ref(),
            RegisterDiskKey {
                expect: Expect::default(),
                path: path(number).as_str().into(),
                commitment: commitment(number),
            },
        ))
    }

    /// Attests that a disk key of the device was destroyed.
    pub fn destroy_disk_key(&self, by: Actor, number: u8) -> Instruction {
        build::destroy_disk_key(
            &self.program_id,
            &by.key(),
            &self.at.device,
            &path(number),
            &Actor::Payer.key(),
            Expect::default(),
        )
    }

    /// Reassigns a disk key of the device.
    pub fn reassign(&self, by: Actor, number: u8, custodian: Actor) -> Instruction {
        built(build::reassign_custodian(
            &self.program_id,
            &by.key(),
            &self.at.device,
            &path(number),
            &custodian.key(),
            Expect::default(),
        ))
    }
}
