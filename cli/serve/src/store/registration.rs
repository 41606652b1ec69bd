//! Which registration of a code an event belongs to, and which of its sequences are missing.

use {
    super::{column, rows, StoreError},
    ebb_sdk::{
        event::{Event, EventKind},
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

/// The registration of a row, which has an empty contributor where there is none.
pub(super) fn of(row: &AnyRow) -> Result<Option<RegistrationKey>, StoreError> {
    if row.try_get::<&str, _>("contributor")?.is_empty() {
        return Ok(None);
    }
    Ok(Some(RegistrationKey {
        contributor: column::parsed(row, "contributor")?,
        generation: column::count(row, "generation")?,
    }))
}

/// The range of a row.
pub(super) fn range(row: &AnyRow) -> Result<Range, StoreError> {
    Ok(Range {
        address: column::parsed(row, "address")?,
        registration: of(row)?,
        first: column::count(row, "first")?,
        last: column::count(row, "last")?,
    })
}

/// The two columns of a registration.
pub(super) fn columns(registration: Option<RegistrationKey>) -> Result<(String, i64), StoreError> {
    match registration {
        None => Ok((String::new(), 0)),
        Some(RegistrationKey {
            contributor,
            generation,
        }) => {
            let generation = column::to_column("the generation", generation)?;
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
                slot: column::count(&row, "slot")?,
                index: column::index(&row, "tx_index")?,
                sequence: column::count(&row, "sequence")?,
                registration: if is_end { None } else { of(&row)? },
            };
            found.push(column::parsed(&row, "address")?, boundary);
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
        .bind(column::to_column("the slot", event.slot)?)
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
