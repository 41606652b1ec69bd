use {
    super::transition::location_of,
    crate::{
        account::{check_key, close, head_mut, take},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::{permit, Action, Facts},
        state::{ContributorHead, DeviceHead},
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
    expect: &Expect,
) -> ProgramResult {
    let [signer, account, location, contributor, recipient, credential] = take(accounts)?;
    let payer = {
        let mut device = head_mut::<DeviceHead>(program_id, account)?;
        let mut location = location_of(program_id, location, &device)?;
        // Before the contributor is borrowed to write: it may be the credential too.
        let role = credential::role(program_id, signer, Some(credential), &device)?;
        check_key(contributor, &device.contributor, EbbError::WrongContributor)?;
        let mut contributor = head_mut::<ContributorHead>(program_id, contributor)?;
        expect.check(&device)?;

        let now = Clock::get()?;
        let from = Some(device.provisioning_status);
        let facts = Facts::of(&device, now.unix_timestamp);
        let to = permit(Action::Remove, from, role, &facts)?;

        location.count(from, to)?;
        contributor.devices = contributor
            .devices
            .checked_sub(1)
            .ok_or(EbbError::Overflow)?;

        let mut event = Event::new(
            EventKind::DeviceRemoved,
            device.address(),
            signer.address(),
            role,
        );
        event.from = device.provisioning_status as i64;
        event.related = device.location;
        event.detail = device.payer.to_bytes();
        emit(&mut event, count(&mut device.sequence)?, &now);
        device.payer
    };
    close(account, recipient, &payer)
}
