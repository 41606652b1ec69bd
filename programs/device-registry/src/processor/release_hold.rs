use {
    super::place_hold::prune,
    crate::{
        account::{head_mut, take_with_optional},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::check_release_hold,
        state::{DeviceHead, Hold},
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
    expect: &Expect,
    id: u32,
) -> ProgramResult {
    let ([signer, account], optional) = take_with_optional(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = credential::role(program_id, signer, optional.first(), &device)?;
    expect.check(&device)?;

    let now = Clock::get()?;
    let slot = device
        .holds
        .iter_mut()
        .find(|hold| hold.is_live(now.unix_timestamp) && hold.id == id)
        .ok_or(EbbError::HoldNotFound)?;
    check_release_hold(slot, role, signer.address())?;

    let released = core::mem::take::<Hold>(slot);
    prune(&mut device.holds, now.unix_timestamp);

    let mut event = Event::new(
        EventKind::HoldReleased,
        device.address(),
        signer.address(),
        role,
    );
    event.from = id.into();
    event.hold_kind = released.kind;
    event.reason.set(released.reason.as_str()?)?;
    event.related = released.placed_by;
    emit(&mut event, count(&mut device.sequence)?, &now);
    Ok(())
}
