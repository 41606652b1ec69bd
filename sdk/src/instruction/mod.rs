//! The instructions and the pure functions that build them.
//!
//! An instruction is one byte, its number, then its arguments in Borsh. A builder checks the values
//! it is given as the program would, so a mistake costs no transaction.

mod contributor;
mod device;
mod disk_key;
mod expect;
mod hold;
mod in_place;
mod location;
mod registry;
mod session;
mod short_string;

pub use {
    contributor::{
        accept_contributor_authority, create_contributor, nominate_contributor_authority,
        resume_contributor, set_operator, suspend_contributor, CreateContributor,
    },
    device::{
        activate_device, create_device, drain_device, remove_device, report_health, retire_device,
        set_agent, undrain_device, update_device, update_drain, CreateDevice, DrainDevice,
        UpdateDevice, UpdateDrain,
    },
    disk_key::{destroy_disk_key, reassign_custodian, register_disk_key, RegisterDiskKey},
    expect::{Expect, ExpectRef},
    hold::{place_hold, release_hold, PlaceHold, ALL_HOLDS},
    in_place::DrainDeviceRef,
    location::{create_location, set_budget, CreateLocation},
    registry::{
        accept_authority, initialize, nominate_authority, set_health_oracle, set_policy, Initialize,
    },
    session::{close_session, open_session},
    short_string::ShortString,
};

use {
    crate::{error::EbbError, state::Health},
    borsh::{BorshDeserialize, BorshSerialize},
    solana_program::{
        instruction::{AccountMeta, Instruction},
        pubkey::Pubkey,
    },
};

