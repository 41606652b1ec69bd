//! The store of a server's history: what was taken over, and what is missing.

use {
    super::{Record, Show},
    crate::{
        error::CliError,
        terminal::{line, table, Columns, Terminal},
    },
    ebb_serve::store::RangeJson,
    serde::Serialize,
};

/// What an import came to.
#[derive(Serialize)]
pub struct ImportView {
    /// Events in the lines.
    pub events: usize,
    /// Those that the store did not have.
    pub new: usize,
}

impl Show for ImportView {
    fn record(&self) -> Record {
        Record::new()
            .text("Events", self.events)
            .text("New", self.new)
    }
}

/// Whether a store is complete.
#[derive(Serialize)]
pub struct Verdict {
    /// Whether nothing is missing.
    pub complete: bool,
    /// How many accounts were compared.
    pub accounts: usize,
    /// How many events the store has.
    pub events: u64,
    /// What is missing.
    pub missing: Vec<Hole>,
}

/// Events that are missing.
#[derive(Serialize)]
pub struct Hole {
    /// The account's code, if it is known.
    pub code: Option<String>,
    /// Which events.
    #[serde(flatten)]
    pub range: RangeJson,
    /// Whether no node had them.
    pub lost: bool,
}

/// Prints what a store lacks.
pub fn print_verdict(verdict: &Verdict, terminal: Terminal) -> Result<(), CliError> {
    let Verdict {
        accounts, events, ..
    } = verdict;
    if verdict.complete {
        return line(format_args!(
            "complete: {events} events of {accounts} accounts"
        ));
    }
    let names = &["CODE", "ADDRESS", "GENERATION", "FIRST", "LAST", "LOST"];
    let mut columns = Columns::new(names, terminal.colour);
    for hole in &verdict.missing {
        let generation = hole.range.generation.map(|it| it.to_string());
        columns.push([
            hole.code.clone().unwrap_or_default(),
            hole.range.address.clone(),
            generation.unwrap_or_default(),
            hole.range.first.to_string(),
            hole.range.last.to_string(),
            if hole.lost { "yes" } else { "no" }.to_owned(),
        ]);
    }
    table(&columns, terminal)
}
