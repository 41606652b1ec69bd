//! Transactions that a ledger has, as they are read back from it.

use {solana_program::pubkey::Pubkey, solana_sdk::signature::Signature};

/// The most signatures that a page has.
pub const MAX_PAGE_LEN: usize = 1_000;

/// How sure it is that the ledger keeps what it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finality {
    /// Two thirds of the cluster have voted for it.
    #[default]
    Confirmed,
    /// The cluster can no longer drop it.
    Final,
}

/// Which signatures a page has. The default is the newest thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignaturePage {
    /// Only those that are older than this transaction.
    pub before: Option<Signature>,
    /// Only those that are newer than this transaction. A node of an older version that does not have it answers as if
    /// it was not asked for.
    pub until: Option<Signature>,
    /// At most so many.
    pub limit: usize,
    /// Only those that are so sure.
    pub finality: Finality,
    /// The slot that the node that answers must have reached.
    pub min_slot: u64,
}

impl Default for SignaturePage {
    fn default() -> Self {
        Self {
            before: None,
            until: None,
            limit: MAX_PAGE_LEN,
            finality: Finality::default(),
            min_slot: 0,
        }
    }
}

/// A transaction in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureEntry {
    /// Its first signature.
    pub signature: Signature,
    /// The slot it landed in.
    pub slot: u64,
    /// When, in Unix seconds, where the ledger has it.
    pub time: Option<i64>,
    /// Whether it failed, and so changed nothing.
    pub failed: bool,
    /// Which transaction of its slot it is, from 0, where the node says it.
    pub index: Option<u32>,
    /// Whether the ledger can no longer drop it.
    pub is_final: bool,
}

/// A transaction, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionEntry {
    /// Its first signature.
    pub signature: Signature,
    /// The slot it landed in.
    pub slot: u64,
    /// Which transaction of its slot it is, from 0, where the node says it.
    pub index: Option<u32>,
    /// When, in Unix seconds, where the ledger has it.
    pub time: Option<i64>,
    /// Whether it failed, and so changed nothing.
    pub failed: bool,
    /// Its instructions, each followed by those that programs called while it ran, where the ledger has these.
    pub calls: Vec<Call>,
    /// Its log lines, where the node keeps them.
    pub logs: Option<Vec<String>>,
}

/// A block that the ledger can no longer drop, and which transactions are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockEntry {
    /// Its slot.
    pub slot: u64,
    /// The slot of the block before it. The chain has none in between.
    pub parent: u64,
    /// The first signature of each of its transactions.
    pub signatures: Vec<Signature>,
}

/// What a program was called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The program.
    pub program_id: Pubkey,
    /// The instruction's data.
    pub data: Vec<u8>,
}

#[cfg(any(feature = "rpc", feature = "embedded"))]
impl Call {
    /// A message's own instructions, each by itself.
    pub(crate) fn of(message: &solana_message::VersionedMessage) -> Vec<Self> {
        let instructions = super::instructions_of(message).into_iter();
        instructions
            .map(|instruction| Self {
                program_id: instruction.program_id,
                data: instruction.data,
            })
            .collect()
    }
}
