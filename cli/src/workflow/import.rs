//! Registering what the lines of a file ask for.

use {
    super::run::{follow, EventDisplay},
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::csv_file::Line,
        render::{drain::bars::Meter, Item, Report},
        signal::Signal,
    },
    ebb_sdk::fleet::{self, FleetError, Reports, Run, RunEvent, TransactionState},
};

/// What people and scripts read of lines.
pub trait Lines<T> {
    /// A line that was created.
    fn created(&self, wanted: &T, report: &fleet::RowReport) -> Item;

    /// A line whose device or location is there already.
    fn existing(&self, wanted: &T, report: &fleet::RowReport) -> Item;

    /// Why a line was not done.
    async fn explain(
        &self,
        wanted: &T,
        report: &fleet::RowReport,
        failure: &FleetError,
    ) -> CliError;
}

/// Follows a run of the lines that can be read, and reports each line in the order of the file. A signal ends it at once,
/// and each line that it left is reported as such.
///
/// # Errors
/// The ledger cannot be read, or the command line is wrong.
pub async fn import<T>(
    context: &Context,
    action: &'static str,
    lines: &[Line<T>],
    mut run: Run,
    of: &impl Lines<T>,
) -> Result<Exit, CliError> {
    let readable = lines.iter().filter(|line| line.content.is_ok()).count();
    let mut progress = ImportDisplay(Meter::new(context.terminal.bars, readable));
    let followed = follow(&mut run, &mut progress).await;
    let signal = followed.map_err(|error| context.explain_run(error))?;
    drop(progress);
    let reports = run.reports();
    let mut reports = reports.iter();
    let mut report = Report::new(context);
    for line in lines {
        report.push(match &line.content {
            Err(error) => failed(action, line, error.clone().into()),
            Ok(wanted) => {
                let done = reports.next();
                item(action, line, wanted, done, signal, of).await
            }
        });
    }
    match signal {
        Some(signal) => report.cut_short(CliError::interrupted(signal)),
        None => report.finish(),
    }
}

async fn item<T>(
    action: &'static str,
    line: &Line<T>,
    wanted: &T,
    report: Option<fleet::RowReport>,
    signal: Option<Signal>,
    of: &impl Lines<T>,
) -> Item {
    let Some(report) = report else {
        return failed(action, line, CliError::other("it was not sent"));
    };
    if let Some(failure) = &report.failure {
        let error = of.explain(wanted, &report, failure).await;
        return failed(action, line, error);
    }
    match (&report.transaction, signal) {
        (TransactionState::Accepted(_), _) => of.created(wanted, &report),
        _ if report.unchanged => of.existing(wanted, &report),
        (transaction, Some(signal)) => {
            let is_sent = *transaction == TransactionState::Sent;
            cut_short(action, line, is_sent, signal)
        }
        (_, None) => failed(action, line, CliError::other("it was not sent")),
    }
}

/// Shows how far the sending has come.
struct ImportDisplay(Meter);

impl EventDisplay for ImportDisplay {
    async fn show(&mut self, event: RunEvent, _: &Reports) {
        if let RunEvent::Accepted { .. } | RunEvent::Unchanged { .. } | RunEvent::Failed { .. } =
            event
        {
            self.0.step();
        }
    }
}

fn cut_short<T>(action: &'static str, line: &Line<T>, is_sent: bool, signal: Signal) -> Item {
    let error = CliError::interrupted(signal).at(format_args!("line {}", line.number));
    let inspect = "import the file again: what is there already stays";
    Item::cut_short(action, &line.code, is_sent, error, inspect)
}

fn failed<T>(action: &'static str, line: &Line<T>, error: CliError) -> Item {
    let code = (!line.code.is_empty()).then(|| line.code.clone());
    let error = error.at(format_args!("line {}", line.number));
    Item::failed(action, code, None, error)
}
