//! Instructions that are read where their data lies.
//!
//! [`EbbInstruction`]'s Borsh defines every encoding. Reading it makes an enum and a string, which
//! costs a program a quarter of all that draining a device takes. So the two instructions that come
//! by the hundred when a metro is worked on are read here too, and tests hold both readings against
//! each other.

use {
    super::{DrainDevice, EbbInstruction, ExpectRef, ShortString},
    crate::{
        error::EbbError,
        state::{CheckedReason, Reason},
        value::{check_deadline, check_planned_return},
    },
};

impl EbbInstruction {
    /// The number of [`EbbInstruction::DrainDevice`].
    pub const DRAIN_DEVICE: u8 = 16;
    /// The number of [`EbbInstruction::UndrainDevice`].
    pub const UNDRAIN_DEVICE: u8 = 18;
}

/// A [`DrainDevice`] whose reason stays where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrainDeviceRef<'a> {
    /// See [`DrainDevice::expect`].
    pub expect: ExpectRef<'a>,
    /// See [`DrainDevice::deadline_seconds`].
    pub deadline_seconds: u32,
    /// See [`DrainDevice::planned_return_seconds`].
    pub planned_return_seconds: u32,
    /// See [`DrainDevice::force`].
    pub force: bool,
    /// See [`DrainDevice::reason`].
    pub reason: &'a str,
}

impl<'a> DrainDeviceRef<'a> {
    /// Reads the instruction's arguments, which follow its number.
    ///
    /// # Errors
    /// As [`EbbInstruction::unpack`].
    #[inline(always)]
    pub fn unpack(arguments: &'a [u8]) -> Result<Self, EbbError> {
        Rest(arguments).whole(|cursor| {
            Some(Self {
                expect: cursor.expect()?,
                deadline_seconds: cursor.u32()?,
                planned_return_seconds: cursor.u32()?,
                force: cursor.bool()?,
                reason: cursor.text()?,
            })
        })
    }

    /// The reason, checked.
    ///
    /// # Errors
    /// As [`DrainDevice::check`].
    #[inline(always)]
    pub fn check(&self) -> Result<CheckedReason<'a>, EbbError> {
        check_deadline(self.deadline_seconds)?;
        check_planned_return(self.planned_return_seconds)?;
        Reason::checked(self.reason)
    }
}

impl<'a> From<&'a DrainDevice> for DrainDeviceRef<'a> {
    fn from(args: &'a DrainDevice) -> Self {
        Self {
            expect: ExpectRef::from(&args.expect),
            deadline_seconds: args.deadline_seconds,
            planned_return_seconds: args.planned_return_seconds,
            force: args.force,
            reason: &args.reason,
        }
    }
}

impl DrainDevice {
    /// # Errors
    /// [`EbbError::DeadlineTooSoon`], [`EbbError::DurationTooLong`], [`EbbError::InvalidReason`]
    pub fn check(&self) -> Result<(), EbbError> {
        DrainDeviceRef::from(self).check().map(|_| ())
    }
}

impl<'a> ExpectRef<'a> {
    /// Reads the arguments of an instruction that has no others, which follow its number.
    ///
    /// # Errors
    /// As [`EbbInstruction::unpack`].
    #[inline(always)]
    pub fn unpack(arguments: &'a [u8]) -> Result<Self, EbbError> {
        Rest(arguments).whole(Rest::expect)
    }
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Reads all that is left.
    #[inline(always)]
    fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Result<T, EbbError> {
        match read(&mut self) {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(EbbError::InvalidInstruction),
        }
    }

