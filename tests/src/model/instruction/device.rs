//! The instruction that a call of a device is on the wire.

use {
    super::{credential, key_or_zero, payer, readonly, signer, system, writable},
    crate::{
        model::{
            address::{commitment, path, user, ADDRESSES, DEVICE_CODES},
            call::Call,
            state::{Device, Model},
            step::{DeviceDeed, DeviceUpdate, DrainUpdate, NewDevice, NewDrain, NewHold, Slip},
        },
        Actor,
    },
    ebb_sdk::instruction::{
        CreateDevice, DrainDevice, EbbInstruction, PlaceHold, RegisterDiskKey, UpdateDevice,
        UpdateDrain,
    },
    solana_sdk::instruction::AccountMeta,
};

/// The instruction of a call of a device, and its accounts behind the signer.
pub fn build(
    model: &Model,
    call: &Call,
    index: usize,
    deed: DeviceDeed,
) -> (EbbInstruction, Vec<AccountMeta>) {
    let of = DeviceCall::new(model, call, index);
    let expect = call.expect;
    match deed {
        DeviceDeed::Create(new) => of.create(new),
        DeviceDeed::Update(update) => of.update(update),
        DeviceDeed::Activate => (EbbInstruction::ActivateDevice(expect), of.entering()),
        DeviceDeed::Drain(drain) => of.drain(drain),
        DeviceDeed::UpdateDrain(update) => of.update_drain(update),
        DeviceDeed::Undrain => (EbbInstruction::UndrainDevice(expect), of.entering()),
        DeviceDeed::Retire => {
            let accounts = of.with_credential([of.account(), of.location()]);
            (EbbInstruction::RetireDevice(expect), accounts)
        }
        DeviceDeed::Remove => of.remove(),
        DeviceDeed::SetAgent(agent, _) => of.set_agent(agent),
        DeviceDeed::ReportHealth(health) => {
            let report = EbbInstruction::ReportHealth { expect, health };
            (report, of.with_credential([of.account()]))
        }
        DeviceDeed::PlaceHold(hold) => of.place_hold(hold),
        DeviceDeed::ReleaseHold(hold) => {
            let id = of.device.map_or(0, |device| device.hold_id(hold));
            of.release_hold(id)
        }
        DeviceDeed::ReleaseHolds => of.release_hold(0),
        DeviceDeed::OpenSession(number) => of.open_session(number),
        DeviceDeed::CloseSession(number) => of.close_session(number),
        DeviceDeed::RegisterDiskKey { disk, .. } => of.register_disk_key(disk),
        DeviceDeed::DestroyDiskKey(disk) => of.destroy_disk_key(disk),
        DeviceDeed::ReassignCustodian { disk, custodian } => {
            let custodian = key_or_zero(custodian);
            (
                EbbInstruction::ReassignCustodian { expect, custodian },
                vec![
                    of.account(),
                    of.disk_key(disk),
                    readonly(ADDRESSES.registry.key),
                ],
            )
        }
    }
}

/// A call of a device, and the device as the model has it.
struct DeviceCall<'a> {
    call: &'a Call,
    index: usize,
    device: Option<&'a Device>,
    /// The place of its contributor.
    owner: usize,
}

impl<'a> DeviceCall<'a> {
    fn new(model: &'a Model, call: &'a Call, index: usize) -> Self {
        let device = model.devices[index].as_ref();
        Self {
            call,
            index,
            device,
            owner: device.map_or(0, |device| device.contributor),
        }
    }

    fn account(&self) -> AccountMeta {
        writable(ADDRESSES.devices[self.index].key)
    }

    fn location(&self) -> AccountMeta {
        let recorded = self.device.map_or(0, |device| device.location);
        writable(ADDRESSES.locations[self.call.location(recorded)].key)
    }

    fn contributor(&self) -> AccountMeta {
        readonly(ADDRESSES.contributors[self.call.contributor(self.owner)].key)
    }

    fn session(&self, user: usize) -> AccountMeta {
        writable(ADDRESSES.sessions[self.call.parent(self.index)][user].key)
    }

    fn disk_key(&self, disk: usize) -> AccountMeta {
        writable(ADDRESSES.disk_keys[self.call.parent(self.index)][disk].key)
    }

    fn with_credential<const N: usize>(&self, accounts: [AccountMeta; N]) -> Vec<AccountMeta> {
        let credential = credential(self.call, self.owner);
        accounts.into_iter().chain(credential).collect()
    }

    /// What entering service takes.
    fn entering(&self) -> Vec<AccountMeta> {
        vec![
            self.account(),
            self.location(),
            self.contributor(),
            readonly(ADDRESSES.registry.key),
        ]
    }

    fn create(&self, new: NewDevice) -> (EbbInstruction, Vec<AccountMeta>) {
        let args = CreateDevice {
            code: DEVICE_CODES[self.index].into(),
            device_type: new.kind,
            public_ip: new.public_ip,
            max_sessions: new.max_sessions,
            agent: key_or_zero(new.agent),
        };
        let accounts = vec![
            payer(self.call),
            writable(ADDRESSES.contributors[new.contributor].key),
            writable(ADDRESSES.locations[new.location].key),
            self.account(),
            system(),
        ];
        (EbbInstruction::CreateDevice(args), accounts)
    }

