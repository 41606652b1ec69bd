//! Naming another custodian of a disk key.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        input::value::Identifier,
        render::Item,
        workflow::{
            disk_key::disk::{registered, DiskScope},
            idempotent::{self, Precheck},
        },
    },
    ebb_sdk::{
        client::Keyed,
        instruction::{self, Expect},
        state::{Device, DiskKey},
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "reassign";

/// A device and its disk key.
type Found = (Keyed<Device>, Keyed<DiskKey>);

/// Makes another key the custodian of a disk key.
pub async fn reassign(
    device: &Identifier,
    path: &str,
    custodian: &Pubkey,
    context: &Context,
) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(device, path, custodian, context),
        |found| perform(path, custodian, found, context),
    )
    .await
}

async fn precheck(
    device: &Identifier,
    path: &str,
    custodian: &Pubkey,
    context: &Context,
) -> Result<Precheck<Found>, CliError> {
    let device = resolve::device(context, device).await?;
    let code = &device.account.code;
    let disk = DiskScope::read(context).await?.disk(&device.address, path);
    let Some(key) = registered(context, &disk).await? else {
        return Err(
            CliError::not_found(format!("{code} has no disk key at {path}"))
                .hint(format!("those it has: ebb disk-key list {code}")),
        );
    };
    let already = (key.account.head.custodian == *custodian).then(|| {
        let after = custodian.to_string();
        let text = format!("{code}: the custodian of {path} is {after} already");
        Item::unchanged(ACTION, code, &*after, text)
    });
    Ok(Precheck::unless(already, (device, key)))
}

async fn perform(
    path: &str,
    custodian: &Pubkey,
    (device, key): Found,
    context: &Context,
) -> Result<Item, CliError> {
    let code = &device.account.code;
    let (before, after) = (
        key.account.head.custodian.to_string(),
        custodian.to_string(),
    );
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::reassign_custodian(
        context.program_id(),
        &signer,
        &device.address,
        path,
        custodian,
        Expect::registration(&device.account.head),
    )?;
    let submission = context.submit(&[instruction]).await?;
    let text = format!("{code}: the custodian of {path} is {after}, and was {before}");
    Ok(Item::changed(
        ACTION,
        code,
        &*before,
        &*after,
        &submission,
        text,
    ))
}
