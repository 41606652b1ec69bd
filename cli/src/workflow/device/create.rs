//! Registering a device, and what is reported of it.

use {
    crate::{
        context::{
            resolve,
            role::{self, Roles},
            Context,
        },
        error::CliError,
        input::device_row::DeviceRow,
        render::{refusal::suspended, Item},
    },
    ebb_sdk::{
        fleet::{FleetError, RowReport, TransactionState},
        state::{AccountType, ProvisioningStatus},
        EbbError, Role,
    },
    solana_sdk::pubkey::Pubkey,
};

/// The verb as results name it.
pub const ACTION: &str = "create";

/// Registers a device, unless it is there as asked.
pub async fn create(context: &Context, row: &DeviceRow) -> Result<Item, CliError> {
    let run = context
        .fleet()
        .import_devices(vec![row.device(context.program_id())]);
    let reports = match run.finish().await {
        Err(error) if error.is_of_signer() => return Err(context.explain_run(error)),
        Err(error) if !error.is_outage() => {
            resolve::contributor(context, &row.contributor).await?;
            resolve::location(context, &row.location).await?;
            return Err(error.into());
        }
        reports => reports?,
    };
    let Some(report) = reports.first() else {
        return Err(CliError::other("it was not sent"));
    };
    match (&report.failure, &report.transaction) {
        (None, TransactionState::Signed(message)) => {
            Ok(Item::signed_only(ACTION, &*row.code, message))
        }
        (Some(failure @ FleetError::Ledger(_)), _) => {
            Err(CliError::from(failure.clone()).at(&row.code))
        }
        (Some(failure), _) => Err(explain(context, row, failure).await),
        (None, _) if report.unchanged => Ok(existing(row, report)),
        (None, _) => Ok(created(row, report)),
    }
}

/// A device that was registered.
pub fn created(row: &DeviceRow, report: &RowReport) -> Item {
    let signature = report.transaction.signature();
    let text = format!("{}: pending", row.code);
    let code = &*row.code;
    Item::written(ACTION, code, None, "pending", signature.as_ref(), text)
}

/// A device that is registered already.
pub fn existing(row: &DeviceRow, report: &RowReport) -> Item {
    let status = report.last.as_ref().map(|last| last.status().as_str());
    let status = status.unwrap_or_default();
    let text = format!("{} exists already and is {status}", row.code);
    Item::unchanged(ACTION, &*row.code, status, text)
}

/// Why a device was not registered.
pub async fn explain(context: &Context, row: &DeviceRow, failure: &FleetError) -> CliError {
    let explained = match failure {
        FleetError::NotFound { kind, .. } => absent(context, row, *kind).await,
        FleetError::CodeInUse(status) => Some(in_use(row, *status)),
        FleetError::Differs(values) => Some(differs(row, values)),
        FleetError::Role {
            signer,
            held,
            allowed,
        } => not_theirs(context, row, signer, *held, allowed).await,
        FleetError::Refused {
            rule: EbbError::ContributorSuspended,
            ..
        } => {
            let contributor = resolve::contributor(context, &row.contributor).await;
            contributor.ok().map(|found| {
                CliError::refused(EbbError::ContributorSuspended)
                    .because(suspended(&found.account.code))
            })
        }
        _ => None,
    };
    explained.unwrap_or_else(|| failure.clone().into())
}

async fn absent(context: &Context, row: &DeviceRow, kind: AccountType) -> Option<CliError> {
    match kind {
        AccountType::Contributor => resolve::contributor(context, &row.contributor).await.err(),
        AccountType::Location => resolve::location(context, &row.location).await.err(),
        _ => resolve::registry(context).await.err(),
    }
}

fn in_use(row: &DeviceRow, status: ProvisioningStatus) -> CliError {
    CliError::refused(EbbError::AlreadyExists)
        .because(format!(
            "it is {status}, and its code is free once it is retired and removed"
        ))
        .at(&row.code)
        .hint(format!("to remove it: ebb device remove {}", row.code))
}

fn differs(row: &DeviceRow, values: &[&str]) -> CliError {
    CliError::refused(EbbError::AlreadyExists)
        .because(format!("it differs in {}", values.join(", ")))
        .at(&row.code)
        .hint(format!("to change it: ebb device update {}", row.code))
}

async fn not_theirs(
    context: &Context,
    row: &DeviceRow,
    signer: &Pubkey,
    held: Option<Role>,
    allowed: &[Role],
) -> Option<CliError> {
    let contributor = resolve::contributor(context, &row.contributor).await.ok()?;
    let registry = resolve::registry(context).await.ok()?;
    let roles = Roles {
        program_id: context.program_id(),
        contributor: &contributor,
        registry: &registry,
    };
    Some(role::refused(&roles, signer, held, allowed))
}
