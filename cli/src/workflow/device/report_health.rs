//! Reporting a device's health.

use {
    crate::{
        context::{resolve, Context},
        error::CliError,
        input::value::Identifier,
        render::Item,
        workflow::refusal::{explain, explain_sent},
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

/// The verb as results name it.
pub const ACTION: &str = "report-health";

/// Reports a device's health in the role that the signer has.
pub async fn report(
    device: &Identifier,
    health: Health,
    context: &Context,
) -> Result<Item, CliError> {
    let subject = resolve::subject(context, device).await?;
    let (code, from) = (subject.code(), subject.head().health);
    let signer = context.signer()?.pubkey();
    let role = reporter(&subject, &signer)?;
    if let Err(rule) = check_report_health(subject.head(), role, health) {
        return Err(explain(context, &subject, None, rule).await);
    }
    // A report is true of the device whatever its status has become meanwhile.
    let expect = Expect::registration(subject.head());
    let instruction = report_health(
        context.program_id(),
        &signer,
        &subject.device.address,
        role == Role::Agent,
        health,
        expect,
    );
    let submission = match context.submit(&[instruction]).await {
        Ok(submission) => submission,
        Err(error) => return Err(explain_sent(context, &subject, None, error).await),
    };
    let text = format!("{code}: health {from} → {}, reported by {role}", health);
    let (from, to) = (from.as_str(), health.as_str());
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
