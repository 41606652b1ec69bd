//! The registry, contributors and locations.

use {
    super::built,
    crate::{Actor, Caller, World},
    ebb_sdk::{
        instruction as build,
        instruction::{CreateContributor, CreateLocation, Initialize},
    },
    solana_sdk::instruction::Instruction,
};

impl World {
    /// Initialises the registry.
    pub fn initialize(&self) -> Instruction {
        built(build::initialize(
            &self.program_id,
            &Actor::Deployer.key(),
            &Actor::Payer.key(),
            Initialize {
                authority: Actor::Authority.key(),
                health_oracle: Actor::Oracle.key(),
                require_healthy: false,
            },
        ))
    }

    /// Sets the policy.
    pub fn set_policy(&self, by: Actor, require_healthy: bool) -> Instruction {
        build::set_policy(&self.program_id, &by.key(), require_healthy)
    }

    /// Sets the health oracle.
    pub fn set_oracle(&self, by: Actor, oracle: Actor) -> Instruction {
        built(build::set_health_oracle(
            &self.program_id,
            &by.key(),
            &oracle.key(),
        ))
    }

    /// Nominates the next authority.
    pub fn nominate(&self, by: Actor, nominee: Option<Actor>) -> Instruction {
        let nominee = nominee.map(Actor::key);
        built(build::nominate_authority(
            &self.program_id,
            &by.key(),
            nominee.as_ref(),
        ))
    }

    /// Accepts the authority.
    pub fn accept(&self, by: Actor) -> Instruction {
        build::accept_authority(&self.program_id, &by.key())
    }

    /// Creates a contributor.
    pub fn create_contributor(&self, code: &str, authority: Actor) -> Instruction {
        let args = CreateContributor {
            code: code.into(),
            authority: authority.key(),
        };
        let (by, payer) = (Actor::Authority.key(), Actor::Payer.key());
        built(build::create_contributor(
            &self.program_id,
            &by,
            &payer,
            args,
        ))
    }

    /// Suspends the contributor, or resumes it.
    pub fn set_suspended(&self, by: Actor, suspended: bool) -> Instruction {
        let build = if suspended {
            build::suspend_contributor
        } else {
            build::resume_contributor
        };
        build(&self.program_id, &by.key(), &self.at.contributor)
    }

    /// Sets the contributor's operator.
    pub fn set_operator(&self, by: Actor, operator: Option<Actor>) -> Instruction {
        let operator = operator.map(Actor::key);
        built(build::set_operator(
            &self.program_id,
            &by.key(),
            &self.at.contributor,
            operator.as_ref(),
        ))
    }

    /// Nominates the contributor's next authority.
    pub fn nominate_contributor(&self, by: Caller, nominee: Option<Actor>) -> Instruction {
        let nominee = nominee.map(Actor::key);
        built(build::nominate_contributor_authority(
            &self.program_id,
            &by.actor.key(),
            &self.at.contributor,
            &self.credential(by),
            nominee.as_ref(),
        ))
    }

    /// Accepts the contributor's authority.
    pub fn accept_contributor(&self, by: Actor) -> Instruction {
        build::accept_contributor_authority(&self.program_id, &by.key(), &self.at.contributor)
    }

    /// Creates a location.
    pub fn create_location(&self, code: &str, min_activated: u32) -> Instruction {
        let args = CreateLocation {
            code: code.into(),
            name: "Amsterdam".into(),
            country: *b"NL",
            latitude: 52_300_000,
            longitude: 4_940_000,
            min_activated,
        };
        let (by, payer) = (Actor::Authority.key(), Actor::Payer.key());
        built(build::create_location(&self.program_id, &by, &payer, args))
    }

    /// Sets the location's disruption budget.
    pub fn set_budget(&self, by: Actor, min_activated: u32) -> Instruction {
        build::set_budget(
            &self.program_id,
            &by.key(),
            &self.at.location,
            min_activated,
        )
    }
}
