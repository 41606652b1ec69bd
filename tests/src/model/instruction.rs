//! The instruction that a call is on the wire: the accounts in the order in which `EbbInstruction`
//! documents them, any values, also those that the SDK's builders refuse.

mod device;

use {
    crate::model::{
        address::{ADDRESSES, CONTRIBUTOR_CODES, LOCATION_CODES, PROGRAM_ID},
        call::Call,
        state::Model,
        step::{ContributorDeed, Deed, Slip},
    },
    crate::{Actor, Credential},
    ebb_sdk::{
        instruction::{CreateContributor, CreateLocation, EbbInstruction, Initialize},
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
        Deed::Device(index, deed) => device::build(model, call, index, deed),
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

fn credential(call: &Call, owner: usize) -> Option<AccountMeta> {
    match call.credential {
        Credential::None => None,
        Credential::Registry => Some(readonly(ADDRESSES.registry.key)),
        Credential::Contributor | Credential::OtherContributor => Some(readonly(
            ADDRESSES.contributors[call.contributor(owner)].key,
        )),
    }
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
