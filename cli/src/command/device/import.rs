//! `ebb device import`

use {
    super::{
        create::{existing, may_create, ACTION},
        rows::{Row, COLUMNS},
    },
    crate::{
        context::Context,
        drain::parallel::{self, ParallelArgs},
        error::{CliError, Exit},
        import::{self, import, Plan},
        output::Item,
        race::Look,
        resolve,
        value::{self, Identifier},
    },
    ebb_sdk::{
        client::Keyed,
        instruction::create_device,
        ledger::Receipt,
        pda,
        state::{Contributor, Device, Location, Registry},
    },
    futures_util::stream::{self, StreamExt},
    serde_json::Value,
    solana_sdk::{pubkey::Pubkey, signer::Signer},
    std::{
        collections::{BTreeSet, HashMap},
        path::PathBuf,
    },
};

const EXAMPLES: &str = "\
Examples:
  ebb device import devices.csv

The file:
  code,contributor,location,device_type,public_ip,max_sessions,agent
  ams-dz001,co01,ams,hybrid,195.219.138.50,128,";

/// Register the devices of a CSV file; users notice nothing until a device is activated
///
/// The columns are code, contributor, location, device_type, public_ip, max_sessions and, if you like, agent, separated
/// by commas, semicolons or tabs, in UTF-8 or UTF-16. A bad line is reported and the others go on. Lines whose device
/// exists as written change nothing, so a file may be imported again; the code of a device that is on its way out is
/// refused until that is removed. Several devices go into a transaction, and several transactions are on their way at a
/// time. Signed by the contributor.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The file, or `-` for stdin
    #[arg(value_name = "FILE.csv", value_parser = value::path_parser())]
    file: PathBuf,

    #[command(flatten)]
    parallel: ParallelArgs,
}

/// Imports.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    context.require_single(false, "an import may take several transactions")?;
    let lines = import::read(&args.file, &COLUMNS, Row::parse)?;
    let look = async |rows: &[&Row]| {
        let known = Known::read(context, rows).await?;
        Ok(rows.iter().map(|row| known.plan(context, row)).collect())
    };
    import(context, ACTION, &lines, args.parallel.into(), look).await
}

type Found<T> = HashMap<String, Result<Keyed<T>, CliError>>;

/// What the lines name, each read once.
struct Known {
    registry: Registry,
    contributors: Found<Contributor>,
    locations: Found<Location>,
    devices: HashMap<Pubkey, Device>,
}

impl Known {
    async fn read(context: &Context, rows: &[&Row]) -> Result<Self, CliError> {
        let contributors = rows.iter().map(|row| row.contributor.as_str());
        let contributors = each_once(contributors, async |code| {
            resolve::contributor(context, code).await
        });
        let locations = rows.iter().map(|row| row.location.as_str());
        let locations = each_once(locations, async |code| {
            resolve::location(context, code).await
        });
        let (contributors, locations) = tokio::join!(contributors, locations);
        let addresses: Vec<Pubkey> = rows
            .iter()
            .map(|row| pda::device(context.program_id(), &row.code).0)
            .collect();
        let devices = context.client.devices_at(&addresses).await?;
        Ok(Self {
            registry: resolve::registry(context).await?,
            contributors,
            locations,
            devices: devices
                .into_iter()
                .flatten()
                .map(|found| (found.address, found.account))
                .collect(),
        })
    }

    /// What is to be done for a line.
    fn plan(&self, context: &Context, row: &Row) -> Result<Plan, CliError> {
        let contributor = named(&self.contributors, &row.contributor)?;
        let location = named(&self.locations, &row.location)?;
        let address = pda::device(context.program_id(), &row.code).0;
        if let Some(found) = self.devices.get(&address) {
            return existing(row, found, contributor, location).map(Look::from);
        }
        let signer = context.signer()?.pubkey();
        let payer = context.fee_payer()?.pubkey();
        may_create(context, contributor, &self.registry, &signer)?;
        let instruction = create_device(
            context.program_id(),
            &signer,
            &payer,
            &contributor.address,
            &location.address,
            row.args(),
        )?;
        let code = row.code.clone();
        let told = move |receipt: &Receipt| {
            let text = format!("{code}: pending");
            Item::changed(ACTION, &code, Value::Null, "pending", receipt, text)
        };
        Ok(Look::Open((Box::new(instruction), Box::new(told))))
    }
}

/// What codes name, each read once and many at a time.
async fn each_once<'a, T>(
    codes: impl Iterator<Item = &'a str>,
    read: impl AsyncFn(&Identifier) -> Result<Keyed<T>, CliError>,
) -> Found<T> {
    let codes: BTreeSet<&str> = codes.collect();
    let reads = codes.into_iter().map(async |code| {
        let found = read(&Identifier::Code(code.to_owned())).await;
        (code.to_owned(), found)
    });
    let reads: Vec<_> = reads.collect();
    let reads = stream::iter(reads).buffer_unordered(parallel::DEFAULT.into());
    reads.collect().await
}

fn named<'a, T>(found: &'a Found<T>, code: &str) -> Result<&'a Keyed<T>, CliError> {
    match found.get(code) {
        Some(found) => found.as_ref().map_err(CliError::clone),
        None => Err(CliError::not_found(format!("there is no {code}"))),
    }
}
