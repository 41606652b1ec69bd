//! A contributor's keys may be addresses of another program, as a multisig's vault is, which signs
//! by CPI.

use {
    ebb_sdk::{
        event::{from_logs, Event, EventKind, Logged},
        instruction::{nominate_authority, nominate_contributor_authority, set_operator},
        state::{Contributor, Device, Health, HoldKind, ProvisioningStatus},
        EbbError, Role,
    },
    ebb_tests::{Actor, Caller, Places, Refusal, Situation, World},
    solana_sdk::{instruction::Instruction, pubkey::Pubkey},
    ProvisioningStatus::{Activated, Draining, Pending, Retired},
};

/// The program that signs, and the same one at another address.
const PROXY: Pubkey = Pubkey::new_from_array([77; 32]);
const OTHER_PROXY: Pubkey = Pubkey::new_from_array([78; 32]);
/// The vault that holds a role, and one that holds none.
const VAULT: u8 = 1;
const OTHER_VAULT: u8 = 2;

fn vault() -> Pubkey {
    ebb_proxy::vault(&PROXY, VAULT).0
}

/// An instruction as a vault has its program send it. The vault takes the signer's place.
fn by_vault(proxy: &Pubkey, number: u8, instruction: &Instruction) -> Instruction {
    let signer = ebb_proxy::vault(proxy, number).0;
    ebb_proxy::call(proxy, Some(number), &[], &signed_by(signer, instruction))
}

fn signed_by(signer: Pubkey, instruction: &Instruction) -> Instruction {
    let mut instruction = instruction.clone();
    instruction.accounts[0].pubkey = signer;
    instruction
}

/// The contributor's authority is a key.
fn before() -> World {
    let mut world = World::new();
    world.install(PROXY, ebb_proxy::ELF);
    world.install(OTHER_PROXY, ebb_proxy::ELF);
    world
}

fn nominate_vault(world: &World) -> Instruction {
    let contributor = &world.at.contributor;
    nominate_contributor_authority(
        &world.program_id,
        &Actor::Contributor.key(),
        contributor,
        contributor,
        Some(&vault()),
    )
    .expect("a vault may be nominated")
}

/// The contributor's authority is the vault.
fn after() -> World {
    let mut world = before();
    world.must(nominate_vault(&world));
    let accept = world.accept_contributor(Actor::Contributor);
    world.must(by_vault(&PROXY, VAULT, &accept));
    world
}

fn status(world: &World) -> ProvisioningStatus {
    let device: Device = world.get(&world.at.device);
    device.head.provisioning_status
}

#[test]
fn a_vault_takes_a_device_through_its_life() {
    let mut world = after();
    let create = world.create_device(Actor::Contributor, Places::DEVICE);
    let created = world.must(by_vault(&PROXY, VAULT, &create));
    assert_eq!(created.kind, EventKind::DeviceCreated);
    assert_eq!(status(&world), Pending);
    world.must(world.activate(Actor::Authority));

    let steps = [
        (world.drain(Caller::CONTRIBUTOR, false), Draining),
        (world.undrain(Actor::Contributor), Activated),
        (world.drain(Caller::CONTRIBUTOR, false), Draining),
        (world.retire(Caller::CONTRIBUTOR), Retired),
    ];
    for (instruction, to) in steps {
        let from = status(&world);
        let event = world.must(by_vault(&PROXY, VAULT, &instruction));
        assert_eq!(event.statuses(), Some((from, to)));
        assert_eq!((event.actor, event.role), (vault(), Role::Contributor));
        assert_eq!(status(&world), to);
    }

    world.must(by_vault(&PROXY, VAULT, &world.remove(Caller::CONTRIBUTOR)));
    assert_eq!(world.account(&world.at.device), None);
}

