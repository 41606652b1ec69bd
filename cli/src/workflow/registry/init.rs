//! Creating the registry.

use {
    crate::{
        context::{resolve, Context},
        error::CliError,
        render::Item,
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{
        instruction::{self, Initialize},
        state::Registry,
        EbbError,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "init";

/// The registry as results name it.
pub const CODE: &str = "registry";

/// Creates the registry that is `wanted` of a signer, unless it is there.
pub async fn init(
    context: &Context,
    wanted: impl Fn(&Pubkey) -> Initialize,
) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(&wanted, context),
        |wanted| perform(wanted, context),
    )
    .await
}

async fn precheck(
    wanted: &impl Fn(&Pubkey) -> Initialize,
    context: &Context,
) -> Result<Precheck<Initialize>, CliError> {
    let signer = context.signer()?.pubkey();
    let wanted = wanted(&signer);
    Ok(match context.client.registry().await? {
        Some(registry) => Precheck::from(existing(&registry, &wanted)?),
        None => Precheck::Pending(wanted),
    })
}

async fn perform(wanted: Initialize, context: &Context) -> Result<Item, CliError> {
    resolve::program(context).await?;
    let signer = context.signer()?.pubkey();
    let text = format!(
        "created the registry; its authority is {}",
        wanted.authority
    );
    let payer = context.fee_payer()?.pubkey();
    let instruction = instruction::initialize(context.program_id(), &signer, &payer, wanted)?;
    let submission = context.submit(&[instruction]).await.map_err(|error| {
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
        None,
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
