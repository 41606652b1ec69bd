//! Missing signers, and signers of other accounts.

use {
    crate::{replaced, Attacks},
    ebb_sdk::EbbError,
    ebb_tests::{Actor, Scenario, Slot},
};

#[test]
fn missing_signer() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, slot) in scenario.slots.iter().enumerate() {
            let expected = match slot {
                Slot::Signer(_) | Slot::Payer => EbbError::MissingSignature,
                Slot::OldAgent => EbbError::AgentSignatureRequired,
                _ => continue,
            };
            let mut unsigned = scenario.instruction.clone();
            assert!(unsigned.accounts[index].is_signer);
            unsigned.accounts[index].is_signer = false;
            attacks.refused(&scenario.world, unsigned, expected, (scenario.name, index));
        }
    }
    assert_eq!(attacks.0, 64);
}

#[test]
fn other_signer() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for (index, slot) in scenario.slots.iter().enumerate() {
            for other in [Actor::Stranger, Actor::OtherContributor] {
                let signed = replaced(&scenario, index, other.key());
                let what = (scenario.name, index, other);
                match slot {
                    Slot::Signer(Some(expected)) => {
                        attacks.refused(&scenario.world, signed, *expected, what);
                    }
                    Slot::OldAgent => {
                        let expected = EbbError::AgentSignatureRequired;
                        attacks.refused(&scenario.world, signed, expected, what);
                    }
                    Slot::Signer(None) | Slot::Payer => {
                        attacks.accepted(&scenario.world, signed, what);
                    }
                    _ => {}
                }
            }
        }
    }
    assert_eq!(attacks.0, 128);
}
