//! What every change of a device's status writes.

use {
    crate::{
        account::{check_key, head_mut, HeadMut},
        event::count,
    },
    ebb_sdk::{
        state::{DeviceHead, DrainRecord, HoldSlots, LocationHead, ProvisioningStatus},
        EbbError,
    },
    pinocchio::{sysvars::clock::Clock, AccountView},
    solana_program::pubkey::Pubkey,
};

/// The device's location, to count it there.
#[inline(always)]
pub fn location_of<'a>(
    program_id: &Pubkey,
    account: &'a mut AccountView,
    device: &DeviceHead,
) -> Result<HeadMut<'a, LocationHead>, EbbError> {
    check_key(account, &device.location, EbbError::WrongLocation)?;
    head_mut(program_id, account)
}

/// Moves a device from a status into the one that a rule leads to. A drain record outlives Draining no more than
/// holds outlive the entry into Retiring. Returns the mutation's number.
#[inline(always)]
pub fn enter(
    device: &mut DeviceHead,
    location: &mut LocationHead,
    from: ProvisioningStatus,
    to: Option<ProvisioningStatus>,
    now: &Clock,
) -> Result<u64, EbbError> {
    // Only removal leads to none, and closes the account.
    let to = to.ok_or(EbbError::TransitionNotAllowed)?;
    location.count(Some(from), Some(to))?;
    if from == ProvisioningStatus::Draining {
        device.drain = DrainRecord::default();
    }
    if matches!(
        to,
        ProvisioningStatus::Retiring | ProvisioningStatus::Retired
    ) {
        device.holds = HoldSlots::default();
    }
    let sequence = count(&mut device.sequence)?;
    stamp(device, to, sequence, now);
    Ok(sequence)
}

/// Sets the status and when it changed.
pub fn stamp(device: &mut DeviceHead, to: ProvisioningStatus, sequence: u64, now: &Clock) {
    device.provisioning_status = to;
    device.status_changed_slot = now.slot;
    device.status_changed_at = now.unix_timestamp;
    device.status_changed_sequence = sequence;
}
