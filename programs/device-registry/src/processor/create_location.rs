use {
    crate::{
        account::{check_payer, head_mut, take, Vacancy},
        credential,
        event::emit,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::CreateLocation,
        pda::LOCATION_SEED,
        state::{LocationHead, Registry},
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
    args: &CreateLocation,
) -> ProgramResult {
    let [signer, payer, registry, location, system] = take(accounts)?;

    let role = {
        let mut registry = head_mut::<Registry>(program_id, registry)?;
        let role = credential::authority(signer, &registry)?;
        registry.locations = registry
            .locations
            .checked_add(1)
            .ok_or(EbbError::Overflow)?;
        role
    };
    check_payer(payer, system)?;
    args.check()?;
    let seeds = [LOCATION_SEED, args.code.as_bytes()];
    let vacancy = Vacancy::check(program_id, location, &seeds, EbbError::AlreadyExists)?;

    let head = LocationHead::new(
        args.country,
        args.latitude,
        args.longitude,
        args.min_activated,
        vacancy.bump,
    );
    vacancy.fill(program_id, payer, &head, &[&args.code, &args.name])?;

    let mut event = Event::new(
        EventKind::LocationCreated,
        location.address(),
        signer.address(),
        role,
    );
    event.to = args.min_activated.into();
    emit(&mut event, head.sequence, &Clock::get()?);
    Ok(())
}
