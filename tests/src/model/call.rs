//! A step with everything symbolic made concrete, against the model as it stands.

use {
    crate::model::{
        address::ADDRESSES,
        state::{Device, Model},
        step::{Belief, By, CoSigner, ContributorDeed, Deed, DeviceDeed, NewDevice, Slip, Step},
    },
    crate::{Actor, Caller, Credential},
    ebb_sdk::{
        instruction::Expect,
        state::ProvisioningStatus::{Activated, Retired},
        Role,
    },
    solana_sdk::pubkey::Pubkey,
};

/// Who sends what.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Whose role counts.
    pub signer: Actor,
    /// The credential that the signer passes.
    pub credential: Credential,
    /// The key in the first account.
    pub first: Actor,
    /// The key in the second signer's account, if there is one.
    pub second: Option<Actor>,
    pub deed: Deed,
    pub expect: Expect,
    pub slip: Slip,
    pub payer: Actor,
}

impl Call {
    /// Whether a key signs, in whichever place. Payers sign always, and have a role at the
    /// initialisation only, which takes a payer.
    pub fn has_signed(&self, actor: Actor) -> bool {
        let first = self.first == actor && self.slip != Slip::Unsigned;
        let second = self.second == Some(actor) && self.slip != Slip::CoSignerUnsigned;
        first || second || self.payer == actor
    }

    /// The location passed for a device that is in one.
    pub fn location(&self, actual: usize) -> usize {
        match self.slip {
            Slip::Location => (actual + 1) % crate::model::state::LOCATIONS,
            _ => actual,
        }
    }

    /// The device whose session or disk key is passed.
    pub fn parent(&self, device: usize) -> usize {
        match self.slip {
            Slip::Child => (device + 1) % crate::model::state::DEVICES,
            _ => device,
        }
    }

    /// The contributor account passed for what a contributor owns.
    pub fn contributor(&self, owner: usize) -> usize {
        match self.credential {
            Credential::OtherContributor => usize::from(owner == 0),
            _ => owner,
        }
    }

    /// Who is passed to get the rent back.
    pub fn recipient(&self, recorded: Actor) -> Actor {
        match (self.slip, recorded) {
            (Slip::Recipient, Actor::Payer) => Actor::Deployer,
            (Slip::Recipient, _) => Actor::Payer,
            _ => recorded,
        }
    }
}

impl Model {
    /// Makes a step concrete.
    pub fn resolve(&self, step: &Step) -> Call {
        let Caller { actor, credential } = self.caller(step);
        let device = self.subject(step);
        let (first, second) = match step.deed {
            Deed::Device(_, DeviceDeed::RegisterDiskKey { custodian, .. }) => {
                (custodian, Some(actor))
            }
            Deed::Device(_, DeviceDeed::SetAgent(_, co_signer)) => {
                let old = device.and_then(|device| device.agent);
                let second = match co_signer {
                    CoSigner::Nobody => None,
                    CoSigner::OldAgent => old,
                    CoSigner::Stranger => Some(Actor::Stranger),
                };
                // Without a credential, the old agent would stand in the credential's place.
                (actor, second.filter(|_| credential != Credential::None))
            }
            _ => (actor, None),
        };
        Call {
            signer: actor,
            credential,
            first,
            second,
            deed: step.deed,
            expect: device.map_or(Expect::default(), |device| expectation(device, step.belief)),
            slip: step.slip,
            payer: step.payer,
        }
    }

    fn subject(&self, step: &Step) -> Option<&Device> {
        match step.deed {
            Deed::Device(index, _) => self.devices[index].as_ref(),
            _ => None,
        }
    }

    fn caller(&self, step: &Step) -> Caller {
        let (role, credential) = match step.by {
            By::Caller(caller) => return caller,
            By::Nominee => {
                let nominee = self.nominee(&step.deed).unwrap_or(Actor::Stranger);
                return Caller::new(nominee, Credential::None);
            }
            By::Role(role) => match role {
                Role::Contributor | Role::Operator => (role, Credential::Contributor),
                Role::Authority | Role::HealthOracle => (role, Credential::Registry),
                Role::Agent | Role::Custodian | Role::None => (role, Credential::None),
            },
        };
        let holder = self.holder(role, step).unwrap_or(Actor::Stranger);
        Caller::new(holder, credential)
    }

    fn nominee(&self, deed: &Deed) -> Option<Actor> {
        match deed {
            Deed::AcceptAuthority => self.registry.as_ref()?.nominee,
            Deed::Contributor(index, ContributorDeed::Accept) => {
                self.contributors[*index].as_ref()?.nominee
            }
            _ => None,
        }
    }

    /// Who has a role where a step acts.
    fn holder(&self, role: Role, step: &Step) -> Option<Actor> {
        let device = self.subject(step);
        let owner = match step.deed {
            Deed::Contributor(index, _) => index,
            Deed::Device(_, DeviceDeed::Create(NewDevice { contributor, .. })) => contributor,
            _ => device.map_or(0, |device| device.contributor),
        };
        let contributor = self.contributors[owner].as_ref();
        let registry = self.registry.as_ref();
        match (role, step.deed) {
            (Role::Contributor, _) => contributor.map(|contributor| contributor.authority),
            (Role::Operator, _) => contributor.and_then(|contributor| contributor.operator),
            (Role::Authority, _) => registry.map(|registry| registry.authority),
            (Role::HealthOracle, _) => registry.map(|registry| registry.oracle),
            (Role::Agent, _) => device?.agent,
            (Role::Custodian, Deed::Device(_, DeviceDeed::DestroyDiskKey(disk))) => {
                Some(device?.disk_keys.get(&disk)?.custodian)
            }
            (Role::Custodian | Role::None, _) => None,
        }
    }
}

/// All that can be expected of a device, as it is.
pub fn as_it_is(device: &Device) -> Expect {
    Expect {
        status: Some(device.status()),
        generation: Some(device.generation),
        contributor: Some(ADDRESSES.contributors[device.contributor].key),
        sequence: Some(device.sequence),
    }
}

fn expectation(device: &Device, belief: Belief) -> Expect {
    let (status, as_it_is) = (device.status(), as_it_is(device));
    match belief {
        Belief::Nothing => Expect::default(),
        Belief::AsItIs => as_it_is,
        Belief::OtherStatus => Expect {
            status: Some(if status == Retired {
                Activated
            } else {
                Retired
            }),
            sequence: Some(device.sequence + 1),
            ..as_it_is
        },
        Belief::OtherGeneration => Expect {
            status: Some(Retired),
            generation: Some(device.generation + 1),
            ..as_it_is
        },
        Belief::OtherContributor => Expect {
            generation: Some(device.generation + 1),
            contributor: Some(Pubkey::new_from_array([7; 32])),
            ..as_it_is
        },
        Belief::OtherSequence => Expect {
            sequence: Some(device.sequence - 1),
            ..as_it_is
        },
    }
}
