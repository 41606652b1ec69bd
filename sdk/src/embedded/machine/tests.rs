use {
    super::*,
    crate::{
        elf::PROGRAM_ELF,
        instruction::{initialize, set_policy, Initialize},
    },
    solana_sdk::signature::Keypair,
};

/// All accounts, in an order that does not depend on how they are kept.
fn accounts(machine: &Machine) -> Vec<(Pubkey, AccountSharedData)> {
    let accounts = machine.svm.accounts_db().inner.iter();
    let mut accounts: Vec<_> = accounts.map(|(key, it)| (*key, it.clone())).collect();
    accounts.sort_unstable_by_key(|(key, _)| *key);
    accounts
}

#[test]
fn a_transaction_that_fails_leaves_the_machine_as_it_was() {
    let (authority, stranger, newcomer) = (Keypair::new(), Keypair::new(), Keypair::new());
    let mut machine = Machine::genesis(Reading {
        offset: 0,
        time: 1_000,
    });
    machine
        .install(&crate::ID, PROGRAM_ELF, &authority.pubkey())
        .unwrap();
    machine.airdrop(&stranger.pubkey(), GRANT).unwrap();
    let key = authority.pubkey();
    let init = Initialize {
        authority: key,
        health_oracle: key,
        require_healthy: false,
    };
    let init = initialize(&crate::ID, &key, &key, init).unwrap();
    machine.execute(&crate::ID, &[init], &[&authority]).unwrap();

    machine.set_reading(Reading {
        offset: 0,
        time: 2_000,
    });
    let (before, blockhash) = (accounts(&machine), machine.blockhash());
    // One pays its fee, and the other is granted lamports first.
    for signer in [&stranger, &newcomer] {
        let set = set_policy(&crate::ID, &signer.pubkey(), true);
        let refused = machine.execute(&crate::ID, &[set], &[signer]).unwrap_err();
        assert!(
            matches!(refused, LedgerError::Refused { .. }),
            "{refused:?}"
        );
        assert_eq!(accounts(&machine), before);
        assert_eq!(machine.blockhash(), blockhash);
        assert_eq!(machine.clock().unix_timestamp, 1_000);
    }
    let set = set_policy(&crate::ID, &key, true);
    let entry = machine.execute(&crate::ID, &[set], &[&authority]).unwrap();
    assert_eq!(entry.time, 2_000);
    assert_ne!(machine.blockhash(), blockhash);
}
