//! What the sender believes of a device: if it is not so, the instruction is refused.

use {
    crate::domain::Tally,
    ebb_sdk::{
        state::{Device, ProvisioningStatus},
        EbbError,
    },
    ebb_tests::{Scenario, Snapshot},
    solana_sdk::instruction::Instruction,
};

/// A copy of an instruction that expects a status and a generation. What is expected comes first
/// among the arguments, as two options.
fn expecting(
    instruction: &Instruction,
    status: Option<u8>,
    generation: Option<u64>,
) -> Instruction {
    let mut instruction = instruction.clone();
    let nothing = instruction.data.splice(1..3, []);
    assert!(nothing.eq([0, 0]), "it expects nothing yet");
    let mut expect = vec![u8::from(status.is_some())];
    expect.extend(status);
    expect.push(u8::from(generation.is_some()));
    expect.extend(generation.into_iter().flat_map(u64::to_le_bytes));
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

        let mut statuses = vec![None];
        statuses.extend(ProvisioningStatus::ALL.map(Some));
        for status in statuses {
            for generation in [None, Some(0), Some(1), Some(2), Some(u64::MAX)] {
                let expected = if generation.is_some_and(|it| it != device.generation) {
                    Err(EbbError::GenerationMismatch)
                } else if status.is_some_and(|it| it != device.provisioning_status) {
                    Err(EbbError::StatusMismatch)
                } else {
                    Ok(|_: Snapshot| after.clone())
                };
                let number = status.map(|status| status as u8);
                let instruction = expecting(&scenario.instruction, number, generation);
                let cell = (scenario.name, status, generation);
                tally.cell(&world, instruction, expected, cell);
            }
        }
    }
    tally.check(1_170, 156);
}

#[test]
fn an_unknown_status_is_not_expected() {
    for scenario in mutations() {
        let mut world = scenario.world;
        let unknown = expecting(&scenario.instruction, Some(5), None);
        assert_eq!(world.refusal(unknown), EbbError::InvalidInstruction);
    }
}
