//! The embedded ledger as people and scripts read it.

use {
    crate::{
        render::{Record, Show},
        terminal::time::rfc3339,
    },
    ebb_sdk::embedded::EmbeddedInfo,
    serde::Serialize,
};

#[derive(Serialize)]
pub struct InfoView {
    dir: String,
    program_id: String,
    default_key: String,
    slot: u64,
    time: Option<String>,
    offset_seconds: i64,
    blockhash: String,
    accounts: usize,
    transactions: u64,
    bytes: u64,
}

impl From<EmbeddedInfo> for InfoView {
    fn from(info: EmbeddedInfo) -> Self {
        Self {
            dir: info.dir.display().to_string(),
            program_id: info.program_id.to_string(),
            default_key: info.default_key.to_string(),
            slot: info.now.slot,
            time: rfc3339(info.now.time),
            offset_seconds: info.offset,
            blockhash: info.blockhash.to_string(),
            accounts: info.accounts,
            transactions: info.transactions,
            bytes: info.bytes,
        }
    }
}

impl Show for InfoView {
    fn record(&self) -> Record {
        let offset = format!("{} s ahead of the host's clock", self.offset_seconds);
        Record::new()
            .text("Folder", &self.dir)
            .text("Program", &self.program_id)
            .text("Default key", &self.default_key)
            .text("Slot", self.slot)
            .optional("Time", self.time.as_ref())
            .text("Offset", offset)
            .text("Blockhash", &self.blockhash)
            .text("Accounts", self.accounts)
            .text("Transactions", self.transactions)
            .text("Bytes", self.bytes)
    }
}
