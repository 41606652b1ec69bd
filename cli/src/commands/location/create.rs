//! `ebb location create`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::value,
        render,
        workflow::location::create::{create, ACTION},
    },
    ebb_sdk::instruction::CreateLocation,
};

/// Create a location, where devices can then be registered
///
/// Its disruption budget is the fewest devices that drains leave activated there. Signed by the authority.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb location create ams --name Amsterdam --country NL --lat 52.3 --lng 4.94 --min-activated 1")]
pub struct Args {
    /// Its code
    #[arg(value_name = "CODE", value_parser = value::code)]
    code: String,

    /// What people call it
    #[arg(long, value_parser = value::name)]
    name: String,

    /// Its country, two capitals as in ISO 3166-1
    #[arg(long, value_parser = value::country)]
    country: [u8; 2],

    /// Degrees of latitude, north positive
    #[arg(long, value_name = "DEGREES", value_parser = value::latitude)]
    lat: i32,

    /// Degrees of longitude, east positive
    #[arg(long, value_name = "DEGREES", value_parser = value::longitude)]
    lng: i32,

    /// Fewest devices to keep activated
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
    let result = create(context, &wanted).await;
    render::report_item(context, ACTION, args.code, result)
}
