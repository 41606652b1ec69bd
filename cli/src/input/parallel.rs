//! How many transactions may be in flight at a time.

use {crate::input::value, ebb_sdk::fleet::DEFAULT_PARALLEL};

/// How much is sent at a time.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct ParallelArgs {
    /// Transactions in flight at a time
    #[arg(
        long,
        value_name = "N",
        default_value_t = DEFAULT_PARALLEL as u16,
        value_parser = value::parallel
    )]
    parallel: u16,
}

impl From<ParallelArgs> for usize {
    fn from(args: ParallelArgs) -> Self {
        args.parallel.into()
    }
}
