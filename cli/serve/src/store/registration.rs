//! Which registration of a code an event belongs to, and which of its sequences are missing.

use {
    super::{entry, rows, Store, StoreError},
    ebb_sdk::{
        event::{Event, EventKind},
        history::Head,
        state::AccountType,
    },
    solana_sdk::pubkey::Pubkey,
    sqlx::{any::AnyRow, AnyConnection, Row},
    std::collections::{HashMap, HashSet},
};

/// One registration of a device's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistrationKey {
    /// The contributor that registered it.
    pub contributor: Pubkey,
    /// The contributor's registrations at that moment, this one counted.
    pub generation: u64,
}

/// Mutations of one account that are not in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The account.
    pub address: Pubkey,
    /// Of a device, which registration; `None` of other accounts, and where the registration's first event is not known.
    pub registration: Option<RegistrationKey>,
    /// The first sequence that is missing.
    pub first: u64,
    /// The last one, inclusive.
    pub last: u64,
}

impl From<RegistrationKey> for (Pubkey, u64) {
    fn from(key: RegistrationKey) -> Self {
        (key.contributor, key.generation)
    }
}

impl From<(Pubkey, u64)> for RegistrationKey {
    fn from((contributor, generation): (Pubkey, u64)) -> Self {
        Self {
            contributor,
            generation,
        }
    }
}

impl Store {
    /// The newest event of each registration of each account.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        let sql = "SELECT address, contributor, generation, MAX(sequence) AS sequence FROM live \
                   GROUP BY address, contributor, generation";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await?;
        let mut heads: Vec<Head> = rows.iter().map(head).collect::<Result<_, _>>()?;
        heads.sort_unstable_by_key(|head| (head.subject, head.registration));
        Ok(heads)
    }

    /// The sequences that are missing before the newest one of each registration.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn gaps(&self) -> Result<Vec<Range>, StoreError> {
        let sql = "SELECT address, contributor, generation, before + 1 AS first, sequence - 1 AS last FROM (\
                   SELECT address, contributor, generation, sequence, COALESCE(LAG(sequence) OVER \
                   (PARTITION BY address, contributor, generation ORDER BY sequence), 0) AS before FROM live) AS pairs \
                   WHERE sequence > before + 1";
        self.ranges(sql).await
    }

    /// The sequences that no node has any more.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn lost_ranges(&self) -> Result<Vec<Range>, StoreError> {
        self.ranges("SELECT address, contributor, generation, first, last FROM lost_range")
            .await
    }

    async fn ranges(&self, sql: &'static str) -> Result<Vec<Range>, StoreError> {
        let rows = sqlx::query(sql).fetch_all(&self.pool).await?;
        let mut ranges: Vec<Range> = rows.iter().map(range).collect::<Result<_, _>>()?;
        ranges.sort_unstable();
        Ok(ranges)
    }
}

fn head(row: &AnyRow) -> Result<Head, StoreError> {
    Ok(Head {
        subject: entry::parsed(row, "address")?,
        registration: registration(row)?.map(RegistrationKey::into),
        sequence: entry::count(row, "sequence")?,
    })
}

fn range(row: &AnyRow) -> Result<Range, StoreError> {
    Ok(Range {
        address: entry::parsed(row, "address")?,
        registration: registration(row)?,
        first: entry::count(row, "first")?,
        last: entry::count(row, "last")?,
    })
}

/// The registration of a row, which has an empty contributor where there is none.
pub(super) fn registration(row: &AnyRow) -> Result<Option<RegistrationKey>, StoreError> {
    if row.try_get::<&str, _>("contributor")?.is_empty() {
        return Ok(None);
    }
    Ok(Some(RegistrationKey {
        contributor: entry::parsed(row, "contributor")?,
        generation: entry::count(row, "generation")?,
    }))
}

/// The two columns of a registration.
pub(super) fn columns(registration: Option<RegistrationKey>) -> Result<(String, i64), StoreError> {
    match registration {
        None => Ok((String::new(), 0)),
        Some(RegistrationKey {
            contributor,
            generation,
        }) => {
            let generation = entry::to_column("the generation", generation)?;
            Ok((contributor.to_string(), generation))
        }
    }
}

/// Where registrations of devices begin and end: what decides to which one an event belongs.
#[derive(Debug, Default)]
pub(super) struct Boundaries(HashMap<Pubkey, Vec<Boundary>>);

