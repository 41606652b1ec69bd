//! In which role a key signs, and the credential account that shows it.

use {
    crate::error::CliError,
    ebb_sdk::{
        client::Keyed,
        pda,
        state::{present, Contributor, Registry},
        EbbError, Role,
    },
    solana_sdk::pubkey::Pubkey,
};

/// A role that a key has, and the account that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The role.
    pub role: Role,
    /// The contributor or the registry.
    pub address: Pubkey,
}

/// Who a mutation of a contributor's device may be signed by.
pub struct Roles<'a> {
    /// The program's id.
    pub program_id: &'a Pubkey,
    /// The device's contributor.
    pub contributor: &'a Keyed<Contributor>,
    /// The registry.
    pub registry: &'a Registry,
}

impl Roles<'_> {
    /// The roles that a key has, in the order in which it signs: contributor, operator, authority, or the
    /// authority first when it is to force.
    fn of(&self, signer: &Pubkey, force: bool) -> Vec<Credential> {
        let contributor = &self.contributor.account.head;
        let mut held = Vec::with_capacity(3);
        for (role, key) in [
            (Role::Contributor, &contributor.authority),
            (Role::Operator, &contributor.operator),
        ] {
            if present(key) == Some(signer) {
                held.push(Credential {
                    role,
                    address: self.contributor.address,
                });
            }
        }
        if self.registry.authority == *signer {
            let authority = Credential {
                role: Role::Authority,
                address: pda::registry(self.program_id).0,
            };
            held.insert(if force { 0 } else { held.len() }, authority);
        }
        held
    }

    /// Chooses the first role that the signer has and that may do it.
    ///
    /// # Errors
    /// [`EbbError::Unauthorized`] if the signer has no role at all, [`EbbError::RoleNotAllowed`] if none of its
    /// roles may do it. Both say who may.
    pub fn choose(
        &self,
        signer: &Pubkey,
        allowed: &[Role],
        force: bool,
    ) -> Result<Credential, CliError> {
        let held = self.of(signer, force);
        if let Some(credential) = held.iter().find(|held| allowed.contains(&held.role)) {
            return Ok(*credential);
        }
        let who_may = self.describe(allowed);
        Err(match held.first() {
            Some(held) => CliError::refused(EbbError::RoleNotAllowed).because(format!(
                "{signer} is the {}, needed is {who_may}",
                held.role
            )),
            None => CliError::refused(EbbError::Unauthorized)
                .because(format!("{signer} is not {who_may}")),
        }
        .hint("sign as one of them with --keypair"))
    }

    /// The keys of these roles, by name.
    pub fn describe(&self, allowed: &[Role]) -> String {
        let contributor = &self.contributor.account;
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
                Role::Authority => Some(format!("the authority {}", self.registry.authority)),
                _ => None,
            })
            .collect();
        keys.join(" or ")
    }
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
pub fn require(signer: &Pubkey, needed: &Pubkey, whose: &str) -> Result<(), CliError> {
    if signer == needed {
        return Ok(());
    }
    Err(CliError::refused(EbbError::Unauthorized)
        .because(format!("{signer} signs, needed is {whose} {needed}"))
        .hint("sign with that key: --keypair"))
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::state::ContributorHead};

    const DRAINERS: &[Role] = &[Role::Contributor, Role::Operator, Role::Authority];
    const OWNERS: &[Role] = &[Role::Contributor, Role::Authority];

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    /// Keys 1, 2 and 3 are the contributor's, the operator's and the authority's; 9 has several roles.
    fn accounts(authority: u8, operator: u8, network: u8) -> (Keyed<Contributor>, Registry) {
        let mut head = ContributorHead::new(key(authority), 255);
        head.operator = key(operator);
        let account = Contributor {
            head,
            code: "co01".into(),
        };
        (
            Keyed {
                address: key(77),
                account,
            },
            Registry::new(key(network), key(network), false, 255),
        )
    }

    fn choose(
        (contributor, registry): &(Keyed<Contributor>, Registry),
        signer: u8,
        allowed: &[Role],
        force: bool,
    ) -> Result<Role, CliError> {
        let roles = Roles {
            program_id: &ebb_sdk::ID,
            contributor,
            registry,
        };
        roles
            .choose(&key(signer), allowed, force)
            .map(|credential| credential.role)
    }

    #[test]
    fn the_contributors_role_comes_first_and_the_authoritys_with_force() {
        let separate = accounts(1, 2, 3);
        assert_eq!(choose(&separate, 1, DRAINERS, false), Ok(Role::Contributor));
        assert_eq!(choose(&separate, 2, DRAINERS, false), Ok(Role::Operator));
        assert_eq!(choose(&separate, 3, DRAINERS, false), Ok(Role::Authority));
        let all = accounts(9, 9, 9);
        assert_eq!(choose(&all, 9, DRAINERS, false), Ok(Role::Contributor));
        assert_eq!(choose(&all, 9, DRAINERS, true), Ok(Role::Authority));
        assert_eq!(
            choose(&accounts(1, 9, 9), 9, OWNERS, false),
            Ok(Role::Authority)
        );
    }

    #[test]
    fn a_refusal_says_who_may() {
        let accounts = accounts(1, 2, 3);
        let nobody = choose(&accounts, 8, DRAINERS, false).unwrap_err();
        assert!(nobody.is_refusal(EbbError::Unauthorized));
        for needed in [key(1), key(2), key(3), key(8)] {
            assert!(nobody.message().contains(&needed.to_string()), "{nobody}");
        }
        let operator = choose(&accounts, 2, OWNERS, false).unwrap_err();
        assert!(operator.is_refusal(EbbError::RoleNotAllowed));
        assert!(operator.message().contains("is the operator"), "{operator}");
    }

    #[test]
    fn an_absent_operator_is_nobodys_role() {
        let accounts = accounts(1, 0, 3);
        assert!(choose(&accounts, 0, DRAINERS, false)
            .unwrap_err()
            .is_refusal(EbbError::Unauthorized));
    }
}
