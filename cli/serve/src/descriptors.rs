//! How many connections the process has file descriptors for.

/// What is left for the ledger, the history and connections that are refused.
const RESERVED: usize = 300;

/// Raises the process's limit of open files as far as so many connections need and it goes, and returns how many there may
/// be.
pub fn connections(wanted: usize) -> usize {
    let needed = wanted.saturating_add(RESERVED);
    let limit = rlimit::increase_nofile_limit(u64::try_from(needed).unwrap_or(u64::MAX));
    // Where the limit cannot be read there may be none.
    let limit = limit.map_or(needed, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    wanted.min(within(limit))
}

/// How many connections a limit of open files leaves room for.
fn within(limit: usize) -> usize {
    limit - RESERVED.min(limit / 2)
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn there_is_room_for_connections_and_for_the_rest() {
        assert_eq!((within(0), within(256), within(1_024)), (0, 128, 724));
    }
}
