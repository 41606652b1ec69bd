//! The instructions that change the registry.

use {
    crate::{
        account::{check_key, check_signer, head_mut, take},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        state::Registry,
        value, EbbError, Role,
    },
    pinocchio::{
        sysvars::{clock::Clock, Sysvar},
        AccountView,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn set_policy(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    require_healthy: bool,
) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let mut registry = head_mut::<Registry>(program_id, account)?;
    let role = credential::authority(signer, &registry)?;

    let from = registry.require_healthy;
    if from == require_healthy {
        return Err(EbbError::NothingToChange.into());
    }
    registry.require_healthy = require_healthy;

    let mut event = Event::new(
        EventKind::PolicySet,
        registry.address(),
        signer.address(),
        role,
    );
    event.from = from.into();
    event.to = require_healthy.into();
    emit(&mut event, count(&mut registry.sequence)?, &Clock::get()?);
    Ok(())
}

#[inline(never)]
pub fn set_health_oracle(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    health_oracle: &Pubkey,
) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let mut registry = head_mut::<Registry>(program_id, account)?;
    let role = credential::authority(signer, &registry)?;
    value::check_key(health_oracle)?;

    replace_key(&mut registry.health_oracle, health_oracle)?;

    let mut event = Event::new(
        EventKind::HealthOracleSet,
        registry.address(),
        signer.address(),
        role,
    );
    event.related = *health_oracle;
    emit(&mut event, count(&mut registry.sequence)?, &Clock::get()?);
    Ok(())
}

#[inline(never)]
pub fn nominate(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    nominee: &Pubkey,
) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let mut registry = head_mut::<Registry>(program_id, account)?;
    let role = credential::authority(signer, &registry)?;

    replace_key(&mut registry.nominee, nominee)?;

    let mut event = Event::new(
        EventKind::AuthorityNominated,
        registry.address(),
        signer.address(),
        role,
    );
    event.related = *nominee;
    emit(&mut event, count(&mut registry.sequence)?, &Clock::get()?);
    Ok(())
}

#[inline(never)]
pub fn accept(program_id: &Pubkey, accounts: &mut [AccountView]) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let mut registry = head_mut::<Registry>(program_id, account)?;
    check_signer(signer)?;
    check_key(signer, &registry.nominee, EbbError::NotNominee)?;

    registry.authority = *signer.address();
    registry.nominee = Pubkey::default();

    let mut event = Event::new(
        EventKind::AuthorityAccepted,
        registry.address(),
        signer.address(),
        Role::Authority,
    );
    event.related = *signer.address();
    emit(&mut event, count(&mut registry.sequence)?, &Clock::get()?);
    Ok(())
}

/// Sets a key that is another already.
pub fn replace_key(key: &mut Pubkey, by: &Pubkey) -> Result<(), EbbError> {
    if crate::account::same_key(key, by) {
        return Err(EbbError::NothingToChange);
    }
    *key = *by;
    Ok(())
}
