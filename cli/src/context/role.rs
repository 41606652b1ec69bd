//! In which role a key signs, and what is reported of one that has none.

pub use ebb_sdk::fleet::{Credential, Roles};

use {
    super::Context,
    crate::error::CliError,
    ebb_sdk::{
        fleet::{FleetError, Subject},
        state::{present, Registry},
        EbbError, Role,
    },
    solana_sdk::pubkey::Pubkey,
};

/// Chooses the first role that the signer has and that may do it.
///
/// # Errors
/// [`EbbError::Unauthorized`] if the signer has no role at all, [`EbbError::RoleNotAllowed`] if none of its roles may do
/// it. Both say who may.
pub fn choose(
    roles: &Roles<'_>,
    signer: &Pubkey,
    allowed: &[Role],
) -> Result<Credential, CliError> {
    roles
        .choose(signer, allowed, false)
        .map_err(|error| match error {
            FleetError::Role { held, .. } => refused(roles, signer, held, allowed),
            error => error.into(),
        })
}

/// Chooses the first role in which a key may do something to a device.
///
/// # Errors
/// As [`choose`].
pub fn choose_for(
    context: &Context,
    subject: &Subject,
    signer: &Pubkey,
    allowed: &[Role],
) -> Result<Credential, CliError> {
    choose(&subject.roles(context.program_id()), signer, allowed)
}

/// That a signer, who has the role `held` if any, may not do what these roles may.
pub fn refused(
    roles: &Roles<'_>,
    signer: &Pubkey,
    held: Option<Role>,
    allowed: &[Role],
) -> CliError {
    let who_may = describe(roles, allowed);
    match held {
        Some(held) => CliError::refused(EbbError::RoleNotAllowed).because(format!(
            "signed by {signer}, the {held}; requires {who_may}"
        )),
        None => CliError::refused(EbbError::Unauthorized)
            .because(format!("signed by {signer}, requires {who_may}")),
    }
    .hint("sign as one of them with --keypair")
}

/// The keys of these roles, by name.
pub fn describe(roles: &Roles<'_>, allowed: &[Role]) -> String {
    let contributor = &roles.contributor.account;
    let keys: Vec<String> = allowed
        .iter()
        .filter_map(|role| match role {
            Role::Contributor => Some(format!(
                "contributor {}'s authority {}",
                contributor.code, contributor.head.authority
            )),
            Role::Operator => {
                present(&contributor.head.operator).map(|key| format!("its operator {key}"))
            }
            Role::Authority => Some(format!("the authority {}", roles.registry.authority)),
            _ => None,
        })
        .collect();
    keys.join(" or ")
}

/// The registry's own verbs are the authority's alone.
///
/// # Errors
/// [`EbbError::Unauthorized`]
pub fn require_authority(registry: &Registry, signer: &Pubkey) -> Result<(), CliError> {
    require(signer, &registry.authority, "the authority")
}

/// What only one key may sign.
///
/// # Errors
/// [`EbbError::Unauthorized`]
pub fn require(signer: &Pubkey, required: &Pubkey, whose: &str) -> Result<(), CliError> {
    if signer == required {
        return Ok(());
    }
    Err(CliError::refused(EbbError::Unauthorized)
        .because(format!("signed by {signer}, requires {whose} {required}"))
        .hint("sign with that key: --keypair"))
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::{
            client::Keyed,
            state::{Contributor, ContributorHead},
        },
    };

    const OWNERS: &[Role] = &[Role::Contributor, Role::Authority];

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    #[test]
    fn a_refusal_says_who_may() {
        let mut head = ContributorHead::new(key(1), 255);
        head.operator = key(2);
        let contributor = Keyed {
            address: key(77),
            account: Contributor {
                head,
                code: "co01".into(),
            },
        };
        let roles = Roles {
            program_id: &ebb_sdk::ID,
            contributor: &contributor,
            registry: &Registry::new(key(3), key(3), false, 255),
        };
        let drainers = &[Role::Contributor, Role::Operator, Role::Authority];
        let nobody = choose(&roles, &key(8), drainers).unwrap_err();
        assert!(nobody.is_refusal(EbbError::Unauthorized));
        for needed in [key(1), key(2), key(3), key(8)] {
            assert!(nobody.to_string().contains(&needed.to_string()), "{nobody}");
        }
        let operator = choose(&roles, &key(2), OWNERS).unwrap_err();
        assert!(operator.is_refusal(EbbError::RoleNotAllowed));
        assert!(
            operator.to_string().contains(", the operator; requires "),
            "{operator}"
        );
    }
}
