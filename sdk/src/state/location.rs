use {
    super::{end_of_account, read_string, AccountType, Head, ProvisioningStatus, ACCOUNT_VERSION},
    crate::{
        error::EbbError,
        value::{MAX_CODE_LEN, MAX_NAME_LEN},
    },
    borsh::{BorshDeserialize, BorshSerialize},
    bytemuck::{CheckedBitPattern, NoUninit},
};

/// The fixed part of a [`Location`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, CheckedBitPattern, NoUninit,
)]
#[repr(C)]
pub struct LocationHead {
    /// [`AccountType::Location`]
    pub discriminator: AccountType,
    /// Layout version.
    pub version: u8,
    /// ISO 3166-1 alpha-2, capital letters.
    pub country: [u8; 2],
    /// Millionths of a degree, north positive.
    pub latitude: i32,
    /// Millionths of a degree, east positive.
    pub longitude: i32,
    /// The disruption budget: the fewest devices to keep activated.
    pub min_activated: u32,
    /// Devices here, of any status.
    pub devices: u32,
    /// Devices here that are activated.
    pub activated: u32,
    /// Devices here that are draining.
    pub draining: u32,
    /// The PDA's bump.
    pub bump: u8,
    /// Zeros.
    pub reserved: [u8; 3],
    /// Accepted mutations of this account. Devices that come, go and drain are mutations of the device.
    pub sequence: u64,
}

impl Head for LocationHead {
    const TYPE: AccountType = AccountType::Location;
}

impl LocationHead {
    /// A location as `CreateLocation` lays it down.
    pub fn new(
        country: [u8; 2],
        latitude: i32,
        longitude: i32,
        min_activated: u32,
        bump: u8,
    ) -> Self {
        Self {
            discriminator: Self::TYPE,
            version: ACCOUNT_VERSION,
            country,
            latitude,
            longitude,
            min_activated,
            devices: 0,
            activated: 0,
            draining: 0,
            bump,
            reserved: [0; 3],
            sequence: 1,
        }
    }
}

impl LocationHead {
    /// Counts a device that went from one status to another; `None` is not here.
    ///
    /// # Errors
    /// [`EbbError::Overflow`]
    #[inline(always)]
    pub fn count(
        &mut self,
        from: Option<ProvisioningStatus>,
        to: Option<ProvisioningStatus>,
    ) -> Result<(), EbbError> {
        for (status, step) in [(from, Step::Less), (to, Step::More)] {
            match status {
                Some(ProvisioningStatus::Activated) => step.take(&mut self.activated)?,
                Some(ProvisioningStatus::Draining) => step.take(&mut self.draining)?,
                _ => {}
            }
        }
        match (from, to) {
            (None, Some(_)) => Step::More.take(&mut self.devices),
            (Some(_), None) => Step::Less.take(&mut self.devices),
            _ => Ok(()),
        }
    }
}

enum Step {
    Less,
    More,
}

impl Step {
    fn take(&self, count: &mut u32) -> Result<(), EbbError> {
        *count = match self {
            Step::Less => count.checked_sub(1),
            Step::More => count.checked_add(1),
        }
        .ok_or(EbbError::Overflow)?;
        Ok(())
    }
}

/// A metro; carries the disruption budget. PDA `["location", code]`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Location {
    /// The fixed part.
    pub head: LocationHead,
    /// Unique by address.
    pub code: String,
    /// As people call it.
    pub name: String,
}

impl Location {
    /// Reads an account's data.
    ///
    /// # Errors
    /// As [`Head::of`]; [`EbbError::CorruptAccount`] for a bad string or trailing bytes other than zeros.
    pub fn decode(data: &[u8]) -> Result<Self, EbbError> {
        let head = LocationHead::read(data)?;
        let mut tail = data.get(LocationHead::LEN..).unwrap_or_default();
        let code = read_string(&mut tail, MAX_CODE_LEN)?;
        let name = read_string(&mut tail, MAX_NAME_LEN)?;
        end_of_account(tail)?;
        Ok(Self { head, code, name })
    }
}