/// The program's instructions. Numbers are frozen; new ones are appended.
///
/// In the lists of accounts, *w* is writable and *s* is signer. A *credential* is the account that
/// gives the signer its role: the device's contributor (roles contributor and operator) or the
/// registry (roles authority and health oracle).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum EbbInstruction {
    /// Creates the registry. Accepted from the program's upgrade authority only, so that nobody can
    /// front-run it.
    ///
    /// 0. `[s]` upgrade authority
    /// 1. `[ws]` payer
    /// 2. `[w]` registry
    /// 3. `[]` program
    /// 4. `[]` ProgramData
    /// 5. `[]` system program
    Initialize(Initialize) = 0,
    /// Sets the policy `require_healthy`.
    ///
    /// 0. `[s]` authority
    /// 1. `[w]` registry
    SetPolicy {
        /// Activation and undraining ask for a healthy device, reported by oracle or authority.
        require_healthy: bool,
    } = 1,
    /// Sets the key that reports the health of any device.
    ///
    /// 0. `[s]` authority
    /// 1. `[w]` registry
    SetHealthOracle {
        /// Not zero.
        health_oracle: Pubkey,
    } = 2,
    /// Nominates the next authority, in place of an earlier nominee.
    ///
    /// 0. `[s]` authority
    /// 1. `[w]` registry
    NominateAuthority {
        /// Zero clears the nomination.
        nominee: Pubkey,
    } = 3,
    /// The nominee becomes authority.
    ///
    /// 0. `[s]` nominee
    /// 1. `[w]` registry
    AcceptAuthority = 4,
    /// Creates a contributor.
    ///
    /// 0. `[s]` authority
    /// 1. `[ws]` payer
    /// 2. `[w]` registry
    /// 3. `[w]` contributor
    /// 4. `[]` system program
    CreateContributor(CreateContributor) = 5,
    /// Suspends a contributor: from now on it moves towards safety only.
    ///
    /// 0. `[s]` authority
    /// 1. `[w]` contributor
    /// 2. `[]` registry
    SuspendContributor = 6,
    /// Ends a suspension.
    ///
    /// 0. `[s]` authority
    /// 1. `[w]` contributor
    /// 2. `[]` registry
    ResumeContributor = 7,
    /// Sets the key that runs a contributor's drains.
    ///
    /// 0. `[s]` contributor's authority
    /// 1. `[w]` contributor
    SetOperator {
        /// Zero for none.
        operator: Pubkey,
    } = 8,
    /// Nominates a contributor's next authority, in place of an earlier nominee.
    ///
    /// 0. `[s]` contributor's authority (not while suspended), or authority
    /// 1. `[w]` contributor
    /// 2. `[]` credential
    NominateContributorAuthority {
        /// Zero clears the nomination.
        nominee: Pubkey,
    } = 9,
    /// The nominee becomes the contributor's authority, and it has no operator any more. Works while
    /// suspended.
    ///
    /// 0. `[s]` nominee
    /// 1. `[w]` contributor
    AcceptContributorAuthority = 10,
    /// Creates a location.
    ///
    /// 0. `[s]` authority
    /// 1. `[ws]` payer
    /// 2. `[w]` registry
    /// 3. `[w]` location
    /// 4. `[]` system program
    CreateLocation(CreateLocation) = 11,
    /// Sets a location's disruption budget. It may exceed the present count.
    ///
    /// 0. `[s]` authority
    /// 1. `[w]` location
    /// 2. `[]` registry
    SetBudget {
        /// The fewest devices to keep activated.
        min_activated: u32,
    } = 12,
    /// Registers a device: none → Pending.
    ///
    /// 0. `[s]` contributor's authority
    /// 1. `[ws]` payer
    /// 2. `[w]` contributor
    /// 3. `[w]` location
    /// 4. `[w]` device
    /// 5. `[]` system program
    CreateDevice(CreateDevice) = 13,
    /// Changes a device's address or capacity, while Pending or drained, or its location, while
    /// Pending.
    ///
    /// 0. `[s]` contributor's authority
    /// 1. `[w]` device
    /// 2. `[]` contributor
    /// 3. `[w]` the location it leaves (only when it moves)
    /// 4. `[w]` the location it enters (only when it moves)
    UpdateDevice(UpdateDevice) = 14,
    /// Pending → Activated.
    ///
    /// 0. `[s]` authority
    /// 1. `[w]` device
    /// 2. `[w]` location
    /// 3. `[]` contributor
    /// 4. `[]` registry
    ActivateDevice(Expect) = 15,
    /// Activated → Draining.
    ///
    /// 0. `[s]` contributor's authority, operator or authority
    /// 1. `[w]` device
    /// 2. `[w]` location
    /// 3. `[]` credential
    DrainDevice(DrainDevice) = 16,
    /// Changes deadline, reason and planned return of a running drain. Contributor's authority and
    /// operator only shorten the deadline while suspended.
    ///
    /// 0. `[s]` contributor's authority, operator or authority
    /// 1. `[w]` device
    /// 2. `[]` credential
    UpdateDrain(UpdateDrain) = 17,
    /// Draining → Activated. The signer's role is contributor if its key is the contributor's
    /// authority, else operator if it is its operator, else authority.
    ///
    /// 0. `[s]` contributor's authority, operator or authority
    /// 1. `[w]` device
    /// 2. `[w]` location
    /// 3. `[]` contributor
    /// 4. `[]` registry
    UndrainDevice(Expect) = 18,
    /// Pending, Draining (drained) or Activated (reported dead for 60 seconds; authority only) →
    /// Retiring, and on to Retired when no disk key is left. Retiring → Retired.
    ///
    /// 0. `[s]` contributor's authority or authority
    /// 1. `[w]` device
    /// 2. `[w]` location
    /// 3. `[]` credential
    RetireDevice(Expect) = 19,
    /// Closes a Retired device's account. Its code may be registered anew.
    ///
    /// 0. `[s]` contributor's authority or authority
    /// 1. `[w]` device
    /// 2. `[w]` location
    /// 3. `[w]` contributor
    /// 4. `[w]` the recorded payer, who gets the rent
    /// 5. `[]` credential
    RemoveDevice(Expect) = 20,
    /// Sets a device's agent.
    ///
    /// 0. `[s]` contributor's authority or authority
    /// 1. `[w]` device
    /// 2. `[]` credential
    /// 3. `[s]` the old agent (only needed by the contributor while sessions are open)
    SetAgent {
        /// What is believed of the device.
        expect: Expect,
        /// Not zero.
        agent: Pubkey,
    } = 21,
    /// Reports a device's health.
    ///
    /// 0. `[s]` health oracle, authority or the device's agent
    /// 1. `[w]` device
    /// 2. `[]` registry (not for the agent)
    ReportHealth {
        /// What is believed of the device.
        expect: Expect,
        /// What is reported.
        health: Health,
    } = 22,
    /// Places a hold.
    ///
    /// 0. `[s]` contributor's authority, operator, authority or the device's agent
    /// 1. `[w]` device
    /// 2. `[]` credential (not for the agent)
    PlaceHold(PlaceHold) = 23,
    /// Releases a hold, or every hold that the signer may release, though there be none.
    ///
    /// 0. `[s]` the placer, contributor's authority, operator or authority
    /// 1. `[w]` device
    /// 2. `[]` credential (not for the agent)
    ReleaseHold {
        /// What is believed of the device.
        expect: Expect,
        /// The hold's id; 0 for every hold that the signer may release.
        id: u32,
    } = 24,
    /// Opens a user's session.
    ///
    /// 0. `[s]` the device's agent
    /// 1. `[ws]` payer
    /// 2. `[w]` device
    /// 3. `[w]` session
    /// 4. `[]` system program
    OpenSession {
        /// What is believed of the device.
        expect: Expect,
        /// The user's key. Not zero.
        user: Pubkey,
    } = 25,
    /// Closes a session. Drainers may once the drain's deadline has passed or the device has been
    /// reported dead for 60 seconds.
    ///
    /// 0. `[s]` the device's agent, contributor's authority, operator or authority
    /// 1. `[w]` device
    /// 2. `[w]` session
    /// 3. `[w]` the recorded payer, who gets the rent
    /// 4. `[]` credential (not for the agent)
    CloseSession(Expect) = 26,
    /// Registers a disk key.
    ///
    /// 0. `[s]` custodian
    /// 1. `[s]` the device's agent (not while Draining) or contributor's authority (not
    ///    while suspended)
    /// 2. `[ws]` payer
    /// 3. `[w]` device
    /// 4. `[w]` disk key
    /// 5. `[]` system program
    /// 6. `[]` contributor (not for the agent)
    RegisterDiskKey(RegisterDiskKey) = 27,
    /// Attests that a disk key was destroyed. The last one of a device moves it Retiring → Retired.
    ///
    /// 0. `[s]` custodian
    /// 1. `[w]` device
    /// 2. `[w]` disk key
    /// 3. `[w]` the recorded payer, who gets the rent
    DestroyDiskKey(Expect) = 28,
    /// Reassigns a disk key to another custodian.
    ///
    /// 0. `[s]` authority
    /// 1. `[w]` device
    /// 2. `[w]` disk key
    /// 3. `[]` registry
    ReassignCustodian {
        /// What is believed of the device.
        expect: Expect,
        /// Not zero.
        custodian: Pubkey,
    } = 29,
}

