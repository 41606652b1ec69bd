//! Placing a hold, and who handles holds.

use {
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        input::value::Identifier,
        render::Item,
        terminal::time::moment,
        workflow::refusal::{explain, explain_sent},
    },
    ebb_sdk::{
        fleet::Subject,
        instruction::{place_hold, PlaceHold},
        lifecycle::{check_place_hold, HOLDERS},
        state::present,
        Role,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "hold";

/// What a hold is until it expires or is released.
pub const LIVE: &str = "live";

/// Places a hold on a device.
pub async fn place(
    device: &Identifier,
    wanted: PlaceHold,
    context: &Context,
) -> Result<Item, CliError> {
    let (kind, seconds) = (wanted.kind, wanted.duration_seconds);
    wanted.check()?;
    let subject = resolve::subject(context, device).await?;
    let code = subject.code();
    let signer = context.signer()?.pubkey();
    let (role, credential) = holder(context, &subject, &signer)?;
    let suspended = subject.contributor.account.head.suspended;
    if let Err(rule) = check_place_hold(subject.head(), role, suspended, subject.now) {
        return Err(explain(context, &subject, None, rule).await);
    }
    let instruction = place_hold(
        context.program_id(),
        &signer,
        &subject.device.address,
        credential.as_ref(),
        PlaceHold {
            expect: subject.expect(),
            ..wanted
        },
    )?;
    let submission = match context.submit(&[instruction]).await {
        Ok(submission) => submission,
        Err(error) => return Err(explain_sent(context, &subject, None, error).await),
    };
    let id = placed(context, device, &signer, subject.head().next_hold_id).await?;
    let until = subject.now.saturating_add(seconds.into());
    let text = format!(
        "{code}: hold #{id} {} until {}",
        kind,
        moment(until, subject.now)
    );
    Ok(Item::changed(ACTION, code, None, LIVE, &submission, text).of_hold(id))
}

/// The role in which a key handles holds, and its credential; the agent needs none.
fn holder(
    context: &Context,
    subject: &Subject,
    signer: &Pubkey,
) -> Result<(Role, Option<Pubkey>), CliError> {
    let held = roles_on(context, subject, signer);
    if let Some(first) = held.first() {
        return Ok(*first);
    }
    let refused = role::choose_for(context, subject, signer, HOLDERS);
    let credential = refused.map_err(|error| error.at(subject.code()))?;
    Ok((credential.role, Some(credential.address)))
}

/// Every role that a key has on a device's holds: contributor, operator, authority, agent.
pub fn roles_on(
    context: &Context,
    subject: &Subject,
    signer: &Pubkey,
) -> Vec<(Role, Option<Pubkey>)> {
    let roles = subject.roles(context.program_id());
    let mut held: Vec<(Role, Option<Pubkey>)> = HOLDERS
        .iter()
        .filter_map(|role| roles.choose(signer, &[*role], false).ok())
        .map(|credential| (credential.role, Some(credential.address)))
        .collect();
    if present(&subject.head().agent) == Some(signer) {
        held.push((Role::Agent, None));
    }
    held
}

/// The id of the hold that was just placed: the first of the signer's that is not older.
async fn placed(
    context: &Context,
    device: &Identifier,
    signer: &Pubkey,
    oldest: u32,
) -> Result<u32, CliError> {
    let subject = resolve::subject(context, device).await?;
    let holds = subject.head().holds.iter();
    let ours = holds
        .filter(|hold| hold.placed_by == *signer && hold.id >= oldest)
        .map(|hold| hold.id);
    Ok(ours.min().unwrap_or(oldest))
}
