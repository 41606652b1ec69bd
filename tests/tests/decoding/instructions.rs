//! The SDK's decoders of instructions and events.

use {
    ebb_sdk::{event::Event, instruction::EbbInstruction, EbbError},
    ebb_tests::Scenario,
};

/// Every instruction's data, and the event that it logged.
fn pairs() -> Vec<(Vec<u8>, Event)> {
    Scenario::all()
        .into_iter()
        .map(|mut scenario| {
            let event = scenario.world.must(scenario.instruction.clone());
            (scenario.instruction.data, event)
        })
        .collect()
}

#[test]
fn every_truncation_of_an_instruction() {
    for (data, _) in pairs() {
        for len in 0..data.len() {
            let found = EbbInstruction::unpack(&data[..len]);
            assert_eq!(found, Err(EbbError::InvalidInstruction));
        }
        let mut trailing = data;
        trailing.push(0);
        let found = EbbInstruction::unpack(&trailing);
        assert_eq!(found, Err(EbbError::InvalidInstruction));
    }
}

#[test]
fn no_byte_of_an_instruction_is_taken_for_another() {
    for (data, _) in pairs() {
        for offset in 0..data.len() {
            for byte in 0..=u8::MAX {
                let mut changed = data.clone();
                changed[offset] = byte;
                if let Ok(read) = EbbInstruction::unpack(&changed) {
                    assert_eq!(read.pack(), Ok(changed), "{offset}, {byte}");
                }
            }
        }
    }
}

#[test]
fn every_truncation_of_an_event() {
    for (_, event) in pairs() {
        let bytes = event.to_bytes();
        assert_eq!(Event::decode(&bytes), Ok(event));
        for len in 0..bytes.len() {
            let found = Event::decode(&bytes[..len]);
            assert_eq!(found, Err(EbbError::CorruptAccount));
        }
        let mut trailing = bytes.to_vec();
        trailing.push(0);
        assert_eq!(Event::decode(&trailing), Err(EbbError::CorruptAccount));
    }
}

#[test]
fn no_byte_of_an_event_is_taken_for_another() {
    for (_, event) in pairs() {
        let bytes = event.to_bytes();
        for offset in 0..bytes.len() {
            for byte in 0..=u8::MAX {
                let mut changed = bytes.to_vec();
                changed[offset] = byte;
                if let Ok(read) = Event::decode(&changed) {
                    assert_eq!(read.to_bytes(), changed, "{offset}, {byte}");
                }
            }
        }
    }
}
