//! Which accounts a list has.

/// A condition that the ledger checks on an account's data before it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Where in the data, in bytes.
    pub offset: usize,
    /// What must stand there.
    pub bytes: Vec<u8>,
}

impl Filter {
    /// Whether an account's data pass.
    pub fn matches(&self, data: &[u8]) -> bool {
        data.get(self.offset..)
            .is_some_and(|rest| rest.starts_with(&self.bytes))
    }
}
