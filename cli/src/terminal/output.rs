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
    /// For scripts, a line for each item.
    #[value(hide = true)]
    JsonLines,
    /// A Mermaid state diagram.
    #[value(hide = true)]
    Mermaid,
    /// A Graphviz graph.
    #[value(hide = true)]
    Dot,
}

impl Output {
    /// Whether it is for scripts.
    pub const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::JsonCompact | Self::JsonLines)
    }
}
