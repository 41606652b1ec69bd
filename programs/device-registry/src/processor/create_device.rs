use {
    crate::{
        account::{check_payer, head_mut, take, Vacancy},
        credential,
        event::emit,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::CreateDevice,
        lifecycle::{permit, Action, Facts},
        pda::DEVICE_SEED,
        state::{ContributorHead, DeviceHead, LocationHead},
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
    args: &CreateDevice,
) -> ProgramResult {
    let [signer, payer, contributor, location, account, system] = take(accounts)?;
    let mut contributor = head_mut::<ContributorHead>(program_id, contributor)?;
    let mut location = head_mut::<LocationHead>(program_id, location)?;
    let role = credential::contributor_role(signer, &contributor)?;
    check_payer(payer, system)?;
    args.check()?;
    let seeds = [DEVICE_SEED, args.code.as_bytes()];
    let vacancy = Vacancy::check(program_id, account, &seeds, EbbError::AlreadyExists)?;

    let now = Clock::get()?;
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
        created_at: now.unix_timestamp,
        status_changed_slot: now.slot,
        status_changed_at: now.unix_timestamp,
        ..DeviceHead::new(
            *contributor.address(),
            *location.address(),
            *payer.address(),
            generation,
            vacancy.bump,
        )
    };
    let facts = Facts::of(&device, now.unix_timestamp).with_contributor(&contributor);
    let to = permit(Action::Create, None, role, &facts)?;

    contributor.registrations = generation;
    contributor.devices = contributor
        .devices
        .checked_add(1)
        .ok_or(EbbError::Overflow)?;
    location.count(None, to)?;
    vacancy.fill(program_id, payer, &device, &[&args.code])?;

    let mut event = Event::new(
        EventKind::DeviceCreated,
        account.address(),
        signer.address(),
        role,
    );
    let to = i64::try_from(generation).map_err(|_| EbbError::Overflow)?;
    event.to = to;
    event.related = device.location;
    event.detail = device.contributor.to_bytes();
    emit(&mut event, device.sequence, &now);
    Ok(())
}
