use {
    crate::{
        account::{borrow, check_key, check_payer, check_signer, same_key, take, Vacancy},
        event::emit,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Initialize,
        pda::REGISTRY_SEED,
        state::Registry,
        EbbError, Role,
    },
    pinocchio::{
        sysvars::{clock::Clock, Sysvar},
        AccountView,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
    solana_sdk_ids::bpf_loader_upgradeable,
};

#[inline(never)]
pub fn process(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    args: &Initialize,
) -> ProgramResult {
    let [upgrade_authority, payer, registry, program, program_data, system] = take(accounts)?;

    check_upgrade_authority(program_id, upgrade_authority, program, program_data)?;
    check_payer(payer, system)?;
    let vacancy = Vacancy::check(
        program_id,
        registry,
        &[REGISTRY_SEED],
        EbbError::AlreadyExists,
    )?;
    args.check()?;

    let head = Registry::new(
        args.authority,
        args.health_oracle,
        args.require_healthy,
        vacancy.bump,
    );
    vacancy.fill(program_id, payer, &head, &[])?;

    let mut event = Event::new(
        EventKind::Initialized,
        registry.address(),
        upgrade_authority.address(),
        Role::Authority,
    );
    event.related = args.authority;
    emit(&mut event, head.sequence, &Clock::get()?);
    Ok(())
}

/// The loader's own accounts name the upgrade authority: a program account is the tag 2 and its
/// ProgramData's address; ProgramData is the tag 3, a slot, and an optional authority.
fn check_upgrade_authority(
    program_id: &Pubkey,
    authority: &AccountView,
    program: &AccountView,
    program_data: &AccountView,
) -> Result<(), EbbError> {
    check_key(program, program_id, EbbError::WrongProgramData)?;
    let loaded = |account: &AccountView| same_key(account.owner(), &bpf_loader_upgradeable::ID);
    if !loaded(program) || !loaded(program_data) {
        return Err(EbbError::WrongProgramData);
    }
    match borrow(program)?.split_first_chunk::<4>() {
        Some(([2, 0, 0, 0], address)) if address == program_data.address().as_ref() => {}
        _ => return Err(EbbError::WrongProgramData),
    }
    let data = borrow(program_data)?;
    let head = data
        .get(..LOADER_HEAD_LEN.min(data.len()))
        .unwrap_or_default();
    let (Some([3, 0, 0, 0]), Some([is_some, key @ ..])) = (head.get(..4), head.get(12..)) else {
        return Err(EbbError::WrongProgramData);
    };
    if *is_some != 1 || key != authority.address().as_ref() {
        return Err(EbbError::NotUpgradeAuthority);
    }
    check_signer(authority)
}

/// ProgramData's fixed part: tag, slot, optional key.
const LOADER_HEAD_LEN: usize = 4 + 8 + 1 + 32;