    #[inline(always)]
    fn chunk<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(bytes)
    }

    #[inline(always)]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.chunk().copied()
    }

    #[inline(always)]
    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    #[inline(always)]
    fn bool(&mut self) -> Option<bool> {
        match self.array()? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    #[inline(always)]
    fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.bool()? {
            read(self).map(Some)
        } else {
            Some(None)
        }
    }

    #[inline(always)]
    fn expect(&mut self) -> Option<ExpectRef<'a>> {
        Some(ExpectRef {
            status: self.optional(|cursor| {
                let [status] = cursor.array()?;
                bytemuck::checked::try_cast(status).ok()
            })?,
            generation: self.optional(|cursor| cursor.array().map(u64::from_le_bytes))?,
            contributor: self.optional(|cursor| cursor.chunk::<32>().map(bytemuck::cast_ref))?,
            sequence: self.optional(|cursor| cursor.array().map(u64::from_le_bytes))?,
        })
    }

    #[inline(always)]
    fn text(&mut self) -> Option<&'a str> {
        let len = self.u32()? as usize;
        if len > ShortString::MAX_LEN {
            return None;
        }
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        match text {
            // Most drains give no reason, and reading nothing is a call too.
            [] => Some(""),
            text => core::str::from_utf8(text).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{instruction::Expect, state::ProvisioningStatus},
        proptest::prelude::*,
        solana_program::pubkey::Pubkey,
    };

    fn owned(expect: ExpectRef) -> Expect {
        Expect {
            status: expect.status,
            generation: expect.generation,
            contributor: expect.contributor.copied(),
            sequence: expect.sequence,
        }
    }

    /// Both readings of the same data, as Borsh's.
    fn readings(data: &[u8]) -> [Result<EbbInstruction, EbbError>; 2] {
        let in_place = match data.split_first() {
            Some((&EbbInstruction::DRAIN_DEVICE, arguments)) => DrainDeviceRef::unpack(arguments)
                .map(|args| {
                    EbbInstruction::DrainDevice(DrainDevice {
                        expect: owned(args.expect),
                        deadline_seconds: args.deadline_seconds,
                        planned_return_seconds: args.planned_return_seconds,
                        force: args.force,
                        reason: args.reason.into(),
                    })
                }),
            Some((&EbbInstruction::UNDRAIN_DEVICE, arguments)) => ExpectRef::unpack(arguments)
                .map(|expect| EbbInstruction::UndrainDevice(owned(expect))),
            _ => EbbInstruction::unpack(data),
        };
        [EbbInstruction::unpack(data), in_place]
    }

    fn instruction() -> impl Strategy<Value = EbbInstruction> {
        let expect = (
            proptest::option::of(0..ProvisioningStatus::ALL.len()),
            any::<Option<u64>>(),
            any::<Option<[u8; 32]>>(),
            any::<Option<u64>>(),
        )
            .prop_map(|(status, generation, contributor, sequence)| Expect {
                status: status.map(|index| ProvisioningStatus::ALL[index]),
                generation,
                contributor: contributor.map(Pubkey::new_from_array),
                sequence,
            });
        let reason = prop_oneof![".{0,70}", "[ -~]{250,256}"];
        prop_oneof![
            (expect.clone(), any::<(u32, u32, bool)>(), reason).prop_map(
                |(expect, (deadline_seconds, planned_return_seconds, force), reason)| {
                    EbbInstruction::DrainDevice(DrainDevice {
                        expect,
                        deadline_seconds,
                        planned_return_seconds,
                        force,
                        reason: reason.as_str().into(),
                    })
                }
            ),
            expect.prop_map(EbbInstruction::UndrainDevice),
        ]
    }

    proptest! {
        #[test]
        fn reads_as_borsh(instruction in instruction(), place: prop::sample::Index, byte: u8) {
            let data = instruction.pack().unwrap();
            let [borsh, in_place] = readings(&data);
            prop_assert_eq!(&borsh, &in_place);
            for len in 0..data.len() {
                let [borsh, in_place] = readings(&data[..len]);
                prop_assert_eq!(borsh, in_place);
            }
            let mut longer = data.clone();
            longer.push(byte);
            prop_assert_eq!(readings(&longer)[1].clone(), Err(EbbError::InvalidInstruction));
            let mut changed = data;
            *place.get_mut(&mut changed) = byte;
            let [borsh, in_place] = readings(&changed);
            prop_assert_eq!(borsh, in_place);
        }
    }

    #[test]
    fn numbers_are_those_of_the_enum() {
        let number = |instruction: EbbInstruction| instruction.pack().unwrap()[0];
        assert_eq!(
            number(EbbInstruction::DrainDevice(DrainDevice::default())),
            EbbInstruction::DRAIN_DEVICE
        );
        assert_eq!(
            number(EbbInstruction::UndrainDevice(Expect::default())),
            EbbInstruction::UNDRAIN_DEVICE
        );
    }
}
