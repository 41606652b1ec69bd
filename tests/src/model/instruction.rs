//! The instruction that a call is on the wire: the accounts in the order in which `EbbInstruction`
//! documents them, any values, also those that the SDK's builders refuse.

use {
    crate::model::{
        address::{
            commitment, path, user, ADDRESSES, CONTRIBUTOR_CODES, DEVICE_CODES, LOCATION_CODES,
            PROGRAM_ID,
        },
        call::Call,
        state::{Device, Model},
        step::{ContributorDeed, Deed, DeviceDeed, Slip},
    },
    crate::{Actor, Credential},
    ebb_sdk::{
        instruction::{
            CreateContributor, CreateDevice, CreateLocation, DrainDevice, EbbInstruction,
            Initialize, PlaceHold, RegisterDiskKey, UpdateDevice, UpdateDrain,
        },
        pda,
    },
    solana_sdk::{
        instruction::{AccountMeta, Instruction},
        pubkey::Pubkey,
    },
};

/// The country of every location in these tests.
pub const COUNTRY: [u8; 2] = *b"NL";
/// Latitude and longitude of every location in these tests.
pub const COORDINATES: (i32, i32) = (52_300_000, -4_940_000);

/// A key that may be none.
pub fn key_or_zero(actor: Option<Actor>) -> Pubkey {
    actor.map_or(Pubkey::default(), Actor::key)
}

/// The instruction of a call.
pub fn build(model: &Model, call: &Call) -> Instruction {
    let (data, rest) = match call.deed {
        Deed::Initialize => initialize(call),
        Deed::SetPolicy(require_healthy) => (
            EbbInstruction::SetPolicy { require_healthy },
            vec![writable(ADDRESSES.registry.key)],
        ),
        Deed::SetHealthOracle(oracle) => (
            EbbInstruction::SetHealthOracle {
                health_oracle: key_or_zero(oracle),
            },
            vec![writable(ADDRESSES.registry.key)],
        ),
        Deed::NominateAuthority(nominee) => (
            EbbInstruction::NominateAuthority {
                nominee: key_or_zero(nominee),
            },
            vec![writable(ADDRESSES.registry.key)],
        ),
        Deed::AcceptAuthority => (
            EbbInstruction::AcceptAuthority,
            vec![writable(ADDRESSES.registry.key)],
        ),
        Deed::Contributor(index, deed) => contributor(call, index, deed),
        Deed::CreateLocation(index, min_activated) => (
            EbbInstruction::CreateLocation(CreateLocation {
                code: LOCATION_CODES[index].into(),
                name: LOCATION_CODES[index].into(),
                country: COUNTRY,
                latitude: COORDINATES.0,
                longitude: COORDINATES.1,
                min_activated,
            }),
            vec![
                payer(call),
                writable(ADDRESSES.registry.key),
                writable(ADDRESSES.locations[index].key),
                system(),
            ],
        ),
        Deed::SetBudget(index, min_activated) => (
            EbbInstruction::SetBudget { min_activated },
            vec![
                writable(ADDRESSES.locations[index].key),
                readonly(ADDRESSES.registry.key),
            ],
        ),
        Deed::Device(index, deed) => device(model, call, index, deed),
    };
    let mut accounts = vec![signer(call.first, call.slip != Slip::Unsigned)];
    accounts.extend(rest);
    Instruction {
        program_id: PROGRAM_ID,
        accounts,
        data: data.pack().expect("any value encodes"),
    }
}

fn initialize(call: &Call) -> (EbbInstruction, Vec<AccountMeta>) {
    (
        EbbInstruction::Initialize(Initialize {
            authority: Actor::Authority.key(),
            health_oracle: Actor::Oracle.key(),
            require_healthy: false,
        }),
        vec![
            payer(call),
            writable(ADDRESSES.registry.key),
            readonly(PROGRAM_ID),
            readonly(pda::program_data(&PROGRAM_ID)),
            system(),
        ],
    )
}

