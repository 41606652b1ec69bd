use {
    super::transition::{enter, location_of},
    crate::{
        account::{check_key, head, head_mut, take},
        credential,
        event::emit,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        instruction::ExpectRef,
        lifecycle::{permit, Action, Facts},
        state::{ContributorHead, DeviceHead, Registry},
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
    expect: &ExpectRef,
) -> ProgramResult {
    enter_service(
        program_id,
        accounts,
        expect,
        Action::Undrain,
        EventKind::DeviceUndrained,
        |signer, contributor, registry| match credential::contributor_role(signer, contributor) {
            Err(EbbError::Unauthorized) => credential::authority(signer, registry),
            role => role,
        },
    )
}

/// Activation and undraining differ in who signs and what they leave; both enter service, take the
/// same accounts and ask the same of the device.
// Inlined, as each of the two calls it once.
#[inline(always)]
pub fn enter_service(
    program_id: &Pubkey,
    accounts: &mut [AccountView],
    expect: &ExpectRef,
    action: Action,
    kind: EventKind,
    role: impl FnOnce(&AccountView, &ContributorHead, &Registry) -> Result<Role, EbbError>,
) -> ProgramResult {
    let [signer, account, location, contributor, registry] = take(accounts)?;
    let mut device = head_mut::<DeviceHead>(program_id, account)?;
    let mut location = location_of(program_id, location, &device)?;
    check_key(contributor, &device.contributor, EbbError::WrongContributor)?;
    let contributor = head::<ContributorHead>(program_id, contributor)?;
    let registry = head::<Registry>(program_id, registry)?;
    let role = role(signer, &contributor, &registry)?;
    expect.check(&device)?;

    let now = Clock::get()?;
    let from = device.provisioning_status;
    let facts = Facts::of(&device, now.unix_timestamp)
        .with_contributor(&contributor)
        .with_policy(&registry);
    let to = permit(action, Some(from), role, &facts)?;

    let sequence = enter(&mut device, &mut location, from, to, &now)?;

    let mut event = Event::new(kind, device.address(), signer.address(), role);
    event.from = from as i64;
    event.to = device.provisioning_status as i64;
    event.related = device.location;
    emit(&mut event, sequence, &now);
    Ok(())
}
