//! How long a whole history takes from a ledger into an empty store, and what reading it and its size are: 1,000 devices with
//! 100 events each, a transaction each, in a SQLite file and in a PostgreSQL server of its own.
//!
//! The ledger is one in this process that answers at once, so what is measured is the walk, decoding and the store.

use {
    async_trait::async_trait,
    base64::{engine::general_purpose::STANDARD, Engine},
    ebb_sdk::{
        client::Client,
        event::{Event, EventKind},
        ledger::{
            Filter, Finality, Ledger, LedgerError, Now, Receipt, SignatureEntry, SignaturePage,
            Simulation, TransactionEntry, Visit,
        },
        role::Role,
        ID,
    },
    ebb_serve::{
        ingest::Ingest,
        store::{Identity, Location, Selection, Store, StoreError},
    },
    solana_sdk::{
        account::Account, hash::Hash, instruction::Instruction, pubkey::Pubkey,
        signature::Signature, signer::Signer, transaction::VersionedTransaction,
    },
    sqlx::{Connection, PgConnection},
    std::{sync::Arc, time::Instant},
};

const DEVICES: u64 = 1_000;
const EVENTS: u64 = 100_000;
/// When the first event happened; one follows each second.
const FIRST_TIME: i64 = 1_700_000_000;
/// How many events a page has.
const PAGE: u32 = 1_000;
/// How often a query is made: the first reads what is in no cache.
const QUERIES: usize = 11;

/// A ledger with made-up transactions, one a slot.
struct Tape;

impl Tape {
    fn event(number: u64) -> Event {
        let mut device = [1; 32];
        device[..8].copy_from_slice(&(number % DEVICES).to_le_bytes());
        let sequence = number / DEVICES + 1;
        let kind = match sequence {
            1 => EventKind::DeviceCreated,
            _ => EventKind::HealthReported,
        };
        let signer = Pubkey::new_from_array([2; 32]);
        let mut event = Event::new(kind, &device.into(), &signer, Role::Contributor);
        event.sequence = sequence;
        event.slot = number;
        event.time = FIRST_TIME + number as i64;
        event.to = 1;
        event
    }

    fn signature(number: u64) -> Signature {
        let mut bytes = [3; 64];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        bytes.into()
    }

    fn number(signature: &Signature) -> u64 {
        let bytes = signature.as_ref().first_chunk().copied();
        u64::from_le_bytes(bytes.unwrap_or_default())
    }
}

fn absent<T>() -> Result<T, LedgerError> {
    Err(LedgerError::Other("there is none on a tape".to_owned()))
}

#[async_trait]
impl Ledger for Tape {
    async fn accounts(&self, addresses: &[Pubkey]) -> Result<Vec<Option<Account>>, LedgerError> {
        Ok(vec![None; addresses.len()])
    }

    async fn visit_program_accounts(
        &self,
        _: &Pubkey,
        _: &[Filter],
        _: &mut Visit<'_>,
    ) -> Result<u64, LedgerError> {
        Ok(EVENTS)
    }

    async fn genesis(&self) -> Result<Hash, LedgerError> {
        Ok(Hash::default())
    }

    async fn now(&self) -> Result<Now, LedgerError> {
        Ok(Now {
            slot: EVENTS,
            time: 1_700_000_000,
        })
    }

    async fn rent(&self, _: usize) -> Result<u64, LedgerError> {
        absent()
    }

    async fn simulate(&self, _: &[Instruction], _: &Pubkey) -> Result<Simulation, LedgerError> {
        absent()
    }

    async fn send(
        &self,
        _: &[Instruction],
        _: &[&(dyn Signer + Sync)],
    ) -> Result<Receipt, LedgerError> {
        absent()
    }

    async fn latest_blockhash(&self) -> Result<Hash, LedgerError> {
        absent()
    }

    async fn send_transaction(&self, _: VersionedTransaction) -> Result<Receipt, LedgerError> {
        absent()
    }

