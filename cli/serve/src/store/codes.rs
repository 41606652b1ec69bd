//! The codes of accounts, which not every transaction contains.

use {
    super::{column, rows, StoreError},
    ebb_sdk::history::Record,
    solana_sdk::pubkey::Pubkey,
    sqlx::{AnyConnection, Row},
    std::collections::{BTreeSet, HashMap},
};

/// The codes of accounts, by address. An address is made from the code, so that it never has another one.
pub(super) struct Codes(HashMap<Pubkey, String>);

impl Codes {
    /// The codes of the accounts of records, as far as these or the store have them.
    pub async fn of(
        connection: &mut AnyConnection,
        records: &[Record],
    ) -> Result<Self, StoreError> {
        let known = records
            .iter()
            .filter_map(|record| Some((record.event.subject, record.code.clone()?)));
        let mut codes: HashMap<_, _> = known.collect();
        let subjects = records.iter().map(|record| record.event.subject);
        let unknown: BTreeSet<Pubkey> = subjects.filter(|it| !codes.contains_key(it)).collect();
        let unknown: Vec<String> = unknown.iter().map(Pubkey::to_string).collect();
        let sql = "SELECT DISTINCT address, code FROM event WHERE code IS NOT NULL AND address IN ";
        for row in rows::matching(connection, sql, &unknown, "").await? {
            codes.insert(column::parsed(&row, "address")?, row.try_get("code")?);
        }
        Ok(Self(codes))
    }

    /// The code of a record's account.
    pub fn get(&self, record: &Record) -> Option<String> {
        self.0.get(&record.event.subject).cloned()
    }
}
