//! One file an instruction, or a group of small ones on one account. Each reads: accounts, checks,
//! rule, write, event.

mod activate_device;
mod close_session;
mod contributor;
mod create_contributor;
mod create_device;
mod create_location;
mod destroy_disk_key;
mod drain_device;
mod initialize;
mod open_session;
mod place_hold;
mod reassign_custodian;
mod register_disk_key;
mod registry;
mod release_hold;
mod remove_device;
mod report_health;
mod retire_device;
mod set_agent;
mod set_budget;
mod transition;
mod undrain_device;
mod update_device;
mod update_drain;

use {
    ebb_sdk::instruction::{DrainDeviceRef, EbbInstruction, ExpectRef},
    pinocchio::AccountView,
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

/// Runs one instruction.
///
/// # Errors
/// [`ebb_sdk::EbbError`] as a custom error; an error of the system program where a payer lacks
/// lamports.
pub fn process_instruction(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    data: &[u8],
) -> ProgramResult {
    // These two come by the hundred when a metro is worked on.
    match data.split_first() {
        Some((&EbbInstruction::DRAIN_DEVICE, arguments)) => {
            drain_device::process(program_id, accounts, &DrainDeviceRef::unpack(arguments)?)
        }
        Some((&EbbInstruction::UNDRAIN_DEVICE, arguments)) => {
            undrain_device::process(program_id, accounts, &ExpectRef::unpack(arguments)?)
        }
        _ => process_unpacked(program_id, accounts, data),
    }
}

/// Runs one instruction of those that are read as a whole first.
#[inline(never)]
fn process_unpacked(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    data: &[u8],
) -> ProgramResult {
    use EbbInstruction as I;
    match &EbbInstruction::unpack(data)? {
        I::Initialize(args) => initialize::process(program_id, accounts, args),
        I::SetPolicy { require_healthy } => {
            registry::set_policy(program_id, accounts, *require_healthy)
        }
        I::SetHealthOracle { health_oracle } => {
            registry::set_health_oracle(program_id, accounts, health_oracle)
        }
        I::NominateAuthority { nominee } => registry::nominate(program_id, accounts, nominee),
        I::AcceptAuthority => registry::accept(program_id, accounts),
        I::CreateContributor(args) => create_contributor::process(program_id, accounts, args),
        I::SuspendContributor => contributor::set_suspended(program_id, accounts, true),
        I::ResumeContributor => contributor::set_suspended(program_id, accounts, false),
        I::SetOperator { operator } => contributor::set_operator(program_id, accounts, operator),
        I::NominateContributorAuthority { nominee } => {
            contributor::nominate(program_id, accounts, nominee)
        }
        I::AcceptContributorAuthority => contributor::accept(program_id, accounts),
        I::CreateLocation(args) => create_location::process(program_id, accounts, args),
        I::SetBudget { min_activated } => set_budget::process(program_id, accounts, *min_activated),
        I::CreateDevice(args) => create_device::process(program_id, accounts, args),
        I::UpdateDevice(args) => update_device::process(program_id, accounts, args),
        I::ActivateDevice(expect) => activate_device::process(program_id, accounts, expect),
        I::DrainDevice(args) => drain_device::process(program_id, accounts, &args.into()),
        I::UpdateDrain(args) => update_drain::process(program_id, accounts, args),
        I::UndrainDevice(expect) => undrain_device::process(program_id, accounts, &expect.into()),
        I::RetireDevice(expect) => retire_device::process(program_id, accounts, expect),
        I::RemoveDevice(expect) => remove_device::process(program_id, accounts, expect),
        I::SetAgent { expect, agent } => set_agent::process(program_id, accounts, expect, agent),
        I::ReportHealth { expect, health } => {
            report_health::process(program_id, accounts, expect, *health)
        }
        I::PlaceHold(args) => place_hold::process(program_id, accounts, args),
        I::ReleaseHold { expect, id } => release_hold::process(program_id, accounts, expect, *id),
        I::OpenSession { expect, user } => {
            open_session::process(program_id, accounts, expect, user)
        }
        I::CloseSession(expect) => close_session::process(program_id, accounts, expect),
        I::RegisterDiskKey(args) => register_disk_key::process(program_id, accounts, args),
        I::DestroyDiskKey(expect) => destroy_disk_key::process(program_id, accounts, expect),
        I::ReassignCustodian { expect, custodian } => {
            reassign_custodian::process(program_id, accounts, expect, custodian)
        }
    }
}
