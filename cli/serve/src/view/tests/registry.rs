//! The registry, which is one account of its own.

use {
    super::follow::{account, at, complete, follower, reading, seen},
    crate::view::{
        follow::{Follower, FullReading},
        known::{AllAccounts, FoundRegistry},
    },
    ebb_sdk::{
        ledger::ProgramUpdate,
        pda,
        state::{AccountType, Registry},
        EbbError, ID,
    },
    solana_sdk::{account::Account, pubkey::Pubkey},
};

/// The registry's account where the policy is this.
fn registry(require_healthy: bool) -> Account {
    let key = Pubkey::new_from_array([9; 32]);
    account(borsh::to_vec(&Registry::new(key, key, require_healthy, 255)).unwrap())
}

/// The same reading, with this registry.
fn with_registry(reading: FullReading, found: Account) -> FullReading {
    let with = |accounts: AllAccounts| AllAccounts {
        registry: FoundRegistry {
            account: Some(found),
            ..accounts.registry
        },
        ..accounts
    };
    FullReading {
        accounts: reading.accounts.map(with),
        ..reading
    }
}

#[test]
fn the_registry_is_followed_and_nothing_older_replaces_it() {
    let mut follower = follower();
    let address = pda::registry(&ID).0;
    let changed = |slot, account| ProgramUpdate::Changed {
        slot,
        address,
        account,
    };
    let policy = |follower: &mut Follower| {
        let view = follower.view(None).unwrap();
        view.registry.map(|it| it.map(|it| it.require_healthy))
    };
    assert_eq!(policy(&mut follower), None);
    follower.take(changed(12, registry(true)));
    let first = follower.view(None).unwrap();
    assert_eq!(policy(&mut follower), Some(Ok(true)));
    // A report of another node, and what was read before it.
    follower.take(changed(11, registry(false)));
    follower.read(with_registry(reading(11, 11, vec![at(1)]), registry(false)));
    assert_eq!(policy(&mut follower), Some(Ok(true)));
    assert!(follower.view(None).unwrap().has_accounts_of(&first));

    follower.read(with_registry(reading(13, 13, vec![at(1)]), registry(false)));
    assert_eq!(policy(&mut follower), Some(Ok(false)));
    assert!(!follower.view(None).unwrap().has_accounts_of(&first));
    // An event names it, and a report has it.
    follower.take(ProgramUpdate::Named {
        slot: 14,
        subjects: vec![address],
        are_all: true,
    });
    follower.take(changed(14, registry(true)));
    follower.take(complete(14));
    assert_eq!(follower.missing(), []);
    assert_eq!(seen(&mut follower), (14, Some(1)));
}

#[test]
fn a_registry_that_cannot_be_read_is_counted_and_asks_for_nothing() {
    let mut follower = follower();
    let of_a_newer_version = account(vec![AccountType::Registry as u8, u8::MAX]);
    follower.read(with_registry(
        reading(12, 12, vec![at(1)]),
        of_a_newer_version,
    ));
    let view = follower.view(None).unwrap();
    assert_eq!(view.registry, Some(Err(EbbError::UnsupportedVersion)));
    assert_eq!(view.unreadable(), 1);
    assert!(!view.facts(&at(1).account.head).require_healthy);
}
