//! One account in the place of two.

use {
    crate::{replaced, Attacks},
    ebb_sdk::{state::AccountType, EbbError},
    ebb_tests::{Scenario, Slot},
};

/// The places of accounts of the program, or of ones to be.
fn is_ours(slot: Slot) -> bool {
    matches!(
        slot,
        Slot::Any(..) | Slot::Bound(..) | Slot::Credential | Slot::Vacancy(_)
    )
}

#[test]
fn a_later_account_is_an_earlier_one() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        let metas = &scenario.instruction.accounts;
        for later in 0..metas.len() {
            for earlier in 0..later {
                let is_pair = is_ours(scenario.slots[earlier])
                    && (is_ours(scenario.slots[later]) || scenario.slots[later] == Slot::Recipient);
                if !is_pair || metas[earlier].pubkey == metas[later].pubkey {
                    continue;
                }
                let expected = expected_of_later(&scenario, earlier, later);
                let doubled = replaced(&scenario, later, metas[earlier].pubkey);
                let what = (scenario.name, earlier, later);
                attacks.refused(&scenario.world, doubled, expected, what);
            }
        }
    }
    assert_eq!(attacks.0, 117);
}

fn expected_of_later(scenario: &Scenario, earlier: usize, later: usize) -> EbbError {
    let metas = &scenario.instruction.accounts;
    let is_written = metas[earlier].is_writable || metas[later].is_writable;
    let is_vacant = matches!(scenario.slots[earlier], Slot::Vacancy(_));
    let is_session = matches!(scenario.slots[earlier], Slot::Any(AccountType::Session, _));
    match scenario.slots[later] {
        Slot::Bound(_, refusal) => refusal,
        Slot::Vacancy(_) => EbbError::WrongAddress,
        Slot::Recipient => EbbError::WrongRentRecipient,
        // The authority passed the contributor that the instruction names anyway.
        Slot::Credential if metas[earlier].pubkey == scenario.world.at.contributor => {
            EbbError::Unauthorized
        }
        // A session is read and let go before the credential is.
        Slot::Credential if is_session => EbbError::WrongAccountType,
        // Nothing is there yet, so it has no type.
        Slot::Credential if is_vacant => EbbError::CorruptAccount,
        _ if is_written => EbbError::DuplicateAccount,
        _ => EbbError::WrongAccountType,
    }
}

#[test]
fn an_earlier_account_is_a_later_one() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        let metas = &scenario.instruction.accounts;
        for later in 0..metas.len() {
            for earlier in 0..later {
                let is_pair = is_ours(scenario.slots[earlier]) && is_ours(scenario.slots[later]);
                if !is_pair || metas[earlier].pubkey == metas[later].pubkey {
                    continue;
                }
                let expected = match scenario.slots[earlier] {
                    Slot::Bound(_, refusal) => refusal,
                    Slot::Vacancy(_) => EbbError::WrongAddress,
                    // Nothing is there yet.
                    _ if matches!(scenario.slots[later], Slot::Vacancy(_)) => EbbError::WrongOwner,
                    _ => EbbError::WrongAccountType,
                };
                let doubled = replaced(&scenario, earlier, metas[later].pubkey);
                let what = (scenario.name, earlier, later);
                attacks.refused(&scenario.world, doubled, expected, what);
            }
        }
    }
    assert_eq!(attacks.0, 99);
}
