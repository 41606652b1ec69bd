//! `ebb disk-key destroy`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        render::{Item, Report},
        stop::stopped,
        workflow::disk_key::{
            destruction::{Choice, Subject, Work, ACTION},
            store::SecretArgs,
        },
    },
    std::iter,
};

/// Destroy disks' keys and attest that on chain
///
/// Works while the device is retiring; before that nothing is touched. A key is first overwritten and removed from the
/// store, and then attested: run again, a destruction that was cut short is completed. With the last key the device is
/// retired by itself. A key that is in the store and not registered is destroyed at any time, with nothing to attest.
/// Copies elsewhere are yours to destroy: of file systems that keep old blocks, of backups, of `ebb disk-key get`.
/// It takes the store's passphrase or identity, which signs the record of the destruction and verifies earlier ones.
///
/// Nothing is attested that this store did not destroy, unless you vouch for it with --destroyed-elsewhere. That is for
/// keys that are lost, or that another store or a hardware module destroyed; a key in the store with another commitment
/// than the registered one is then left there. Signed by the custodian.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb disk-key destroy ams-dz001 /dev/nvme0n1p3
  ebb disk-key destroy ams-dz001 --all --yes --passphrase-file pass.txt
  ebb disk-key destroy ams-dz001 data --destroyed-elsewhere --custodian custodian.json")]
pub struct Args {
    #[command(flatten)]
    choice: Choice,

    #[command(flatten)]
    secret: SecretArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut subject = Subject::read(context, &args.choice).await?;
    let work = subject.plan_all(context, &args.choice).await?;
    context.require_single(work.len() <= 1, "several disk keys are named")?;
    if context.is_sign_only() && work.iter().any(Work::destroys) {
        return Err(CliError::usage("--sign-only attests, and the key is not destroyed yet")
            .hint("destroy it first, without --sign-only; or vouch for it where it is not stored: --destroyed-elsewhere"));
    }
    subject.unlock(context, &args.secret, &work)?;
    let mut report = Report::new(context);
    if work.is_empty() {
        let text = format!("{}: no disk key is left to destroy", subject.code());
        report.push(Item::unchanged(ACTION, subject.code(), None, text));
    }
    if let Some(consequence) = subject.consequence(&work) {
        context.confirm(&consequence)?;
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
            let retired = tokio::select! {
                biased;
                _ = stopped() => None,
                retired = subject.retired(context, &receipt) => retired?,
            };
            if let Some(retired) = retired {
                report.push(retired);
            }
        }
    }
    report.finish()
}
