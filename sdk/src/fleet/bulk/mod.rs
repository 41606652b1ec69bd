//! Sending many transactions, several at a time, each device's once, whatever the cluster drops.
//!
//! An instruction expects what was read of its device, and most change some of that, so that they cannot run twice: a lost
//! one is safe to send again. One that leaves all of it, as the update of a drain, is sent again only if it is certain that
//! it did not land. A task decides which, when it reads its row again.

mod pack;
mod send;

pub use pack::pack;
pub(super) use send::{Packing, Sender};

use {
    super::FleetError,
    crate::{
        client::Closing,
        ledger::{LedgerError, Receipt, SignedMessage},
    },
    async_trait::async_trait,
    solana_program::instruction::Instruction,
    std::sync::Arc,
};

/// What goes in one transaction for one row: a device, a session, or a line of a file.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// What it is for.
    pub row: usize,
    /// In their order.
    pub instructions: Vec<Instruction>,
    /// The accounts that they close.
    pub closings: Vec<Closing>,
}

impl Job {
    pub fn new(row: usize, mut instructions: Vec<Instruction>) -> Self {
        // A builder leaves room for a kilobyte of arguments, which thousands of jobs would keep.
        for instruction in &mut instructions {
            instruction.data.shrink_to_fit();
        }
        Self {
            row,
            instructions,
            closings: vec![],
        }
    }
}

/// What reading again shows of a job that was refused or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precheck {
    /// Nothing has changed since it was planned.
    Pending,
    /// There is nothing to send any more, and the task has recorded why.
    AlreadyDone,
}

/// What jobs are for: records how each ends.
#[async_trait]
pub(super) trait Task: Send + Sync {
    /// The transaction of these rows may have been sent from now on.
    fn sending(&self, rows: &[usize]);

    /// The transaction of these rows landed.
    async fn accepted(&self, rows: &[usize], receipt: &Receipt);

    /// The transaction of these rows was signed, and was to be signed only. Who has no use for that takes it as a failure.
    fn signed(&self, rows: &[usize], _message: &Arc<SignedMessage>) {
        for row in rows {
            self.failed(*row, LedgerError::NotSent.into());
        }
    }

    /// Reads what a row is about again, after its transaction was refused or lost.
    ///
    /// # Errors
    /// What says more than the refusal itself, or that it cannot be read.
    async fn recheck(&self, row: usize, error: &FleetError) -> Result<Precheck, FleetError>;

    /// A row was not done.
    fn failed(&self, row: usize, error: FleetError);
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::instruction::{undrain_device, Expect},
        solana_program::pubkey::Pubkey,
    };

    #[test]
    fn a_job_takes_no_more_memory_than_its_arguments() {
        let key = Pubkey::default();
        let undrain = undrain_device(&key, &key, &key, &key, &key, Expect::default());
        let len = undrain.data.len();
        assert!(undrain.data.capacity() > len);
        let job = Job::new(0, vec![undrain]);
        assert_eq!(job.instructions[0].data.capacity(), len);
    }
}
