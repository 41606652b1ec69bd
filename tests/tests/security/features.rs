//! Every suite runs with mainnet's features and with every feature that agave knows: the latter do reach the VM.

use {
    agave_feature_set::{
        account_data_direct_mapping, direct_account_pointers_in_program_input,
        virtual_address_space_adjustments, FeatureSet,
    },
    ebb_tests::World,
    litesvm::LiteSVM,
    solana_sdk::{instruction::InstructionError, pubkey::Pubkey, transaction::TransactionError},
};

const PROXY: Pubkey = Pubkey::new_from_array([77; 32]);

#[test]
fn a_store_to_read_only_data_is_refused_under_every_feature_only() {
    let mut world = World::new();
    world.install(PROXY, ebb_proxy::ELF);
    let touch = ebb_proxy::touch(&PROXY, &world.at.registry);
    let refused = TransactionError::InstructionError(0, InstructionError::ReadonlyDataModified);
    assert_eq!(world.failures(touch), [None, Some(refused)]);
}

#[test]
fn mainnet_lacks_the_features_that_move_accounts_in_memory() {
    for feature in [
        virtual_address_space_adjustments::ID,
        account_data_direct_mapping::ID,
        direct_account_pointers_in_program_input::ID,
    ] {
        assert!(FeatureSet::all_enabled().is_active(&feature), "{feature}");
        assert!(
            !LiteSVM::mainnet_feature_set().is_active(&feature),
            "{feature}"
        );
    }
}