impl EbbInstruction {
    /// Reads instruction data.
    ///
    /// # Errors
    /// [`EbbError::InvalidInstruction`] for an unknown number, an unknown enum byte, truncated or
    /// trailing data, or a string longer than 255 bytes.
    pub fn unpack(data: &[u8]) -> Result<Self, EbbError> {
        let mut rest = data;
        match Self::deserialize(&mut rest) {
            Ok(instruction) if rest.is_empty() => Ok(instruction),
            _ => Err(EbbError::InvalidInstruction),
        }
    }

    /// Writes instruction data.
    pub fn pack(&self) -> Result<Vec<u8>, EbbError> {
        borsh::to_vec(self).map_err(|_| EbbError::InvalidInstruction)
    }

    /// Builds an instruction whose arguments were checked.
    fn build(&self, program_id: &Pubkey, accounts: Vec<AccountMeta>) -> Instruction {
        Instruction {
            program_id: *program_id,
            accounts,
            data: self.pack().expect("memory takes what was checked"),
        }
    }
}

fn signer(key: &Pubkey) -> AccountMeta {
    AccountMeta::new_readonly(*key, true)
}

fn writable_signer(key: &Pubkey) -> AccountMeta {
    AccountMeta::new(*key, true)
}

fn writable(key: &Pubkey) -> AccountMeta {
    AccountMeta::new(*key, false)
}

fn readonly(key: &Pubkey) -> AccountMeta {
    AccountMeta::new_readonly(*key, false)
}

fn system_program() -> AccountMeta {
    readonly(&solana_sdk_ids::system_program::ID)
}
