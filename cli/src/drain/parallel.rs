//! Sending many transactions, several at a time.

use {
    super::screen::Meter,
    crate::{
        error::{CliError, Kind},
        value,
    },
    futures_util::stream::{self, StreamExt},
    std::{cell::RefCell, future::Future},
};

/// How many transactions may be on their way at a time unless it is said.
pub const DEFAULT: u16 = 32;

/// How much is sent at a time.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct ParallelArgs {
    /// How many transactions may be on their way at a time
    #[arg(
        long,
        value_name = "N",
        default_value_t = DEFAULT,
        value_parser = value::parallel
    )]
    parallel: u16,
}

impl From<ParallelArgs> for usize {
    fn from(args: ParallelArgs) -> Self {
        args.parallel.into()
    }
}

/// Why nothing more is sent: the cluster is out of reach.
#[derive(Default)]
pub struct Outage(RefCell<Option<CliError>>);

impl Outage {
    /// Takes note of an error, if that is what it says.
    pub fn note(&self, error: &CliError) {
        if error.kind() == Kind::Unreachable {
            self.0.replace(Some(error.clone()));
        }
    }

    /// What was noted.
    pub fn error(&self) -> Option<CliError> {
        self.0.borrow().clone()
    }
}

/// Sends packs, so many at a time, and hands over what became of each job of them, as it comes, with its slot.
pub async fn send_all<J, D, F>(
    packs: Vec<Vec<J>>,
    parallel: usize,
    meter: &mut Meter,
    send: impl Fn(Vec<J>) -> F,
    mut done: impl FnMut(usize, D),
) where
    F: Future<Output = Vec<(usize, D)>>,
{
    let mut sending = stream::iter(packs).map(send).buffer_unordered(parallel);
    while let Some(ended) = sending.next().await {
        for (slot, one) in ended {
            done(slot, one);
            meter.step();
        }
        // A ledger that answers at once leaves no other moment to hear a signal.
        tokio::task::yield_now().await;
    }
}
