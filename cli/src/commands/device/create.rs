//! `ebb device create`

use {
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{
            device_row::DeviceRow,
            value::{self, Identifier},
        },
        render,
        workflow::device::create::{create, ACTION},
    },
    ebb_sdk::state::DeviceType,
    solana_sdk::pubkey::Pubkey,
    std::net::Ipv4Addr,
};

const EXAMPLES: &str = "\
Examples:
  ebb device create ams-dz001 --contributor co01 --location ams --type hybrid --public-ip 195.219.138.50 \\
    --max-sessions 128";

/// Register a device, which is pending until it is activated
///
/// Users notice nothing until then.
///
/// Signed by the contributor. Registering the same device with the same values again changes nothing.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// Its code: 1 to 32 of a-z 0-9 . _ -, beginning with a letter or digit
    #[arg(value_parser = value::code)]
    code: String,

    /// Who owns it
    #[arg(long, value_name = "CODE", value_parser = value::identifier)]
    contributor: Identifier,

    /// Where it stands
    #[arg(long, value_name = "CODE", value_parser = value::identifier)]
    location: Identifier,

    /// What it does in the network: hybrid, transit or edge
    #[arg(long = "type", value_name = "TYPE")]
    device_type: DeviceType,

    /// Its IPv4 address
    #[arg(long, value_name = "IP", value_parser = value::public_ip)]
    public_ip: Ipv4Addr,

    /// The most sessions it takes
    #[arg(long, value_name = "N", value_parser = value::max_sessions)]
    max_sessions: u32,

    /// The key of the controller that runs for it
    ///
    /// It may be set later with `ebb device set-agent`.
    #[arg(long, hide_short_help = true, value_name = "PUBKEY", value_parser = value::pubkey)]
    agent: Option<Pubkey>,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let row = DeviceRow {
        code: args.code,
        contributor: args.contributor,
        location: args.location,
        device_type: args.device_type,
        public_ip: args.public_ip,
        max_sessions: args.max_sessions,
        agent: args.agent,
    };
    let result = create(context, &row).await;
    render::report_item(context, ACTION, row.code, result)
}
