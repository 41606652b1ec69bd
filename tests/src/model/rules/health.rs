//! Reports of health.

use {
    super::{agent, expected, signed, Verdict},
    crate::model::{
        call::Call,
        state::{Device, Mark, Model, Report, Stage},
    },
    crate::Credential,
    ebb_sdk::{
        event::{Event, EventKind},
        state::Health,
        EbbError, Role,
    },
};

impl Model {
    pub(super) fn report_health(&mut self, call: &Call, index: usize, health: Health) -> Verdict {
        let device = self.device(index)?;
        let role = self.reporter(call, device)?;
        expected(call, device)?;
        if matches!(device.stage, Stage::Retired) {
            return Err(EbbError::HealthFrozen);
        }
        if role == Role::Agent && (health == Health::Dead || device.is_dead()) {
            return Err(EbbError::AgentHealth);
        }

        let now = self.now;
        let event = self.device_event(EventKind::HealthReported, index, call, role);
        let device = self.device_mut(index)?;
        let from = device.health();
        let sequence = device.count();
        // Dead reported again, it is dead since the first report.
        let first = device
            .report
            .as_ref()
            .filter(|_| from == Health::Dead && health == from);
        let at = first.map_or(now, |first| first.mark.at);
        let mark = Mark { at, sequence };
        device.report = Some(Report {
            health,
            role,
            mark,
            outdated: false,
        });
        Ok(Event {
            from: from as i64,
            to: health as i64,
            sequence,
            ..event
        })
    }

    /// The registry gives the roles authority and health oracle, the first before the second.
    fn reporter(&self, call: &Call, device: &Device) -> Result<Role, EbbError> {
        match call.credential {
            Credential::None => agent(call, device),
            Credential::Contributor | Credential::OtherContributor => {
                Err(EbbError::WrongAccountType)
            }
            Credential::Registry => {
                let registry = self.registry()?;
                signed(call, call.signer)?;
                if call.signer == registry.authority {
                    Ok(Role::Authority)
                } else if call.signer == registry.oracle {
                    Ok(Role::HealthOracle)
                } else {
                    Err(EbbError::Unauthorized)
                }
            }
        }
    }
}
