//! The rules of the lifecycle: a table, JSON, diagrams.

use {
    crate::{
        error::{CliError, Exit},
        render,
        terminal::{self, Cell, Columns, Output, Terminal},
    },
    ebb_sdk::json::{LifecycleJson, RuleJson},
    std::fmt::Write,
};

/// How wide the table is where no terminal says.
const WIDTH: usize = 98;

/// Prints every rule in a format.
pub fn print_rules(format: Output) -> Result<Exit, CliError> {
    let rules = || LifecycleJson::new().rules.into_iter();
    match format {
        Output::Json | Output::JsonCompact | Output::JsonLines => {
            render::versioned(format, &LifecycleJson::new())?;
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

fn table(rules: impl Iterator<Item = RuleJson>) -> Result<(), CliError> {
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

fn mermaid(rules: impl Iterator<Item = RuleJson>) -> String {
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

fn dot(rules: impl Iterator<Item = RuleJson>) -> String {
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
        let rules = || LifecycleJson::new().rules.into_iter();
        let count = rules().count();
        let mermaid = mermaid(rules());
        assert!(mermaid.starts_with("stateDiagram-v2\n    [*] --> pending: create (contributor)\n"));
        assert!(mermaid.contains("    retired --> [*]: remove (contributor, authority)\n"));
        assert_eq!(mermaid.matches(" --> ").count(), count);
        let dot = dot(rules());
        assert!(dot.contains(
            "activated -> draining [label=\"drain (contributor, operator, authority)\"]"
        ));
        assert_eq!(dot.matches(" -> ").count(), count);
    }
}
