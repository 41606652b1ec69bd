//! `ebb disk-key reassign`

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        input::{
            disk_path::path,
            value::{self, Identifier},
        },
        render::{self, Item, Report},
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

const ACTION: &str = "reassign";

/// Make another key the custodian of a disk key
///
/// For a custodian that is gone: the new one must attest the destruction all the same. No key leaves any store; if the
/// new custodian never had it, it vouches with `ebb disk-key destroy CODE PATH --destroyed-elsewhere`. Signed by the
/// authority.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  ebb disk-key reassign ams-dz001 /dev/nvme0n1p3 --custodian <PUBKEY>"
)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// Where on the device
    #[arg(value_parser = path)]
    path: String,

    /// The new custodian
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    custodian: Pubkey,
}

/// Reassigns.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let result = idempotent::apply(
        || precheck(&args, context),
        |found| reassign(&args, found, context),
    );
    let item = render::as_item(ACTION, args.device.to_string(), result.await)?;
    let mut report = Report::new(context);
    report.push(item.on(args.path));
    report.finish()
}

/// A device and its disk key.
type Found = (Keyed<Device>, Keyed<DiskKey>);

async fn precheck(args: &Args, context: &Context) -> Result<Precheck<Found>, CliError> {
    let device = resolve::device(context, &args.device).await?;
    let (code, path) = (&device.account.code, &args.path);
    let disk = DiskScope::read(context).await?.disk(&device.address, path);
    let Some(key) = registered(context, &disk).await? else {
        return Err(
            CliError::not_found(format!("{code} has no disk key at {path}"))
                .hint(format!("those it has: ebb disk-key list {code}")),
        );
    };
    let already = (key.account.head.custodian == args.custodian).then(|| {
        let after = args.custodian.to_string();
        let text = format!("{code}: the custodian of {path} is {after} already");
        Item::unchanged(ACTION, code, after, text)
    });
    Ok(Precheck::unless(already, (device, key)))
}

async fn reassign(args: &Args, (device, key): Found, context: &Context) -> Result<Item, CliError> {
    let (code, path) = (&device.account.code, &args.path);
    let (before, after) = (
        key.account.head.custodian.to_string(),
        args.custodian.to_string(),
    );
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let instruction = instruction::reassign_custodian(
        context.program_id(),
        &signer,
        &device.address,
        path,
        &args.custodian,
        Expect::registration(&device.account.head),
    )?;
    let submission = context.send(&[instruction]).await?;
    let text = format!("{code}: the custodian of {path} is {after}, and was {before}");
    Ok(Item::changed(
        ACTION,
        code,
        before,
        after,
        &submission,
        text,
    ))
}
