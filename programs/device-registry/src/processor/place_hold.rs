use {
    crate::{
        account::{head_mut, take_with_optional},
        clock::after,
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::PlaceHold,
        lifecycle::check_place_hold,
        state::{DeviceHead, Hold, HoldKind, HoldReason, HoldSlots},
        EbbError,
    },
    pinocchio::{
        sysvars::{clock::Clock, Sysvar},
        AccountView,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    args: &PlaceHold,
) -> ProgramResult {
    let ([signer, account], optional) = take_with_optional(accounts)?;
    let credential = optional.first();
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = credential::role(program_id, signer, credential, &device)?;
    args.expect.check(&device)?;
    let mut reason = HoldReason::default();
    reason.lay(args.check()?)?;

    let now = Clock::get()?;
    let suspended = credential::is_suspended(role, credential)?;
    check_place_hold(&device, role, suspended, now.unix_timestamp)?;

    prune(&mut device.holds, now.unix_timestamp);
    let id = device.next_hold_id;
    let expires_at = after(&now, args.duration_seconds)?;
    let slot = device
        .holds
        .iter_mut()
        .find(|slot| !slot.is_live(now.unix_timestamp))
        .ok_or(EbbError::TooManyHolds)?;
    *slot = Hold {
        expires_at,
        id,
        kind: args.kind,
        role,
        reason,
        reserved: 0,
        placed_by: *signer.address(),
    };
    device.next_hold_id = id.checked_add(1).ok_or(EbbError::Overflow)?;

    let mut event = Event::new(
        EventKind::HoldPlaced,
        device.address(),
        signer.address(),
        role,
    );
    event.from = id.into();
    event.to = expires_at;
    event.hold_kind = args.kind;
    event.reason = reason.into();
    emit(&mut event, count(&mut device.sequence)?, &now);
    Ok(())
}

/// Empties the slots of holds that have expired.
pub fn prune(holds: &mut HoldSlots, now: i64) {
    for hold in holds.iter_mut() {
        if hold.kind != HoldKind::None && !hold.is_live(now) {
            *hold = Hold::default();
        }
    }
}
