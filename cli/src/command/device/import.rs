//! `ebb device import`

use {
    super::{
        create::{existing, may_create, ACTION},
        rows::{Row, COLUMNS},
    },
    crate::{
        context::Context,
        drain::pack::pack,
        error::{CliError, Exit, Kind},
        output::{Item, Report},
        resolve,
        sheet::{Line, Sheet},
        value::Identifier,
    },
    ebb_sdk::{
        client::Keyed,
        instruction::create_device,
        ledger::{LedgerError, Receipt},
        pda,
        state::{Contributor, Device, Location, Registry},
    },
    serde_json::Value,
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signer::Signer},
    std::{collections::HashMap, path::PathBuf},
};

const EXAMPLES: &str = "\
Examples:
  ebb device import devices.csv

The file:
  code,contributor,location,device_type,public_ip,max_sessions,agent
  ams-dz001,co01,ams,hybrid,195.219.138.50,128,";

/// Register the devices of a CSV file; users notice nothing until a device is activated
///
/// The columns are code, contributor, location, device_type, public_ip, max_sessions and, if you like, agent. A bad
/// line is reported and the others go on. Lines whose device exists as written change nothing, so a file may
/// be imported again. Signed by the contributor.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The file, or `-` for stdin
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
}

/// What became of a line.
enum Outcome {
    Told(Item),
    Failed(CliError),
    /// To be sent.
    Ready(Box<Instruction>),
    Sent(Receipt),
}

/// Imports.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    context.require_single(false, "an import may take several transactions")?;
    let lines = Sheet::open(&args.file)?.read(&COLUMNS, Row::parse)?;
    let known = Known::read(context, &lines).await?;
    let mut outcomes = vec![];
    for line in &lines {
        outcomes.push(match &line.content {
            Err(error) => Outcome::Failed(error.clone()),
            Ok(row) => match known.prepare(context, row) {
                Ok(outcome) => outcome,
                // Where the command line is wrong, no line will do better.
                Err(error) if error.kind() == Kind::Usage => return Err(error),
                Err(error) => Outcome::Failed(error),
            },
        });
    }
    send_all(context, &mut outcomes).await?;
    let mut report = Report::new(context);
    for (line, outcome) in lines.iter().zip(outcomes) {
        report.push(item(line, outcome))?;
    }
    report.finish()
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
    async fn read(context: &Context, lines: &[Line<Row>]) -> Result<Self, CliError> {
        let rows = || lines.iter().filter_map(|line| line.content.as_ref().ok());
        let (mut contributors, mut locations) = (Found::new(), Found::new());
        for Row {
            contributor,
            location,
            ..
        } in rows()
        {
            if !contributors.contains_key(contributor) {
                let found =
                    resolve::contributor(context, &Identifier::Code(contributor.clone())).await;
                contributors.insert(contributor.clone(), found);
            }
            if !locations.contains_key(location) {
                let found = resolve::location(context, &Identifier::Code(location.clone())).await;
                locations.insert(location.clone(), found);
            }
        }
        let addresses: Vec<Pubkey> = rows()
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
    fn prepare(&self, context: &Context, row: &Row) -> Result<Outcome, CliError> {
        let contributor = named(&self.contributors, &row.contributor)?;
        let location = named(&self.locations, &row.location)?;
        let address = pda::device(context.program_id(), &row.code).0;
        if let Some(found) = self.devices.get(&address) {
            return existing(row, found, contributor, location).map(Outcome::Told);
        }
        let signer = context.signer()?.pubkey();
        may_create(context, contributor, &self.registry, &signer)?;
        let instruction = create_device(
            context.program_id(),
            &signer,
            &context.fee_payer()?.pubkey(),
            &contributor.address,
            &location.address,
            row.args(),
        )?;
        Ok(Outcome::Ready(Box::new(instruction)))
    }
}

fn named<'a, T>(found: &'a Found<T>, code: &str) -> Result<&'a Keyed<T>, CliError> {
    match found.get(code) {
        Some(found) => found.as_ref().map_err(CliError::clone),
        None => Err(CliError::not_found(format!("there is no {code}"))),
    }
}

/// Sends what is ready, several to a transaction. A refusal takes its line out, and the rest is tried again.
async fn send_all(context: &Context, outcomes: &mut [Outcome]) -> Result<(), CliError> {
    loop {
        let (all, ready): (Vec<usize>, Vec<Instruction>) = outcomes
            .iter()
            .enumerate()
            .filter_map(|(place, outcome)| match outcome {
                Outcome::Ready(instruction) => Some((place, (**instruction).clone())),
                _ => None,
            })
            .unzip();
        let Some(run) = first_run(context, ready)? else {
            return Ok(());
        };
        let signers: [&(dyn Signer + Sync); 2] = [context.fee_payer()?, context.signer()?];
        let places = all.iter().copied().take(run.len());
        match context.client.send(&run, &signers).await {
            Ok(receipt) => settle(outcomes, places, || Outcome::Sent(receipt.clone())),
            Err(LedgerError::Refused {
                instruction, error, ..
            }) => {
                let place = places.skip(instruction).take(1);
                settle(outcomes, place, || Outcome::Failed(error.into()));
            }
            Err(error @ LedgerError::Unreachable { .. }) => {
                let error = CliError::from(error);
                settle(outcomes, all.into_iter(), || Outcome::Failed(error.clone()));
            }
            Err(error) => {
                let error = CliError::from(error);
                settle(outcomes, places, || Outcome::Failed(error.clone()));
            }
        }
    }
}

fn first_run(
    context: &Context,
    ready: Vec<Instruction>,
) -> Result<Option<Vec<Instruction>>, CliError> {
    if ready.is_empty() {
        return Ok(None);
    }
    let runs = pack(ready, &context.fee_payer()?.pubkey());
    Ok(runs.into_iter().next())
}

fn settle(
    outcomes: &mut [Outcome],
    places: impl Iterator<Item = usize>,
    outcome: impl Fn() -> Outcome,
) {
    for place in places {
        if let Some(settled) = outcomes.get_mut(place) {
            *settled = outcome();
        }
    }
}

fn item(line: &Line<Row>, outcome: Outcome) -> Item {
    let code = line.code.as_str();
    match outcome {
        Outcome::Told(item) => item,
        Outcome::Sent(receipt) => {
            let text = format!("{code}: pending");
            Item::changed(ACTION, code, Value::Null, "pending", &receipt, text)
        }
        Outcome::Failed(error) => {
            let code = (!code.is_empty()).then(|| code.to_owned());
            Item::failed(
                ACTION,
                code,
                Value::Null,
                error.at(format_args!("line {}", line.number)),
            )
        }
        Outcome::Ready(_) => Item::failed(
            ACTION,
            Some(code.to_owned()),
            Value::Null,
            CliError::other("it was not sent"),
        ),
    }
}
