use {
    super::{reassign_custodian::disk_key_of, transition::stamp},
    crate::{
        account::{check_key, check_signer, close, head_mut, take},
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        lifecycle::permit_destruction,
        state::DeviceHead,
        EbbError, Role,
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
    let [signer, account, disk_key_account, recipient] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let disk_key = *disk_key_of(program_id, disk_key_account, device.address())?;
    check_signer(signer)?;
    check_key(signer, &disk_key.custodian, EbbError::NotCustodian)?;
    expect.check(&device)?;

    let now = Clock::get()?;
    let from = device.provisioning_status;
    let to = permit_destruction(&device, now.unix_timestamp)?;

    device.disk_keys = device.disk_keys.checked_sub(1).ok_or(EbbError::Overflow)?;
    let sequence = count(&mut device.sequence)?;
    if to != from {
        stamp(&mut device, to, sequence, &now);
    }

    let mut event = Event::new(
        EventKind::DiskKeyDestroyed,
        device.address(),
        signer.address(),
        Role::Custodian,
    );
    event.from = from as i64;
    event.to = device.provisioning_status as i64;
    event.related = *disk_key_account.address();
    emit(&mut event, sequence, &now);
    close(disk_key_account, recipient, &disk_key.payer)
}
