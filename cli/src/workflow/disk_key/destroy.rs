//! Destroying every key that is named, one after the other.

use {
    super::{
        destruction::{Choice, Subject, Work, ACTION},
        store::SecretArgs,
    },
    crate::{
        context::Context,
        error::{CliError, Exit},
        render::{Item, Report},
        stop::stopped,
    },
    ebb_sdk::ledger::Receipt,
    std::iter,
};

/// Destroys the keys that are named and attests that.
pub async fn destroy(
    choice: &Choice,
    secret: &SecretArgs,
    context: &Context,
) -> Result<Exit, CliError> {
    let mut subject = Subject::read(context, choice).await?;
    let work = subject.plan_all(context, choice).await?;
    context.require_single(work.len() <= 1, "several disk keys are named")?;
    if context.is_sign_only() && work.iter().any(Work::destroys) {
        return Err(CliError::usage("--sign-only attests, and the key is not destroyed yet")
            .hint("destroy it first, without --sign-only; or vouch for it where it is not stored: --destroyed-elsewhere"));
    }
    subject.unlock(context, secret, &work)?;
    if let Some(consequence) = subject.consequence(&work) {
        context.confirm(&consequence)?;
    }
    perform_all(context, &subject, work).await
}

/// Does what is planned until a signal ends the run.
async fn perform_all(
    context: &Context,
    subject: &Subject<'_>,
    work: Vec<Work>,
) -> Result<Exit, CliError> {
    let mut report = Report::new(context);
    if work.is_empty() {
        let text = format!("{}: no disk key is left to destroy", subject.code());
        report.push(Item::unchanged(ACTION, subject.code(), None, text));
    }
    let mut work = work.into_iter();
    while let Some(one) = work.next() {
        let done = tokio::select! {
            biased;
            signal = stopped() => Err(signal),
            done = subject.perform(context, &one) => Ok(done?),
        };
        let (item, receipt) = match done {
            Ok(done) => done,
            Err(signal) => {
                for left in iter::once(one).chain(work) {
                    report.push(left.cut_short(subject.code(), signal));
                }
                return report.cut_short(CliError::interrupted(signal));
            }
        };
        report.push(item.on(&one.disk.path));
        if let Some(receipt) = receipt {
            if let Some(retired) = read_retired(context, subject, &receipt).await? {
                report.push(retired);
            }
        }
    }
    report.finish()
}

/// That the device is retired by what was sent; `None` if it is not, or if a signal ends the reading.
async fn read_retired(
    context: &Context,
    subject: &Subject<'_>,
    receipt: &Receipt,
) -> Result<Option<Item>, CliError> {
    tokio::select! {
        biased;
        _ = stopped() => Ok(None),
        retired = subject.retired(context, receipt) => retired,
    }
}
