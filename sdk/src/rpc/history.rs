//! Transactions that a cluster has.
//!
//! Answers are read into types of our own: Solana's refuse an error of a transaction that they do not know.

use {
    super::{CommitmentConfig, Failure, RpcLedger},
    crate::ledger::{
        Call, Finality, LedgerError, SignatureEntry, SignaturePage, TransactionEntry, MAX_PAGE_LEN,
    },
    base64::{prelude::BASE64_STANDARD, Engine},
    serde::Deserialize,
    serde_json::{json, Value},
    solana_client::{
        rpc_custom_error::JSON_RPC_SERVER_ERROR_FILTER_TRANSACTION_NOT_FOUND,
        rpc_request::RpcRequest,
    },
    solana_program::pubkey::Pubkey,
    solana_sdk::{signature::Signature, transaction::VersionedTransaction},
    std::time::Duration,
    tokio::time::sleep,
};

/// How often a transaction is asked for that the node does not have: another node behind the same URL may have it, and
/// a node that has just executed it will have it at once.
const ATTEMPTS: u32 = 5;
/// How long between two times.
const PAUSE: Duration = Duration::from_millis(300);
/// What the newest transactions that are read: those with lookup tables.
pub(super) const NEWEST_VERSION: u8 = 0;

/// A transaction in a list, as nodes answer it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    signature: String,
    slot: u64,
    err: Option<Value>,
    block_time: Option<i64>,
    confirmation_status: Option<String>,
    transaction_index: Option<u32>,
}

/// A transaction as nodes answer it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RpcTransaction {
    slot: u64,
    block_time: Option<i64>,
    transaction_index: Option<u32>,
    /// The bytes, and how they are written.
    transaction: (String, String),
    meta: Option<Meta>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    err: Option<Value>,
    log_messages: Option<Vec<String>>,
    inner_instructions: Option<Vec<Inner>>,
    loaded_addresses: Option<Loaded>,
}

/// What programs called while one instruction ran.
#[derive(Deserialize)]
struct Inner {
    index: usize,
    instructions: Vec<Compiled>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Compiled {
    program_id_index: usize,
    data: String,
}

/// Addresses out of lookup tables; they follow those in the message.
#[derive(Deserialize)]
struct Loaded {
    writable: Vec<String>,
    readonly: Vec<String>,
}

impl RpcLedger {
    /// The newest slot that a node reports at a commitment.
    pub(super) async fn slot_of(&self, commitment: CommitmentConfig) -> Result<u64, LedgerError> {
        let slot = self.client.get_slot_with_commitment(commitment).await;
        slot.map_err(|error| self.unanswered(error))
    }

    /// See [`Ledger::signatures`](crate::ledger::Ledger::signatures).
    pub(super) async fn signatures_of(
        &self,
        address: &Pubkey,
        page: &SignaturePage,
    ) -> Result<Vec<SignatureEntry>, LedgerError> {
        let commitment = commitment_of(page.finality);
        let mut config = json!({
            "commitment": commitment.commitment,
            "limit": page.limit.min(MAX_PAGE_LEN),
        });
        for (key, signature) in [("before", page.before), ("until", page.until)] {
            if let Some(signature) = signature {
                config[key] = signature.to_string().into();
            }
        }
        if page.min_slot > 0 {
            config["minContextSlot"] = page.min_slot.into();
        }
        let params = json!([address.to_string(), config]);
        let request = RpcRequest::GetSignaturesForAddress;
        let listed: Vec<Listed> = match self.client.send(request, params).await {
            Ok(listed) => listed,
            Err(error) => return Err(self.not_listed(error.into())),
        };
        let entries = listed.into_iter().map(|it| self.entry(it, page.finality));
        let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
        if let Some(newest) = entries.first() {
            self.transport.saw_at(newest.slot, commitment);
        }
        Ok(entries)
    }

    /// See [`Ledger::transaction`](crate::ledger::Ledger::transaction).
    pub(super) async fn transaction_of(
        &self,
        signature: &Signature,
        finality: Finality,
    ) -> Result<Option<TransactionEntry>, LedgerError> {
        let config = json!({
            "commitment": commitment_of(finality).commitment,
            "encoding": "base64",
            "maxSupportedTransactionVersion": NEWEST_VERSION,
        });
        let params = json!([signature.to_string(), config]);
        for attempt in 1..=ATTEMPTS {
            let request = RpcRequest::GetTransaction;
            let found: Option<RpcTransaction> = self
                .client
                .send(request, params.clone())
                .await
                .map_err(|error| self.unanswered(error))?;
            match found {
                Some(found) => {
                    let unreadable = || self.unreadable(&format!("transaction {signature}"));
                    return read(*signature, found).ok_or_else(unreadable).map(Some);
                }
                None if attempt < ATTEMPTS => sleep(PAUSE).await,
                None => {}
            }
        }
        Ok(None)
    }

    fn entry(&self, listed: Listed, asked: Finality) -> Result<SignatureEntry, LedgerError> {
        let signature = listed.signature.parse();
        let status = listed.confirmation_status.as_deref();
        Ok(SignatureEntry {
            signature: signature.map_err(|_| self.unreadable("list of transactions"))?,
            slot: listed.slot,
            time: listed.block_time,
            failed: listed.err.is_some(),
            index: listed.transaction_index,
            is_final: asked == Finality::Final || status == Some("finalized"),
        })
    }

    fn not_listed(&self, failure: Failure) -> LedgerError {
        match failure {
            Failure::Answered { code, .. }
                if code == JSON_RPC_SERVER_ERROR_FILTER_TRANSACTION_NOT_FOUND =>
            {
                let url = self.url.to_string();
                LedgerError::UnknownAnchor { url }
            }
            failure => self.unanswered(failure),
        }
    }

    pub(super) fn unreadable(&self, what: &str) -> LedgerError {
        LedgerError::Other(format!("{} sent an unreadable {what}", self.url))
    }
}

fn commitment_of(finality: Finality) -> CommitmentConfig {
    match finality {
        Finality::Confirmed => CommitmentConfig::confirmed(),
        Finality::Final => CommitmentConfig::finalized(),
    }
}

/// A transaction out of an answer; `None` if it cannot be read.
fn read(signature: Signature, found: RpcTransaction) -> Option<TransactionEntry> {
    let bytes = BASE64_STANDARD.decode(found.transaction.0).ok()?;
    let transaction: VersionedTransaction = wincode::deserialize(&bytes).ok()?;
    let message = transaction.message;
    let meta = found.meta.unwrap_or_default();
    let mut keys = message.static_account_keys().to_vec();
    if let Some(loaded) = &meta.loaded_addresses {
        for key in loaded.writable.iter().chain(&loaded.readonly) {
            keys.push(key.parse().ok()?);
        }
    }
    let mut calls = vec![];
    for (index, call) in Call::of(&message).into_iter().enumerate() {
        calls.push(call);
        let inner = meta.inner_instructions.iter().flatten();
        for compiled in inner.filter(|it| it.index == index) {
            for instruction in &compiled.instructions {
                calls.push(Call {
                    program_id: *keys.get(instruction.program_id_index)?,
                    data: bs58::decode(&instruction.data).into_vec().ok()?,
                });
            }
        }
    }
    Some(TransactionEntry {
        signature,
        slot: found.slot,
        index: found.transaction_index,
        time: found.block_time,
        failed: meta.err.is_some(),
        calls,
        logs: meta.log_messages,
    })
}
