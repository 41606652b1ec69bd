//! The codes of accounts, which not every transaction contains.

use {
    super::{column, rows, StoreError},
    ebb_sdk::history::Record,
    solana_sdk::pubkey::Pubkey,
    sqlx::{any::AnyRow, AnyConnection, Row},
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
        let unknown = subjects.filter(|it| !codes.contains_key(it)).collect();
        codes.extend(codes_of(connection, &unknown).await?);
        Ok(Self(codes))
    }

    /// The code of a record's account.
    pub fn get(&self, record: &Record) -> Option<String> {
        self.0.get(&record.event.subject).cloned()
    }
}

/// The codes of some accounts, as far as the store has them.
pub(super) async fn codes_of(
    connection: &mut AnyConnection,
    addresses: &BTreeSet<Pubkey>,
) -> Result<HashMap<Pubkey, String>, StoreError> {
    let addresses: Vec<String> = addresses.iter().map(Pubkey::to_string).collect();
    let sql = "SELECT DISTINCT address, code FROM event WHERE code IS NOT NULL AND address IN ";
    let rows = rows::matching(connection, sql, &addresses, "").await?;
    let code = |row: &AnyRow| Ok((column::parsed(row, "address")?, row.try_get("code")?));
    rows.iter().map(code).collect()
}
