//! Setting a device's agent.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        input::{secret::KeyArg, value::Identifier},
        render::{device_table::lost_proof, Item},
        workflow::{
            idempotent::{self, Precheck},
            refusal::{explain, explain_sent},
        },
    },
    ebb_sdk::{
        fleet::Subject,
        instruction,
        lifecycle::{check_set_agent, OWNERS},
        state::present,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "set-agent";

/// Sets a device's agent; `old_agent` is the key of the agent that it replaces.
pub async fn set_agent(
    device: &Identifier,
    agent: &Pubkey,
    old_agent: Option<&KeyArg>,
    context: &Context,
) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(device, agent, context),
        |subject| perform(agent, old_agent, subject, context),
    )
    .await
}

async fn precheck(
    device: &Identifier,
    agent: &Pubkey,
    context: &Context,
) -> Result<Precheck<Subject>, CliError> {
    let subject = resolve::subject(context, device).await?;
    let code = subject.code();
    let already = (subject.head().agent == *agent).then(|| {
        let text = format!("{code} has the agent {agent} already");
        Item::unchanged(ACTION, code, &*agent.to_string(), text)
    });
    Ok(Precheck::unless(already, subject))
}

async fn perform(
    agent: &Pubkey,
    old_agent: Option<&KeyArg>,
    subject: Subject,
    context: &Context,
) -> Result<Item, CliError> {
    let (code, head) = (subject.code(), subject.head());
    let from = present(&head.agent).map(ToString::to_string);
    let to = agent.to_string();
    let old_agent = old_agent
        .map(|source| context.read_key("--old-agent", source))
        .transpose()?;
    let signer = context.signer()?.pubkey();
    let credential =
        role::choose_for(context, &subject, &signer, OWNERS).map_err(|error| error.at(code))?;
    let old_key = old_agent.as_ref().map(Signer::pubkey);
    let signs = [Some(signer), old_key].contains(&Some(head.agent));
    if let Err(rule) = check_set_agent(head, credential.role, signs) {
        return Err(explain(context, &subject, None, rule).await);
    }
    // An agent that is the contributor's own key signs already and only has to be named.
    let old_key = old_key.or_else(|| (signer == head.agent).then_some(signer));
    let instruction = instruction::set_agent(
        context.program_id(),
        &signer,
        &subject.device.address,
        &credential.address,
        old_key.as_ref(),
        agent,
        subject.expect_shown(context.is_prepared()),
    )?;
    let submission = match context
        .submit_with(&[instruction], old_agent.as_slice())
        .await
    {
        Ok(submission) => submission,
        Err(error) => return Err(explain_sent(context, &subject, None, error).await),
    };
    let text = format!("{code}: agent {to}{}", lost_proof(&subject));
    Ok(Item::changed(
        ACTION,
        code,
        from.as_deref(),
        &*to,
        &submission,
        text,
    ))
}
