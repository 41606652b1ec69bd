//! The README's rules are the code's, printed.

use crate::support::Lab;

const README: &str = include_str!("../../README.md");

/// The block of one language between the README's marks.
fn block(language: &str) -> &'static str {
    let (_, rest) = README.split_once("<!-- lifecycle:begin -->").unwrap();
    let (rules, _) = rest.split_once("<!-- lifecycle:end -->").unwrap();
    let (_, rest) = rules.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_rules_are_printed_from_the_code() {
    let lab = Lab::new();
    assert_eq!(block("text"), lab.bare(&["lifecycle"]).exits(0).stdout);
    let mermaid = lab.bare(&["lifecycle", "--output", "mermaid"]).exits(0);
    assert_eq!(block("mermaid"), mermaid.stdout);
}
