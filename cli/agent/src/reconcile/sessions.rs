//! Which sessions are opened and closed.

use {
    super::{Memory, Mode, Rules, Users},
    crate::chain::Chain,
    ebb_sdk::lifecycle::check_open_session,
    solana_sdk::pubkey::Pubkey,
    std::collections::BTreeSet,
};

/// The users whose sessions are opened, and those whose sessions are closed. It was seen who is connected.
///
/// A session closes when its user was absent for long enough, or when the agent has shut it and it is gone from the device.
pub(super) fn plan(
    chain: &Chain,
    mode: Mode,
    users: &Users<'_>,
    shut: &BTreeSet<Pubkey>,
    rules: &Rules,
    memory: &Memory,
) -> (Vec<Pubkey>, Vec<Pubkey>) {
    let has_left = |user: &Pubkey| {
        let absences = memory.absences.get(user).copied().unwrap_or(0);
        // Who is shut while the device takes users is being let in again.
        absences >= rules.absences || (mode != Mode::Serve && shut.contains(user))
    };
    let close: Vec<Pubkey> = chain
        .sessions
        .keys()
        .filter(|user| !users.is_connected(user) && has_left(user))
        .copied()
        .collect();
    let head = chain.head();
    let room = match check_open_session(head) {
        Ok(()) => head.max_sessions.saturating_sub(head.sessions),
        Err(_) => 0,
    };
    let open = users
        .connected()
        .filter(|user| !chain.sessions.contains_key(user))
        .take(usize::try_from(room).unwrap_or(usize::MAX))
        .copied()
        .collect();
    (open, close)
}