#[derive(Debug)]
struct Boundary {
    slot: u64,
    index: u32,
    sequence: u64,
    registration: Option<RegistrationKey>,
}

impl Boundaries {
    /// Reads those of some devices.
    pub async fn of(
        connection: &mut AnyConnection,
        devices: &HashSet<Pubkey>,
    ) -> Result<Self, StoreError> {
        let mut found = Self::default();
        let addresses: Vec<String> = devices.iter().map(Pubkey::to_string).collect();
        let sql = "SELECT address, slot, tx_index, kind, sequence, contributor, generation FROM live WHERE kind IN (13, 20) \
                   AND address IN ";
        for row in rows::matching(connection, sql, &addresses, "").await? {
            let is_end = row.try_get::<i64, _>("kind")? == EventKind::DeviceRemoved as i64;
            let boundary = Boundary {
                slot: entry::count(&row, "slot")?,
                index: entry::index(&row, "tx_index")?,
                sequence: entry::count(&row, "sequence")?,
                registration: match is_end {
                    true => None,
                    false => registration(&row)?,
                },
            };
            found.push(entry::parsed(&row, "address")?, boundary);
        }
        Ok(found)
    }

    /// Takes the boundary that an event is, if it is one.
    pub fn learn(&mut self, event: &Event, index: Option<u32>) {
        if matches!(
            event.kind,
            EventKind::DeviceCreated | EventKind::DeviceRemoved
        ) {
            let boundary = Boundary {
                slot: event.slot,
                index: index.unwrap_or(0),
                sequence: event.sequence,
                registration: created(event),
            };
            self.push(event.subject, boundary);
        }
    }

    /// The registration that an event belongs to, if it is a device's and the begin of it is known.
    pub fn registration(&self, event: &Event, index: Option<u32>) -> Option<RegistrationKey> {
        if event.kind.subject() != AccountType::Device {
            return None;
        }
        if event.kind == EventKind::DeviceCreated {
            return created(event);
        }
        let at = (event.slot, index.unwrap_or(0));
        // The removal is the last of its registration, so within a place of the ledger the sequence decides.
        let before = self.0.get(&event.subject)?.iter().filter(|boundary| {
            let there = (boundary.slot, boundary.index);
            there < at || (there == at && boundary.sequence < event.sequence)
        });
        before
            .max_by_key(|boundary| {
                (
                    boundary.slot,
                    boundary.index,
                    boundary.registration.is_some(),
                )
            })?
            .registration
    }

    fn push(&mut self, device: Pubkey, boundary: Boundary) {
        self.0.entry(device).or_default().push(boundary);
    }
}

/// The registration that an event begins.
fn created(event: &Event) -> Option<RegistrationKey> {
    let generation = u64::try_from(event.to).ok()?;
    (event.kind == EventKind::DeviceCreated).then_some(RegistrationKey {
        contributor: Pubkey::new_from_array(event.detail),
        generation,
    })
}

/// Gives the events behind a registration's first one, which became known after them, their registration.
pub(super) async fn adopt_behind(
    connection: &mut AnyConnection,
    event: &Event,
) -> Result<(), StoreError> {
    let Some(registration) = created(event) else {
        return Ok(());
    };
    let (contributor, generation) = columns(Some(registration))?;
    let sql = "UPDATE event SET contributor = $1, generation = $2 WHERE address = $3 AND contributor = '' AND slot >= $4 \
               AND slot <= COALESCE((SELECT MIN(slot) FROM live WHERE address = $3 AND kind IN (13, 20) AND slot > $4), slot)";
    sqlx::query(sql)
        .bind(contributor)
        .bind(generation)
        .bind(event.subject.to_string())
        .bind(entry::to_column("the slot", event.slot)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives the newest events of a device, whose registration's first one is not known, the registration that the ledger has.
pub(super) async fn adopt_newest(
    connection: &mut AnyConnection,
    device: &Pubkey,
    registration: RegistrationKey,
) -> Result<(), StoreError> {
    let (contributor, generation) = columns(Some(registration))?;
    let sql = "UPDATE event SET contributor = $1, generation = $2 WHERE address = $3 AND contributor = '' AND kind <> 20 \
               AND slot >= COALESCE((SELECT MAX(slot) FROM live WHERE address = $3 AND kind IN (13, 20)), 0)";
    sqlx::query(sql)
        .bind(contributor)
        .bind(generation)
        .bind(device.to_string())
        .execute(connection)
        .await?;
    Ok(())
}
