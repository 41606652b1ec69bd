//! Sessions.

use {
    super::{agent, expected, rent_goes_home, Verdict},
    crate::model::{
        address,
        call::Call,
        state::{Device, Model, Session, Stage},
    },
    ebb_sdk::{
        event::{Event, EventKind},
        EbbError, Role,
    },
};

impl Model {
    pub(super) fn open_session(&mut self, call: &Call, index: usize, user: usize) -> Verdict {
        let device = self.device(index)?;
        let role = agent(call, device)?;
        expected(call, device)?;
        if !matches!(device.stage, Stage::Activated) {
            return Err(EbbError::SessionsClosed);
        }
        if device.is_dead() {
            return Err(EbbError::DeviceDead);
        }
        if device.sessions.len() >= device.max_sessions as usize {
            return Err(EbbError::DeviceFull);
        }
        if call.parent(index) != index {
            return Err(EbbError::WrongAddress);
        }
        if device.sessions.contains_key(&user) {
            return Err(EbbError::SessionExists);
        }

        let session = Session {
            opened: self.now,
            payer: call.payer,
        };
        let event = self.device_event(EventKind::SessionOpened, index, call, role);
        let device = self.device_mut(index)?;
        let from = device.sessions.len();
        device.sessions.insert(user, session);
        Ok(sessions_event(event, from, device, user))
    }

    /// By the agent at any time; by others once the drain's deadline has passed or the device has
    /// been dead for a while.
    pub(super) fn close_session(&mut self, call: &Call, index: usize, user: usize) -> Verdict {
        let device = self.device(index)?;
        let parent = call.parent(index);
        let there = self.devices[parent].as_ref();
        if !there.is_some_and(|parent| parent.sessions.contains_key(&user)) {
            return Err(EbbError::WrongOwner);
        }
        if parent != index {
            return Err(EbbError::WrongDevice);
        }
        let role = self.role(call, device)?;
        expected(call, device)?;
        let overdue = match &device.stage {
            Stage::Draining(drain) => drain.deadline.is_some_and(|end| end <= self.now.time),
            _ => false,
        };
        if role != Role::Agent && !overdue && !device.is_surely_dead(self.now) {
            return Err(if device.is_dead() {
                EbbError::DeathUnconfirmed
            } else {
                EbbError::NotEvictable
            });
        }
        rent_goes_home(call)?;

        let event = self.device_event(EventKind::SessionClosed, index, call, role);
        let device = self.device_mut(index)?;
        let from = device.sessions.len();
        device.sessions.remove(&user);
        Ok(sessions_event(event, from, device, user))
    }
}

fn sessions_event(event: Event, from: usize, device: &mut Device, user: usize) -> Event {
    Event {
        from: from as i64,
        to: device.sessions.len() as i64,
        related: address::user(user),
        sequence: device.count(),
        ..event
    }
}
