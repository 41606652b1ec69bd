//! `ebb device report-health`

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        input::value::{self, Identifier},
        render::{
            self,
            refusal::{explain, explain_sent},
            Item,
        },
    },
    ebb_sdk::{
        fleet::Subject,
        instruction::{report_health, Expect},
        lifecycle::check_report_health,
        state::{present, Health},
        EbbError, Role,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

const EXAMPLES: &str = "\
Examples:
  ebb device report-health ams-dz001 healthy
  ebb device report-health ams-dz001 unhealthy --keypair oracle.json";

const ACTION: &str = "report-health";

/// Report a device's health
///
/// Users notice nothing: health never moves a device's status. An unhealthy or dead device cannot be put into
/// service, a dead one opens no sessions, and its sessions may be closed by others than its agent. Signed by the
/// health oracle or the authority, or by the device's agent, which may not report dead nor move a device off dead.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = EXAMPLES)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// unknown, healthy, unhealthy or dead
    #[arg(value_name = "HEALTH")]
    health: Health,
}

/// Reports.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.device.to_string();
    render::report_item(context, ACTION, code, send(args, context).await)
}

async fn send(args: Args, context: &Context) -> Result<Item, CliError> {
    let subject = resolve::subject(context, &args.device).await?;
    let (code, from) = (subject.code(), subject.head().health);
    let signer = context.signer()?.pubkey();
    let role = reporter(&subject, &signer)?;
    if let Err(rule) = check_report_health(subject.head(), role, args.health) {
        return Err(explain(context, &subject, None, rule).await);
    }
    // A report is true of the device whatever its status has become meanwhile.
    let expect = Expect::registration(subject.head());
    let instruction = report_health(
        context.program_id(),
        &signer,
        &subject.device.address,
        role == Role::Agent,
        args.health,
        expect,
    );
    let submission = match context.send(&[instruction]).await {
        Ok(submission) => submission,
        Err(error) => return Err(explain_sent(context, &subject, None, error).await),
    };
    let text = format!(
        "{code}: health {from} → {}, reported by {role}",
        args.health
    );
    let (from, to) = (from.as_str(), args.health.as_str());
    Ok(Item::changed(ACTION, code, from, to, &submission, text))
}

/// The role in which a key reports.
fn reporter(subject: &Subject, signer: &Pubkey) -> Result<Role, CliError> {
    let registry = &subject.registry;
    let agent = present(&subject.head().agent);
    if registry.authority == *signer {
        Ok(Role::Authority)
    } else if registry.health_oracle == *signer {
        Ok(Role::HealthOracle)
    } else if agent == Some(signer) {
        Ok(Role::Agent)
    } else {
        let or_agent = agent.map_or_else(String::new, |agent| format!(" or the agent {agent}"));
        Err(CliError::refused(EbbError::Unauthorized)
            .because(format!(
                "signed by {signer}, requires the oracle {}, the authority {}{or_agent}",
                registry.health_oracle, registry.authority
            ))
            .at(subject.code()))
    }
}
