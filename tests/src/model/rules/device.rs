//! Devices: registration, description, agent.

use {
    super::{contributor_passed, expected, replace, some_key, Verdict},
    crate::model::{
        address::ADDRESSES,
        call::Call,
        state::{Device, Mark, Model, Stage},
        step::{DeviceUpdate, NewDevice},
    },
    crate::{Actor, Credential},
    ebb_sdk::{
        event::{Event, EventKind},
        EbbError, Role,
    },
    std::collections::BTreeMap,
};

impl Model {
    pub(super) fn create_device(&mut self, call: &Call, index: usize, new: NewDevice) -> Verdict {
        self.contributor(new.contributor)?;
        self.location(new.location)?;
        let role = self.role_at_contributor(call, new.contributor)?;
        check_public_ip(new.public_ip)?;
        check_max_sessions(new.max_sessions)?;
        if self.devices[index].is_some() {
            return Err(EbbError::AlreadyExists);
        }
        if role != Role::Contributor {
            return Err(EbbError::RoleNotAllowed);
        }
        if self.contributor(new.contributor)?.suspended {
            return Err(EbbError::ContributorSuspended);
        }

        let now = self.now;
        let contributor = self.contributors[new.contributor].as_mut();
        let contributor = contributor.ok_or(EbbError::WrongOwner)?;
        contributor.registrations += 1;
        let generation = contributor.registrations;
        self.devices[index] = Some(Device {
            contributor: new.contributor,
            location: new.location,
            kind: new.kind,
            public_ip: new.public_ip,
            max_sessions: new.max_sessions,
            agent: new.agent,
            payer: call.payer,
            generation,
            sequence: 1,
            created: now,
            stage: Stage::Pending,
            entered: Mark {
                at: now,
                sequence: 1,
            },
            report: None,
            holds: Default::default(),
            next_hold: 1,
            sessions: BTreeMap::new(),
            disk_keys: BTreeMap::new(),
        });
        Ok(Event {
            to: generation as i64,
            related: ADDRESSES.locations[new.location].key,
            detail: ADDRESSES.contributors[new.contributor].key.to_bytes(),
            ..self.device_event(EventKind::DeviceCreated, index, call, role)
        })
    }

    /// While Pending or drained, the location while Pending, by a contributor that is not suspended.
    pub(super) fn update_device(
        &mut self,
        call: &Call,
        index: usize,
        update: DeviceUpdate,
    ) -> Verdict {
        let device = self.device(index)?;
        contributor_passed(call, device)?;
        let role = self.role_at_contributor(call, device.contributor)?;
        expected(call, device)?;
        update.public_ip.map_or(Ok(()), check_public_ip)?;
        update.max_sessions.map_or(Ok(()), check_max_sessions)?;

        if role != Role::Contributor {
            return Err(EbbError::RoleNotAllowed);
        }
        if self.contributor(device.contributor)?.suspended {
            return Err(EbbError::ContributorSuspended);
        }
        if !matches!(device.stage, Stage::Pending) && !device.is_drained() {
            return Err(EbbError::NotUpdatable);
        }
        if update.relocation.is_some() && !matches!(device.stage, Stage::Pending) {
            return Err(EbbError::LocationFixed);
        }
        let before = (device.public_ip, device.max_sessions, device.location);
        let max_sessions = update.max_sessions.unwrap_or(device.max_sessions);
        if (max_sessions as usize) < device.sessions.len() {
            return Err(EbbError::MaxSessionsBelowSessions);
        }
        if let Some(entered) = update.relocation {
            let left = call.location(device.location);
            if left != device.location {
                return Err(EbbError::WrongLocation);
            }
            if entered == left {
                return Err(EbbError::DuplicateAccount);
            }
            self.location(entered)?;
        }
        let after = (
            update.public_ip.unwrap_or(device.public_ip),
            max_sessions,
            update.relocation.unwrap_or(device.location),
        );
        replace(&before, &after)?;

        let event = self.device_event(EventKind::DeviceUpdated, index, call, role);
        let device = self.device_mut(index)?;
        (device.public_ip, device.max_sessions, device.location) = after;
        if (before.0, before.2) != (after.0, after.2) {
            device.outdate_report();
        }
        let mut detail = [0; 32];
        detail[..4].copy_from_slice(&device.public_ip);
        Ok(Event {
            from: before.1.into(),
            to: after.1.into(),
            related: ADDRESSES.locations[after.2].key,
            detail,
            sequence: device.count(),
            ..event
        })
    }

    /// While sessions are open, the contributor needs the old agent's signature.
    pub(super) fn set_agent(&mut self, call: &Call, index: usize, agent: Option<Actor>) -> Verdict {
        if call.credential == Credential::None {
            return Err(EbbError::NotEnoughAccounts);
        }
        let device = self.device(index)?;
        let role = self.credential_role(call, device)?;
        expected(call, device)?;
        let agent = some_key(agent)?;
        if role == Role::Operator {
            return Err(EbbError::RoleNotAllowed);
        }
        if matches!(device.stage, Stage::Retired) {
            return Err(EbbError::AgentFixed);
        }
        let old_agent_signed = call
            .second
            .is_some_and(|old| device.agent == Some(old) && call.has_signed(old));
        if role == Role::Contributor && !device.sessions.is_empty() && !old_agent_signed {
            return Err(EbbError::AgentSignatureRequired);
        }
        replace(&device.agent, &Some(agent))?;

        let event = self.device_event(EventKind::AgentSet, index, call, role);
        let device = self.device_mut(index)?;
        device.agent = Some(agent);
        device.outdate_report();
        Ok(Event {
            related: agent.key(),
            sequence: device.count(),
            ..event
        })
    }
}

fn check_max_sessions(max_sessions: u32) -> Result<(), EbbError> {
    match max_sessions {
        0 => Err(EbbError::InvalidMaxSessions),
        _ => Ok(()),
    }
}

/// A unicast host address.
fn check_public_ip(ip: [u8; 4]) -> Result<(), EbbError> {
    match ip[0] {
        0 | 127 | 224.. => Err(EbbError::InvalidPublicIp),
        _ => Ok(()),
    }
}
