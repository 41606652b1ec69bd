//! `ebb init`

use {
    crate::{
        context::{resolve, Context},
        error::{CliError, Exit},
        input::value,
        render::{self, Item},
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{
        instruction::{self, Initialize},
        state::Registry,
        EbbError,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

const ACTION: &str = "init";
const CODE: &str = "registry";

/// Create the registry, once for each deployment of the program
///
/// The signer must be the program's upgrade authority, so nobody can be faster. From then on the authority admits
/// contributors and locations, and activates devices.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb init
  ebb init --authority <PUBKEY> --health-oracle <PUBKEY> --require-healthy")]
pub struct Args {
    /// Who runs the network; defaults to the signer
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    authority: Option<Pubkey>,

    /// Who reports the health of any device; defaults to the signer
    #[arg(long, value_name = "PUBKEY", value_parser = value::pubkey)]
    health_oracle: Option<Pubkey>,

    /// Activate only devices that were reported healthy
    ///
    /// By the health oracle or the authority.
    #[arg(long)]
    require_healthy: bool,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let result = idempotent::apply(|| precheck(&args, context), |wanted| init(wanted, context));
    render::report_item(context, ACTION, CODE, result.await)
}

async fn precheck(args: &Args, context: &Context) -> Result<Precheck<Initialize>, CliError> {
    let signer = context.signer()?.pubkey();
    let wanted = Initialize {
        authority: args.authority.unwrap_or(signer),
        health_oracle: args.health_oracle.unwrap_or(signer),
        require_healthy: args.require_healthy,
    };
    Ok(match context.client.registry().await? {
        Some(registry) => Precheck::from(existing(&registry, &wanted)?),
        None => Precheck::Pending(wanted),
    })
}

async fn init(wanted: Initialize, context: &Context) -> Result<Item, CliError> {
    resolve::program(context).await?;
    let signer = context.signer()?.pubkey();
    let text = format!(
        "created the registry; its authority is {}",
        wanted.authority
    );
    let payer = context.fee_payer()?.pubkey();
    let instruction = instruction::initialize(context.program_id(), &signer, &payer, wanted)?;
    let submission = context.send(&[instruction]).await.map_err(|error| {
        if error.is_refusal(EbbError::NotUpgradeAuthority) {
            return error
                .because(format!("signed by {signer}"))
                .hint("who it is: ebb program show");
        }
        error
    })?;
    Ok(Item::changed(
        ACTION,
        CODE,
        None::<&str>,
        "initialized",
        &submission,
        text,
    ))
}

/// What to say of a registry that is there already.
fn existing(registry: &Registry, wanted: &Initialize) -> Result<Item, CliError> {
    let found = Initialize {
        authority: registry.authority,
        health_oracle: registry.health_oracle,
        require_healthy: registry.require_healthy,
    };
    if found == *wanted {
        return Ok(Item::unchanged(
            ACTION,
            CODE,
            "initialized",
            "the registry exists already, as asked",
        ));
    }
    Err(CliError::refused(EbbError::AlreadyExists)
        .because(format!(
            "the registry has authority {}, health oracle {} and require_healthy {}",
            found.authority, found.health_oracle, found.require_healthy
        ))
        .hint("change it with: ebb registry set-policy, set-oracle or nominate"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_that_differs_is_not_taken_for_the_one_asked_for() {
        let key = Pubkey::new_from_array([1; 32]);
        let registry = Registry::new(key, key, false, 255);
        let same = Initialize {
            authority: key,
            health_oracle: key,
            require_healthy: false,
        };
        assert!(!existing(&registry, &same).unwrap().changed);
        let other = Initialize {
            require_healthy: true,
            ..same
        };
        assert!(existing(&registry, &other)
            .unwrap_err()
            .is_refusal(EbbError::AlreadyExists));
    }
}
