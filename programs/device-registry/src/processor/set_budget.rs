use {
    crate::{
        account::{head, head_mut, take},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
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
    min_activated: u32,
) -> ProgramResult {
    let [signer, account, registry] = take(accounts)?;
    let mut location = head_mut::<LocationHead>(program_id, account)?;
    let role = credential::authority(signer, &*head::<Registry>(program_id, registry)?)?;

    let from = location.min_activated;
    if from == min_activated {
        return Err(EbbError::NothingToChange.into());
    }
    location.min_activated = min_activated;

    let mut event = Event::new(
        EventKind::BudgetSet,
        location.address(),
        signer.address(),
        role,
    );
    event.from = from.into();
    event.to = min_activated.into();
    emit(&mut event, count(&mut location.sequence)?, &Clock::get()?);
    Ok(())
}
