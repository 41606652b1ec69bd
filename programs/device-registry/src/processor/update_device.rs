use {
    super::transition::location_of,
    crate::{
        account::{check_key, head, head_mut, same_key, take_with_optional},
        credential,
        event::{count, emit},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::UpdateDevice,
        lifecycle::check_update_device,
        state::{ContributorHead, DeviceHead, LocationHead},
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
    args: &UpdateDevice,
) -> ProgramResult {
    let ([signer, account, contributor], optional) = take_with_optional(accounts)?;
    let relocation = match optional {
        [] => None,
        [from, to, ..] => Some((from, to)),
        [_] => return Err(EbbError::NotEnoughAccounts.into()),
    };
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    check_key(contributor, &device.contributor, EbbError::WrongContributor)?;
    let contributor = head::<ContributorHead>(program_id, contributor)?;
    let role = credential::contributor_role(signer, &contributor)?;
    args.expect.check(&device)?;
    args.check()?;

    check_update_device(&device, role, &contributor, args, relocation.is_some())?;

    let from = device.max_sessions;
    let mut changed = false;
    if let Some(public_ip) = args.public_ip {
        if set(&mut device.public_ip, public_ip) {
            device.void_health_proof();
            changed = true;
        }
    }
    if let Some(max_sessions) = args.max_sessions {
        changed |= set(&mut device.max_sessions, max_sessions);
    }
    if let Some((left, entered)) = relocation {
        relocate(program_id, &mut device, left, entered)?;
        changed = true;
    }
    if !changed {
        return Err(EbbError::NothingToChange.into());
    }

    let mut event = Event::new(
        EventKind::DeviceUpdated,
        device.address(),
        signer.address(),
        role,
    );
    event.from = from.into();
    event.to = device.max_sessions.into();
    event.related = device.location;
    event.detail = address(&device);
    emit(&mut event, count(&mut device.sequence)?, &Clock::get()?);
    Ok(())
}

/// Sets a value and returns whether it was another.
pub fn set<T: PartialEq>(place: &mut T, value: T) -> bool {
    let changed = *place != value;
    *place = value;
    changed
}

/// A device's IPv4 address in the place of an event's detail.
fn address(device: &DeviceHead) -> [u8; 32] {
    let mut detail = [0; 32];
    for (place, byte) in detail.iter_mut().zip(device.public_ip) {
        *place = byte;
    }
    detail
}

/// Moves a device from one location's counts to another's.
fn relocate(
    program_id: &Pubkey,
    device: &mut DeviceHead,
    left: &mut AccountView,
    entered: &mut AccountView,
) -> Result<(), EbbError> {
    let status = Some(device.provisioning_status);
    location_of(program_id, left, device)?.count(status, None)?;
    if same_key(left.address(), entered.address()) {
        return Err(EbbError::DuplicateAccount);
    }
    head_mut::<LocationHead>(program_id, entered)?.count(None, status)?;
    device.location = *entered.address();
    device.void_health_proof();
    Ok(())
}