fn contributor(
    call: &Call,
    index: usize,
    deed: ContributorDeed,
) -> (EbbInstruction, Vec<AccountMeta>) {
    let account = writable(ADDRESSES.contributors[index].key);
    let registry = ADDRESSES.registry.key;
    match deed {
        ContributorDeed::Create(authority) => (
            EbbInstruction::CreateContributor(CreateContributor {
                code: CONTRIBUTOR_CODES[index].into(),
                authority: key_or_zero(authority),
            }),
            vec![payer(call), writable(registry), account, system()],
        ),
        ContributorDeed::Suspend => (
            EbbInstruction::SuspendContributor,
            vec![account, readonly(registry)],
        ),
        ContributorDeed::Resume => (
            EbbInstruction::ResumeContributor,
            vec![account, readonly(registry)],
        ),
        ContributorDeed::SetOperator(operator) => (
            EbbInstruction::SetOperator {
                operator: key_or_zero(operator),
            },
            vec![account],
        ),
        ContributorDeed::Nominate(nominee) => (
            EbbInstruction::NominateContributorAuthority {
                nominee: key_or_zero(nominee),
            },
            [Some(account), credential(call, index)]
                .into_iter()
                .flatten()
                .collect(),
        ),
        ContributorDeed::Accept => (EbbInstruction::AcceptContributorAuthority, vec![account]),
    }
}

