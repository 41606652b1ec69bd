use clap::ValueEnum;

/// How to write the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Table,
    /// For scripts, indented.
    Json,
    /// For scripts, on one line.
    JsonCompact,
    /// A Mermaid state diagram: `ebb lifecycle` only.
    Mermaid,
    /// A Graphviz graph: `ebb lifecycle` only.
    Dot,
}

impl Output {
    /// Whether it is for scripts.
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::JsonCompact)
    }
}
