//! Instruction data that is not what it should be.

use {
    crate::Attacks, ebb_sdk::EbbError, ebb_tests::Scenario, solana_sdk::instruction::Instruction,
};

/// A copy of a scenario's instruction with its data edited.
fn edited(scenario: &Scenario, edit: impl FnOnce(&mut Vec<u8>)) -> Instruction {
    let mut instruction = scenario.instruction.clone();
    edit(&mut instruction.data);
    instruction
}

/// Where a string's length stands.
fn length_of(scenario: &Scenario, text: &str) -> usize {
    let data = &scenario.instruction.data;
    let position = data
        .windows(text.len())
        .position(|window| window == text.as_bytes());
    position.expect("the string is in the data") - 4
}

/// The refusal of a string whose characters or length are not allowed.
fn invalid(scenario: &Scenario, text: &str) -> EbbError {
    match scenario.instruction.data[0] {
        11 if text == "Amsterdam" => EbbError::InvalidName,
        5 | 11 | 13 => EbbError::InvalidCode,
        27 => EbbError::InvalidPath,
        _ => EbbError::InvalidReason,
    }
}

#[test]
fn truncated() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for len in 0..scenario.instruction.data.len() {
            let short = edited(&scenario, |data| data.truncate(len));
            let what = (scenario.name, len);
            attacks.refused(&scenario.world, short, EbbError::InvalidInstruction, what);
        }
    }
    assert_eq!(attacks.0, 1_093);
}

#[test]
fn trailing_bytes() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for tail in [&[0][..], &[1], &[0; 32], &[255; 500]] {
            let long = edited(&scenario, |data| data.extend(tail));
            let what = (scenario.name, tail.len());
            attacks.refused(&scenario.world, long, EbbError::InvalidInstruction, what);
        }
    }
    assert_eq!(attacks.0, 4 * 54);
}

#[test]
fn unknown_numbers() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for number in 30..=u8::MAX {
            let unknown = edited(&scenario, |data| data[0] = number);
            let what = (scenario.name, number);
            attacks.refused(&scenario.world, unknown, EbbError::InvalidInstruction, what);
        }
    }
    assert_eq!(attacks.0, 54 * 226);
}

#[test]
fn unknown_enum_bytes() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for offset in scenario.tags {
            for byte in [4, 128, 255] {
                let unknown = edited(&scenario, |data| data[*offset] = byte);
                let what = (scenario.name, offset, byte);
                attacks.refused(&scenario.world, unknown, EbbError::InvalidInstruction, what);
            }
        }
    }
    assert_eq!(attacks.0, 546);
}

#[test]
fn lengths_that_lie() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for text in &scenario.strings {
            let at = length_of(&scenario, text);
            let len = u32::try_from(text.len()).expect("it is short");
            for claim in [len + 1000, 256, 1 << 15, 1 << 20, i32::MAX as u32, u32::MAX] {
                let lying = edited(&scenario, |data| {
                    data[at..at + 4].copy_from_slice(&claim.to_le_bytes());
                });
                let what = (scenario.name, text, claim);
                attacks.refused(&scenario.world, lying, EbbError::InvalidInstruction, what);
            }
        }
    }
    assert_eq!(attacks.0, 96);
}

#[test]
fn strings_that_are_too_long() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for text in &scenario.strings {
            let at = length_of(&scenario, text);
            for (len, refusal) in [
                (255_u32, invalid(&scenario, text)),
                (256, EbbError::InvalidInstruction),
            ] {
                let long = edited(&scenario, |data| {
                    let tail = data.split_off(at + 4 + text.len());
                    data.truncate(at);
                    data.extend(len.to_le_bytes());
                    data.resize(data.len() + len as usize, b'x');
                    data.extend(tail);
                });
                attacks.refused(&scenario.world, long, refusal, (scenario.name, text, len));
            }
        }
    }
    assert_eq!(attacks.0, 32);
}

#[test]
fn strings_that_are_no_text() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        for text in &scenario.strings {
            let at = length_of(&scenario, text) + 4;
            for (bytes, what) in [
                ([0xff, b'a'], "no UTF-8"),
                ([0xc3, b'a'], "half a character"),
            ] {
                let garbled = edited(&scenario, |data| data[at..at + 2].copy_from_slice(&bytes));
                let what = (scenario.name, text, what);
                attacks.refused(&scenario.world, garbled, EbbError::InvalidInstruction, what);
            }
            let controlled = edited(&scenario, |data| data[at] = 0x1b);
            let refusal = invalid(&scenario, text);
            attacks.refused(&scenario.world, controlled, refusal, (scenario.name, text));
        }
    }
    assert_eq!(attacks.0, 48);
}

#[test]
fn no_byte_makes_the_program_fail() {
    let mut attacks = Attacks::default();
    for scenario in Scenario::all() {
        let world = scenario.world.clone().without_signature_checks();
        for offset in 0..scenario.instruction.data.len() {
            for flip in [0x01, 0x80, 0xff] {
                let flipped = edited(&scenario, |data| data[offset] ^= flip);
                attacks.answered(&world, flipped, (scenario.name, offset, flip));
            }
        }
    }
    assert_eq!(attacks.0, 3_279);
}
