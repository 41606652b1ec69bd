//! Disk keys.

use {
    super::{expected, rent_goes_home, replace, signed, some_key, Verdict},
    crate::model::{
        address::ADDRESSES,
        call::Call,
        state::{DiskKey, Model, Stage},
    },
    crate::Actor,
    ebb_sdk::{
        event::{Event, EventKind},
        EbbError, Role,
    },
};

/// The most disk keys of a device.
const MAX_DISK_KEYS: usize = 32;

impl Model {
    /// By a custodian, with the consent of the device's agent or contributor; while it drains, of
    /// the contributor.
    pub(super) fn register_disk_key(
        &mut self,
        call: &Call,
        index: usize,
        disk: usize,
        custodian: Actor,
    ) -> Verdict {
        let device = self.device(index)?;
        signed(call, custodian)?;
        let consent = self.role(call, device)?;
        expected(call, device)?;
        if !matches!(consent, Role::Agent | Role::Contributor) {
            return Err(EbbError::RoleNotAllowed);
        }
        if consent == Role::Contributor && self.contributor(device.contributor)?.suspended {
            return Err(EbbError::ContributorSuspended);
        }
        if matches!(device.stage, Stage::Retiring | Stage::Retired) {
            return Err(EbbError::DiskKeyNotRegistrable);
        }
        if matches!(device.stage, Stage::Draining(_)) && consent == Role::Agent {
            return Err(EbbError::ContributorSignatureRequired);
        }
        if device.disk_keys.len() >= MAX_DISK_KEYS {
            return Err(EbbError::TooManyDiskKeys);
        }
        if call.parent(index) != index {
            return Err(EbbError::WrongAddress);
        }
        if device.disk_keys.contains_key(&disk) {
            return Err(EbbError::DiskKeyExists);
        }

        let disk_key = DiskKey {
            registered: self.now,
            custodian,
            payer: call.payer,
        };
        let event = Event {
            detail: call.signer.key().to_bytes(),
            ..self.disk_key_event(EventKind::DiskKeyRegistered, index, disk, call)
        };
        let device = self.device_mut(index)?;
        let from = device.disk_keys.len();
        device.disk_keys.insert(disk, disk_key);
        Ok(Event {
            from: from as i64,
            to: device.disk_keys.len() as i64,
            sequence: device.count(),
            ..event
        })
    }

    /// The last one moves the device from Retiring to Retired.
    pub(super) fn destroy_disk_key(&mut self, call: &Call, index: usize, disk: usize) -> Verdict {
        let device = self.device(index)?;
        let custodian = self.disk_key(call, index, disk)?.custodian;
        signed(call, call.signer)?;
        if call.signer != custodian {
            return Err(EbbError::NotCustodian);
        }
        expected(call, device)?;
        if !matches!(device.stage, Stage::Retiring) {
            return Err(EbbError::DiskKeyNotDestroyable);
        }
        rent_goes_home(call)?;

        let now = self.now;
        let event = self.disk_key_event(EventKind::DiskKeyDestroyed, index, disk, call);
        let device = self.device_mut(index)?;
        let from = device.status();
        device.disk_keys.remove(&disk);
        let sequence = if device.disk_keys.is_empty() {
            device.enter(Stage::Retired, now)
        } else {
            device.count()
        };
        Ok(Event {
            from: from as i64,
            to: device.status() as i64,
            sequence,
            ..event
        })
    }

    /// The authority may reassign a custodian, in any status.
    pub(super) fn reassign_custodian(
        &mut self,
        call: &Call,
        index: usize,
        disk: usize,
        custodian: Option<Actor>,
    ) -> Verdict {
        let device = self.device(index)?;
        let before = self.disk_key(call, index, disk)?.custodian;
        let role = self.authority(call)?;
        expected(call, device)?;
        let custodian = some_key(custodian)?;
        replace(&before, &custodian)?;

        let event = self.device_event(EventKind::CustodianReassigned, index, call, role);
        let device = self.device_mut(index)?;
        if let Some(disk_key) = device.disk_keys.get_mut(&disk) {
            disk_key.custodian = custodian;
        }
        Ok(Event {
            related: custodian.key(),
            sequence: device.count(),
            ..event
        })
    }

    /// The disk key passed, which must be the device's.
    fn disk_key(&self, call: &Call, index: usize, disk: usize) -> Result<&DiskKey, EbbError> {
        let parent = call.parent(index);
        let there = self.devices[parent].as_ref();
        let disk_key = there.and_then(|parent| parent.disk_keys.get(&disk));
        match disk_key {
            None => Err(EbbError::WrongOwner),
            Some(_) if parent != index => Err(EbbError::WrongDevice),
            Some(disk_key) => Ok(disk_key),
        }
    }

    /// The custodian is who acts.
    fn disk_key_event(&self, kind: EventKind, index: usize, disk: usize, call: &Call) -> Event {
        Event {
            actor: call.first.key(),
            related: ADDRESSES.disk_keys[index][disk].key,
            ..self.device_event(kind, index, call, Role::Custodian)
        }
    }
}