#[test]
fn the_authority_goes_from_a_key_to_a_vault_and_back() {
    let mut world = after();
    let authority = |world: &World| {
        let contributor: Contributor = world.get(&world.at.contributor);
        contributor.head.authority
    };
    assert_eq!(authority(&world), vault());
    let nominate = world.nominate_contributor(Caller::CONTRIBUTOR, Some(Actor::Contributor));
    assert_eq!(world.refusal(nominate.clone()), EbbError::Unauthorized);

    world.must(by_vault(&PROXY, VAULT, &nominate));
    assert_eq!(authority(&world), vault());
    world.must(world.accept_contributor(Actor::Contributor));
    assert_eq!(authority(&world), Actor::Contributor.key());
    let again = by_vault(&PROXY, VAULT, &nominate);
    assert_eq!(world.refusal(again), EbbError::Unauthorized);
}

#[test]
fn an_operator_may_be_a_vault() {
    let mut world = Situation::of(Some(Activated)).establish(&before());
    let contributor = world.at.contributor;
    let authority = Actor::Contributor.key();
    let set = set_operator(&world.program_id, &authority, &contributor, Some(&vault()));
    world.must(set.expect("a vault may be the operator"));

    let drain = world.drain(Caller::CONTRIBUTOR, false);
    let event = world.must(by_vault(&PROXY, VAULT, &drain));
    assert_eq!((event.actor, event.role), (vault(), Role::Operator));
    let retire = world.retire(Caller::CONTRIBUTOR);
    let refused = world.refusal(by_vault(&PROXY, VAULT, &retire));
    assert_eq!(refused, EbbError::RoleNotAllowed);
    world.must(by_vault(&PROXY, VAULT, &world.undrain(Actor::Contributor)));
}

#[test]
fn the_networks_authority_may_be_a_vault() {
    let mut world = Situation::of(Some(Pending)).establish(&before());
    let nominate = nominate_authority(&world.program_id, &Actor::Authority.key(), Some(&vault()));
    world.must(nominate.expect("a vault may be nominated"));
    let accept = world.accept(Actor::Authority);
    world.must(by_vault(&PROXY, VAULT, &accept));

    let activate = world.activate(Actor::Authority);
    assert_eq!(world.refusal(activate.clone()), EbbError::Unauthorized);
    let event = world.must(by_vault(&PROXY, VAULT, &activate));
    assert_eq!((event.actor, event.role), (vault(), Role::Authority));
}

/// What the contributor signs while its device is activated.
fn contributor_instructions(world: &World) -> Vec<Instruction> {
    vec![
        world.create_device(Actor::Contributor, Places::OTHER_DEVICE),
        world.drain(Caller::CONTRIBUTOR, false),
        world.undrain(Actor::Contributor),
        world.retire(Caller::CONTRIBUTOR),
        world.remove(Caller::CONTRIBUTOR),
        world.place_hold(Caller::CONTRIBUTOR, HoldKind::PendingTask, 60),
        world.set_agent(Caller::CONTRIBUTOR, None, Actor::Successor),
        world.set_operator(Actor::Contributor, None),
        world.nominate_contributor(Caller::CONTRIBUTOR, Some(Actor::Successor)),
    ]
}

/// The vault's world with an activated device.
fn activated() -> World {
    let mut world = after();
    let create = world.create_device(Actor::Contributor, Places::DEVICE);
    world.must(by_vault(&PROXY, VAULT, &create));
    world.must(world.activate(Actor::Authority));
    world
}

#[test]
fn a_vault_that_does_not_sign_is_refused() {
    let mut world = activated();
    for instruction in contributor_instructions(&world) {
        let unsigned = ebb_proxy::call(&PROXY, None, &[], &signed_by(vault(), &instruction));
        let refused = world.refusal(unsigned);
        assert_eq!(refused, EbbError::MissingSignature, "{instruction:?}");
    }

    let mut world = before();
    world.must(nominate_vault(&world));
    let accept = signed_by(vault(), &world.accept_contributor(Actor::Contributor));
    let unsigned = ebb_proxy::call(&PROXY, None, &[], &accept);
    assert_eq!(world.refusal(unsigned), EbbError::MissingSignature);
}

