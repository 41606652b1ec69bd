use {
    crate::{
        account::{check_payer, head_mut, take, Vacancy},
        credential,
        event::emit,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::CreateContributor,
        pda::CONTRIBUTOR_SEED,
        state::{ContributorHead, Registry},
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
    args: &CreateContributor,
) -> ProgramResult {
    let [signer, payer, registry, contributor, system] = take(accounts)?;

    let role = {
        let mut registry = head_mut::<Registry>(program_id, registry)?;
        let role = credential::authority(signer, &registry)?;
        registry.contributors = registry
            .contributors
            .checked_add(1)
            .ok_or(EbbError::Overflow)?;
        role
    };
    check_payer(payer, system)?;
    args.check()?;
    let seeds = [CONTRIBUTOR_SEED, args.code.as_bytes()];
    let vacancy = Vacancy::check(program_id, contributor, &seeds, EbbError::AlreadyExists)?;

    let head = ContributorHead::new(args.authority, vacancy.bump);
    vacancy.fill(program_id, payer, &head, &[&args.code])?;

    let mut event = Event::new(
        EventKind::ContributorCreated,
        contributor.address(),
        signer.address(),
        role,
    );
    event.related = args.authority;
    emit(&mut event, head.sequence, &Clock::get()?);
    Ok(())
}