    async fn signatures(
        &self,
        _: &Pubkey,
        page: &SignaturePage,
    ) -> Result<Vec<SignatureEntry>, LedgerError> {
        let end = page.before.map_or(EVENTS, |before| Self::number(&before));
        let start = page.until.map_or(0, |until| Self::number(&until) + 1);
        let entry = |number| SignatureEntry {
            signature: Self::signature(number),
            slot: number,
            time: None,
            failed: false,
            index: Some(0),
            is_final: true,
        };
        let numbers = (start..end).rev().take(page.limit);
        Ok(numbers.map(entry).collect())
    }

    async fn transaction(
        &self,
        signature: &Signature,
        _: Finality,
    ) -> Result<Option<TransactionEntry>, LedgerError> {
        let number = Self::number(signature);
        let event = Self::event(number);
        let fields = [Some(event.as_bytes()), event.logged_detail()];
        let fields = fields.into_iter().flatten();
        let data: Vec<String> = fields.map(|field| STANDARD.encode(field)).collect();
        let logs = vec![
            format!("Program {ID} invoke [1]"),
            format!("Program data: {}", data.join(" ")),
            format!("Program {ID} success"),
        ];
        Ok(Some(TransactionEntry {
            signature: *signature,
            slot: number,
            index: Some(0),
            time: None,
            failed: false,
            calls: vec![],
            logs: Some(logs),
        }))
    }
}

/// Prints the median of how long a query takes.
async fn time<T>(
    what: &str,
    query: impl AsyncFn() -> Result<Vec<T>, StoreError>,
    expected: usize,
) -> Result<(), StoreError> {
    let mut took = vec![];
    for _ in 0..QUERIES {
        let start = Instant::now();
        assert_eq!(query().await?.len(), expected, "{what}");
        took.push(start.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    println!("  {what}: {:.1} ms", took[QUERIES / 2]);
    Ok(())
}

async fn measure(name: &str, location: &Location) -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::new(Arc::new(Tape), ID);
    let identity = Identity {
        genesis: Hash::default(),
        program: ID,
    };
    let store = Store::open(location, identity).await?;
    let Some(mut writer) = store.try_writer().await? else {
        return Err("another process writes to the store".into());
    };
    let ingest = Ingest::new(client, store.clone(), Arc::default(), Default::default());
    let start = Instant::now();
    ingest.catch_up(&mut writer).await?;
    let took = start.elapsed().as_secs_f64();
    let status = ingest.status().borrow().clone();
    assert_eq!(store.event_count().await?, EVENTS);
    assert_eq!((status.gaps, status.lost_ranges), (Some(0), Some(0)));
    let rate = EVENTS as f64 / took;
    println!("{name}: {EVENTS} events in {took:.1} s, {rate:.0} a second");
    let all = Selection::default();
    let half = Selection {
        since: Some(FIRST_TIME + EVENTS as i64 / 2),
        ..all.clone()
    };
    let page = async |selection| store.history(selection, None, PAGE).await;
    time("a page of 1,000", async || page(&all).await, PAGE as usize).await?;
    let what = "a page of 1,000 since the middle";
    time(what, async || page(&half).await, PAGE as usize).await?;
    time("all gaps", async || store.gaps().await, 0).await?;
    let what = "the newest of each account";
    time(what, async || store.heads().await, DEVICES as usize).await?;
    writer.close().await;
    Ok(())
}

fn print_size(bytes: u64) {
    println!("  {bytes} bytes, {} an event", bytes / EVENTS);
}

/// How many bytes the tables of a database take, with their indexes.
async fn size_of_tables(url: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let sql = "SELECT SUM(pg_total_relation_size(oid))::BIGINT FROM pg_class \
               WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
    let mut connection = PgConnection::connect(url).await?;
    let bytes: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
    Ok(bytes.try_into()?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("history.sqlite");
    measure("SQLite", &Location::File(file.clone())).await?;
    print_size(file.metadata()?.len());
    if let Some(server) = ebb_postgresql::Server::start() {
        let url = server.database("resync");
        measure("PostgreSQL", &url.parse()?).await?;
        print_size(size_of_tables(&url).await?);
    }
    Ok(())
}
