//! What the sender believes of a device: if the device differs, the instruction is refused.

use {
    crate::domain::Tally,
    ebb_sdk::{
        instruction::Expect,
        state::{Device, ProvisioningStatus},
        EbbError,
    },
    ebb_tests::{model::rules::check_belief, Scenario},
    solana_sdk::{instruction::Instruction, pubkey::Pubkey},
};

/// What is expected, of which each part may be left out.
#[derive(Clone, Copy, Debug, Default)]
struct Belief {
    status: Option<u8>,
    generation: Option<u64>,
    contributor: Option<Pubkey>,
    sequence: Option<u64>,
}

/// A copy of an instruction that expects something. What is expected comes first among the
/// arguments, as four options.
fn expecting(instruction: &Instruction, belief: Belief) -> Instruction {
    let mut instruction = instruction.clone();
    let nothing = instruction.data.splice(1..5, []);
    assert!(nothing.eq([0; 4]), "it expects nothing yet");
    let generation = belief.generation.map(u64::to_le_bytes);
    let contributor = belief.contributor.map(|key| key.to_bytes());
    let sequence = belief.sequence.map(u64::to_le_bytes);
    let mut expect = vec![u8::from(belief.status.is_some())];
    expect.extend(belief.status);
    expect.push(u8::from(generation.is_some()));
    expect.extend(generation.into_iter().flatten());
    expect.push(u8::from(contributor.is_some()));
    expect.extend(contributor.into_iter().flatten());
    expect.push(u8::from(sequence.is_some()));
    expect.extend(sequence.into_iter().flatten());
    instruction.data.splice(1..1, expect);
    instruction
}

/// The scenarios that change a device, all but its creation.
fn mutations() -> impl Iterator<Item = Scenario> {
    Scenario::all()
        .into_iter()
        .filter(|scenario| (14..30).contains(&scenario.instruction.data[0]))
}

#[test]
fn every_mutation_of_a_device_can_expect() {
    let mut tally = Tally::default();
    for scenario in mutations() {
        let world = scenario.world.clone().without_signature_checks();
        let device = world.get::<Device>(&world.at.device).head;
        let mut after = world.clone();
        after.must(scenario.instruction.clone());
        let after = after.snapshot();

        let actual = Expect {
            status: Some(device.provisioning_status),
            generation: Some(device.generation),
            contributor: Some(device.contributor),
            sequence: Some(device.sequence),
        };

        let mut statuses = vec![None];
        statuses.extend(ProvisioningStatus::ALL.map(Some));
        let other = Some(world.at.other_contributor);
        let (owner, sequence) = (Some(device.contributor), Some(device.sequence));
        let (before, later) = (Some(device.sequence - 1), Some(device.sequence + 1));
        for status in statuses {
            for generation in [None, Some(0), Some(1), Some(2), Some(u64::MAX)] {
                for (contributor, sequence) in [
                    (None, None),
                    (owner, sequence),
                    (owner, before),
                    (None, later),
                    (other, sequence),
                    (other, later),
                ] {
                    let believed = Expect {
                        status,
                        generation,
                        contributor,
                        sequence,
                    };
                    let belief = Belief {
                        status: status.map(|status| status as u8),
                        generation,
                        contributor,
                        sequence,
                    };
                    let mut world = world.clone();
                    let found = world.answer(expecting(&scenario.instruction, belief));
                    let found = found.map(|_| ());
                    let expected = check_belief(&believed, &actual);
                    assert_eq!(found, expected, "{}, {believed:?}", scenario.name);
                    tally.cells += 1;
                    if found.is_ok() {
                        assert_eq!(world.snapshot(), after, "{}", scenario.name);
                        tally.allowed += 1;
                    }
                }
            }
        }
    }
    tally.check(7_020, 312);
}

#[test]
fn an_unknown_status_is_not_expected() {
    for scenario in mutations() {
        let mut world = scenario.world;
        let belief = Belief {
            status: Some(5),
            ..Belief::default()
        };
        let unknown = expecting(&scenario.instruction, belief);
        assert_eq!(world.refusal(unknown), EbbError::InvalidInstruction);
    }
}
