//! What is checked of a program before anything is sent to it.
//!
//! The private key of the development id is public, so on a cluster that everybody uses the program there may be
//! anybody's.

use {
    super::RpcLedger,
    crate::ledger::{check_program, Ledger, LedgerError},
    solana_cluster_type::ClusterType,
    solana_program::{hash::Hash, instruction::Instruction, pubkey::Pubkey},
    solana_sdk_ids::{bpf_loader_upgradeable, compute_budget, system_program},
    std::{
        collections::HashSet,
        sync::{Mutex, PoisonError},
    },
    tokio::sync::OnceCell,
};

/// The programs that every cluster has.
const BUILT_IN: [Pubkey; 3] = [
    system_program::ID,
    compute_budget::ID,
    bpf_loader_upgradeable::ID,
];
/// The clusters that everybody uses, and what they are called.
const PUBLIC: [(ClusterType, &str); 3] = [
    (ClusterType::MainnetBeta, "mainnet"),
    (ClusterType::Testnet, "testnet"),
    (ClusterType::Devnet, "devnet"),
];

/// What is known of the programs that this ledger sends to.
#[derive(Default)]
pub(super) struct Programs {
    /// Whether the program's id was chosen, even if it is the development id.
    pub is_chosen: bool,
    /// The public cluster that this is, if it is one, once it was asked for.
    public: OnceCell<Option<&'static str>>,
    /// Those that are programs.
    checked: Mutex<HashSet<Pubkey>>,
}

impl RpcLedger {
    /// See [`Ledger::check_programs`].
    pub(super) async fn check_called(
        &self,
        instructions: &[Instruction],
    ) -> Result<(), LedgerError> {
        for instruction in instructions {
            self.check_id(&instruction.program_id).await?;
        }
        let unchecked = self.unchecked(instructions);
        let found = self.accounts(&unchecked).await?;
        for (id, account) in unchecked.iter().zip(found) {
            check_program(id, account)?;
            self.checked().insert(*id);
        }
        Ok(())
    }

    /// Fails on a public cluster if this is the development id and was not chosen.
    pub(super) async fn check_id(&self, program_id: &Pubkey) -> Result<(), LedgerError> {
        let programs = &self.programs;
        if *program_id != crate::ID || (programs.is_chosen && self.program_id == crate::ID) {
            return Ok(());
        }
        let ask = || async { self.genesis().await.map(|genesis| public_name(&genesis)) };
        match programs.public.get_or_try_init(ask).await? {
            Some(cluster) => Err(LedgerError::DevelopmentId { cluster }),
            None => Ok(()),
        }
    }

    /// The programs that are called and were not checked yet.
    fn unchecked(&self, instructions: &[Instruction]) -> Vec<Pubkey> {
        let checked = self.checked();
        let called = instructions.iter().map(|it| it.program_id);
        let unchecked: HashSet<Pubkey> = called
            .filter(|id| !BUILT_IN.contains(id) && !checked.contains(id))
            .collect();
        unchecked.into_iter().collect()
    }

    fn checked(&self) -> std::sync::MutexGuard<'_, HashSet<Pubkey>> {
        let checked = self.programs.checked.lock();
        checked.unwrap_or_else(PoisonError::into_inner)
    }
}

fn public_name(genesis: &Hash) -> Option<&'static str> {
    PUBLIC
        .iter()
        .find(|(cluster, _)| cluster.get_genesis_hash().as_ref() == Some(genesis))
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_clusters_are_known_by_their_genesis() {
        let known = |text: &str| public_name(&text.parse().unwrap());
        let name = known("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d");
        assert_eq!(name, Some("mainnet"));
        let name = known("4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY");
        assert_eq!(name, Some("testnet"));
        let name = known("EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG");
        assert_eq!(name, Some("devnet"));
        assert_eq!(public_name(&Hash::default()), None);
    }
}
