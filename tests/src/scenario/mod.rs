mod attached;
mod device;
mod network;

use {
    crate::World,
    ebb_sdk::{
        state::AccountType::{self, Contributor, Device, Location, Registry},
        EbbError,
    },
    solana_sdk::instruction::Instruction,
};

/// Where the four options lie of what the sender expects, while that is nothing.
const EXPECT: &[usize] = &[1, 2, 3, 4];

/// How the program takes one of an instruction's accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A signer, and the refusal of one without a role; `None` if anyone will do.
    Signer(Option<EbbError>),
    /// The replaced agent, who signs too.
    OldAgent,
    /// Pays rent.
    Payer,
    /// An account of the program that is taken as it comes, and the refusal of another one of the
    /// same type; `None` if that is just another order.
    Any(AccountType, Option<EbbError>),
    /// The one account that another one names, and the refusal of any other.
    Bound(AccountType, EbbError),
    /// The contributor or the registry.
    Credential,
    /// Where an account is created, and the refusal if one is there.
    Vacancy(EbbError),
    /// Who gets the rent.
    Recipient,
    /// The system program.
    System,
    /// The program's account at its loader.
    Program,
    /// The loader's account that names the upgrade authority.
    ProgramData,
}

/// A well-formed instruction, and the world in which it is accepted.
pub struct Scenario {
    /// The instruction, and as what it is signed.
    pub name: &'static str,
    /// The world.
    pub world: World,
    /// The instruction.
    pub instruction: Instruction,
    /// How the program takes its accounts, in their order.
    pub slots: Vec<Slot>,
    /// How many accounts it needs; those beyond are optional.
    pub required: usize,
    /// The outcome of the same instruction sent again; `None` if it is accepted again.
    pub again: Option<EbbError>,
    /// The strings among its arguments.
    pub strings: Vec<String>,
    /// Where its data holds an enum, a bool or an option's tag.
    pub tags: &'static [usize],
}

impl Scenario {
    fn new(
        name: &'static str,
        world: World,
        instruction: Instruction,
        slots: &[Slot],
        again: impl Into<Option<EbbError>>,
    ) -> Self {
        assert_eq!(instruction.accounts.len(), slots.len(), "{name}");
        Self {
            name,
            world,
            instruction,
            slots: slots.to_vec(),
            required: slots.len(),
            again: again.into(),
            strings: Vec::new(),
            tags: &[],
        }
    }

    fn optional(self, optional: usize) -> Self {
        Self {
            required: self.slots.len() - optional,
            ..self
        }
    }

    fn strings(self, strings: &[&str]) -> Self {
        Self {
            strings: strings.iter().map(|text| (*text).to_owned()).collect(),
            ..self
        }
    }

    fn tags(self, tags: &'static [usize]) -> Self {
        Self { tags, ..self }
    }

    /// Every instruction, in the order of their numbers, as each kind of signer sends it.
    pub fn all() -> Vec<Self> {
        let world = World::neighboured();
        let mut all = network::scenarios(&world);
        all.extend(device::scenarios(&world));
        all.extend(attached::scenarios(&world));
        all
    }
}

/// The signer, the registry's authority.
const AUTHORITY: Slot = Slot::Signer(Some(EbbError::Unauthorized));
/// The signer, the contributor's authority.
const CONTRIBUTOR: Slot = AUTHORITY;
/// The signer, the device's agent.
const AGENT: Slot = Slot::Signer(Some(EbbError::NotAgent));
const REGISTRY: Slot = Slot::Any(Registry, None);
const OWNER: Slot = Slot::Bound(Contributor, EbbError::WrongContributor);
const HERE: Slot = Slot::Bound(Location, EbbError::WrongLocation);
/// A device whose location is compared before anything else.
const LOCATED: Slot = Slot::Any(Device, Some(EbbError::WrongLocation));
/// A device whose contributor is compared before anything else.
const OWNED: Slot = Slot::Any(Device, Some(EbbError::WrongContributor));
/// A device whose agent is compared before anything else.
const RUN: Slot = Slot::Any(Device, Some(EbbError::NotAgent));
/// A device that is compared with what hangs on it before anything else.
const PARENT: Slot = Slot::Any(Device, Some(EbbError::WrongDevice));

#[cfg(test)]
mod tests {
    use {
        super::*,
        borsh::BorshDeserialize,
        ebb_sdk::instruction::EbbInstruction,
        std::collections::{BTreeMap, BTreeSet},
    };

    const COMPUTE_UNITS: &str = include_str!("../../benches/compute_units.md");

    /// Whether the enum has a variant of this number. Its arguments may be missing here.
    fn is_instruction(number: &u8) -> bool {
        let read = EbbInstruction::try_from_slice(&[*number]);
        let error = read.err().map(|error| error.to_string());
        !error.is_some_and(|error| error.starts_with("Unexpected variant tag"))
    }

    /// The instructions that scenarios run, each with its name in snake case.
    fn run_by_scenarios() -> BTreeMap<u8, String> {
        let run = Scenario::all().into_iter().map(|scenario| {
            let data = scenario.instruction.data;
            let instruction = EbbInstruction::unpack(&data).expect("the program accepts it");
            (data[0], snake_case(&format!("{instruction:?}")))
        });
        run.collect()
    }

    fn snake_case(variant: &str) -> String {
        let mut name = String::new();
        for letter in variant.chars().take_while(char::is_ascii_alphabetic) {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    #[test]
    fn every_instruction_has_a_scenario() {
        let instructions = (0..=u8::MAX).filter(is_instruction);
        assert!(instructions.eq(run_by_scenarios().into_keys()));
    }

    #[test]
    fn every_instruction_is_in_the_newest_table_of_compute_units() {
        let newest = COMPUTE_UNITS.split("\n#### ").next().expect("it is there");
        let rows = newest.lines().filter_map(|line| line.strip_prefix("| "));
        let measured: BTreeSet<&str> = rows.filter_map(|row| row.split(' ').next()).collect();
        let instructions = run_by_scenarios().into_values();
        let unmeasured: Vec<String> = instructions
            .filter(|name| !measured.contains(name.as_str()))
            .collect();
        assert_eq!(unmeasured, [""; 0]);
    }
}