    fn update(&self, update: DeviceUpdate) -> (EbbInstruction, Vec<AccountMeta>) {
        let mut accounts = vec![self.account(), self.contributor()];
        if let Some(entered) = update.relocation {
            accounts.extend([self.location(), writable(ADDRESSES.locations[entered].key)]);
        }
        let args = UpdateDevice {
            expect: self.call.expect,
            public_ip: update.public_ip,
            max_sessions: update.max_sessions,
        };
        (EbbInstruction::UpdateDevice(args), accounts)
    }

    fn drain(&self, drain: NewDrain) -> (EbbInstruction, Vec<AccountMeta>) {
        let args = DrainDevice {
            expect: self.call.expect,
            deadline_seconds: drain.deadline,
            planned_return_seconds: drain.planned_return,
            force: drain.force,
            reason: drain.reason.into(),
        };
        let accounts = self.with_credential([self.account(), self.location()]);
        (EbbInstruction::DrainDevice(args), accounts)
    }

    fn update_drain(&self, update: DrainUpdate) -> (EbbInstruction, Vec<AccountMeta>) {
        let args = UpdateDrain {
            expect: self.call.expect,
            deadline_seconds: update.deadline,
            planned_return_seconds: update.planned_return,
            reason: update.reason.map(Into::into),
        };
        let accounts = self.with_credential([self.account()]);
        (EbbInstruction::UpdateDrain(args), accounts)
    }

    fn remove(&self) -> (EbbInstruction, Vec<AccountMeta>) {
        let accounts = self.with_credential([
            self.account(),
            self.location(),
            writable(ADDRESSES.contributors[self.owner].key),
            recipient(self.call, self.device.map(|device| device.payer)),
        ]);
        (EbbInstruction::RemoveDevice(self.call.expect), accounts)
    }

    fn set_agent(&self, agent: Option<Actor>) -> (EbbInstruction, Vec<AccountMeta>) {
        let signs = self.call.slip != Slip::CoSignerUnsigned;
        let old = self.call.second.map(|old| signer(old, signs));
        let mut accounts = self.with_credential([self.account()]);
        accounts.extend(old);
        let (expect, agent) = (self.call.expect, key_or_zero(agent));
        (EbbInstruction::SetAgent { expect, agent }, accounts)
    }

    fn place_hold(&self, hold: NewHold) -> (EbbInstruction, Vec<AccountMeta>) {
        let args = PlaceHold {
            expect: self.call.expect,
            kind: hold.kind,
            duration_seconds: hold.seconds,
            reason: hold.reason.into(),
        };
        let accounts = self.with_credential([self.account()]);
        (EbbInstruction::PlaceHold(args), accounts)
    }

    fn release_hold(&self, id: u32) -> (EbbInstruction, Vec<AccountMeta>) {
        let expect = self.call.expect;
        let accounts = self.with_credential([self.account()]);
        (EbbInstruction::ReleaseHold { expect, id }, accounts)
    }

    fn open_session(&self, number: usize) -> (EbbInstruction, Vec<AccountMeta>) {
        let open = EbbInstruction::OpenSession {
            expect: self.call.expect,
            user: user(number),
        };
        let session = self.session(number);
        (
            open,
            vec![payer(self.call), self.account(), session, system()],
        )
    }

    fn close_session(&self, number: usize) -> (EbbInstruction, Vec<AccountMeta>) {
        let recorded = self.device.and_then(|device| device.sessions.get(&number));
        let to = recipient(self.call, recorded.map(|session| session.payer));
        let accounts = self.with_credential([self.account(), self.session(number), to]);
        (EbbInstruction::CloseSession(self.call.expect), accounts)
    }

    fn register_disk_key(&self, disk: usize) -> (EbbInstruction, Vec<AccountMeta>) {
        let args = RegisterDiskKey {
            expect: self.call.expect,
            path: path(disk).as_str().into(),
            commitment: commitment(disk),
        };
        let signs = self.call.slip != Slip::CoSignerUnsigned;
        let accounts = self.with_credential([
            signer(self.call.signer, signs),
            payer(self.call),
            self.account(),
            self.disk_key(disk),
            system(),
        ]);
        (EbbInstruction::RegisterDiskKey(args), accounts)
    }

    fn destroy_disk_key(&self, disk: usize) -> (EbbInstruction, Vec<AccountMeta>) {
        let recorded = self.device.and_then(|device| device.disk_keys.get(&disk));
        let to = recipient(self.call, recorded.map(|disk_key| disk_key.payer));
        let accounts = vec![self.account(), self.disk_key(disk), to];
        (EbbInstruction::DestroyDiskKey(self.call.expect), accounts)
    }
}

fn recipient(call: &Call, recorded: Option<Actor>) -> AccountMeta {
    writable(call.recipient(recorded.unwrap_or(Actor::Payer)).key())
}
