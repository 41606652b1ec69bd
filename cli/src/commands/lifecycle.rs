//! `ebb lifecycle`

use {
    crate::{
        error::{CliError, Exit},
        input::{options::GlobalOptions, signing::output_with},
        render,
        terminal::{self, Cell, Columns, Output, Terminal},
    },
    ebb_sdk::{
        lifecycle::{Rule, RULES},
        state::ProvisioningStatus,
        Role,
    },
    serde::Serialize,
    std::fmt::Write,
};

/// How wide the table is where no terminal says.
const WIDTH: usize = 98;

/// Print the rules of the lifecycle: who may do what, and when
///
/// Every allowed transition, who signs it, and what must hold. They are the very rules that the program enforces. Every other transition is refused. A retiring device also
/// becomes retired by itself, when its last disk key is destroyed.
#[derive(clap::Args, Debug)]
#[command(args = output_with(&[Output::Mermaid, Output::Dot]), after_long_help = "\
Examples:
  ebb lifecycle
  ebb lifecycle --output mermaid
  ebb lifecycle --output dot | dot -Tsvg > lifecycle.svg")]
pub struct Args {}

/// One rule as JSON gives it. A status is null before the device exists and after it is removed.
#[derive(Serialize)]
struct RuleView {
    from: Option<&'static str>,
    to: Option<&'static str>,
    action: &'static str,
    roles: Vec<&'static str>,
    guards: Vec<&'static str>,
}

impl From<&Rule> for RuleView {
    fn from(rule: &Rule) -> Self {
        Self {
            from: rule.from.map(ProvisioningStatus::as_str),
            to: rule.to.map(ProvisioningStatus::as_str),
            action: rule.action.as_str(),
            roles: rule.roles.iter().copied().map(Role::as_str).collect(),
            guards: rule.guards.iter().map(|guard| guard.as_str()).collect(),
        }
    }
}

pub fn run(_: Args, options: &GlobalOptions) -> Result<Exit, CliError> {
    #[derive(Serialize)]
    struct Document {
        rules: Vec<RuleView>,
    }
    let rules = || RULES.iter().map(RuleView::from);
    match options.output {
        Output::Json | Output::JsonCompact | Output::JsonLines => {
            render::versioned(
                options.output,
                &Document {
                    rules: rules().collect(),
                },
            )?;
        }
        Output::Mermaid => print(&mermaid(rules()))?,
        Output::Dot => print(&dot(rules()))?,
        Output::Table => table(rules())?,
    }
    Ok(Exit::DONE)
}

fn print(diagram: &str) -> Result<(), CliError> {
    diagram.lines().try_for_each(terminal::line)
}

fn table(rules: impl Iterator<Item = RuleView>) -> Result<(), CliError> {
    let mut terminal = Terminal::detect();
    terminal.width.get_or_insert(WIDTH);
    let names = &["FROM", "TO", "ACTION", "SIGNED BY", "IF"];
    let mut columns = Columns::new(names, terminal.colour);
    for rule in rules {
        columns.push([
            Cell::new(rule.from.unwrap_or("-")),
            Cell::new(rule.to.unwrap_or("-")),
            Cell::new(rule.action),
            Cell::new(rule.roles.join(", ")),
            Cell::lines(rule.guards),
        ]);
    }
    terminal::table(&columns, terminal)
}

fn mermaid(rules: impl Iterator<Item = RuleView>) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    for rule in rules {
        let (from, to) = (rule.from.unwrap_or("[*]"), rule.to.unwrap_or("[*]"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "    {from} --> {to}: {} ({})",
            rule.action,
            rule.roles.join(", ")
        );
    }
    text
}

fn dot(rules: impl Iterator<Item = RuleView>) -> String {
    let mut text =
        String::from("digraph lifecycle {\n    none [shape=point];\n    removed [shape=point];\n");
    for rule in rules {
        let (from, to) = (rule.from.unwrap_or("none"), rule.to.unwrap_or("removed"));
        let label = format!("{} ({})", rule.action, rule.roles.join(", "));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {from} -> {to} [label=\"{label}\"];");
    }
    text.push_str("}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagrams_hold_every_rule() {
        let rules = || RULES.iter().map(RuleView::from);
        let mermaid = mermaid(rules());
        assert!(mermaid.starts_with("stateDiagram-v2\n    [*] --> pending: create (contributor)\n"));
        assert!(mermaid.contains("    retired --> [*]: remove (contributor, authority)\n"));
        assert_eq!(mermaid.matches(" --> ").count(), RULES.len());
        let dot = dot(rules());
        assert!(dot.contains(
            "activated -> draining [label=\"drain (contributor, operator, authority)\"]"
        ));
        assert_eq!(dot.matches(" -> ").count(), RULES.len());
    }
}
