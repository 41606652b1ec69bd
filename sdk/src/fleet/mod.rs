//! Orchestration: what takes many devices, many transactions or a long wait, for who has no terminal.
//!
//! A [`Fleet`] reads devices, plans what is to be done with them, and does it as a [`Run`]: a stream of serialisable
//! [`RunEvent`]s that goes on while it is polled and is cancelled by dropping it. What is known of each device, what was sent
//! above all, is in the run's [`Reports`], which outlive it. Nothing here prints, asks, or reads the environment.
//!
//! ```
//! use ebb_sdk::fleet::{DrainOptions, Fleet, FleetError, RunOptions, Selection, TransactionState};
//!
//! /// Drains a location, two devices at a time, and evicts after half an hour those who did not leave.
//! async fn drain(fleet: &Fleet, location: &str) -> Result<(), FleetError> {
//!     let selection = Selection {
//!         location: vec![ebb_sdk::pda::location(fleet.program_id(), location).0],
//!         ..Selection::default()
//!     };
//!     let found = fleet.select(&selection).await?.found(fleet).await?;
//!     let options = DrainOptions::default().with_deadline(1_800).evicting();
//!     let plan = fleet.plan_drain(found, &options)?;
//!     for device in plan.devices() {
//!         // What would happen to it, and why not; nothing was sent yet.
//!         println!("{}: {:?}", device.code(), device.action);
//!     }
//!     let mut run = fleet.drain(plan, RunOptions::rolling(2));
//!     let reports = run.reports();
//!     while let Some(event) = run.next_event().await? {
//!         println!("{event:?}");
//!     }
//!     // The reports are there however the run ended.
//!     for report in reports.all() {
//!         match (report.transaction, report.failure) {
//!             (_, Some(failure)) => println!("{}: {failure}", report.code),
//!             (TransactionState::Accepted(signature), None) => {
//!                 println!("{}: drained by {signature:?}", report.code)
//!             }
//!             (_, None) => println!("{}: left as it was", report.code),
//!         }
//!     }
//!     Ok(())
//! }
//! ```

mod bulk;
mod credential;
mod drain;
mod error;
mod event;
mod evict;
mod evict_now;
mod import;
mod report;
mod retire;
mod rolling;
mod run;
mod selection;
mod sessions;
mod step;
mod subject;
mod wait;

pub use {
    credential::{Credential, Roles},
    drain::{
        Amendment, Drain, DrainAction, DrainChange, DrainEnd, DrainOptions, DrainPlan,
        DrainProgress, PlannedDrain, Tally, UnreadDrain, DEFAULT_DEADLINE,
    },
    error::FleetError,
    event::{Blocked, DeviceRef, RunEvent},
    import::{differences, NewDevice},
    report::{Moved, Reports, RowReport, TransactionState},
    retire::is_passing,
    run::{Run, RunEnd},
    selection::{Selected, SelectedDevice, Selection},
    sessions::{SessionChanges, SessionOutcome},
    step::{Permission, PlannedStep, StepPlan},
    subject::Subject,
    wait::{OutageTolerance, Waker},
};

use report::Recorder;

use {
    crate::{client::Client, lifecycle::Action, state::AccountType},
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_sdk::signer::Signer,
    std::{
        sync::{Arc, Mutex},
        time::Duration,
    },
};

/// How many transactions may be in flight at a time by default.
pub const DEFAULT_PARALLEL: usize = 32;

/// Signs transactions.
pub type Key = Arc<dyn Signer + Send + Sync>;

/// A device that was to be read, and what was found.
pub type Found = (Pubkey, Result<Arc<Subject>, FleetError>);

/// Whether and how a run waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Wait until the devices are drained.
    pub wait: bool,
    /// How long all of it may take.
    pub timeout: Option<Duration>,
    /// Start a device only when an earlier one is drained: how many may drain at a time. It waits in any case.
    pub rolling: Option<usize>,
}

impl RunOptions {
    /// Starts a device only when an earlier one is drained, and waits until all are: so many drain at a time.
    pub fn rolling(max: usize) -> Self {
        Self {
            wait: true,
            rolling: Some(max),
            ..Self::default()
        }
    }

    /// Waits until all devices are drained.
    pub fn waiting() -> Self {
        Self {
            wait: true,
            ..Self::default()
        }
    }
}

/// The devices of one deployment of the program, and who acts on them.
#[derive(Clone)]
pub struct Fleet {
    client: Client,
    signer: Option<Key>,
    fee_payer: Option<Key>,
    parallel: usize,
    prepared: bool,
}

