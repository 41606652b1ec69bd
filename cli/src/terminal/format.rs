use super::{Output, Terminal};

/// How a verb writes its result.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its format.
    pub output: Output,
    /// Write keys and signatures in full.
    pub verbose: bool,
    /// What stdout is connected to.
    pub terminal: Terminal,
}
