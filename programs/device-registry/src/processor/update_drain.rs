use {
    super::update_device::set,
    crate::{
        account::{head_mut, take},
        clock::after,
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::UpdateDrain,
        lifecycle::check_update_drain,
        state::{DeviceHead, Reason},
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
    args: &UpdateDrain,
) -> ProgramResult {
    let [signer, account, credential] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let role = credential::role(program_id, signer, Some(credential), &device)?;
    args.expect.check(&device)?;
    args.check()?;

    let now = Clock::get()?;
    let suspended = credential::is_suspended(role, Some(credential))?;
    check_update_drain(&device, role, suspended, args, now.unix_timestamp)?;

    let from = device.drain.deadline;
    let drain = &mut device.drain;
    let mut changed = false;
    // What is set to what it was keeps the name of who set it.
    if let Some(seconds) = args.deadline_seconds {
        if set(&mut drain.deadline, after(&now, seconds)?) {
            drain.deadline_by = *signer.address();
            drain.deadline_role = role;
            changed = true;
        }
    }
    if let Some(seconds) = args.planned_return_seconds {
        changed |= set(&mut drain.planned_return, after(&now, seconds)?);
    }
    if let Some(reason) = &args.reason {
        if set(&mut drain.reason, Reason::new(reason)?) {
            drain.reason_by = *signer.address();
            drain.reason_role = role;
            changed = true;
        }
    }
    if !changed {
        return Err(EbbError::NothingToChange.into());
    }

    let mut event = Event::new(
        EventKind::DrainUpdated,
        device.address(),
        signer.address(),
        role,
    );
    event.from = from;
    event.to = device.drain.deadline;
    event.reason = device.drain.reason;
    emit(&mut event, count(&mut device.sequence)?, &now);
    Ok(())
}
