use {
    super::registry::replace_key,
    crate::{
        account::{head, head_mut, same_key, take, HeadMut},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::Expect,
        state::{DeviceHead, DiskKeyHead, Registry},
        value, EbbError,
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
    custodian: &Pubkey,
) -> ProgramResult {
    let [signer, account, disk_key, registry] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let mut disk_key = disk_key_of(program_id, disk_key, device.address())?;
    let role = credential::authority(signer, &*head::<Registry>(program_id, registry)?)?;
    expect.check(&device)?;
    value::check_key(custodian)?;

    replace_key(&mut disk_key.custodian, custodian)?;

    let mut event = Event::new(
        EventKind::CustodianReassigned,
        device.address(),
        signer.address(),
        role,
    );
    event.related = *custodian;
    emit(&mut event, count(&mut device.sequence)?, &Clock::get()?);
    Ok(())
}

/// A disk key of this device, to write.
pub fn disk_key_of<'a>(
    program_id: &Pubkey,
    account: &'a mut AccountView,
    device: &Pubkey,
) -> Result<HeadMut<'a, DiskKeyHead>, EbbError> {
    let disk_key = head_mut::<DiskKeyHead>(program_id, account)?;
    if same_key(&disk_key.device, device) {
        Ok(disk_key)
    } else {
        Err(EbbError::WrongDevice)
    }
}
