//! Registering many devices or locations: several to a transaction, and several transactions at a time. What is there as
//! asked for stays, so an import can be run again.

mod device;
mod location;

pub use {device::NewDevice, location::differences};

use {
    super::{
        bulk::{Job, Packing, Precheck, Task},
        Fleet, FleetError, Recorder, RowReport, Run, Subject,
    },
    crate::{
        client::Keyed,
        instruction::CreateLocation,
        ledger::{Receipt, SignedMessage},
        state::Location,
    },
    async_trait::async_trait,
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    std::sync::Arc,
};

/// How many rows are read at once. What is found is large: a device takes more than a kilobyte, even where there is none.
const CHUNK: usize = 1_000;

/// What reading the ledger shows of a row.
enum Lookup {
    /// The device is there as asked for.
    Device(Arc<Subject>),
    /// The location is there.
    Location(Arc<Keyed<Location>>),
    /// It is still to be created, by this.
    Absent(Instruction),
}

/// What is to be registered, in the order of the rows.
struct Wanted<T>(Vec<T>);

impl<T> Wanted<T> {
    fn of<'a>(&'a self, rows: &'a [usize]) -> impl Iterator<Item = &'a T> + Clone {
        rows.iter().filter_map(|row| self.0.get(*row))
    }
}

/// The names of the values that are not the same.
fn differing<const N: usize>(values: [(&'static str, bool); N]) -> Vec<&'static str> {
    let differing = values.into_iter().filter(|(_, is_same)| !is_same);
    differing.map(|(name, _)| name).collect()
}

/// How what is to be registered is read.
#[async_trait]
trait Source: Send + Sync {
    /// A report for each row.
    fn reports(&self, fleet: &Fleet) -> Vec<RowReport>;

    /// Reads what rows are about; `addresses` are theirs.
    ///
    /// # Errors
    /// The ledger's, or [`FleetError::NoSigner`].
    async fn read(
        &self,
        fleet: &Fleet,
        rows: &[usize],
        addresses: &[Pubkey],
    ) -> Result<Vec<Result<Lookup, FleetError>>, FleetError>;
}

impl Fleet {
    /// Registers devices.
    pub fn import_devices(&self, devices: Vec<NewDevice>) -> Run {
        import(self, Wanted(devices))
    }

    /// Creates locations.
    pub fn import_locations(&self, locations: Vec<CreateLocation>) -> Run {
        import(self, Wanted(locations))
    }
}

fn import(fleet: &Fleet, source: impl Source + 'static) -> Run {
    let fleet = fleet.clone();
    Run::new(source.reports(&fleet), None, move |recorder| async move {
        let importer = Importer {
            fleet: &fleet,
            recorder: &recorder,
            source: &source,
        };
        importer.work().await
    })
}

struct Importer<'a> {
    fleet: &'a Fleet,
    recorder: &'a Recorder,
    source: &'a dyn Source,
}

impl Importer<'_> {
    async fn read(&self, rows: &[usize]) -> Result<Vec<Result<Lookup, FleetError>>, FleetError> {
        let addresses = self.recorder.addresses(rows);
        self.source.read(self.fleet, rows, &addresses).await
    }

    async fn work(&self) -> Result<(), FleetError> {
        let rows: Vec<usize> = (0..self.recorder.read(<[RowReport]>::len)).collect();
        let mut jobs = vec![];
        for rows in rows.chunks(CHUNK) {
            for (&row, found) in rows.iter().zip(self.read(rows).await?) {
                match found {
                    Ok(Lookup::Absent(instruction)) => jobs.push(Job::new(row, vec![instruction])),
                    Ok(found) => {
                        self.exists(row, found);
                        self.recorder.unchanged(row);
                    }
                    Err(error) => self.recorder.failed(row, error),
                }
            }
        }
        if jobs.is_empty() {
            return Ok(());
        }
        let sender = self.fleet.sender(self.recorder).await?;
        sender.send_all(jobs, Packing::Always, self).await
    }

    /// Records what is there already.
    fn exists(&self, row: usize, found: Lookup) {
        self.recorder.update(row, |report| match found {
            Lookup::Device(subject) => report.last = Some(subject),
            Lookup::Location(location) => report.location = Some(location),
            Lookup::Absent(_) => {}
        });
    }
}

#[async_trait]
impl Task for Importer<'_> {
    fn sending(&self, rows: &[usize]) {
        self.recorder.sending(rows);
    }

    async fn accepted(&self, rows: &[usize], receipt: &Receipt) {
        for row in rows {
            self.recorder.accepted(*row, Some(receipt.signature));
        }
    }

    fn signed(&self, rows: &[usize], message: &Arc<SignedMessage>) {
        self.recorder.signed(rows, message);
    }

    async fn recheck(&self, row: usize, error: &FleetError) -> Result<Precheck, FleetError> {
        let mut found = self.read(&[row]).await?;
        match found.pop() {
            Some(Ok(Lookup::Absent(_))) | None => Ok(Precheck::Pending),
            Some(Ok(found)) => {
                self.exists(row, found);
                // It was absent before it was sent.
                if error.is_lost() {
                    self.recorder.accepted(row, None);
                } else {
                    self.recorder.unchanged(row);
                }
                Ok(Precheck::AlreadyDone)
            }
            Some(Err(error)) => Err(error),
        }
    }

    fn failed(&self, row: usize, error: FleetError) {
        self.recorder.failed(row, error);
    }
}
