//! Who signs, and in which role.

use {
    crate::account::{borrow, check_key, check_owner, check_signer, same_key},
    ebb_sdk::{
        state::{account_type, AccountType, ContributorHead, DeviceHead, Head, Registry},
        EbbError, Role,
    },
    pinocchio::AccountView,
    solana_program::pubkey::Pubkey,
};

/// A signer's role under the credential it passed, for a device's instruction. The credential is
/// the device's contributor or the registry; without one the signer can be the device's agent only.
// Inlined: a call and its Result cost a drain 49 compute units.
#[inline(always)]
pub fn role(
    program_id: &Pubkey,
    signer: &AccountView,
    credential: Option<&AccountView>,
    device: &DeviceHead,
) -> Result<Role, EbbError> {
    let Some(account) = credential else {
        return agent(signer, device);
    };
    let data = borrow(account)?;
    match account_type(&data)? {
        AccountType::Contributor => {
            check_key(account, &device.contributor, EbbError::WrongContributor)?;
            check_owner(program_id, account)?;
            contributor_role(signer, ContributorHead::of(&data)?)
        }
        AccountType::Registry => {
            check_owner(program_id, account)?;
            authority(signer, Registry::of(&data)?)
        }
        _ => Err(EbbError::WrongAccountType),
    }
}

/// Whether the contributor in whose name a signer acts is suspended, by the credential that gave it
/// the role. The other roles act in no contributor's.
#[inline(always)]
pub fn is_suspended(role: Role, credential: Option<&AccountView>) -> Result<bool, EbbError> {
    match (role, credential) {
        (Role::Contributor | Role::Operator, Some(contributor)) => {
            Ok(ContributorHead::of(&borrow(contributor)?)?.suspended)
        }
        _ => Ok(false),
    }
}

/// The type that a credential claims. Its owner is checked when it is read.
pub fn account_kind(account: &AccountView) -> Result<AccountType, EbbError> {
    account_type(&borrow(account)?)
}

/// The signer is the device's agent.
pub fn agent(signer: &AccountView, device: &DeviceHead) -> Result<Role, EbbError> {
    check_signer(signer)?;
    if ebb_sdk::state::present(&device.agent).is_none() {
        return Err(EbbError::NoAgent);
    }
    check_key(signer, &device.agent, EbbError::NotAgent)?;
    Ok(Role::Agent)
}

/// The signer is the registry's authority.
#[inline(always)]
pub fn authority(signer: &AccountView, registry: &Registry) -> Result<Role, EbbError> {
    check_signer(signer)?;
    check_key(signer, &registry.authority, EbbError::Unauthorized)?;
    Ok(Role::Authority)
}

/// The signer is the contributor's authority or its operator.
#[inline(always)]
pub fn contributor_role(
    signer: &AccountView,
    contributor: &ContributorHead,
) -> Result<Role, EbbError> {
    check_signer(signer)?;
    if same_key(signer.address(), &contributor.authority) {
        Ok(Role::Contributor)
    } else if same_key(signer.address(), &contributor.operator) {
        // No signer has the zero key, which stands for no operator.
        Ok(Role::Operator)
    } else {
        Err(EbbError::Unauthorized)
    }
}

/// The signer is the contributor's authority; its operator may not do this.
pub fn contributor_authority(
    signer: &AccountView,
    contributor: &ContributorHead,
) -> Result<Role, EbbError> {
    match contributor_role(signer, contributor)? {
        Role::Contributor => Ok(Role::Contributor),
        _ => Err(EbbError::RoleNotAllowed),
    }
}
