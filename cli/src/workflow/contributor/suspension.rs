//! Suspending a contributor, and ending that.

use {
    crate::{
        context::{resolve, role, Context},
        error::{CliError, Exit},
        input::value::Identifier,
        render::{self, contributor::standing, Item},
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{client::Keyed, instruction, state::Contributor},
    solana_sdk::signer::Signer,
};

/// Suspends a contributor, after a confirmation, or ends its suspension.
pub async fn set_suspended(
    contributor: &Identifier,
    suspended: bool,
    context: &Context,
) -> Result<Exit, CliError> {
    let item = idempotent::apply(
        || precheck(contributor, suspended, context),
        |found| perform(found, suspended, context),
    );
    let code = contributor.to_string();
    render::report_item(context, action(suspended), code, item.await)
}

/// The verb as results name it.
fn action(suspended: bool) -> &'static str {
    if suspended {
        "suspend"
    } else {
        "resume"
    }
}

async fn precheck(
    contributor: &Identifier,
    suspended: bool,
    context: &Context,
) -> Result<Precheck<Keyed<Contributor>>, CliError> {
    let found = resolve::contributor(context, contributor).await?;
    let Contributor { head, code } = &found.account;
    let already = (head.suspended == suspended).then(|| {
        let text = if suspended {
            format!("{code}: suspended already")
        } else {
            format!("{code}: is not suspended")
        };
        Item::unchanged(action(suspended), code, standing(suspended), text)
    });
    Ok(Precheck::unless(already, found))
}

async fn perform(
    found: Keyed<Contributor>,
    suspended: bool,
    context: &Context,
) -> Result<Item, CliError> {
    let code = &found.account.code;
    let registry = resolve::registry(context).await?;
    let signer = context.signer()?.pubkey();
    role::require_authority(&registry, &signer)?;
    let (program_id, address) = (context.program_id(), &found.address);
    let (instruction, text) = if suspended {
        context.confirm(&format!(
            "{code} will be able to drain and retire its devices only, not to bring any back."
        ))?;
        let instruction = instruction::suspend_contributor(program_id, &signer, address);
        (instruction, format!("{code}: suspended"))
    } else {
        let instruction = instruction::resume_contributor(program_id, &signer, address);
        (instruction, format!("{code}: resumed"))
    };
    let submission = context.submit(&[instruction]).await?;
    Ok(Item::changed(
        action(suspended),
        code,
        standing(!suspended),
        standing(suspended),
        &submission,
        text,
    ))
}