#[test]
fn another_vault_is_a_stranger() {
    let others = [(PROXY, OTHER_VAULT), (OTHER_PROXY, VAULT)];
    let mut world = activated();
    for instruction in contributor_instructions(&world) {
        for (proxy, number) in others {
            let refused = world.refusal(by_vault(&proxy, number, &instruction));
            assert_eq!(refused, EbbError::Unauthorized, "{number} {instruction:?}");
        }
    }

    let mut world = before();
    world.must(nominate_vault(&world));
    let accept = world.accept_contributor(Actor::Contributor);
    for (proxy, number) in others {
        let refused = world.refusal(by_vault(&proxy, number, &accept));
        assert_eq!(refused, EbbError::NotNominee, "{number}");
    }
}

#[test]
fn a_signature_reaches_the_program_through_another_one() {
    let mut world = Situation::of(Some(Activated)).establish(&before());
    let drain = world.drain(Caller::CONTRIBUTOR, false);
    let event = world.must(ebb_proxy::call(&PROXY, None, &[], &drain));
    assert_eq!(event.actor, Actor::Contributor.key());
}

#[test]
fn what_another_program_logs_is_no_event() {
    let mut world = activated();
    let forged = Event {
        sequence: 3,
        ..Event::new(
            EventKind::DeviceRemoved,
            &world.at.device,
            &vault(),
            Role::Contributor,
        )
    };
    let drain = signed_by(vault(), &world.drain(Caller::CONTRIBUTOR, false));
    let call = ebb_proxy::call(&PROXY, Some(VAULT), &forged.to_bytes(), &drain);

    let logs = world.simulate(std::slice::from_ref(&call));
    let logged_by = |program: &Pubkey| from_logs(program, logs.iter().map(String::as_str));
    assert_eq!(logged_by(&PROXY), Ok(Logged::Whole(vec![forged; 2])));
    let believed = logged_by(&world.program_id).expect("it decodes").whole();
    let believed = believed.expect("the logs are whole");
    assert_eq!(world.send(call), Ok(believed.clone()));
    let kinds: Vec<EventKind> = believed.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::DrainStarted]);
}

/// Whoever sends a transaction can have other programs log until nothing more is kept: the drain at its
/// end is accepted and its event is lost, which the reader reports.
#[test]
fn an_event_that_its_sender_pushed_out_of_the_logs_is_known_to_be_missing() {
    let world = activated();
    let reports = [Health::Healthy, Health::Unhealthy].repeat(8);
    let mut instructions: Vec<Instruction> = reports
        .into_iter()
        .map(|health| {
            ebb_proxy::call(
                &PROXY,
                None,
                &[7; 255],
                &world.report(Caller::AGENT, health),
            )
        })
        .collect();
    instructions.push(ebb_proxy::call(
        &PROXY,
        Some(VAULT),
        &[],
        &signed_by(vault(), &world.drain(Caller::CONTRIBUTOR, false)),
    ));
    let logs = world.simulate(&instructions);
    let cut = logs.iter().position(|line| line == "Log truncated");
    assert!(cut.is_some_and(|cut| cut + 1 < logs.len()), "{logs:#?}");
    let read = from_logs(&world.program_id, logs.iter().map(String::as_str));
    let Ok(Logged::Truncated(events)) = read else {
        panic!("{read:?}");
    };
    assert!(!events.is_empty() && events.len() < 16);
    assert!(events
        .iter()
        .all(|event| event.kind == EventKind::HealthReported));
}

#[test]
fn what_the_proxy_cannot_read_it_refuses() {
    let mut world = activated();
    let drain = by_vault(&PROXY, VAULT, &world.drain(Caller::CONTRIBUTOR, false));
    for data in [&[][..], &[1, VAULT], &[2, VAULT, 0], &[1, VAULT, 1]] {
        let call = Instruction {
            data: data.to_vec(),
            ..drain.clone()
        };
        let refused = world.send(call);
        assert!(matches!(refused, Err(Refusal::Other(_))), "{refused:?}");
    }
    let bare = Instruction {
        accounts: Vec::new(),
        ..drain
    };
    assert!(matches!(world.send(bare), Err(Refusal::Other(_))));
}
