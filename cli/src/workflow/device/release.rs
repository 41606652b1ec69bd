//! Releasing a hold.

use {
    super::hold::{roles_on, LIVE},
    crate::{
        context::{resolve, Context},
        error::CliError,
        input::value::Identifier,
        render::{device_table::describe_hold, Item},
        workflow::refusal::{explain, explain_sent},
    },
    ebb_sdk::{
        fleet::Subject,
        instruction::{release_hold, Expect},
        json::HoldJson,
        lifecycle::check_release_hold,
        state::Hold,
        EbbError, Role,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "release";

/// A hold and the role in which it is released.
struct Release {
    hold: Hold,
    credential: Option<Pubkey>,
}

/// Releases the hold of that id, or the only one that the signer may release.
pub async fn release(
    device: &Identifier,
    id: Option<u32>,
    context: &Context,
) -> Result<Item, CliError> {
    let subject = resolve::subject(context, device).await?;
    let code = subject.code();
    let signer = context.signer()?.pubkey();
    let roles = roles_on(context, &subject, &signer);
    let Release { hold, credential } = match id {
        Some(id) => named(context, &subject, &roles, &signer, id).await?,
        None => only(context, &subject, &roles, &signer).await?,
    };
    let instruction = release_hold(
        context.program_id(),
        &signer,
        &subject.device.address,
        credential.as_ref(),
        hold.id,
        Expect::registration(subject.head()),
    );
    let submission = match context.submit(&[instruction]).await {
        Ok(submission) => submission,
        Err(error) => return Err(explain_sent(context, &subject, None, error).await),
    };
    let text = format!(
        "{code}: released {}",
        describe_hold(&HoldJson::new(&hold), subject.now)
    );
    Ok(Item::changed(ACTION, code, LIVE, None, &submission, text).of_hold(hold.id))
}

async fn named(
    context: &Context,
    subject: &Subject,
    roles: &[(Role, Option<Pubkey>)],
    signer: &Pubkey,
    id: u32,
) -> Result<Release, CliError> {
    let Some(hold) = subject
        .head()
        .live_holds(subject.now)
        .find(|hold| hold.id == id)
    else {
        return Err(explain(context, subject, None, EbbError::HoldNotFound).await);
    };
    releasable(roles, signer, hold).ok_or_else(|| not_releasable(subject, signer, hold))
}

async fn only(
    context: &Context,
    subject: &Subject,
    roles: &[(Role, Option<Pubkey>)],
    signer: &Pubkey,
) -> Result<Release, CliError> {
    let live: Vec<&Hold> = subject.head().live_holds(subject.now).collect();
    let mut open: Vec<Release> = live
        .iter()
        .filter_map(|hold| releasable(roles, signer, hold))
        .collect();
    match (open.pop(), live.first()) {
        (Some(release), _) if open.is_empty() => Ok(release),
        (Some(_), _) => {
            let listed: Vec<String> = live
                .iter()
                .map(|hold| describe_hold(&HoldJson::new(hold), subject.now))
                .collect();
            Err(CliError::usage(format!(
                "{} carries several holds that you may release: {}",
                subject.code(),
                listed.join("; ")
            ))
            .hint(format!(
                "name one: ebb device release {} ID",
                subject.code()
            )))
        }
        (None, Some(hold)) => Err(not_releasable(subject, signer, hold)),
        (None, None) => Err(explain(context, subject, None, EbbError::HoldNotFound).await),
    }
}

fn releasable(roles: &[(Role, Option<Pubkey>)], signer: &Pubkey, hold: &Hold) -> Option<Release> {
    let (_, credential) = roles
        .iter()
        .find(|(role, _)| check_release_hold(hold, *role, signer).is_ok())?;
    Some(Release {
        hold: *hold,
        credential: *credential,
    })
}

fn not_releasable(subject: &Subject, signer: &Pubkey, hold: &Hold) -> CliError {
    let contributor = &subject.contributor.account;
    let owner = if hold.role == Role::Authority {
        String::new()
    } else {
        format!(
            ", contributor {}'s authority {} or operator",
            contributor.code, contributor.head.authority
        )
    };
    CliError::refused(EbbError::HoldNotReleasable)
        .because(format!(
            "{}; signed by {signer}, requires its placer{owner} or the authority {}",
            describe_hold(&HoldJson::new(hold), subject.now),
            subject.registry.authority
        ))
        .at(subject.code())
}
