//! `ebb device set-agent`

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        input::{
            secret::KeyArg,
            value::{self, Identifier},
        },
        render::{
            self,
            device_table::lost_proof,
            refusal::{explain, explain_sent},
            Item,
        },
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{
        fleet::Subject,
        instruction::set_agent,
        lifecycle::{check_set_agent, OWNERS},
        state::present,
    },
    serde_json::Value,
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

const EXAMPLES: &str = "\
Examples:
  ebb device set-agent ams-dz001 4Nd1mYw5hMtMNFdMpgWvKyBTF8FjTTy1yBvWyGcBZCmS
  ebb device set-agent ams-dz001 4Nd1mYw5hMtMNFdMpgWvKyBTF8FjTTy1yBvWyGcBZCmS --old-agent agent.json";

const ACTION: &str = "set-agent";

/// Set the agent of a device: the key of the controller that opens and closes its sessions
///
/// Sessions that are open stay. While there are any, a contributor needs the old agent's signature too. If that
/// key is lost: drain the device, wait for the deadline, evict, then set a new agent. Another agent voids a proof of
/// health, so where the policy asks for one the device must be reported healthy again before it enters service.
/// Signed by the contributor or the authority.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The device
    #[arg(value_name = "CODE", value_parser = value::identifier)]
    device: Identifier,

    /// The new agent
    #[arg(value_name = "PUBKEY", value_parser = value::pubkey)]
    agent: Pubkey,

    /// The old agent's key, written as for --keypair
    #[arg(long, value_name = "KEYPAIR")]
    old_agent: Option<KeyArg>,
}

/// Sets the agent.
pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let code = args.device.to_string();
    let result = idempotent::apply(
        || precheck(&args, context),
        |subject| change(&args, subject, context),
    );
    render::report_item(context, ACTION, code, result.await)
}

async fn precheck(args: &Args, context: &Context) -> Result<Precheck<Subject>, CliError> {
    let subject = resolve::subject(context, &args.device).await?;
    let (code, agent) = (subject.code(), &args.agent);
    let already = (subject.head().agent == *agent).then(|| {
        let text = format!("{code} has the agent {agent} already");
        Item::unchanged(ACTION, code, agent.to_string(), text)
    });
    Ok(Precheck::unless(already, subject))
}

async fn change(args: &Args, subject: Subject, context: &Context) -> Result<Item, CliError> {
    let (code, head) = (subject.code(), subject.head());
    let from = present(&head.agent).map_or(Value::Null, |agent| agent.to_string().into());
    let to = args.agent.to_string();
    let old_agent = args
        .old_agent
        .as_ref()
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
    let instruction = set_agent(
        context.program_id(),
        &signer,
        &subject.device.address,
        &credential.address,
        old_key.as_ref(),
        &args.agent,
        subject.expect_shown(context.is_prepared()),
    )?;
    let submission = match context
        .send_with(&[instruction], old_agent.as_slice())
        .await
    {
        Ok(submission) => submission,
        Err(error) => return Err(explain_sent(context, &subject, None, error).await),
    };
    let text = format!("{code}: agent {to}{}", lost_proof(&subject));
    Ok(Item::changed(ACTION, code, from, to, &submission, text))
}
