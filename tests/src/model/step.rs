//! What may happen next.
//!
//! Steps name roles and places rather than keys and ids, so a step keeps its meaning when steps
//! before it are dropped, and a failure shrinks to a few of them.

use {
    crate::{Actor, Caller, Credential, MAX_SESSIONS},
    ebb_sdk::{
        state::{DeviceType, Health, HoldKind},
        Role,
    },
    std::fmt,
};

/// Time passes, then somebody sends one instruction.
#[derive(Clone, Copy)]
pub struct Step {
    pub pause: Pause,
    pub by: By,
    pub deed: Deed,
    /// What the sender believes of the device.
    pub belief: Belief,
    /// What is wrong with the accounts passed.
    pub slip: Slip,
    /// Who pays rent, if the instruction asks for a payer.
    pub payer: Actor,
}

impl Step {
    /// Sent at once, with the right accounts and no belief.
    pub fn new(by: impl Into<By>, deed: Deed) -> Self {
        Self {
            pause: Pause::default(),
            by: by.into(),
            deed,
            belief: Belief::Nothing,
            slip: Slip::None,
            payer: Actor::Payer,
        }
    }

    /// The same on the first device.
    pub fn on_device(by: impl Into<By>, deed: DeviceDeed) -> Self {
        Self::new(by, Deed::Device(0, deed))
    }
}

/// How far the Clock moves. It may stand still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pause {
    pub seconds: u32,
    pub slots: u32,
}

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whoever has the role now, with the credential that shows it.
    Role(Role),
    /// Whoever is nominated now.
    Nominee,
    /// Anyone, with any credential.
    Caller(Caller),
}

impl From<Caller> for By {
    fn from(caller: Caller) -> Self {
        Self::Caller(caller)
    }
}

/// Without a credential.
impl From<Actor> for By {
    fn from(actor: Actor) -> Self {
        Self::Caller(Caller::new(actor, Credential::None))
    }
}

/// What the sender believes of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belief {
    Nothing,
    AsItIs,
    OtherStatus,
    OtherGeneration,
    OtherContributor,
    OtherSequence,
}

/// What is wrong with the accounts passed, where the instruction takes such accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    None,
    /// The first account does not sign.
    Unsigned,
    /// The second of two signers does not sign.
    CoSignerUnsigned,
    /// Another location than the device's.
    Location,
    /// Another device's session or disk key.
    Child,
    /// Another account than the recorded payer.
    Recipient,
}

/// What an instruction does.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    Initialize,
    SetPolicy(bool),
    SetHealthOracle(Option<Actor>),
    NominateAuthority(Option<Actor>),
    AcceptAuthority,
    Contributor(usize, ContributorDeed),
    CreateLocation(usize, u32),
    SetBudget(usize, u32),
    Device(usize, DeviceDeed),
}

/// What an instruction does to a contributor.
#[derive(Clone, Copy, Debug)]
pub enum ContributorDeed {
    Create(Option<Actor>),
    Suspend,
    Resume,
    SetOperator(Option<Actor>),
    Nominate(Option<Actor>),
    Accept,
}

/// What an instruction does to a device.
#[derive(Clone, Copy, Debug)]
pub enum DeviceDeed {
    Create(NewDevice),
    Update(DeviceUpdate),
    Activate,
    Drain(NewDrain),
    UpdateDrain(DrainUpdate),
    Undrain,
    Retire,
    Remove,
    SetAgent(Option<Actor>, CoSigner),
    ReportHealth(Health),
    PlaceHold(NewHold),
    /// Of the hold in this place.
    ReleaseHold(usize),
    /// Of all that the signer may release.
    ReleaseHolds,
    OpenSession(usize),
    CloseSession(usize),
    RegisterDiskKey {
        disk: usize,
        custodian: Actor,
    },
    DestroyDiskKey(usize),
    ReassignCustodian {
        disk: usize,
        custodian: Option<Actor>,
    },
}

#[derive(Clone, Copy, Debug)]
pub struct NewDevice {
    pub contributor: usize,
    pub location: usize,
    pub kind: DeviceType,
    pub public_ip: [u8; 4],
    pub max_sessions: u32,
    pub agent: Option<Actor>,
}

impl NewDevice {
    /// As [`World::create_device`](crate::World::create_device) registers it.
    pub const USUAL: Self = Self {
        contributor: 0,
        location: 0,
        kind: DeviceType::Edge,
        public_ip: [195, 219, 138, 50],
        max_sessions: MAX_SESSIONS,
        agent: Some(Actor::Agent),
    };
}

#[derive(Clone, Copy, Debug)]
pub struct DeviceUpdate {
    pub public_ip: Option<[u8; 4]>,
    pub max_sessions: Option<u32>,
    /// The location that it enters.
    pub relocation: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub struct NewDrain {
    pub deadline: u32,
    pub planned_return: u32,
    pub force: bool,
    pub reason: &'static str,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct DrainUpdate {
    pub deadline: Option<u32>,
    pub planned_return: Option<u32>,
    pub reason: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
pub struct NewHold {
    pub kind: HoldKind,
    pub seconds: u32,
    pub reason: &'static str,
}

/// Who signs the replacement of an agent besides the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoSigner {
    Nobody,
    OldAgent,
    Stranger,
}

/// Leaves out what is as it mostly is, so that a failure is short to read.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pause != Pause::default() {
            let Pause { seconds, slots } = self.pause;
            write!(f, "{seconds} s and {slots} slots later, ")?;
        }
        match self.by {
            By::Role(role) => write!(f, "{role}: ")?,
            By::Nominee => write!(f, "nominee: ")?,
            By::Caller(Caller { actor, credential }) => {
                write!(f, "key {actor:?} with credential {credential:?}: ")?
            }
        }
        write!(f, "{:?}", self.deed)?;
        if self.belief != Belief::Nothing {
            write!(f, ", believing {:?}", self.belief)?;
        }
        if self.slip != Slip::None {
            write!(f, ", slip {:?}", self.slip)?;
        }
        if self.payer != Actor::Payer {
            write!(f, ", paid by {:?}", self.payer)?;
        }
        Ok(())
    }
}
