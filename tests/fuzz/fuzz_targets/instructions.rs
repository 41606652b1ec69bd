//! Instructions: no bytes make a decoder panic, what it accepts it writes again as it was, and the decoder that the
//! program uses in place reads what Borsh reads.
#![no_main]

use {
    ebb_sdk::instruction::{DrainDeviceRef, EbbInstruction, ExpectRef},
    libfuzzer_sys::fuzz_target,
};

fuzz_target!(|data: &[u8]| {
    let instruction = EbbInstruction::unpack(data);
    if let Ok(instruction) = &instruction {
        assert_eq!(instruction.pack().as_deref(), Ok(data));
    }
    match data.split_first() {
        Some((&EbbInstruction::DRAIN_DEVICE, arguments)) => {
            let in_place = DrainDeviceRef::unpack(arguments);
            match &instruction {
                Ok(EbbInstruction::DrainDevice(args)) => {
                    assert_eq!(in_place, Ok(DrainDeviceRef::from(args)));
                }
                Ok(other) => panic!("a drain is read as {other:?}"),
                Err(error) => assert_eq!(in_place, Err(*error)),
            }
            // Its values are checked without a panic too.
            let _ = in_place.and_then(|args| args.check());
        }
        Some((&EbbInstruction::UNDRAIN_DEVICE, arguments)) => {
            let in_place = ExpectRef::unpack(arguments);
            match &instruction {
                Ok(EbbInstruction::UndrainDevice(expect)) => {
                    assert_eq!(in_place, Ok(ExpectRef::from(expect)));
                }
                Ok(other) => panic!("an undrain is read as {other:?}"),
                Err(error) => assert_eq!(in_place, Err(*error)),
            }
        }
        _ => {}
    }
});
