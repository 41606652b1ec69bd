//! From what the user wrote to the account that is meant.

use {
    super::Context,
    crate::{
        error::CliError,
        input::{address, similar::similar, value::Identifier},
    },
    ebb_sdk::{
        client::Keyed,
        fleet::Subject,
        ledger::{check_program, LedgerError},
        pda,
        state::{Contributor, Device, Location, Registry},
        EbbError,
    },
    solana_loader_v3_interface::state::UpgradeableLoaderState,
    solana_sdk::account::Account,
};

/// The registry.
///
/// # Errors
/// Not found, with the command that makes one or deploys the program.
pub async fn registry(context: &Context) -> Result<Registry, CliError> {
    if let Some(registry) = context.client.registry().await? {
        return Ok(registry);
    }
    program(context).await?;
    Err(CliError::not_found(format!(
        "program {} has no registry here yet",
        context.program_id()
    ))
    .hint("the program's upgrade authority makes it: ebb init")
    .hint("or name the id that Ebb has here, with --program-id or EBB_PROGRAM_ID"))
}

/// The account that holds the program's code.
///
/// # Errors
/// Not found, with the command that deploys it.
pub async fn program(context: &Context) -> Result<Account, CliError> {
    let id = context.program_id();
    let addresses = [*id, pda::program_data(id)];
    let found = context.client.ledger().accounts(&addresses).await?;
    let mut found = found.into_iter();
    let program = check_program(id, found.next().flatten())?;
    let is_upgradeable = matches!(
        wincode::deserialize(&program.data),
        Ok(UpgradeableLoaderState::Program { .. })
    );
    match found.next().flatten() {
        Some(data) => Ok(data),
        None if is_upgradeable => Err(CliError::not_found(format!(
            "the program at {id} was closed, and its address cannot be used again"
        ))
        .hint("deploy it at another: ebb program deploy --program-keypair program.json")),
        None => Err(
            CliError::not_found(format!("the program at {id} is not Ebb's"))
                .hint("name the id that Ebb has here, with --program-id or EBB_PROGRAM_ID"),
        ),
    }
}

/// A device.
///
/// # Errors
/// Not found, naming devices of like codes.
pub async fn device(context: &Context, identifier: &Identifier) -> Result<Keyed<Device>, CliError> {
    let address = address::device(context.program_id(), identifier);
    match found(context.client.device(&address).await, "device", identifier)? {
        Some(device) => Ok(device),
        None => Err(device_absent(context, identifier).await),
    }
}

/// That a device is absent, naming devices of like codes.
pub async fn device_absent(context: &Context, identifier: &Identifier) -> CliError {
    let listed = context.client.devices(&Default::default()).await;
    let listed = listed.map(|listed| listed.items);
    absent(context, "device", identifier, listed, |device| &device.code).await
}

/// A device and all that the rules read of it.
///
/// # Errors
/// As [`device`].
pub async fn subject(context: &Context, identifier: &Identifier) -> Result<Subject, CliError> {
    let device = device(context, identifier).await?;
    Ok(Subject::around(&context.client, device).await?)
}

/// A contributor.
///
/// # Errors
/// Not found, naming contributors of like codes.
pub async fn contributor(
    context: &Context,
    identifier: &Identifier,
) -> Result<Keyed<Contributor>, CliError> {
    let address = address::contributor(context.program_id(), identifier);
    match found(
        context.client.contributor(&address).await,
        "contributor",
        identifier,
    )? {
        Some(contributor) => Ok(contributor),
        None => {
            let listed = context
                .client
                .contributors()
                .await
                .map(|listed| listed.items);
            Err(absent(context, "contributor", identifier, listed, |it| &it.code).await)
        }
    }
}

/// A location.
///
/// # Errors
/// Not found, naming locations of like codes.
pub async fn location(
    context: &Context,
    identifier: &Identifier,
) -> Result<Keyed<Location>, CliError> {
    let address = address::location(context.program_id(), identifier);
    match found(
        context.client.location(&address).await,
        "location",
        identifier,
    )? {
        Some(location) => Ok(location),
        None => {
            let listed = context.client.locations().await.map(|listed| listed.items);
            Err(absent(context, "location", identifier, listed, |it| &it.code).await)
        }
    }
}

/// An address with another kind of account counts as absent.
fn found<T>(
    read: Result<Option<T>, LedgerError>,
    kind: &str,
    identifier: &Identifier,
) -> Result<Option<T>, CliError> {
    match read {
        Err(LedgerError::Account {
            error: EbbError::WrongOwner | EbbError::WrongAccountType,
            ..
        }) => Err(CliError::not_found(format!("{identifier} is no {kind}"))),
        read => Ok(read?),
    }
}

/// Reports that there is no registry, if there is none, else that the account is absent.
async fn absent<T>(
    context: &Context,
    kind: &str,
    identifier: &Identifier,
    listed: Result<Vec<Keyed<T>>, LedgerError>,
    code: impl Fn(&T) -> &str,
) -> CliError {
    if listed.as_ref().is_ok_and(Vec::is_empty) {
        if let Err(error) = registry(context).await {
            return error;
        }
    }
    let error = CliError::not_found(format!("there is no {kind} {identifier}"));
    // The list serves a suggestion only: if it cannot be had, the error stands without.
    let (Identifier::Code(wanted), Ok(listed)) = (identifier, listed) else {
        return error;
    };
    let similar = similar(wanted, listed.iter().map(|item| code(&item.account)));
    if similar.is_empty() {
        return error;
    }
    error.hint(format!("there is {}", similar.join(", ")))
}
