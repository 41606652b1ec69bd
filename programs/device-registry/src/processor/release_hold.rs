use {
    super::place_hold::prune,
    crate::{
        account::{head_mut, take},
        credential,
        event::{count, emit},
        input::Account,
        sysvar::Now,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::check_release_hold,
        state::{DeviceHead, Hold},
        EbbError,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(
    program_id: &Pubkey,
    accounts: &[Account],
    expect: &Expect,
    id: u32,
) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = credential::role(program_id, signer, accounts.get(2), &device)?;
    expect.check(&device)?;

    let now = Now::get()?;
    let slot = device
        .holds
        .iter_mut()
        .find(|hold| hold.is_live(now.time) && hold.id == id)
        .ok_or(EbbError::HoldNotFound)?;
    check_release_hold(slot, role, signer.key())?;

    let released = core::mem::take::<Hold>(slot);
    prune(&mut device.holds, now.time);

    let mut event = Event::new(EventKind::HoldReleased, account.key(), signer.key(), role);
    event.from = id.into();
    event.hold_kind = released.kind;
    event.reason.set(released.reason.as_str()?)?;
    event.related = released.placed_by;
    emit(&mut event, count(&mut device.sequence)?, &now);
    Ok(())
}
