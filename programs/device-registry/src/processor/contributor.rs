//! The instructions that change a contributor.

use {
    super::registry::replace_key,
    crate::{
        account::{check_key, check_signer, head, head_mut, take},
        credential,
        event::{count, emit},
        input::Account,
        sysvar::Now,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        state::{AccountType, ContributorHead, Registry},
        EbbError, Role,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn set_suspended(program_id: &Pubkey, accounts: &[Account], suspended: bool) -> ProgramResult {
    let [signer, account, registry] = take(accounts)?;
    let mut contributor = head_mut::<ContributorHead>(program_id, account)?;
    let role = credential::authority(signer, &*head::<Registry>(program_id, registry)?)?;

    let (kind, refusal) = if suspended {
        (EventKind::ContributorSuspended, EbbError::AlreadySuspended)
    } else {
        (EventKind::ContributorResumed, EbbError::NotSuspended)
    };
    let from = contributor.suspended;
    if from == suspended {
        return Err(refusal.into());
    }
    contributor.suspended = suspended;

    let mut event = Event::new(kind, account.key(), signer.key(), role);
    event.from = from.into();
    event.to = suspended.into();
    emit(&mut event, count(&mut contributor.sequence)?, &Now::get()?);
    Ok(())
}

#[inline(never)]
pub fn set_operator(program_id: &Pubkey, accounts: &[Account], operator: &Pubkey) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let mut contributor = head_mut::<ContributorHead>(program_id, account)?;
    let role = credential::contributor_authority(signer, &contributor)?;

    replace_key(&mut contributor.operator, operator)?;

    let mut event = Event::new(EventKind::OperatorSet, account.key(), signer.key(), role);
    event.related = *operator;
    emit(&mut event, count(&mut contributor.sequence)?, &Now::get()?);
    Ok(())
}

#[inline(never)]
pub fn nominate(program_id: &Pubkey, accounts: &[Account], nominee: &Pubkey) -> ProgramResult {
    let [signer, account, credential] = take(accounts)?;
    let role = match credential::account_kind(credential)? {
        AccountType::Contributor => {
            check_key(credential, account.key(), EbbError::WrongContributor)?;
            credential::contributor_authority(signer, &*head(program_id, account)?)?
        }
        AccountType::Registry => credential::authority(signer, &*head(program_id, credential)?)?,
        _ => return Err(EbbError::WrongAccountType.into()),
    };
    let mut contributor = head_mut::<ContributorHead>(program_id, account)?;

    replace_key(&mut contributor.nominee, nominee)?;

    let mut event = Event::new(
        EventKind::ContributorAuthorityNominated,
        account.key(),
        signer.key(),
        role,
    );
    event.related = *nominee;
    emit(&mut event, count(&mut contributor.sequence)?, &Now::get()?);
    Ok(())
}

#[inline(never)]
pub fn accept(program_id: &Pubkey, accounts: &[Account]) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let mut contributor = head_mut::<ContributorHead>(program_id, account)?;
    check_signer(signer)?;
    check_key(signer, &contributor.nominee, EbbError::NotNominee)?;

    contributor.authority = *signer.key();
    contributor.nominee = Pubkey::default();

    let mut event = Event::new(
        EventKind::ContributorAuthorityAccepted,
        account.key(),
        signer.key(),
        Role::Contributor,
    );
    event.related = *signer.key();
    emit(&mut event, count(&mut contributor.sequence)?, &Now::get()?);
    Ok(())
}
