use {
    crate::{
        account::{head, head_mut, take},
        credential,
        event::{count, emit},
        input::Account,
        sysvar::Now,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::PlaceHold,
        lifecycle::check_place_hold,
        state::{ContributorHead, DeviceHead, Hold, HoldKind, HoldReason, HoldSlots},
        EbbError, Role,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(program_id: &Pubkey, accounts: &[Account], args: &PlaceHold) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let credential = accounts.get(2);
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = credential::role(program_id, signer, credential, &device)?;
    args.expect.check(&device)?;
    args.check()?;

    let now = Now::get()?;
    let suspended = match (role, credential) {
        (Role::Contributor | Role::Operator, Some(contributor)) => {
            head::<ContributorHead>(program_id, contributor)?.suspended
        }
        _ => false,
    };
    check_place_hold(&device, role, suspended, now.time)?;

    prune(&mut device.holds, now.time);
    let id = device.next_hold_id;
    let expires_at = now.after(args.duration_seconds)?;
    let slot = device
        .holds
        .iter_mut()
        .find(|slot| !slot.is_live(now.time))
        .ok_or(EbbError::TooManyHolds)?;
    *slot = Hold {
        expires_at,
        id,
        kind: args.kind,
        role,
        reason: HoldReason::new(&args.reason)?,
        reserved: 0,
        placed_by: *signer.key(),
    };
    device.next_hold_id = id.checked_add(1).ok_or(EbbError::Overflow)?;

    let mut event = Event::new(EventKind::HoldPlaced, account.key(), signer.key(), role);
    event.from = id.into();
    event.to = expires_at;
    event.hold_kind = args.kind;
    event.reason.set(&args.reason)?;
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