fn device(
    model: &Model,
    call: &Call,
    index: usize,
    deed: DeviceDeed,
) -> (EbbInstruction, Vec<AccountMeta>) {
    let device = model.devices[index].as_ref();
    let owner = device.map_or(0, |device| device.contributor);
    let place = device.map_or(0, |device| device.location);
    let expect = call.expect;

    let account = writable(ADDRESSES.devices[index].key);
    let location = writable(ADDRESSES.locations[call.location(place)].key);
    let contributor = ADDRESSES.contributors[call.contributor(owner)].key;
    let registry = readonly(ADDRESSES.registry.key);
    let credential = credential(call, owner);
    let session = |user: usize| writable(ADDRESSES.sessions[call.parent(index)][user].key);
    let disk_key = |disk: usize| writable(ADDRESSES.disk_keys[call.parent(index)][disk].key);
    let with_credential = |mut accounts: Vec<AccountMeta>| {
        accounts.extend(credential.clone());
        accounts
    };

    match deed {
        DeviceDeed::Create(new) => (
            EbbInstruction::CreateDevice(CreateDevice {
                code: DEVICE_CODES[index].into(),
                device_type: new.kind,
                public_ip: new.public_ip,
                max_sessions: new.max_sessions,
                agent: key_or_zero(new.agent),
            }),
            vec![
                payer(call),
                writable(ADDRESSES.contributors[new.contributor].key),
                writable(ADDRESSES.locations[new.location].key),
                account,
                system(),
            ],
        ),
        DeviceDeed::Update(update) => {
            let mut accounts = vec![account, readonly(contributor)];
            if let Some(entered) = update.relocation {
                accounts.extend([location, writable(ADDRESSES.locations[entered].key)]);
            }
            let args = UpdateDevice {
                expect,
                public_ip: update.public_ip,
                max_sessions: update.max_sessions,
            };
            (EbbInstruction::UpdateDevice(args), accounts)
        }
        DeviceDeed::Activate => (
            EbbInstruction::ActivateDevice(expect),
            vec![account, location, readonly(contributor), registry],
        ),
        DeviceDeed::Drain(drain) => (
            EbbInstruction::DrainDevice(DrainDevice {
                expect,
                deadline_seconds: drain.deadline,
                planned_return_seconds: drain.planned_return,
                force: drain.force,
                reason: drain.reason.into(),
            }),
            with_credential(vec![account, location]),
        ),
        DeviceDeed::UpdateDrain(update) => (
            EbbInstruction::UpdateDrain(UpdateDrain {
                expect,
                deadline_seconds: update.deadline,
                planned_return_seconds: update.planned_return,
                reason: update.reason.map(Into::into),
            }),
            with_credential(vec![account]),
        ),
        DeviceDeed::Undrain => (
            EbbInstruction::UndrainDevice(expect),
            vec![account, location, readonly(contributor), registry],
        ),
        DeviceDeed::Retire => (
            EbbInstruction::RetireDevice(expect),
            with_credential(vec![account, location]),
        ),
        DeviceDeed::Remove => {
            let to = recipient(call, device.map(|device: &Device| device.payer));
            let contributor = writable(ADDRESSES.contributors[owner].key);
            let accounts = vec![account, location, contributor, to];
            (
                EbbInstruction::RemoveDevice(expect),
                with_credential(accounts),
            )
        }
        DeviceDeed::SetAgent(agent, _) => {
            let mut accounts = with_credential(vec![account]);
            let signs = call.slip != Slip::CoSignerUnsigned;
            accounts.extend(call.second.map(|old| signer(old, signs)));
            let agent = key_or_zero(agent);
            (EbbInstruction::SetAgent { expect, agent }, accounts)
        }
        DeviceDeed::ReportHealth(health) => (
            EbbInstruction::ReportHealth { expect, health },
            with_credential(vec![account]),
        ),
        DeviceDeed::PlaceHold(hold) => (
            EbbInstruction::PlaceHold(PlaceHold {
                expect,
                kind: hold.kind,
                duration_seconds: hold.seconds,
                reason: hold.reason.into(),
            }),
            with_credential(vec![account]),
        ),
        DeviceDeed::ReleaseHold(hold) => {
            let id = device.map_or(0, |device| device.hold_id(hold));
            (
                EbbInstruction::ReleaseHold { expect, id },
                with_credential(vec![account]),
            )
        }
        DeviceDeed::ReleaseHolds => (
            EbbInstruction::ReleaseHold { expect, id: 0 },
            with_credential(vec![account]),
        ),
        DeviceDeed::OpenSession(number) => (
            EbbInstruction::OpenSession {
                expect,
                user: user(number),
            },
            vec![payer(call), account, session(number), system()],
        ),
        DeviceDeed::CloseSession(number) => {
            let recorded = device.and_then(|device| device.sessions.get(&number));
            let to = recipient(call, recorded.map(|session| session.payer));
            let accounts = vec![account, session(number), to];
            (
                EbbInstruction::CloseSession(expect),
                with_credential(accounts),
            )
        }
        DeviceDeed::RegisterDiskKey { disk, .. } => {
            let signs = call.slip != Slip::CoSignerUnsigned;
            let owner = signer(call.signer, signs);
            let accounts = vec![owner, payer(call), account, disk_key(disk), system()];
            let args = RegisterDiskKey {
                expect,
                path: path(disk).as_str().into(),
                commitment: commitment(disk),
            };
            (
                EbbInstruction::RegisterDiskKey(args),
                with_credential(accounts),
            )
        }
        DeviceDeed::DestroyDiskKey(disk) => {
            let recorded = device.and_then(|device| device.disk_keys.get(&disk));
            let to = recipient(call, recorded.map(|disk_key| disk_key.payer));
            (
                EbbInstruction::DestroyDiskKey(expect),
                vec![account, disk_key(disk), to],
            )
        }
        DeviceDeed::ReassignCustodian { disk, custodian } => {
            let custodian = key_or_zero(custodian);
            (
                EbbInstruction::ReassignCustodian { expect, custodian },
                vec![account, disk_key(disk), registry],
            )
        }
    }
}

fn credential(call: &Call, owner: usize) -> Option<AccountMeta> {
    match call.credential {
        Credential::None => None,
        Credential::Registry => Some(readonly(ADDRESSES.registry.key)),
        Credential::Contributor | Credential::OtherContributor => Some(readonly(
            ADDRESSES.contributors[call.contributor(owner)].key,
        )),
    }
}

fn recipient(call: &Call, recorded: Option<Actor>) -> AccountMeta {
    writable(call.recipient(recorded.unwrap_or(Actor::Payer)).key())
}

fn payer(call: &Call) -> AccountMeta {
    AccountMeta::new(call.payer.key(), true)
}

fn signer(actor: Actor, signs: bool) -> AccountMeta {
    AccountMeta::new_readonly(actor.key(), signs)
}

fn writable(key: Pubkey) -> AccountMeta {
    AccountMeta::new(key, false)
}

fn readonly(key: Pubkey) -> AccountMeta {
    AccountMeta::new_readonly(key, false)
}

fn system() -> AccountMeta {
    readonly(Pubkey::default())
}
