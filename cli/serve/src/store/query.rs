//! Reading the history.

use {
    super::{
        codes::codes_of,
        column, entry,
        limit::{ANSWER, SCAN},
        DeadLetter, Entry, Place, Store, StoreError,
    },
    solana_sdk::{pubkey::Pubkey, signature::Signature},
    sqlx::{
        any::{AnyArguments, AnyRow},
        query::Query,
        Any, AnyConnection, AssertSqlSafe, Row,
    },
    std::{
        collections::{BTreeMap, BTreeSet, HashMap},
        ops::RangeInclusive,
    },
};

/// Whose history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What has this code, in every registration.
    Code(String),
    /// The account.
    Address(Pubkey),
}

/// What to read. The default is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only of one account.
    pub subject: Option<Subject>,
    /// Only from this time on, in Unix seconds.
    pub since: Option<i64>,
}

impl Store {
    /// What happened, in the ledger's order, without what was retracted: at most `limit` entries that stand after a place.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn history(
        &self,
        selection: &Selection,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut statement = Statement::new("live", selection);
        if let Some(after) = after {
            statement.push("(slot, tx_index, tx, place) >", &numbers(after));
        }
        let rows = statement
            .fetch(self, "slot, tx_index, tx, place", limit)
            .await?;
        rows.iter().map(entry::read).collect()
    }

    /// What happened, newest first, without what was retracted: at most `limit` entries that stand before a place.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn history_before(
        &self,
        selection: &Selection,
        before: Option<Place>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut statement = Statement::new("live", selection);
        if let Some(before) = before {
            statement.push("(slot, tx_index, tx, place) <", &numbers(before));
        }
        let order = "slot DESC, tx_index DESC, tx DESC, place DESC";
        let rows = statement.fetch(self, order, limit).await?;
        rows.iter().map(entry::read).collect()
    }

    /// What was appended after a position (0 for all), retractions and what they retract included, in that order: at most
    /// `limit` entries.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn appended(
        &self,
        selection: &Selection,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut statement = Statement::new("entry", selection);
        statement.push("position >", &[after]);
        let rows = statement.fetch(self, "position", limit).await?;
        rows.iter().map(entry::read).collect()
    }

    /// Whether there is an entry at a place, which may have been retracted since.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn has(&self, place: &Place) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS events FROM event WHERE slot = $1 AND tx_index = $2 AND tx = $3 AND place = $4";
        let query = sqlx::query(sql)
            .bind(place.slot)
            .bind(place.index)
            .bind(place.transaction)
            .bind(place.place);
        let row = self.readers.row(ANSWER, query).await?;
        Ok(column::count(&row, "events")? > 0)
    }

    /// The position of the newest entry; 0 where there is none.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn position(&self) -> Result<i64, StoreError> {
        let query = sqlx::query("SELECT COALESCE(MAX(position), 0) FROM event");
        let row = self.readers.row(ANSWER, query).await?;
        Ok(row.try_get(0)?)
    }

    /// How many events there are, without what was retracted.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn event_count(&self) -> Result<u64, StoreError> {
        let query = sqlx::query("SELECT COUNT(*) AS events FROM live");
        let row = self.readers.row(SCAN, query).await?;
        column::count(&row, "events")
    }

    /// The codes of accounts, as far as they are known.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn codes(&self) -> Result<Vec<(Pubkey, String)>, StoreError> {
        let sql = "SELECT DISTINCT address, code FROM event WHERE code IS NOT NULL";
        let rows = self.readers.rows(SCAN, sqlx::query(sql)).await?;
        let code = |row: &AnyRow| Ok((column::parsed(row, "address")?, row.try_get("code")?));
        rows.iter().map(code).collect()
    }

    /// The codes of some accounts, as far as they are known.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn codes_of(
        &self,
        addresses: &BTreeSet<Pubkey>,
    ) -> Result<HashMap<Pubkey, String>, StoreError> {
        let ask = async |connection: &mut AnyConnection| codes_of(connection, addresses).await;
        self.readers.ask(ANSWER, ask).await
    }

    /// Transactions in a range of slots that are not final yet, by their slots.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn unresolved(
        &self,
        slots: RangeInclusive<u64>,
    ) -> Result<BTreeMap<u64, Vec<Signature>>, StoreError> {
        let sql = "SELECT signature, slot FROM tx WHERE is_final = 0 AND is_retracted = 0 AND slot >= $1 AND slot <= $2";
        let query = sqlx::query(sql)
            .bind(column::to_column("the slot", *slots.start())?)
            .bind(column::to_column("the slot", *slots.end())?);
        let rows = self.readers.rows(ANSWER, query).await?;
        let mut unresolved: BTreeMap<u64, Vec<Signature>> = BTreeMap::new();
        for row in &rows {
            let of_slot = unresolved.entry(column::count(row, "slot")?).or_default();
            of_slot.push(column::parsed(row, "signature")?);
        }
        Ok(unresolved)
    }

    /// How many transactions cannot be read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn dead_letter_count(&self) -> Result<usize, StoreError> {
        self.count("SELECT COUNT(*) FROM dead_letter").await
    }

    /// The number that a statement selects.
    pub(super) async fn count(&self, sql: &'static str) -> Result<usize, StoreError> {
        let row = self.readers.row(ANSWER, sqlx::query(sql)).await?;
        let count: i64 = row.try_get(0)?;
        usize::try_from(count).map_err(|_| StoreError::Damaged(format!("a count of {count}")))
    }

    /// Transactions that cannot be read, in the order of their slots.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, StoreError> {
        let sql = "SELECT signature, slot, reason FROM dead_letter ORDER BY slot, signature";
        let rows = self.readers.rows(ANSWER, sqlx::query(sql)).await?;
        let letter = |row: &AnyRow| {
            Ok(DeadLetter {
                signature: column::parsed(row, "signature")?,
                slot: column::count(row, "slot")?,
                reason: row.try_get("reason")?,
            })
        };
        rows.iter().map(letter).collect()
    }
}

