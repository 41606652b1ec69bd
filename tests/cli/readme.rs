//! The rules in README and design are the code's, printed, and the README's tour of the embedded ledger works as written.

use crate::support::Lab;

const README: &str = include_str!("../../README.md");
const DESIGN: &str = include_str!("../../docs/design.md");

/// What stands between two texts of a page.
fn between(page: &'static str, begin: &str, end: &str) -> &'static str {
    let (_, rest) = page.split_once(begin).unwrap();
    rest.split_once(end).unwrap().0
}

/// The rules that a page lists.
fn rules(page: &'static str) -> &'static str {
    between(page, "<!-- lifecycle:begin -->", "<!-- lifecycle:end -->")
}

/// The blocks of one language in a part of a page.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    text.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect()
}

/// The commands of a part of a page, without their prompts.
fn commands(text: &str) -> Vec<String> {
    blocks(text, "console")
        .join("")
        .replace("\\\n", "")
        .lines()
        .map(|line| line.strip_prefix("$ ").unwrap().to_owned())
        .collect()
}

#[test]
fn the_rules_are_printed_from_the_code() {
    let lab = Lab::new();
    let table = lab.bare(&["lifecycle"]).exits(0);
    for page in [README, DESIGN] {
        assert_eq!(blocks(rules(page), "text"), [table.stdout.as_str()]);
    }
    let mermaid = lab.bare(&["lifecycle", "--output", "mermaid"]).exits(0);
    assert_eq!(blocks(rules(README), "mermaid"), [mermaid.stdout]);
}

#[test]
fn the_tour_of_the_embedded_ledger_works_as_written() {
    let lab = Lab::new();
    let tour = commands(between(README, "on the embedded ledger\n", "\n## "));
    assert!(tour.len() >= 10, "{tour:#?}");
    for line in &tour {
        // The tour's reader answers the question at a terminal.
        let asks = line.contains(" device drain ") && !line.contains("--dry-run");
        let answered = if asks { " --yes" } else { "" };
        lab.shell(&format!("{line}{answered}")).exits(0);
    }
    let device = "ebb -u embedded:tour device get ams-dz001 --output json-compact";
    lab.shell(device)
        .exits(0)
        .says(r#""provisioning_status":"activated""#)
        .says(r#""sessions":0"#);
}
