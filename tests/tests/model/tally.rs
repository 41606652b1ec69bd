//! Counts what the steps came to, so that a run can show that it tried enough.

use {
    ebb_sdk::{event::EventKind, EbbError},
    ebb_tests::model::attempt::Attempt,
    std::{collections::BTreeMap, fmt},
};

/// How many instructions of a kind were accepted and refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    pub accepted: u64,
    pub refused: u64,
}

/// Instructions executed.
#[derive(Debug, Default)]
pub struct Tally {
    kinds: BTreeMap<u8, Count>,
    refusals: BTreeMap<u32, u64>,
}

impl Tally {
    /// Counts an instruction whose outcome was the one that the model expects.
    pub fn count(&mut self, attempt: &Attempt) {
        let number = attempt.instruction.data.first().copied();
        let count = self.kinds.entry(number.unwrap_or_default()).or_default();
        match attempt.verdict {
            Ok(_) => count.accepted += 1,
            Err(error) => {
                count.refused += 1;
                *self.refusals.entry(error.number()).or_default() += 1;
            }
        }
    }

    /// All kinds together.
    pub fn total(&self) -> Count {
        let add = |sum: Count, count: &Count| Count {
            accepted: sum.accepted + count.accepted,
            refused: sum.refused + count.refused,
        };
        self.kinds.values().fold(Count::default(), add)
    }

    /// How often an instruction was accepted.
    pub fn accepted(&self, number: u8) -> u64 {
        self.kinds.get(&number).map_or(0, |count| count.accepted)
    }
}

/// Two tables.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { accepted, refused } = self.total();
        writeln!(f, "{} instructions", accepted + refused)?;
        writeln!(f, "{:<30}{:>10}{:>10}", "", "accepted", "refused")?;
        for (number, Count { accepted, refused }) in &self.kinds {
            writeln!(f, "{:<30}{accepted:>10}{refused:>10}", name(*number))?;
        }
        writeln!(f, "{:<30}{accepted:>10}{refused:>10}", "all")?;
        for (number, count) in &self.refusals {
            let name = EbbError::from_number(*number).map_or("?", EbbError::name);
            writeln!(f, "{name:<30}{:>10}{count:>10}", "")?;
        }
        Ok(())
    }
}

/// Each kind of event has the number of the instruction that emits it.
fn name(number: u8) -> String {
    let kind: Result<EventKind, _> = borsh::from_slice(&[number]);
    kind.map_or_else(|_| number.to_string(), |kind| format!("{kind:?}"))
}