/// A place as the order's columns have it.
fn numbers(place: Place) -> [i64; 4] {
    let Place {
        slot,
        index,
        transaction,
        place,
    } = place;
    [slot, index, transaction, place]
}

/// A statement whose conditions differ from time to time.
struct Statement {
    view: &'static str,
    conditions: Vec<String>,
    values: Vec<Value>,
}

enum Value {
    Number(i64),
    Text(String),
}

impl Statement {
    fn new(view: &'static str, selection: &Selection) -> Self {
        let mut statement = Self {
            view,
            conditions: vec![],
            values: vec![],
        };
        match &selection.subject {
            // A transaction need not contain the code.
            Some(Subject::Code(code)) => statement.push_text(
                "address IN (SELECT address FROM event WHERE code =",
                code.clone(),
                ")",
            ),
            Some(Subject::Address(address)) => {
                statement.push_text("address =", address.to_string(), "");
            }
            None => {}
        }
        if let Some(since) = selection.since {
            statement.push("time >=", &[since]);
            statement.begin_at_time(statement.values.len());
        }
        statement
    }

    /// Leaves out the slots before a time, which is a parameter, without reading them: the ledger's clock never goes back.
    fn begin_at_time(&mut self, number: usize) {
        let first =
            format!("SELECT slot FROM event WHERE time >= ${number} ORDER BY time, slot LIMIT 1");
        let none = i64::MAX;
        self.conditions
            .push(format!("slot >= COALESCE(({first}), {none})"));
    }

    fn push(&mut self, condition: &str, numbers: &[i64]) {
        let first = self.values.len() + 1;
        let names: Vec<String> = (first..first + numbers.len())
            .map(|number| format!("${number}"))
            .collect();
        self.conditions
            .push(format!("{condition} ({})", names.join(", ")));
        self.values
            .extend(numbers.iter().copied().map(Value::Number));
    }

    fn push_text(&mut self, condition: &str, text: String, after: &str) {
        self.values.push(Value::Text(text));
        let number = self.values.len();
        self.conditions
            .push(format!("{condition} ${number}{after}"));
    }

    fn sql(&self, order: &str, limit: u32) -> String {
        let Self {
            view, conditions, ..
        } = self;
        let conditions = if conditions.is_empty() {
            "1 = 1".to_owned()
        } else {
            conditions.join(" AND ")
        };
        let columns = entry::COLUMNS;
        format!("SELECT {columns} FROM {view} WHERE {conditions} ORDER BY {order} LIMIT {limit}")
    }

    async fn fetch(
        self,
        store: &Store,
        order: &str,
        limit: u32,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let query = sqlx::query(AssertSqlSafe(self.sql(order, limit)));
        let query = self.values.into_iter().fold(query, bind);
        store.readers.rows(ANSWER, query).await
    }
}

fn bind(query: Query<'_, Any, AnyArguments>, value: Value) -> Query<'_, Any, AnyArguments> {
    match value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::store::tests::open};

    #[tokio::test]
    async fn what_is_older_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = open(&dir, "a").await;
        let begin = "SEARCH event USING COVERING INDEX event_time (time>?)";
        for (subject, events) in [
            (None, "SEARCH event USING INDEX event_order (slot>?)"),
            (
                Some(Subject::Address(Pubkey::default())),
                "SEARCH event USING INDEX event_address (address=? AND slot>?)",
            ),
        ] {
            let since = Some(1_700_000_000);
            let statement = Statement::new("live", &Selection { subject, since });
            let sql = statement.sql("slot, tx_index, tx, place", 10);
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let query = statement
                .values
                .into_iter()
                .fold(sqlx::query(explain), bind);
            let rows = store.readers.rows(ANSWER, query).await.unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            let of_events = steps.iter().filter(|step| step.contains(" event "));
            assert_eq!(of_events.collect::<Vec<_>>(), [events, begin]);
        }
    }
}
