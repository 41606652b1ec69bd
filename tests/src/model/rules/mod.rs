//! The rules, written from `docs/design.md` and from nothing else.
//!
//! Where several reasons to refuse apply at once, they come in this order: the accounts are not
//! those that the instruction takes; who signs; what the sender believes of the device; the values;
//! then the rule itself, and of it status, role, guards. What asks for the account that gets the
//! rent asks last.

mod contributor;
mod device;
mod disk_key;
mod health;
mod hold;
mod lifecycle;
mod registry;
mod session;

pub use hold::MAX_HOLDS_OF_GUEST;

use {
    crate::model::{
        address::ADDRESSES,
        call::{as_it_is, Call},
        state::{Contributor, Device, Location, Model, Registry},
        step::{Deed, DeviceDeed, Slip},
    },
    crate::{Actor, Credential},
    ebb_sdk::{
        event::{Event, EventKind, EVENT_VERSION},
        instruction::Expect,
        state::{HoldKind, Reason},
        EbbError, Role,
    },
    solana_sdk::pubkey::Pubkey,
};

/// The outcome of an instruction.
pub type Verdict = Result<Event, EbbError>;

impl Model {
    /// The outcome of a call. A refusal leaves the model as it is.
    pub fn attempt(&mut self, call: &Call) -> Verdict {
        match call.deed {
            Deed::Initialize => self.initialize(call),
            Deed::SetPolicy(require_healthy) => self.set_policy(call, require_healthy),
            Deed::SetHealthOracle(oracle) => self.set_health_oracle(call, oracle),
            Deed::NominateAuthority(nominee) => self.nominate_authority(call, nominee),
            Deed::AcceptAuthority => self.accept_authority(call),
            Deed::Contributor(index, deed) => self.contributor_deed(call, index, deed),
            Deed::CreateLocation(index, budget) => self.create_location(call, index, budget),
            Deed::SetBudget(index, budget) => self.set_budget(call, index, budget),
            Deed::Device(index, deed) => self.device_deed(call, index, deed),
        }
    }

    fn device_deed(&mut self, call: &Call, index: usize, deed: DeviceDeed) -> Verdict {
        match deed {
            DeviceDeed::Create(new) => self.create_device(call, index, new),
            DeviceDeed::Update(update) => self.update_device(call, index, update),
            DeviceDeed::Activate => self.activate(call, index),
            DeviceDeed::Drain(drain) => self.drain(call, index, drain),
            DeviceDeed::UpdateDrain(update) => self.update_drain(call, index, update),
            DeviceDeed::Undrain => self.undrain(call, index),
            DeviceDeed::Retire => self.retire(call, index),
            DeviceDeed::Remove => self.remove(call, index),
            DeviceDeed::SetAgent(agent, _) => self.set_agent(call, index, agent),
            DeviceDeed::ReportHealth(health) => self.report_health(call, index, health),
            DeviceDeed::PlaceHold(hold) => self.place_hold(call, index, hold),
            DeviceDeed::ReleaseHold(place) => self.release_hold(call, index, place),
            DeviceDeed::ReleaseHolds => self.release_holds(call, index),
            DeviceDeed::OpenSession(user) => self.open_session(call, index, user),
            DeviceDeed::CloseSession(user) => self.close_session(call, index, user),
            DeviceDeed::RegisterDiskKey { disk, custodian } => {
                self.register_disk_key(call, index, disk, custodian)
            }
            DeviceDeed::DestroyDiskKey(disk) => self.destroy_disk_key(call, index, disk),
            DeviceDeed::ReassignCustodian { disk, custodian } => {
                self.reassign_custodian(call, index, disk, custodian)
            }
        }
    }

    /// A place where no account of the program is belongs to another owner.
    fn registry(&self) -> Result<&Registry, EbbError> {
        self.registry.as_ref().ok_or(EbbError::WrongOwner)
    }

    fn contributor(&self, index: usize) -> Result<&Contributor, EbbError> {
        self.contributors[index]
            .as_ref()
            .ok_or(EbbError::WrongOwner)
    }

    fn location(&self, index: usize) -> Result<&Location, EbbError> {
        self.locations[index].as_ref().ok_or(EbbError::WrongOwner)
    }

    fn device(&self, index: usize) -> Result<&Device, EbbError> {
        self.devices[index].as_ref().ok_or(EbbError::WrongOwner)
    }

    /// A device that has just been read.
    fn device_mut(&mut self, index: usize) -> Result<&mut Device, EbbError> {
        self.devices[index].as_mut().ok_or(EbbError::WrongOwner)
    }

    /// The role in which a call arrives at a device: its credential decides.
    fn role(&self, call: &Call, device: &Device) -> Result<Role, EbbError> {
        match call.credential {
            Credential::None => agent(call, device),
            Credential::Contributor => self.role_at_contributor(call, device.contributor),
            Credential::OtherContributor => Err(EbbError::WrongContributor),
            Credential::Registry => self.authority(call),
        }
    }

