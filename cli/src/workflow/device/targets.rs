//! Devices as they are named on the command line, each once.

use {
    crate::{
        context::Context,
        error::{CliError, Kind},
        input::{address, value::Identifier},
        render::{Item, Report},
        stop::stopped,
        workflow::refusal::{explain_failure, explain_unread},
    },
    ebb_sdk::{
        fleet::{
            self, DrainPlan, FleetError, Found, Moved, PlannedDrain, StepPlan, Subject,
            TransactionState,
        },
        ledger::SignedMessage,
        lifecycle::Action,
        state::ProvisioningStatus,
    },
    solana_sdk::pubkey::Pubkey,
    std::{collections::HashSet, future::Future},
};

/// Devices, and the verb that is asked of them.
pub struct Targets<'a> {
    context: &'a Context,
    /// The verb.
    pub action: Action,
    /// How each was named; none where they were chosen by what they are.
    devices: Vec<Identifier>,
}

impl<'a> Targets<'a> {
    /// Devices as they were named, each once.
    pub fn named(context: &'a Context, action: Action, devices: Vec<Identifier>) -> Self {
        let mut seen = HashSet::new();
        let address = |device: &Identifier| address::device(context.program_id(), device);
        let devices = devices.into_iter();
        Self {
            context,
            action,
            devices: devices.filter(|it| seen.insert(address(it))).collect(),
        }
    }

    /// Devices that were chosen by what they are.
    pub fn chosen(context: &'a Context, action: Action) -> Self {
        Self {
            context,
            action,
            devices: vec![],
        }
    }

    /// How many were named.
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Reads the devices.
    pub async fn read(&self) -> Vec<Found> {
        let devices = self.devices.iter();
        let address = |device| address::device(self.context.program_id(), device);
        let addresses: Vec<Pubkey> = devices.map(address).collect();
        self.context.fleet().read(&addresses).await
    }

    /// Reads the devices, and asks the rules about their next step.
    pub async fn plan_step(&self) -> Result<StepPlan, CliError> {
        // Whoever signs is to be known even if nothing turns out to be done.
        self.context.signer()?;
        let plan = self
            .context
            .fleet()
            .plan_step(self.action, self.read().await);
        plan.map_err(|error| self.context.explain_run(error))
    }

    /// Does what comes before anything is sent. A signal meanwhile leaves every device as it was, and each is reported as such.
    pub async fn prepare<T>(
        &self,
        work: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        let prepared = tokio::select! {
            biased;
            signal = stopped() => Err(CliError::interrupted(signal)),
            prepared = work => prepared,
        };
        match prepared {
            Err(error) if matches!(error.kind(), Kind::Interrupted(_)) => {
                let codes = self.devices.iter().map(ToString::to_string);
                Err(self.never_started(codes, error))
            }
            prepared => prepared,
        }
    }

    /// Reports each device as never started, and returns what ended the run.
    pub fn never_started(&self, codes: impl Iterator<Item = String>, error: CliError) -> CliError {
        let mut report = Report::new(self.context);
        for code in codes {
            let item = Item::cut_short(self.action.as_str(), &code, false, error.clone(), "");
            report.push(item);
        }
        report.cut_short(error.clone()).err().unwrap_or(error)
    }

    /// The device's code, or what it was named by.
    pub fn code(&self, row: usize, report: &fleet::RowReport) -> String {
        match (&report.last, self.devices.get(row)) {
            (None, Some(device)) => device.to_string(),
            _ => report.code.clone(),
        }
    }

    /// The codes of planned devices; what one was named by, if it could not be read.
    pub fn planned_codes(&self, plan: &DrainPlan) -> Vec<String> {
        let devices = plan.devices().iter().enumerate();
        let code = |(row, device): (usize, &PlannedDrain)| match &device.subject {
            Some(subject) => subject.code().to_owned(),
            None => match self.devices.get(row) {
                Some(named) => named.to_string(),
                None => device.address.to_string(),
            },
        };
        devices.map(code).collect()
    }

    /// Why a device was not done; `last` is the device as it was read last.
    pub async fn explain(
        &self,
        row: usize,
        last: Option<&Subject>,
        failure: &FleetError,
    ) -> CliError {
        let is_absent = matches!(failure, FleetError::NotFound { .. });
        match (last.filter(|_| !is_absent), self.devices.get(row)) {
            (Some(last), _) => explain_failure(self.context, last, self.action, failure).await,
            (None, Some(device)) => explain_unread(self.context, device, failure).await,
            (None, None) => failure.clone().into(),
        }
    }

    /// A device that was not done.
    pub fn failed(&self, row: usize, report: &fleet::RowReport, error: CliError) -> Item {
        let is_absent = matches!(report.failure, Some(FleetError::NotFound { .. }));
        let before = report.before.as_ref().filter(|_| !is_absent);
        let status = before.map(|before| before.status());
        let code = Some(self.code(row, report));
        Item::failed(self.action.as_str(), code, name(status), error)
    }

    /// A device of a plan with which nothing can be done.
    pub fn refused(&self, row: usize, subject: Option<&Subject>, error: CliError) -> Item {
        let named = self.devices.get(row).map(ToString::to_string);
        let code = subject.map(|subject| subject.code().to_owned()).or(named);
        let status = name(subject.map(Subject::status));
        Item::failed(self.action.as_str(), code, status, error)
    }

    /// A device that the run did not come to the end of.
    pub fn cut_short(&self, row: usize, report: &fleet::RowReport, error: CliError) -> Item {
        let code = self.code(row, report);
        let is_sent = report.transaction == TransactionState::Sent;
        let inspect = format!("ebb device get {code}");
        Item::cut_short(self.action.as_str(), &code, is_sent, error, &inspect)
    }

    /// What is reported of a device: a step that was taken, or that it is there already; `None` if neither.
    pub async fn item(&self, row: usize, report: &fleet::RowReport) -> Option<Item> {
        if let TransactionState::Signed(message) = &report.transaction {
            return Some(self.signed_only(row, report, message));
        }
        if let Some(failure) = &report.failure {
            let error = self.explain(row, report.last.as_deref(), failure).await;
            return Some(match &report.moved {
                Some(moved) => self.moved(&report.code, moved).but(error),
                None => self.failed(row, report, error),
            });
        }
        if let Some(moved) = &report.moved {
            return Some(self.moved(&report.code, moved));
        }
        let last = report.last.as_ref().filter(|_| report.unchanged)?;
        let (code, status) = (last.code(), last.status());
        let text = format!("{code} is {status} already");
        let action = self.action.as_str();
        Some(Item::unchanged(action, code, status.as_str(), text))
    }

    /// A device whose transaction was signed and not sent.
    pub fn signed_only(
        &self,
        row: usize,
        report: &fleet::RowReport,
        message: &SignedMessage,
    ) -> Item {
        Item::signed_only(self.action.as_str(), self.code(row, report), message)
    }

    /// A step that was taken.
    pub fn moved(&self, code: &str, moved: &Moved) -> Item {
        let from = moved.from;
        let text = match moved.to {
            Some(to) => format!("{code}: {from} → {to}"),
            None => format!("{code}: {from} → removed; its code may be registered again"),
        };
        let (action, to) = (self.action.as_str(), name(moved.to));
        Item::written(
            action,
            code,
            from.as_str(),
            to,
            moved.signature.as_ref(),
            text,
        )
    }
}

fn name(status: Option<ProvisioningStatus>) -> Option<&'static str> {
    status.map(ProvisioningStatus::as_str)
}
