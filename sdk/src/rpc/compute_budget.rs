//! The compute units that a transaction asks for, and what they cost.

use {
    super::RpcLedger,
    solana_compute_budget_interface::ComputeBudgetInstruction,
    solana_program::instruction::Instruction,
    std::{
        hash::{BuildHasher, Hasher, RandomState},
        sync::atomic::Ordering,
    },
};

/// The most compute units a transaction can ask for.
pub(super) const MAX_COMPUTE_UNITS: u32 = 1_400_000;
/// The margin is this part of what the simulation used, and [`MARGIN_UNITS`] more.
const MARGIN_PART: u32 = 10;
/// See [`MARGIN_PART`]: what small transactions may vary by.
const MARGIN_UNITS: u32 = 1_000;
/// By how little the limits of transactions differ that are otherwise the same: signed with one
/// blockhash, they would be one transaction, which runs once however often it was asked for.
pub(super) const DISTINCT_UNITS: u32 = 100;
/// What an instruction to the compute budget costs.
const BUDGET_INSTRUCTION_UNITS: u32 = 150;
/// What nodes charge a signature, for those that do not say.
pub(super) const LAMPORTS_PER_SIGNATURE: u64 = 5_000;
/// A compute unit's price is in millionths of a lamport.
const MICRO_LAMPORTS: u128 = 1_000_000;

impl RpcLedger {
    /// The instructions behind those that set the compute budget.
    pub(super) fn budgeted(&self, instructions: &[Instruction], limit: u32) -> Vec<Instruction> {
        let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(limit)];
        if self.compute_unit_price > 0 {
            let price = self.compute_unit_price;
            all.push(ComputeBudgetInstruction::set_compute_unit_price(price));
        }
        all.extend_from_slice(instructions);
        all
    }

    /// The limit of a transaction whose simulation used so many units, a little different each time.
    pub(super) fn distinct_limit(&self, used: u64) -> u32 {
        let number = self.sends.fetch_add(1, Ordering::Relaxed) % DISTINCT_UNITS;
        compute_unit_limit(used).saturating_add(number)
    }

    /// What the priority costs, in lamports.
    pub(super) fn priority_fee(&self, limit: u32) -> u64 {
        let micro_lamports = u128::from(self.compute_unit_price) * u128::from(limit);
        u64::try_from(micro_lamports.div_ceil(MICRO_LAMPORTS)).unwrap_or(u64::MAX)
    }
}

/// The compute units to ask for if a simulation used so many: a tenth more, and 1,000 and what the
/// instructions to the compute budget cost on top of that.
pub fn compute_unit_limit(used: u64) -> u32 {
    let used = u32::try_from(used).unwrap_or(MAX_COMPUTE_UNITS);
    used.saturating_add(used / MARGIN_PART)
        .saturating_add(MARGIN_UNITS)
        .saturating_add(BUDGET_INSTRUCTION_UNITS)
        .min(MAX_COMPUTE_UNITS)
}

/// Where a ledger begins to count its transactions.
pub(super) fn random() -> u32 {
    let hash = RandomState::new().build_hasher().finish();
    u32::try_from(hash % u64::from(DISTINCT_UNITS)).unwrap_or_default()
}
