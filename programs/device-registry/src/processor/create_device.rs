use {
    crate::{
        account::{check_payer, head_mut, take, Vacancy},
        credential,
        event::emit,
        input::Account,
        sysvar::Now,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::CreateDevice,
        lifecycle::{evaluate, target, Action, Facts},
        pda::DEVICE_SEED,
        state::{ContributorHead, DeviceHead, LocationHead},
        EbbError,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn process(program_id: &Pubkey, accounts: &[Account], args: &CreateDevice) -> ProgramResult {
    let [signer, payer, contributor_account, location_account, account, system] = take(accounts)?;
    let mut contributor = head_mut::<ContributorHead>(program_id, contributor_account)?;
    let mut location = head_mut::<LocationHead>(program_id, location_account)?;
    let role = credential::contributor_role(signer, &contributor)?;
    check_payer(payer, system)?;
    args.check()?;
    let seeds = [DEVICE_SEED, args.code.as_bytes()];
    let vacancy = Vacancy::check(program_id, account, &seeds, EbbError::AlreadyExists)?;

    let now = Now::get()?;
    let generation = contributor
        .registrations
        .checked_add(1)
        .ok_or(EbbError::Overflow)?;
    let device = DeviceHead {
        device_type: args.device_type,
        public_ip: args.public_ip,
        max_sessions: args.max_sessions,
        agent: args.agent,
        created_slot: now.slot,
        created_at: now.time,
        status_changed_slot: now.slot,
        status_changed_at: now.time,
        ..DeviceHead::new(
            *contributor_account.key(),
            *location_account.key(),
            *payer.key(),
            generation,
            vacancy.bump,
        )
    };
    let to = target(Action::Create, None)?;
    evaluate(
        None,
        to,
        role,
        &Facts::of(&device, now.time).with_contributor(&contributor),
    )?;

    contributor.registrations = generation;
    contributor.devices = contributor
        .devices
        .checked_add(1)
        .ok_or(EbbError::Overflow)?;
    location.count(None, to)?;
    vacancy.fill(program_id, payer, system, &device, &[&args.code])?;

    let mut event = Event::new(EventKind::DeviceCreated, account.key(), signer.key(), role);
    let to = i64::try_from(generation).map_err(|_| EbbError::Overflow)?;
    event.to = to;
    event.related = device.location;
    emit(&mut event, device.sequence, &now);
    Ok(())
}
