//! Devices kept small.

use {
    super::Keyed,
    crate::{
        error::EbbError,
        state::{Device, DeviceHead, Head},
    },
    solana_program::pubkey::Pubkey,
};

/// A device kept small, for those who hold many: without the zeros at the end of its head, where the slots for holds
/// are, it is less than half as long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompactDevice {
    /// Its address.
    pub address: Pubkey,
    /// Its code.
    pub code: Box<str>,
    head: Box<[u8]>,
}

impl From<Keyed<Device>> for CompactDevice {
    fn from(device: Keyed<Device>) -> Self {
        let Device { head, code } = device.account;
        let bytes = bytemuck::bytes_of(&head);
        let len = bytes.iter().rposition(|byte| *byte != 0);
        let taken = bytes.get(..len.map_or(0, |last| last + 1));
        Self {
            address: device.address,
            code: code.into(),
            head: taken.unwrap_or(bytes).into(),
        }
    }
}

impl CompactDevice {
    /// Its head in full.
    ///
    /// # Errors
    /// None, as its bytes are those of a head; the type of a head cannot show that.
    pub fn head(&self) -> Result<DeviceHead, EbbError> {
        let mut bytes = [0; DeviceHead::LEN];
        let taken = bytes.get_mut(..self.head.len());
        taken
            .ok_or(EbbError::CorruptAccount)?
            .copy_from_slice(&self.head);
        bytemuck::checked::try_pod_read_unaligned(&bytes).map_err(|_| EbbError::CorruptAccount)
    }

    /// The device in full.
    ///
    /// # Errors
    /// As [`CompactDevice::head`].
    pub fn device(&self) -> Result<Keyed<Device>, EbbError> {
        Ok(Keyed {
            address: self.address,
            account: Device {
                head: self.head()?,
                code: self.code.clone().into(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::state::{Hold, HoldKind},
    };

    #[test]
    fn nothing_is_lost_and_most_devices_take_less_than_half() {
        let key = |byte| Pubkey::new_from_array([byte; 32]);
        let mut device = Keyed {
            address: key(1),
            account: Device {
                head: DeviceHead::new(key(2), key(3), key(4), 5, 255),
                code: "ams-dz001".into(),
            },
        };
        let compact = CompactDevice::from(device.clone());
        assert!(compact.head.len() * 2 < DeviceHead::LEN);
        assert_eq!(compact.device(), Ok(device.clone()));

        device.account.head.holds[7] = Hold {
            kind: HoldKind::PendingTask,
            expires_at: 10,
            ..Hold::default()
        };
        let compact = CompactDevice::from(device.clone());
        assert_eq!(compact.device(), Ok(device));
    }
}
