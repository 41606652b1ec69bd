//! Blocks that a cluster can no longer drop.

use {
    super::{history::NEWEST_VERSION, CommitmentConfig, Failure, RpcLedger},
    crate::ledger::{BlockEntry, LedgerError},
    serde::{de::DeserializeOwned, Deserialize},
    serde_json::{json, Value},
    solana_client::rpc_request::RpcRequest,
    solana_sdk::signature::Signature,
};

/// A block as nodes answer it, with no more of its transactions than their signatures.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RpcBlock {
    parent_slot: u64,
    signatures: Vec<String>,
}

impl RpcLedger {
    /// See [`Ledger::block_from`](crate::ledger::Ledger::block_from).
    pub(super) async fn first_block_from(
        &self,
        slot: u64,
    ) -> Result<Option<BlockEntry>, LedgerError> {
        let commitment = CommitmentConfig::finalized().commitment;
        let params = json!([slot, 1, { "commitment": commitment }]);
        let slots: Option<Vec<u64>> = self.served(RpcRequest::GetBlocksWithLimit, params).await?;
        let Some(slot) = slots.and_then(|slots| slots.first().copied()) else {
            return Ok(None);
        };
        let config = json!({
            "commitment": commitment,
            "rewards": false,
            "transactionDetails": "signatures",
            "maxSupportedTransactionVersion": NEWEST_VERSION,
        });
        let block: Option<RpcBlock> = self
            .served(RpcRequest::GetBlock, json!([slot, config]))
            .await?;
        block.map(|block| self.block_entry(slot, block)).transpose()
    }

    /// What a node answers; `None` where it does not have it, or does not serve this.
    async fn served<T: DeserializeOwned>(
        &self,
        request: RpcRequest,
        params: Value,
    ) -> Result<Option<T>, LedgerError> {
        let answer = self.client.send(request, params).await;
        answer.or_else(|error| match error.into() {
            Failure::Answered { .. } | Failure::Denied(_) => Ok(None),
            failure => Err(self.unanswered(failure)),
        })
    }

    fn block_entry(&self, slot: u64, block: RpcBlock) -> Result<BlockEntry, LedgerError> {
        let signatures = block.signatures.iter().map(|signature| signature.parse());
        let signatures: Result<Vec<Signature>, _> = signatures.collect();
        Ok(BlockEntry {
            slot,
            parent: block.parent_slot,
            signatures: signatures.map_err(|_| self.unreadable(&format!("block {slot}")))?,
        })
    }
}
