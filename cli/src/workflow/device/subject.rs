//! A device and all that the rules read of it, found by what the user wrote.

use {
    crate::{
        context::{
            resolve,
            role::{self, Credential},
            Context,
        },
        error::CliError,
        input::value::Identifier,
        render::device::DeviceView,
    },
    ebb_sdk::{fleet::Subject, Role},
    solana_sdk::pubkey::Pubkey,
};

/// Reads a device and what it names.
pub async fn read(context: &Context, identifier: &Identifier) -> Result<Subject, CliError> {
    let device = resolve::device(context, identifier).await?;
    Ok(Subject::around(&context.client, device).await?)
}

/// The role in which a key does something that these roles may do.
pub fn credential(
    context: &Context,
    subject: &Subject,
    signer: &Pubkey,
    allowed: &[Role],
) -> Result<Credential, CliError> {
    role::choose(&subject.roles(context.program_id()), signer, allowed)
}

/// What to say of a change that voids the device's proof of health: nothing, unless it has one and the policy asks for it.
pub fn lost_proof(subject: &Subject) -> &'static str {
    match subject.registry.require_healthy && subject.head().is_health_proven() {
        true => {
            "; its proof of health is void, so the oracle or the authority must report it healthy again"
        }
        false => "",
    }
}

/// What people and scripts see of it.
pub fn view(subject: &Subject) -> DeviceView {
    let contributor = &subject.contributor.account.code;
    let location = &subject.location.account.code;
    DeviceView::new(&subject.device, contributor, location, subject.now)
}
