//! Contributors: onboarded and suspended by the authority, run by their own keys.

use {
    super::{replace, signed, some_key, Verdict},
    crate::model::{
        address::ADDRESSES,
        call::Call,
        instruction::key_or_zero,
        state::{Contributor, Model},
        step::ContributorDeed,
    },
    crate::{Actor, Credential},
    ebb_sdk::{
        event::{Event, EventKind},
        EbbError, Role,
    },
};

impl Model {
    pub(super) fn contributor_deed(
        &mut self,
        call: &Call,
        index: usize,
        deed: ContributorDeed,
    ) -> Verdict {
        match deed {
            ContributorDeed::Create(authority) => self.create_contributor(call, index, authority),
            ContributorDeed::Suspend => self.set_suspended(call, index, true),
            ContributorDeed::Resume => self.set_suspended(call, index, false),
            ContributorDeed::SetOperator(operator) => self.set_operator(call, index, operator),
            ContributorDeed::Nominate(nominee) => self.nominate_contributor(call, index, nominee),
            ContributorDeed::Accept => self.accept_contributor(call, index),
        }
    }

    fn create_contributor(
        &mut self,
        call: &Call,
        index: usize,
        authority: Option<Actor>,
    ) -> Verdict {
        let role = self.authority(call)?;
        let authority = some_key(authority)?;
        if self.contributors[index].is_some() {
            return Err(EbbError::AlreadyExists);
        }
        self.contributors[index] = Some(Contributor {
            authority,
            nominee: None,
            operator: None,
            suspended: false,
            registrations: 0,
            sequence: 1,
            payer: call.payer,
        });
        Ok(Event {
            related: authority.key(),
            ..self.contributor_event(EventKind::ContributorCreated, index, call, role)
        })
    }

    fn contributor_event(&self, kind: EventKind, index: usize, call: &Call, role: Role) -> Event {
        self.event(kind, ADDRESSES.contributors[index].key, call, role)
    }

    /// Changes a contributor and completes the event.
    fn change_contributor(
        &mut self,
        index: usize,
        event: Event,
        change: impl FnOnce(&mut Contributor),
    ) -> Verdict {
        let contributor = self.contributors[index].as_mut();
        let contributor = contributor.ok_or(EbbError::WrongOwner)?;
        change(contributor);
        contributor.sequence += 1;
        Ok(Event {
            sequence: contributor.sequence,
            ..event
        })
    }

    fn set_suspended(&mut self, call: &Call, index: usize, suspended: bool) -> Verdict {
        let before = self.contributor(index)?.suspended;
        let role = self.authority(call)?;
        let kind = match (before, suspended) {
            (true, true) => return Err(EbbError::AlreadySuspended),
            (false, false) => return Err(EbbError::NotSuspended),
            (false, true) => EventKind::ContributorSuspended,
            (true, false) => EventKind::ContributorResumed,
        };
        let event = Event {
            from: before.into(),
            to: suspended.into(),
            ..self.contributor_event(kind, index, call, role)
        };
        self.change_contributor(index, event, |contributor| {
            contributor.suspended = suspended
        })
    }

    fn set_operator(&mut self, call: &Call, index: usize, operator: Option<Actor>) -> Verdict {
        let role = self.contributor_authority(call, index)?;
        replace(&self.contributor(index)?.operator, &operator)?;
        let event = Event {
            related: key_or_zero(operator),
            ..self.contributor_event(EventKind::OperatorSet, index, call, role)
        };
        self.change_contributor(index, event, |contributor| contributor.operator = operator)
    }

    /// The operator runs drains and does not govern.
    fn contributor_authority(&self, call: &Call, index: usize) -> Result<Role, EbbError> {
        match self.role_at_contributor(call, index)? {
            Role::Contributor => Ok(Role::Contributor),
            _ => Err(EbbError::RoleNotAllowed),
        }
    }

    /// By the contributor unless it is suspended, or by the authority where the contributor lost its
    /// key.
    fn nominate_contributor(
        &mut self,
        call: &Call,
        index: usize,
        nominee: Option<Actor>,
    ) -> Verdict {
        let role = match call.credential {
            Credential::None => return Err(EbbError::NotEnoughAccounts),
            Credential::OtherContributor => return Err(EbbError::WrongContributor),
            // An empty account has no type.
            Credential::Contributor if self.contributors[index].is_none() => {
                return Err(EbbError::CorruptAccount)
            }
            Credential::Contributor => self.contributor_authority(call, index)?,
            Credential::Registry => self.authority(call)?,
        };
        if role == Role::Contributor && self.contributor(index)?.suspended {
            return Err(EbbError::ContributorSuspended);
        }
        replace(&self.contributor(index)?.nominee, &nominee)?;
        let kind = EventKind::ContributorAuthorityNominated;
        let event = Event {
            related: key_or_zero(nominee),
            ..self.contributor_event(kind, index, call, role)
        };
        self.change_contributor(index, event, |contributor| contributor.nominee = nominee)
    }

    /// Works while suspended. The operator goes.
    fn accept_contributor(&mut self, call: &Call, index: usize) -> Verdict {
        let nominee = self.contributor(index)?.nominee;
        signed(call, call.signer)?;
        if nominee != Some(call.signer) {
            return Err(EbbError::NotNominee);
        }
        let kind = EventKind::ContributorAuthorityAccepted;
        let event = Event {
            related: call.signer.key(),
            ..self.contributor_event(kind, index, call, Role::Contributor)
        };
        self.change_contributor(index, event, |contributor| {
            contributor.authority = call.signer;
            contributor.nominee = None;
            contributor.operator = None;
        })
    }
}
