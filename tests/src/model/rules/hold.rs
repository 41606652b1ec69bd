//! Holds.

use {
    super::{expected, reason, Verdict},
    crate::model::{
        call::Call,
        state::{Hold, Model, Stage, MAX_HOLDS},
        step::NewHold,
    },
    ebb_sdk::{
        event::{Event, EventKind},
        EbbError, Role,
    },
};

/// The most holds on a device by its agent, and the most by the authority.
pub const MAX_HOLDS_OF_GUEST: usize = 2;
/// 7 days in seconds.
const WEEK: u32 = 604_800;
/// The longest reason of a hold, in bytes.
const REASON_LEN: usize = 32;

impl Model {
    pub(super) fn place_hold(&mut self, call: &Call, index: usize, new: NewHold) -> Verdict {
        let device = self.device(index)?;
        let role = self.role(call, device)?;
        expected(call, device)?;
        match new.seconds {
            0 => return Err(EbbError::InvalidDuration),
            1..=WEEK => {}
            _ => return Err(EbbError::DurationTooLong),
        }
        let text = reason(new.reason, REASON_LEN)?;

        let suspended = self.contributor(device.contributor)?.suspended;
        if suspended && matches!(role, Role::Contributor | Role::Operator) {
            return Err(EbbError::ContributorSuspended);
        }
        if !matches!(device.stage, Stage::Activated | Stage::Draining(_)) {
            return Err(EbbError::HoldNotAllowed);
        }
        let live = device.live_holds(self.now);
        let mine = live.filter(|hold| hold.role == role).count();
        let guest = matches!(role, Role::Agent | Role::Authority);
        let full = device.live_holds(self.now).count() >= MAX_HOLDS;
        if full || (guest && mine >= MAX_HOLDS_OF_GUEST) {
            return Err(EbbError::TooManyHolds);
        }

        let now = self.now;
        let event = self.device_event(EventKind::HoldPlaced, index, call, role);
        let device = self.device_mut(index)?;
        device.prune(now);
        let (id, expires) = (device.next_hold, now.time + i64::from(new.seconds));
        device.next_hold += 1;
        let place = device.holds.iter_mut().find(|place| place.is_none());
        *place.ok_or(EbbError::TooManyHolds)? = Some(Hold {
            id,
            kind: new.kind,
            by: call.signer,
            role,
            reason: new.reason,
            expires,
        });
        Ok(Event {
            from: id.into(),
            to: expires,
            hold_kind: new.kind,
            reason: text,
            sequence: device.count(),
            ..event
        })
    }

    /// By its placer, by the contributor or operator unless the authority placed it, or by the
    /// authority.
    pub(super) fn release_hold(&mut self, call: &Call, index: usize, place: usize) -> Verdict {
        let device = self.device(index)?;
        let role = self.role(call, device)?;
        expected(call, device)?;
        let id = device.hold_id(place);
        let hold = device.live_holds(self.now).find(|hold| hold.id == id);
        let hold = hold.ok_or(EbbError::HoldNotFound)?;
        if !may_release(hold, call, role) {
            return Err(EbbError::HoldNotReleasable);
        }

        let event = Event {
            from: id.into(),
            hold_kind: hold.kind,
            related: hold.by.key(),
            reason: reason(hold.reason, REASON_LEN)?,
            ..self.device_event(EventKind::HoldReleased, index, call, role)
        };
        let now = self.now;
        let device = self.device_mut(index)?;
        device.holds[place] = None;
        device.prune(now);
        Ok(Event {
            sequence: device.count(),
            ..event
        })
    }

    /// All that the signer may release, if any.
    pub(super) fn release_holds(&mut self, call: &Call, index: usize) -> Verdict {
        let device = self.device(index)?;
        let role = self.role(call, device)?;
        expected(call, device)?;
        let event = self.device_event(EventKind::HoldReleased, index, call, role);
        let now = self.now;
        let device = self.device_mut(index)?;
        device.prune(now);
        let before = device.holds.iter().flatten().count();
        for place in &mut device.holds {
            if place
                .as_ref()
                .is_some_and(|hold| may_release(hold, call, role))
            {
                *place = None;
            }
        }
        let released = before - device.holds.iter().flatten().count();
        Ok(Event {
            to: released as i64,
            sequence: device.count(),
            ..event
        })
    }
}

fn may_release(hold: &Hold, call: &Call, role: Role) -> bool {
    match role {
        Role::Authority => true,
        Role::Contributor | Role::Operator => hold.role != Role::Authority,
        _ => hold.role == role && hold.by == call.signer,
    }
}
