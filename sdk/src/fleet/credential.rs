//! In which role a key signs, and the account that proves it.

use {
    super::FleetError,
    crate::{
        client::Keyed,
        pda,
        role::Role,
        state::{present, Contributor, Registry},
    },
    solana_program::pubkey::Pubkey,
};

/// A role that a key has, and the account that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The role.
    pub role: Role,
    /// The contributor or the registry.
    pub address: Pubkey,
}

/// The accounts that give a key its roles on a contributor's devices.
#[derive(Clone, Copy, Debug)]
pub struct Roles<'a> {
    /// The program's id.
    pub program_id: &'a Pubkey,
    /// The devices' contributor.
    pub contributor: &'a Keyed<Contributor>,
    /// The registry.
    pub registry: &'a Registry,
}

impl Roles<'_> {
    /// The roles of a key, in the order in which it signs: contributor, operator, authority, or the authority first when
    /// it is to force.
    pub fn of(&self, signer: &Pubkey, force: bool) -> Vec<Credential> {
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

    /// Chooses the first role of a key that may do it.
    ///
    /// # Errors
    /// [`FleetError::Role`]
    pub fn choose(
        &self,
        signer: &Pubkey,
        allowed: &[Role],
        force: bool,
    ) -> Result<Credential, FleetError> {
        let held = self.of(signer, force);
        let allows = |held: &&Credential| allowed.contains(&held.role);
        held.iter()
            .find(allows)
            .copied()
            .ok_or_else(|| FleetError::Role {
                signer: *signer,
                held: held.first().map(|held| held.role),
                allowed: allowed.to_vec(),
            })
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::state::ContributorHead};

    const DRAINERS: &[Role] = &[Role::Contributor, Role::Operator, Role::Authority];
    const OWNERS: &[Role] = &[Role::Contributor, Role::Authority];

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

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
    ) -> Result<Role, Option<Role>> {
        let roles = Roles {
            program_id: &crate::ID,
            contributor,
            registry,
        };
        let chosen = roles.choose(&key(signer), allowed, force);
        chosen
            .map(|credential| credential.role)
            .map_err(|error| match error {
                FleetError::Role { held, .. } => held,
                other => panic!("{other}"),
            })
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
    fn a_key_without_the_role_is_refused_with_the_role_that_it_has() {
        let accounts = accounts(1, 2, 3);
        assert_eq!(
            choose(&accounts, 2, OWNERS, false),
            Err(Some(Role::Operator))
        );
        assert_eq!(choose(&accounts, 8, DRAINERS, false), Err(None));
        // An absent operator is nobody's role.
        assert_eq!(
            choose(&self::accounts(1, 0, 3), 0, DRAINERS, false),
            Err(None)
        );
    }
}