    /// As [`Model::role`], for an instruction that always takes a credential.
    fn credential_role(&self, call: &Call, device: &Device) -> Result<Role, EbbError> {
        match call.credential {
            Credential::None => Err(EbbError::NotEnoughAccounts),
            _ => self.role(call, device),
        }
    }

    fn authority(&self, call: &Call) -> Result<Role, EbbError> {
        let authority = self.registry()?.authority;
        signed(call, call.signer)?;
        if call.signer != authority {
            return Err(EbbError::Unauthorized);
        }
        Ok(Role::Authority)
    }

    fn role_at_contributor(&self, call: &Call, index: usize) -> Result<Role, EbbError> {
        let contributor = self.contributor(index)?;
        signed(call, call.signer)?;
        if call.signer == contributor.authority {
            Ok(Role::Contributor)
        } else if Some(call.signer) == contributor.operator {
            Ok(Role::Operator)
        } else {
            Err(EbbError::Unauthorized)
        }
    }

    /// An event without what depends on its kind.
    fn event(&self, kind: EventKind, subject: Pubkey, call: &Call, role: Role) -> Event {
        Event {
            kind,
            version: EVENT_VERSION,
            role,
            forced: false,
            reserved: [0; 3],
            hold_kind: HoldKind::None,
            from: 0,
            to: 0,
            sequence: 1,
            slot: self.now.slot,
            time: self.now.time,
            subject,
            actor: call.signer.key(),
            related: Pubkey::default(),
            reason: Reason::default(),
            padding: [0; 7],
            detail: [0; 32],
        }
    }

    fn device_event(&self, kind: EventKind, index: usize, call: &Call, role: Role) -> Event {
        self.event(kind, ADDRESSES.devices[index].key, call, role)
    }
}

fn agent(call: &Call, device: &Device) -> Result<Role, EbbError> {
    signed(call, call.signer)?;
    match device.agent {
        None => Err(EbbError::NoAgent),
        Some(agent) if agent == call.signer => Ok(Role::Agent),
        Some(_) => Err(EbbError::NotAgent),
    }
}

fn signed(call: &Call, actor: Actor) -> Result<(), EbbError> {
    if call.has_signed(actor) {
        Ok(())
    } else {
        Err(EbbError::MissingSignature)
    }
}

/// Another registration of the code is worse news than another status, and that than another change.
pub fn check_belief(believed: &Expect, actual: &Expect) -> Result<(), EbbError> {
    fn differ<T: PartialEq>(believed: Option<T>, actual: Option<T>) -> bool {
        believed.is_some() && believed != actual
    }
    if differ(believed.contributor, actual.contributor) {
        Err(EbbError::ContributorMismatch)
    } else if differ(believed.generation, actual.generation) {
        Err(EbbError::GenerationMismatch)
    } else if differ(believed.status, actual.status) {
        Err(EbbError::StatusMismatch)
    } else if differ(believed.sequence, actual.sequence) {
        Err(EbbError::SequenceMismatch)
    } else {
        Ok(())
    }
}

fn expected(call: &Call, device: &Device) -> Result<(), EbbError> {
    check_belief(&call.expect, &as_it_is(device))
}

/// The location that a device's instruction passes must be the device's.
fn location_passed(call: &Call, device: &Device) -> Result<(), EbbError> {
    if call.location(device.location) != device.location {
        return Err(EbbError::WrongLocation);
    }
    Ok(())
}

/// The contributor that a device's instruction passes must own the device.
fn contributor_passed(call: &Call, device: &Device) -> Result<(), EbbError> {
    if call.contributor(device.contributor) != device.contributor {
        return Err(EbbError::WrongContributor);
    }
    Ok(())
}

/// Rent goes to the recorded payer only.
fn rent_goes_home(call: &Call) -> Result<(), EbbError> {
    if call.slip == Slip::Recipient {
        return Err(EbbError::WrongRentRecipient);
    }
    Ok(())
}

/// The zero key is no key.
fn some_key(actor: Option<Actor>) -> Result<Actor, EbbError> {
    actor.ok_or(EbbError::InvalidKey)
}

fn replace<T: PartialEq>(place: &T, by: &T) -> Result<(), EbbError> {
    if place == by {
        return Err(EbbError::NothingToChange);
    }
    Ok(())
}

/// Up to so many bytes, no blanks alone, nothing that a terminal obeys or hides.
fn reason(text: &str, most: usize) -> Result<Reason, EbbError> {
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(
                u32::from(letter),
                0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x2069 | 0xfeff
            )
    };
    let blank = !text.is_empty() && text.chars().all(char::is_whitespace);
    if text.len() > most || text.chars().any(hidden) || blank {
        return Err(EbbError::InvalidReason);
    }
    Reason::new(text)
}
