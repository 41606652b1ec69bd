//! Why something was refused, with what is read for it.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        input::value::Identifier,
        render::{
            refusal::{self, DrainingDevice},
            short,
        },
    },
    ebb_sdk::{
        client::{DeviceFilter, Keyed},
        fleet::{FleetError, Subject},
        lifecycle::Action,
        state::{DiskKey, ProvisioningStatus},
        EbbError,
    },
    solana_sdk::pubkey::Pubkey,
};

/// Explains why a rule refuses an action on a device as it stands.
pub async fn explain(
    context: &Context,
    subject: &Subject,
    action: Option<Action>,
    rule: EbbError,
) -> CliError {
    let refusal = CliError::refused(rule);
    let explained = match state(context, subject, action, rule).await {
        Ok(Some(state)) => refusal.because(state),
        Ok(None) => refusal,
        // The reason is known all the same; only its details are not.
        Err(error) => refusal.hint(format!("no more is known: {error}")),
    };
    explained.at(subject.code())
}

/// Explains why a device was not done; `last` is the device as it was read last.
pub async fn explain_failure(
    context: &Context,
    last: &Subject,
    action: Action,
    failure: &FleetError,
) -> CliError {
    match failure {
        FleetError::Refused { rule, .. } => explain(context, last, Some(action), *rule).await,
        FleetError::BudgetReserved => {
            explain(context, last, Some(action), EbbError::BudgetExceeded)
                .await
                .hint("the devices before it in this drain use the budget up")
        }
        FleetError::Role {
            signer,
            held,
            allowed,
        } => {
            let roles = last.roles(context.program_id());
            role::refused(&roles, signer, *held, allowed).at(last.code())
        }
        failure => CliError::from(failure.clone()).at(last.code()),
    }
}

/// Explains why a device could not be read.
pub async fn explain_unread(
    context: &Context,
    device: &Identifier,
    failure: &FleetError,
) -> CliError {
    let error = CliError::from(failure.clone());
    if failure.is_outage() {
        return error;
    }
    resolve::device(context, device)
        .await
        .err()
        .unwrap_or(error)
}

/// Explains a refusal that the ledger gave, with the device read anew; any other error stays as it is.
pub async fn explain_sent(
    context: &Context,
    subject: &Subject,
    action: Option<Action>,
    error: CliError,
) -> CliError {
    let Some(rule) = EbbError::ALL.iter().find(|rule| error.is_refusal(**rule)) else {
        return error.at(subject.code());
    };
    let address = Identifier::Address(subject.device.address);
    match resolve::subject(context, &address).await {
        Ok(fresh) => explain(context, &fresh, action, *rule).await,
        Err(_) => error.at(subject.code()),
    }
}

async fn state(
    context: &Context,
    subject: &Subject,
    action: Option<Action>,
    rule: EbbError,
) -> Result<Option<String>, CliError> {
    Ok(match rule {
        EbbError::BudgetExceeded => {
            let draining = draining_at(context, &subject.location.address).await?;
            Some(refusal::budget(subject, &draining))
        }
        EbbError::DiskKeysLeft => {
            let left = disk_keys_left(context, subject).await?;
            Some(refusal::disk_keys(subject, &left))
        }
        rule => refusal::state(subject, action, rule),
    })
}

/// The draining devices of a location, each with its contributor.
pub async fn draining_at(
    context: &Context,
    location: &Pubkey,
) -> Result<Vec<DrainingDevice>, CliError> {
    let filter = DeviceFilter {
        status: Some(ProvisioningStatus::Draining),
        location: Some(*location),
        ..DeviceFilter::default()
    };
    let devices = context.client.devices(&filter).await?.items;
    let owners: Vec<Pubkey> = devices
        .iter()
        .map(|device| device.account.head.contributor)
        .collect();
    let owners = context.client.contributors_at(&owners).await?;
    let mut draining: Vec<DrainingDevice> = devices
        .into_iter()
        .zip(owners)
        .map(|(device, owner)| {
            let address = device.account.head.contributor;
            let contributor =
                owner.map_or_else(|| short(&address.to_string()), |found| found.account.code);
            DrainingDevice {
                code: device.account.code,
                contributor,
            }
        })
        .collect();
    draining.sort();
    Ok(draining)
}

/// The disk keys of a device, in the order of their paths.
pub async fn disk_keys_left(
    context: &Context,
    subject: &Subject,
) -> Result<Vec<Keyed<DiskKey>>, CliError> {
    let device = &subject.device.address;
    let mut keys = context.client.disk_keys(Some(device)).await?.items;
    keys.sort_by(|a, b| a.account.path.cmp(&b.account.path));
    Ok(keys)
}
