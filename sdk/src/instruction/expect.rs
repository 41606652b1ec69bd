//! What an instruction expects of the device that it changes.

use {
    crate::{
        error::EbbError,
        state::{DeviceHead, ProvisioningStatus},
    },
    borsh::{BorshDeserialize, BorshSerialize},
    solana_program::pubkey::Pubkey,
};

/// What the sender believes of a device. If the device differs, the instruction is refused and nothing
/// is written. The default expects nothing.
///
/// How much to expect depends on what may happen between the reading and the landing:
/// [`Expect::as_read`] for a signature of what was shown, as an activation's or one that others still
/// have to sign; [`Expect::in_status`] for a step of a device in use, which must not fail only because
/// a user came or left; [`Expect::registration`] where the status does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Expect {
    /// The provisioning status it has.
    pub status: Option<ProvisioningStatus>,
    /// Its generation, which counts the registrations of one contributor.
    pub generation: Option<u64>,
    /// Its contributor; with the generation it names one registration.
    pub contributor: Option<Pubkey>,
    /// Its sequence, which every accepted mutation raises, a session's opening included.
    pub sequence: Option<u64>,
}

impl Expect {
    /// Expects a device just as it was read: any mutation since then refuses the instruction.
    pub fn as_read(device: &DeviceHead) -> Self {
        Self {
            sequence: Some(device.sequence),
            ..Self::in_status(device)
        }
    }

    /// Expects the registration and the status that were read; sessions, holds and health may have
    /// moved on.
    pub fn in_status(device: &DeviceHead) -> Self {
        Self {
            status: Some(device.provisioning_status),
            ..Self::registration(device)
        }
    }

    /// Expects the registration that was read, in whatever status.
    pub fn registration(device: &DeviceHead) -> Self {
        Self {
            generation: Some(device.generation),
            contributor: Some(device.contributor),
            ..Self::default()
        }
    }

    /// # Errors
    /// [`EbbError::ContributorMismatch`], [`EbbError::GenerationMismatch`],
    /// [`EbbError::StatusMismatch`], [`EbbError::SequenceMismatch`], the first that applies.
    // Out of line, as most instructions have few registers left for it.
    #[inline(never)]
    pub fn check(&self, device: &DeviceHead) -> Result<(), EbbError> {
        ExpectRef::from(self).check(device)
    }
}

/// An [`Expect`] whose contributor stays where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectRef<'a> {
    /// See [`Expect::status`].
    pub status: Option<ProvisioningStatus>,
    /// See [`Expect::generation`].
    pub generation: Option<u64>,
    /// See [`Expect::contributor`].
    pub contributor: Option<&'a Pubkey>,
    /// See [`Expect::sequence`].
    pub sequence: Option<u64>,
}

impl<'a> From<&'a Expect> for ExpectRef<'a> {
    #[inline(always)]
    fn from(expect: &'a Expect) -> Self {
        Self {
            status: expect.status,
            generation: expect.generation,
            contributor: expect.contributor.as_ref(),
            sequence: expect.sequence,
        }
    }
}

impl ExpectRef<'_> {
    /// # Errors
    /// As [`Expect::check`].
    #[inline(always)]
    pub fn check(&self, device: &DeviceHead) -> Result<(), EbbError> {
        if self
            .contributor
            .is_some_and(|contributor| *contributor != device.contributor)
        {
            return Err(EbbError::ContributorMismatch);
        }
        if self
            .generation
            .is_some_and(|generation| generation != device.generation)
        {
            return Err(EbbError::GenerationMismatch);
        }
        if self
            .status
            .is_some_and(|status| status != device.provisioning_status)
        {
            return Err(EbbError::StatusMismatch);
        }
        if self
            .sequence
            .is_some_and(|sequence| sequence != device.sequence)
        {
            return Err(EbbError::SequenceMismatch);
        }
        Ok(())
    }
}
