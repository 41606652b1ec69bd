//! Steps of several devices, each of which is accounted for however early the run ends.

use {
    super::step::Attempt,
    crate::{
        context::Context,
        drain::parallel,
        error::{CliError, Exit, Kind},
        output::{Item, Report},
        stop::stopped,
        value::Identifier,
    },
    ebb_sdk::lifecycle::Action,
    futures_util::stream::{self, StreamExt},
    std::future::Future,
};

/// Does what comes before anything is sent. A signal meanwhile leaves every device as it was, and each is reported as such.
pub async fn prepare<T>(
    context: &Context,
    action: Action,
    devices: &[Identifier],
    work: impl Future<Output = Result<T, CliError>>,
) -> Result<T, CliError> {
    let prepared = tokio::select! {
        biased;
        signal = stopped() => Err(CliError::interrupted(signal)),
        prepared = work => prepared,
    };
    match prepared {
        Err(error) if matches!(error.kind(), Kind::Interrupted(_)) => {
            let codes = devices.iter().map(ToString::to_string);
            Err(never_started(context, action, codes, error))
        }
        prepared => prepared,
    }
}

/// Reports each device as never started, and returns what ended the run.
pub fn never_started(
    context: &Context,
    action: Action,
    codes: impl Iterator<Item = String>,
    error: CliError,
) -> CliError {
    let mut report = Report::new(context);
    for code in codes {
        let item = Item::cut_short(action.as_str(), &code, false, error.clone(), "");
        if let Err(error) = report.push(item) {
            return error;
        }
    }
    report.cut_short(error.clone()).err().unwrap_or(error)
}

/// Reports what becomes of several devices, many at a time and in their order. What concerns the command line ends it
/// once all the others are reported. A signal ends it at once, and each device that it left is reported as such.
pub async fn report_all<F>(
    context: &Context,
    action: Action,
    attempts: &[Attempt],
    work: impl Iterator<Item = F>,
) -> Result<Exit, CliError>
where
    F: Future<Output = Result<Item, CliError>>,
{
    let work = work.enumerate();
    let work: Vec<_> = work
        .map(|(slot, one)| async move { (slot, one.await) })
        .collect();
    let mut working = stream::iter(work).buffer_unordered(parallel::DEFAULT.into());
    let mut done: Vec<Option<Result<Item, CliError>>> = attempts.iter().map(|_| None).collect();
    let mut reporting = Reporting::new(context);
    let signal = loop {
        let next = tokio::select! {
            biased;
            signal = stopped() => break Some(signal),
            next = working.next() => next,
        };
        let Some((slot, one)) = next else {
            break None;
        };
        if let Some(place) = done.get_mut(slot) {
            *place = Some(one);
        }
        reporting.report_from(&mut done)?;
    };
    if let Some(signal) = signal {
        for (attempt, place) in attempts.iter().zip(&mut done).skip(reporting.reported) {
            place.get_or_insert_with(|| Ok(attempt.cut_short(action, signal)));
        }
        reporting.report_from(&mut done)?;
    }
    match (reporting.wrong, signal) {
        (Some(error), _) => reporting.report.cut_short(error),
        (None, Some(signal)) => reporting.report.cut_short(CliError::interrupted(signal)),
        (None, None) => reporting.report.finish(),
    }
}

/// Items that are reported in order, while they come in any.
struct Reporting {
    report: Report,
    reported: usize,
    wrong: Option<CliError>,
}

impl Reporting {
    fn new(context: &Context) -> Self {
        Self {
            report: Report::new(context),
            reported: 0,
            wrong: None,
        }
    }

    /// Reports those that come next, up to the first that is not done yet.
    fn report_from(&mut self, done: &mut [Option<Result<Item, CliError>>]) -> Result<(), CliError> {
        while let Some(one) = done.get_mut(self.reported).and_then(Option::take) {
            self.reported += 1;
            match one {
                Ok(item) => self.report.push(item)?,
                Err(error) => self.wrong = self.wrong.take().or(Some(error)),
            }
        }
        Ok(())
    }
}
