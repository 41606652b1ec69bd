//! `ebb location create`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        import::Told,
        output::{self, Item},
        race::{self, Look},
        resolve, role,
        value::{self, to_degrees},
    },
    ebb_sdk::{
        instruction::{self, CreateLocation},
        ledger::Receipt,
        pda,
        state::{Location, Registry},
        EbbError,
    },
    solana_sdk::{instruction::Instruction, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "create";
/// What it leads to.
const CREATED: &str = "created";

/// Create a location, where devices can then be registered
///
/// Its disruption budget is the fewest devices that drains leave activated there. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  ebb location create ams --name Amsterdam --country NL --lat 52.3 --lng 4.94 --min-activated 1")]
pub struct Args {
    /// Its code
    #[arg(value_name = "CODE", value_parser = value::code)]
    code: String,

    /// What people call it
    #[arg(long, value_parser = value::name)]
    name: String,

    /// Its country, in two capital letters (ISO 3166-1 alpha-2)
    #[arg(long, value_parser = value::country)]
    country: [u8; 2],

    /// Degrees of latitude, north positive
    #[arg(long, value_name = "DEGREES", value_parser = value::latitude)]
    lat: i32,

    /// Degrees of longitude, east positive
    #[arg(long, value_name = "DEGREES", value_parser = value::longitude)]
    lng: i32,

    /// The fewest devices to keep activated
    #[arg(long, value_name = "NUMBER", value_parser = value::number, default_value_t = 0)]
    min_activated: u32,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let wanted = CreateLocation {
        code: args.code.as_str().into(),
        name: args.name.as_str().into(),
        country: args.country,
        latitude: args.lat,
        longitude: args.lng,
        min_activated: args.min_activated,
    };
    let result = race::settle(|| look(context, &wanted), |()| create(context, &wanted));
    output::settle(context, ACTION, args.code, result.await)
}

async fn look(context: &Context, wanted: &CreateLocation) -> Result<Look<()>, CliError> {
    let address = pda::location(context.program_id(), &wanted.code).0;
    Ok(match context.client.location(&address).await? {
        Some(found) => Look::from(existing(&found.account, wanted)?),
        None => Look::Open(()),
    })
}

async fn create(context: &Context, wanted: &CreateLocation) -> Result<Item, CliError> {
    let registry = resolve::registry(context).await?;
    let (instruction, told) = creation(context, &registry, wanted)?;
    Ok(told(&context.send(&[instruction]).await?))
}

/// The instruction that creates a location, and what is told of it then.
pub fn creation(
    context: &Context,
    registry: &Registry,
    wanted: &CreateLocation,
) -> Result<(Instruction, Told), CliError> {
    let signer = context.signer()?.pubkey();
    let payer = context.fee_payer()?.pubkey();
    role::require_authority(registry, &signer)?;
    let instruction =
        instruction::create_location(context.program_id(), &signer, &payer, wanted.clone())?;
    let (code, budget) = (wanted.code.to_string(), wanted.min_activated);
    let told = move |receipt: &Receipt| {
        let text = match budget {
            0 => format!("{code}: created"),
            _ => format!("{code}: created; drains leave at least {budget} activated"),
        };
        Item::changed(ACTION, &code, None::<&str>, CREATED, receipt, text)
    };
    Ok((instruction, Box::new(told)))
}

/// What to say of a location that is there already.
pub fn existing(found: &Location, wanted: &CreateLocation) -> Result<Item, CliError> {
    let Location { head, code, name } = found;
    let fields = [
        ("name", *name == *wanted.name, name.clone()),
        (
            "country",
            head.country == wanted.country,
            String::from_utf8_lossy(&head.country).into(),
        ),
        (
            "lat",
            head.latitude == wanted.latitude,
            to_degrees(head.latitude).to_string(),
        ),
        (
            "lng",
            head.longitude == wanted.longitude,
            to_degrees(head.longitude).to_string(),
        ),
        (
            "min_activated",
            head.min_activated == wanted.min_activated,
            head.min_activated.to_string(),
        ),
    ];
    let differences: Vec<String> = fields
        .iter()
        .filter(|(_, same, _)| !same)
        .map(|(field, _, value)| format!("{field} {value}"))
        .collect();
    if differences.is_empty() {
        let text = format!("{code}: exists already, as asked");
        return Ok(Item::unchanged(ACTION, code, CREATED, text));
    }
    let error = CliError::refused(EbbError::AlreadyExists)
        .because(format!("{code} has {}", differences.join(", ")));
    Err(match differences.as_slice() {
        [only] if only.starts_with("min_activated") => {
            let wanted = wanted.min_activated;
            error.hint(format!(
                "set it with: ebb location set-budget {code} --min-activated {wanted}"
            ))
        }
        _ => error,
    })
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::state::LocationHead};

    #[test]
    fn a_location_that_differs_is_refused_by_field() {
        let head = LocationHead::new(*b"NL", 52_300_000, 4_940_000, 1, 255);
        let found = Location {
            head,
            code: "ams".into(),
            name: "Amsterdam".into(),
        };
        let same = CreateLocation {
            code: "ams".into(),
            name: "Amsterdam".into(),
            country: *b"NL",
            latitude: 52_300_000,
            longitude: 4_940_000,
            min_activated: 1,
        };
        assert!(!existing(&found, &same).unwrap().changed);

        let budget = CreateLocation {
            min_activated: 2,
            ..same.clone()
        };
        let error = existing(&found, &budget).unwrap_err();
        assert!(
            error.message().ends_with("ams has min_activated 1"),
            "{error}"
        );
        assert_eq!(error.hints().len(), 1);

        let moved = CreateLocation {
            latitude: 0,
            country: *b"BE",
            ..same
        };
        let error = existing(&found, &moved).unwrap_err();
        assert!(
            error.message().ends_with("ams has country NL, lat 52.3"),
            "{error}"
        );
        assert!(error.is_refusal(EbbError::AlreadyExists));
    }
}
