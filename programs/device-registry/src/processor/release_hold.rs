use {
    super::place_hold::prune,
    crate::{
        account::{head_mut, take_with_optional},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::{Expect, ALL_HOLDS},
        lifecycle::check_release_hold,
        state::{DeviceHead, Hold, HoldSlots},
        EbbError, Role,
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
    expect: &Expect,
    id: u32,
) -> ProgramResult {
    let ([signer, account], optional) = take_with_optional(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = credential::role(program_id, signer, optional.first(), &device)?;
    expect.check(&device)?;

    let now = Clock::get()?;
    let mut event = Event::new(
        EventKind::HoldReleased,
        device.address(),
        signer.address(),
        role,
    );
    event.from = id.into();
    if id == ALL_HOLDS {
        event.to = release_all(&mut device.holds, role, signer.address(), &now)?;
    } else {
        let hold = find_live(&mut device.holds, id, &now)?;
        check_release_hold(hold, role, signer.address())?;
        event.hold_kind = hold.kind;
        event.reason = hold.reason.into();
        event.related = hold.placed_by;
        *hold = Hold::default();
    }
    prune(&mut device.holds, now.unix_timestamp);
    emit(&mut event, count(&mut device.sequence)?, &now);
    Ok(())
}

/// The live hold with an id.
fn find_live<'a>(holds: &'a mut HoldSlots, id: u32, now: &Clock) -> Result<&'a mut Hold, EbbError> {
    holds
        .iter_mut()
        .find(|hold| hold.is_live(now.unix_timestamp) && hold.id == id)
        .ok_or(EbbError::HoldNotFound)
}

/// Empties the slots of all live holds that the signer may release and returns how many there were.
/// None will do: a drain that follows must not fail because they were released or expired meanwhile.
fn release_all(
    holds: &mut HoldSlots,
    role: Role,
    signer: &Pubkey,
    now: &Clock,
) -> Result<i64, EbbError> {
    let mut released = 0_i64;
    for hold in holds.iter_mut() {
        if hold.is_live(now.unix_timestamp) && check_release_hold(hold, role, signer).is_ok() {
            *hold = Hold::default();
            released = released.checked_add(1).ok_or(EbbError::Overflow)?;
        }
    }
    Ok(released)
}
