//! Closing: where the lamports go, and that nothing closed comes back.

use {
    crate::Attacks,
    ebb_sdk::{
        state::{
            Device,
            ProvisioningStatus::{Activated, Retired},
            Session,
        },
        EbbError,
    },
    ebb_tests::{user, Actor, Caller, Places, Refusal, Scenario, Situation, Slot, World},
    solana_sdk::{
        account::Account,
        instruction::{AccountMeta, Instruction},
        pubkey::Pubkey,
        transaction::TransactionError,
    },
};

const SYSTEM: Pubkey = Pubkey::new_from_array([0; 32]);

/// The scenarios that close an account, and which one: a device, a session or a disk key.
fn closures() -> Vec<(Scenario, Pubkey)> {
    Scenario::all()
        .into_iter()
        .filter(|scenario| scenario.slots.contains(&Slot::Recipient))
        .map(|scenario| {
            let index = if scenario.instruction.data[0] == 20 {
                1
            } else {
                2
            };
            let closed = scenario.instruction.accounts[index].pubkey;
            (scenario, closed)
        })
        .collect()
}

fn transfer(to: &Pubkey, lamports: u64) -> Instruction {
    let mut data = vec![2, 0, 0, 0];
    data.extend(lamports.to_le_bytes());
    Instruction {
        program_id: SYSTEM,
        accounts: vec![
            AccountMeta::new(Actor::FeePayer.key(), true),
            AccountMeta::new(*to, false),
        ],
        data,
    }
}

#[test]
fn the_rent_goes_to_the_recorded_payer() {
    for (scenario, closed) in closures() {
        let mut world = scenario.world.clone();
        let rent = world.lamports(&closed);
        let before = world.lamports(&Actor::Payer.key());
        world.must(scenario.instruction.clone());
        assert_eq!(world.lamports(&Actor::Payer.key()), before + rent);
        assert_eq!(world.account(&closed), None);
    }
}

#[test]
fn nothing_closed_is_revived_in_the_same_transaction() {
    for (scenario, closed) in closures() {
        let rent = scenario.world.lamports(&closed);
        let close = scenario.instruction.clone();
        let funded = [close.clone(), transfer(&closed, rent)];

        let mut world = scenario.world.clone();
        let events = world.submit(&world.sign(&funded)).expect("anyone may send");
        assert_eq!(events.len(), 1);
        let left = world.account(&closed).expect("it has lamports");
        assert_eq!((left.owner, left.data.len()), (SYSTEM, 0));
        Attacks::default().refused(&world, close.clone(), EbbError::WrongOwner, scenario.name);

        let mut world = scenario.world.clone();
        let [close, transfer] = funded;
        let again = world.sign(&[close.clone(), transfer, close]);
        let refused = world.submit(&again);
        assert_eq!(refused, Err(Refusal::Ebb(EbbError::WrongOwner)));
    }
}

#[test]
fn lamports_sent_to_an_account_leave_with_its_rent() {
    for (scenario, closed) in closures() {
        let mut world = scenario.world.clone();
        let before = world.lamports(&Actor::Payer.key());
        let rent = world.lamports(&closed);
        let transaction = world.sign(&[transfer(&closed, 7), scenario.instruction.clone()]);
        world.submit(&transaction).expect("accepted");
        assert_eq!(world.lamports(&Actor::Payer.key()), before + rent + 7);
    }
}

/// Rent has risen since the account was created: its lamports are too few for the emptied payer to exist.
#[test]
fn what_the_emptied_payer_lacks_makes_room_for_the_rent() {
    for (scenario, closed) in closures() {
        let mut world = scenario.world.clone();
        let payer = Actor::Payer.key();
        let minimum = world.rent(0);
        let mut account = world.account(&closed).expect("it is there");
        account.lamports = minimum - 5;
        world.put(closed, account);
        world.put(payer, Account::default());
        let close = scenario.instruction.clone();
        for failure in world.failures(close.clone()) {
            let name = scenario.name;
            assert!(
                matches!(
                    failure,
                    Some(TransactionError::InsufficientFundsForRent { .. })
                ),
                "{name}: {failure:?}"
            );
        }
        let transaction = world.sign(&[close, transfer(&payer, 5)]);
        world.submit(&transaction).expect("accepted");
        assert_eq!(world.lamports(&payer), minimum);
    }
}

#[test]
fn a_code_registered_anew_is_another_registration() {
    let mut world = Situation::of(Some(Retired)).establish(&World::new());
    let remove = world.remove(Caller::CONTRIBUTOR);
    let create = world.create_device(Actor::Contributor, Places::DEVICE);
    let events = world
        .submit(&world.sign(&[remove, create]))
        .expect("the code is free again");
    assert_eq!(events[1].sequence, 1);
    let device = world.get::<Device>(&world.at.device).head;
    assert_eq!(device.generation, 2);
    assert_eq!(device.payer, Actor::Payer.key());
}

#[test]
fn a_session_closed_and_opened_in_one_transaction_is_a_new_one() {
    let mut world = Situation {
        sessions: 1,
        ..Situation::of(Some(Activated))
    }
    .establish(&World::new());
    let close = world.close_session(Caller::AGENT, &user(0));
    let open = world.open_session(Actor::Agent, &user(0));
    let session = open.accounts[3].pubkey;
    world
        .submit(&world.sign(&[close, open]))
        .expect("the place is free again");
    assert_eq!(world.get::<Session>(&session).opened_at, world.now());
}
