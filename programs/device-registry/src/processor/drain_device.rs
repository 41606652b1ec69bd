use {
    super::transition::{enter, location_of, status},
    crate::{
        account::{head_mut, take},
        credential,
        event::emit,
        sysvar::Now,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::DrainDevice,
        lifecycle::{check_force, evaluate, target, Action, Facts},
        state::{DeviceHead, DrainRecord},
    },
    solana_program::{account_info::AccountInfo, entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(program_id: &Pubkey, accounts: &[AccountInfo], args: &DrainDevice) -> ProgramResult {
    let [signer, account, location, credential] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let mut location = location_of(program_id, location, &device)?;
    let role = credential::role(program_id, signer, Some(credential), &device)?;
    args.expect.check(&device)?;
    let reason = args.check()?;
    check_force(role, args.force)?;

    let now = Now::get()?;
    let from = device.provisioning_status;
    let to = target(Action::Drain, Some(from))?;
    let facts = Facts::of(&device, now.time)
        .with_location(&location)
        .with_force(args.force);
    evaluate(Some(from), to, role, &facts)?;

    let to = status(to)?;
    let sequence = enter(&mut device, &mut location, to, &now)?;
    device.drain = DrainRecord {
        started_slot: now.slot,
        started_at: now.time,
        deadline: now.after(args.deadline_seconds)?,
        planned_return: now.after(args.planned_return_seconds)?,
        sessions_at_start: device.sessions,
        role,
        reason,
        reserved: [0; 2],
        started_by: *signer.key,
    };

    let event = Event::new(EventKind::DrainStarted, account.key, signer.key, role);
    let event = Event {
        from: from as i64,
        to: to as i64,
        forced: args.force,
        reason,
        related: device.location,
        ..event
    };
    emit(event, sequence, &now);
    Ok(())
}
