//! Which sequences are missing.

use {
    super::{
        column,
        limit::{ANSWER, SCAN},
        lost::LOST,
        registration, Range, RegistrationKey, Store, StoreError,
    },
    ebb_sdk::history::Tip,
    solana_sdk::pubkey::Pubkey,
    sqlx::{any::AnyRow, AssertSqlSafe},
};

impl Store {
    /// The newest event of each registration of each account.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn heads(&self) -> Result<Vec<Tip>, StoreError> {
        let sql = "SELECT address, contributor, generation, MAX(sequence) AS sequence FROM live \
                   GROUP BY address, contributor, generation";
        let rows = self.readers.rows(SCAN, sqlx::query(sql)).await?;
        let mut heads: Vec<Tip> = rows.iter().map(head).collect::<Result<_, _>>()?;
        heads.sort_unstable_by_key(|head| (head.subject, head.registration));
        Ok(heads)
    }

    /// The newest event of each registration of a device that was not removed by any event, if that is older than a slot.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn unremoved(&self, slot: u64) -> Result<Vec<Tip>, StoreError> {
        let sql = "SELECT address, contributor, generation, MAX(sequence) AS sequence FROM live WHERE contributor <> '' \
                   GROUP BY address, contributor, generation \
                   HAVING MAX(CASE kind WHEN 20 THEN 1 ELSE 0 END) = 0 AND MAX(slot) < $1";
        let query = sqlx::query(sql).bind(column::to_column("the slot", slot)?);
        let rows = self.readers.rows(SCAN, query).await?;
        rows.iter().map(head).collect()
    }

    /// The sequences that are missing before the newest one of each registration.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn gaps(&self) -> Result<Vec<Range>, StoreError> {
        let query = sqlx::query(AssertSqlSafe(holes("1 = 1")));
        sorted(&self.readers.rows(SCAN, query).await?)
    }

    /// The sequences that no node has any more.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn lost_ranges(&self) -> Result<Vec<Range>, StoreError> {
        sorted(&self.readers.rows(ANSWER, sqlx::query(LOST)).await?)
    }

    /// How many ranges of sequences no node has any more.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn lost_range_count(&self) -> Result<usize, StoreError> {
        self.count("SELECT COUNT(*) FROM lost_range").await
    }

    /// The sequences of one account that no node has any more.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn lost_ranges_of(&self, address: &Pubkey) -> Result<Vec<Range>, StoreError> {
        self.ranges_of(address, format!("{LOST} WHERE address = $1"))
            .await
    }

    /// The sequences of one account that are missing before the newest one of each registration, and those that are lost.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn missing(&self, address: &Pubkey) -> Result<Vec<Range>, StoreError> {
        let holes = holes("address = $1");
        self.ranges_of(address, format!("{holes} UNION {LOST} WHERE address = $1"))
            .await
    }

    /// The newest event of each registration of a device whose begin is known, in the order of their first ones.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn registrations(&self, device: &Pubkey) -> Result<Vec<Tip>, StoreError> {
        let sql = "SELECT address, contributor, generation, MAX(sequence) AS sequence FROM live \
                   WHERE address = $1 AND contributor <> '' GROUP BY address, contributor, generation \
                   ORDER BY MIN(slot), generation";
        let query = sqlx::query(sql).bind(device.to_string());
        let rows = self.readers.rows(ANSWER, query).await?;
        rows.iter().map(head).collect()
    }

    /// The ranges of an account, which the statement's first parameter is.
    async fn ranges_of(&self, address: &Pubkey, sql: String) -> Result<Vec<Range>, StoreError> {
        let query = sqlx::query(AssertSqlSafe(sql)).bind(address.to_string());
        sorted(&self.readers.rows(ANSWER, query).await?)
    }
}

fn sorted(rows: &[AnyRow]) -> Result<Vec<Range>, StoreError> {
    let mut ranges: Vec<Range> = rows
        .iter()
        .map(registration::range)
        .collect::<Result<_, _>>()?;
    ranges.sort_unstable();
    Ok(ranges)
}

/// Selects what is missing before the newest event of each registration of the accounts that meet a condition.
fn holes(condition: &str) -> String {
    format!(
        "SELECT address, contributor, generation, before + 1 AS first, sequence - 1 AS last FROM (\
         SELECT address, contributor, generation, sequence, COALESCE(LAG(sequence) OVER \
         (PARTITION BY address, contributor, generation ORDER BY sequence), 0) AS before \
         FROM live WHERE {condition}) AS pairs WHERE sequence > before + 1"
    )
}

fn head(row: &AnyRow) -> Result<Tip, StoreError> {
    Ok(Tip {
        subject: column::parsed(row, "address")?,
        registration: registration::of(row)?.map(RegistrationKey::into),
        sequence: column::count(row, "sequence")?,
    })
}