impl Fleet {
    /// Reads and plans what nobody has to sign.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            signer: None,
            fee_payer: None,
            parallel: DEFAULT_PARALLEL,
            prepared: false,
        }
    }

    /// The same, signed by this key, which also pays unless another does.
    pub fn signed_by(self, signer: Key) -> Self {
        Self {
            signer: Some(signer),
            ..self
        }
    }

    /// The same, with fees and rent paid by this key.
    pub fn paid_by(self, fee_payer: Key) -> Self {
        Self {
            fee_payer: Some(fee_payer),
            ..self
        }
    }

    /// The same, with so many transactions in flight at a time.
    pub fn parallel(self, parallel: usize) -> Self {
        Self { parallel, ..self }
    }

    /// The same; `prepared` transactions are signed or sent elsewhere and may land later than at once. They are complete
    /// from the start, and expect the device exactly as it was read.
    pub fn prepared(self, prepared: bool) -> Self {
        Self { prepared, ..self }
    }

    /// Reads accounts and sends.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The program's id.
    pub fn program_id(&self) -> &Pubkey {
        self.client.program_id()
    }

    /// The signer's address.
    ///
    /// # Errors
    /// [`FleetError::NoSigner`]
    pub fn signer_key(&self) -> Result<Pubkey, FleetError> {
        key_of(self.signer.as_ref())
    }

    /// Reads devices, each by itself where all cannot be read together. One that cannot be read does not hide the others.
    pub async fn read(&self, addresses: &[Pubkey]) -> Vec<Found> {
        if addresses.is_empty() {
            return vec![];
        }
        let of_each = |error: FleetError| {
            let addresses = addresses.iter();
            addresses
                .map(|address| (*address, Err(error.clone())))
                .collect()
        };
        match Subject::read_all(&self.client, addresses).await {
            Ok(found) => addresses
                .iter()
                .zip(found)
                .map(|(address, found)| {
                    let absent = || FleetError::not_found(AccountType::Device, address);
                    (*address, found.map(Arc::new).ok_or_else(absent))
                })
                .collect(),
            Err(error) if error.is_outage() => of_each(error),
            Err(_) => self.read_each(addresses).await,
        }
    }

    async fn read_each(&self, addresses: &[Pubkey]) -> Vec<Found> {
        let (mut all, mut outage) = (vec![], None);
        for address in addresses {
            let found = match outage.clone() {
                Some(error) => Err(error),
                None => Subject::read(&self.client, address).await,
            };
            outage = found.as_ref().err().filter(|it| it.is_outage()).cloned();
            all.push((*address, found.map(Arc::new)));
        }
        all
    }

    /// Plans what is to be done with devices that were read. Nothing is sent.
    ///
    /// # Errors
    /// [`FleetError::NoSigner`] if something has to be signed.
    pub fn plan_drain(
        &self,
        found: Vec<Found>,
        options: &DrainOptions,
    ) -> Result<DrainPlan, FleetError> {
        DrainPlan::new(self, found, options)
    }

    /// Starts or changes the drains of a plan and, if asked to, waits until they are done. Those for which their location
    /// has no device to spare are tried once the others were started.
    pub fn drain(&self, plan: DrainPlan, options: RunOptions) -> Run {
        let fleet = self.clone();
        let reports = plan.reports();
        Run::new(reports, options.timeout, move |recorder| async move {
            if let Some(max) = options.rolling {
                return rolling::roll(&fleet, &recorder, plan, max).await;
            }
            let rows: Vec<usize> = (0..plan.devices().len()).collect();
            drain::start(&fleet, &recorder, &plan, &rows).await?;
            if options.wait {
                drain::watch(&fleet, &recorder).await
            } else {
                Ok(())
            }
        })
    }

    /// Evicts now what may be evicted: every session of devices whose drain's deadline has passed, or that have been reported
    /// dead for 60 seconds, whether they drain or not. Waits for nothing; the reports have each drain, and in
    /// [`RowReport::last`] each dead device that does not drain, as it was read after.
    ///
    /// A device that neither drains nor is dead is refused with [`EbbError::NotEvictable`](crate::EbbError), one that has not
    /// been dead for long enough with [`EbbError::DeathUnconfirmed`](crate::EbbError).
    ///
    /// # Errors
    /// [`FleetError::NoSigner`]
    pub fn evict(&self, found: Vec<Found>) -> Result<Run, FleetError> {
        evict_now::run(self, found)
    }

    /// Plans a step of the lifecycle, as an undrain, for devices that were read. Nothing is sent.
    ///
    /// # Errors
    /// [`FleetError::NoSigner`] if something has to be signed.
    pub fn plan_step(&self, action: Action, found: Vec<Found>) -> Result<StepPlan, FleetError> {
        StepPlan::new(self, action, found)
    }

    /// Takes the step of a plan with each of its devices.
    pub fn take_step(&self, plan: StepPlan) -> Run {
        step::run(self, plan)
    }

    /// Takes the devices of a plan for [`Action::Retire`] out of service for good. If asked to, waits for what is missing:
    /// sessions to leave, pending tasks to end, disk keys to be destroyed.
    pub fn retire(&self, plan: StepPlan, options: RunOptions) -> Run {
        retire::run(self, plan, options)
    }

    /// The fee payer's address.
    ///
    /// # Errors
    /// As [`Fleet::signer_key`].
    pub fn fee_payer_key(&self) -> Result<Pubkey, FleetError> {
        key_of(self.fee_payer.as_ref().or(self.signer.as_ref()))
    }

    /// Checks what every transaction takes: what is wrong with that is no failure of one device.
    async fn sender(&self, recorder: &Recorder) -> Result<bulk::Sender, FleetError> {
        let signer = self.signer.clone().ok_or_else(no_signer)?;
        self.fee_payer_key()?;
        let call = Instruction::new_with_bytes(*self.program_id(), &[], vec![]);
        self.client.ledger().check_programs(&[call]).await?;
        Ok(bulk::Sender {
            client: self.client.clone(),
            fee_payer: self
                .fee_payer
                .clone()
                .unwrap_or_else(|| Arc::clone(&signer)),
            signer,
            parallel: self.parallel,
            prepared: self.prepared,
            recorder: recorder.clone(),
            outage: Mutex::default(),
        })
    }
}

fn key_of(key: Option<&Key>) -> Result<Pubkey, FleetError> {
    let key = key.ok_or_else(no_signer)?;
    key.try_pubkey()
        .map_err(|error| FleetError::NoSigner(error.to_string()))
}

fn no_signer() -> FleetError {
    FleetError::NoSigner("none was named".to_owned())
}

/// Fails if a device could not be read because the cluster is out of reach.
fn outage_of(found: &[Found]) -> Result<(), FleetError> {
    let errors = found.iter().filter_map(|(_, found)| found.as_ref().err());
    match errors.into_iter().find(|error| error.is_outage()) {
        Some(error) => Err(error.clone()),
        None => Ok(()),
    }
}
