//! What `docs/agent.md` has an operator configure and run: the lab does the same.

use anyhow::{Context, Result};

const AGENT: &str = include_str!("../../../docs/agent.md");

/// The first block of code of a kind below a heading.
pub fn block(heading: &str, kind: &str) -> Result<&'static str> {
    let missing = || format!("docs/agent.md has no {kind} below {heading}");
    let (_, section) = AGENT
        .split_once(&format!("\n{heading}\n"))
        .with_context(missing)?;
    let section = section
        .split_once("\n## ")
        .map_or(section, |(section, _)| section);
    let (_, code) = section
        .split_once(&format!("\n```{kind}\n"))
        .with_context(missing)?;
    let (code, _) = code.split_once("\n```").with_context(missing)?;
    Ok(code)
}

/// What is typed at a prompt in the first console block below a heading.
pub fn typed(heading: &str, prompt: &str) -> Result<Vec<&'static str>> {
    let lines = block(heading, "console")?.lines();
    Ok(lines.filter_map(|line| line.strip_prefix(prompt)).collect())
}
