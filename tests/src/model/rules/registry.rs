//! The registry and the locations: the authority's business.

use {
    super::{replace, signed, some_key, Verdict},
    crate::model::{
        address::ADDRESSES,
        call::Call,
        instruction::key_or_zero,
        state::{Location, Model, Registry},
    },
    crate::Actor,
    ebb_sdk::{
        event::{Event, EventKind},
        EbbError, Role,
    },
};

impl Model {
    pub(super) fn initialize(&mut self, call: &Call) -> Verdict {
        if call.signer != Actor::Deployer {
            return Err(EbbError::NotUpgradeAuthority);
        }
        signed(call, call.signer)?;
        if self.registry.is_some() {
            return Err(EbbError::AlreadyExists);
        }
        self.registry = Some(Registry {
            authority: Actor::Authority,
            nominee: None,
            oracle: Actor::Oracle,
            require_healthy: false,
            sequence: 1,
            payer: call.payer,
        });
        let kind = EventKind::Initialized;
        Ok(Event {
            related: Actor::Authority.key(),
            ..self.event(kind, ADDRESSES.registry.key, call, Role::Authority)
        })
    }

    /// Changes the registry and completes the event.
    fn change_registry(&mut self, event: Event, change: impl FnOnce(&mut Registry)) -> Verdict {
        let registry = self.registry.as_mut().ok_or(EbbError::WrongOwner)?;
        change(registry);
        registry.sequence += 1;
        Ok(Event {
            sequence: registry.sequence,
            ..event
        })
    }

    fn registry_event(&self, kind: EventKind, call: &Call) -> Event {
        self.event(kind, ADDRESSES.registry.key, call, Role::Authority)
    }

    pub(super) fn set_policy(&mut self, call: &Call, require_healthy: bool) -> Verdict {
        self.authority(call)?;
        let before = self.registry()?.require_healthy;
        replace(&before, &require_healthy)?;
        let event = Event {
            from: before.into(),
            to: require_healthy.into(),
            ..self.registry_event(EventKind::PolicySet, call)
        };
        self.change_registry(event, |registry| registry.require_healthy = require_healthy)
    }

    pub(super) fn set_health_oracle(&mut self, call: &Call, oracle: Option<Actor>) -> Verdict {
        self.authority(call)?;
        let oracle = some_key(oracle)?;
        replace(&self.registry()?.oracle, &oracle)?;
        let event = Event {
            related: oracle.key(),
            ..self.registry_event(EventKind::HealthOracleSet, call)
        };
        self.change_registry(event, |registry| registry.oracle = oracle)
    }

    pub(super) fn nominate_authority(&mut self, call: &Call, nominee: Option<Actor>) -> Verdict {
        self.authority(call)?;
        replace(&self.registry()?.nominee, &nominee)?;
        let event = Event {
            related: key_or_zero(nominee),
            ..self.registry_event(EventKind::AuthorityNominated, call)
        };
        self.change_registry(event, |registry| registry.nominee = nominee)
    }

    pub(super) fn accept_authority(&mut self, call: &Call) -> Verdict {
        let nominee = self.registry()?.nominee;
        signed(call, call.signer)?;
        if nominee != Some(call.signer) {
            return Err(EbbError::NotNominee);
        }
        let event = Event {
            related: call.signer.key(),
            ..self.registry_event(EventKind::AuthorityAccepted, call)
        };
        self.change_registry(event, |registry| {
            registry.authority = call.signer;
            registry.nominee = None;
        })
    }

    pub(super) fn create_location(&mut self, call: &Call, index: usize, budget: u32) -> Verdict {
        let role = self.authority(call)?;
        if self.locations[index].is_some() {
            return Err(EbbError::AlreadyExists);
        }
        self.locations[index] = Some(Location {
            min_activated: budget,
            sequence: 1,
            payer: call.payer,
        });
        let (kind, subject) = (EventKind::LocationCreated, ADDRESSES.locations[index].key);
        Ok(Event {
            to: budget.into(),
            ..self.event(kind, subject, call, role)
        })
    }

    /// The budget may exceed the present count of devices.
    pub(super) fn set_budget(&mut self, call: &Call, index: usize, budget: u32) -> Verdict {
        let before = self.location(index)?.min_activated;
        let role = self.authority(call)?;
        replace(&before, &budget)?;
        let (kind, subject) = (EventKind::BudgetSet, ADDRESSES.locations[index].key);
        let event = self.event(kind, subject, call, role);
        let location = self.locations[index].as_mut().ok_or(EbbError::WrongOwner)?;
        location.min_activated = budget;
        location.sequence += 1;
        Ok(Event {
            from: before.into(),
            to: budget.into(),
            sequence: location.sequence,
            ..event
        })
    }
}
