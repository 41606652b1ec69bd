use {
    super::transition::{enter, location_of},
    crate::{
        account::{head_mut, take},
        clock::after,
        credential,
        event::emit,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::DrainDeviceRef,
        lifecycle::{permit, Action, Facts},
        state::DeviceHead,
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
    args: &DrainDeviceRef,
) -> ProgramResult {
    let [signer, account, location, credential] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let mut location = location_of(program_id, location, &device)?;
    let role = credential::role(program_id, signer, Some(credential), &device)?;
    args.expect.check(&device)?;
    let reason = args.check()?;

    let now = Clock::get()?;
    let from = device.provisioning_status;
    let facts = Facts::of(&device, now.unix_timestamp)
        .with_location(&location)
        .with_force(args.force);
    let to = permit(Action::Drain, Some(from), role, &facts)?;

    let sequence = enter(&mut device, &mut location, from, to, &now)?;
    let sessions = device.sessions;
    let drain = &mut device.drain;
    drain.started_slot = now.slot;
    drain.started_at = now.unix_timestamp;
    drain.deadline = after(&now, args.deadline_seconds)?;
    drain.planned_return = after(&now, args.planned_return_seconds)?;
    drain.role = role;
    drain.reason_role = role;
    drain.deadline_role = role;
    // One key copied three times would go over the stack, which costs 8 compute units more.
    drain.started_by = *signer.address();
    drain.reason_by = *signer.address();
    drain.deadline_by = *signer.address();
    drain.reason.lay(reason)?;
    drain.sessions_at_start = sessions;

    let mut event = Event::new(
        EventKind::DrainStarted,
        device.address(),
        signer.address(),
        role,
    );
    event.from = from as i64;
    event.to = device.provisioning_status as i64;
    event.forced = args.force;
    event.reason = device.drain.reason;
    event.related = device.location;
    emit(&mut event, sequence, &now);
    Ok(())
}
