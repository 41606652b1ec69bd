//! The instructions that change a contributor.

use {
    super::registry::replace_key,
    crate::{
        account::{check_key, check_signer, head, head_mut, take},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        lifecycle::check_nominate,
        state::{AccountType, ContributorHead, Registry},
        EbbError, Role,
    },
    pinocchio::{
        sysvars::{clock::Clock, Sysvar},
        AccountView,
    },
    solana_program::{entrypoint::ProgramResult, pubkey::Pubkey},
};

#[inline(never)]
pub fn set_suspended(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    suspended: bool,
) -> ProgramResult {
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

    let mut event = Event::new(kind, contributor.address(), signer.address(), role);
    event.from = from.into();
    event.to = suspended.into();
    emit(
        &mut event,
        count(&mut contributor.sequence)?,
        &Clock::get()?,
    );
    Ok(())
}

#[inline(never)]
pub fn set_operator(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    operator: &Pubkey,
) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let mut contributor = head_mut::<ContributorHead>(program_id, account)?;
    let role = credential::contributor_authority(signer, &contributor)?;

    replace_key(&mut contributor.operator, operator)?;

    let mut event = Event::new(
        EventKind::OperatorSet,
        contributor.address(),
        signer.address(),
        role,
    );
    event.related = *operator;
    emit(
        &mut event,
        count(&mut contributor.sequence)?,
        &Clock::get()?,
    );
    Ok(())
}

#[inline(never)]
pub fn nominate(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    nominee: &Pubkey,
) -> ProgramResult {
    let [signer, account, credential] = take(accounts)?;
    let role = match credential::account_kind(credential)? {
        AccountType::Contributor => {
            check_key(credential, account.address(), EbbError::WrongContributor)?;
            credential::contributor_authority(signer, &*head(program_id, account)?)?
        }
        AccountType::Registry => credential::authority(signer, &*head(program_id, credential)?)?,
        _ => return Err(EbbError::WrongAccountType.into()),
    };
    let mut contributor = head_mut::<ContributorHead>(program_id, account)?;
    check_nominate(&contributor, role)?;

    replace_key(&mut contributor.nominee, nominee)?;

    let mut event = Event::new(
        EventKind::ContributorAuthorityNominated,
        contributor.address(),
        signer.address(),
        role,
    );
    event.related = *nominee;
    emit(
        &mut event,
        count(&mut contributor.sequence)?,
        &Clock::get()?,
    );
    Ok(())
}

#[inline(never)]
pub fn accept(program_id: &Pubkey, accounts: &mut [AccountView]) -> ProgramResult {
    let [signer, account] = take(accounts)?;
    let mut contributor = head_mut::<ContributorHead>(program_id, account)?;
    check_signer(signer)?;
    check_key(signer, &contributor.nominee, EbbError::NotNominee)?;

    contributor.authority = *signer.address();
    contributor.nominee = Pubkey::default();
    // Whom the replaced key made operator goes with it.
    contributor.operator = Pubkey::default();

    let mut event = Event::new(
        EventKind::ContributorAuthorityAccepted,
        contributor.address(),
        signer.address(),
        Role::Contributor,
    );
    event.related = *signer.address();
    emit(
        &mut event,
        count(&mut contributor.sequence)?,
        &Clock::get()?,
    );
    Ok(())
}
