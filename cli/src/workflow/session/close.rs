//! Closing a session, as the agent or as an eviction.

use {
    crate::{
        context::{
            closing, resolve,
            role::{choose, describe, Roles},
            Context,
        },
        error::CliError,
        input::value::Identifier,
        render::{refusal::unconfirmed_death, Item},
        terminal::time::moment,
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{
        client::{Closing, Keyed},
        instruction::{self, Expect},
        lifecycle::{check_close_session, DRAINERS},
        pda,
        state::{present, Device, ProvisioningStatus, Session},
        EbbError,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "close";

/// A device and a session that is open on it.
type Open = (Keyed<Device>, Keyed<Session>);

/// Closes a user's session, unless there is none.
pub async fn close(
    device: &Identifier,
    user: &Pubkey,
    context: &Context,
) -> Result<Item, CliError> {
    idempotent::apply(
        || precheck(device, user, context),
        |found| perform(user, found, context),
    )
    .await
}

async fn precheck(
    device: &Identifier,
    user: &Pubkey,
    context: &Context,
) -> Result<Precheck<Open>, CliError> {
    let found = resolve::device(context, device).await?;
    let session = pda::session(context.program_id(), &found.address, user).0;
    Ok(match context.client.session(&session).await? {
        Some(session) => Precheck::Pending((found, session)),
        None => {
            let code = &found.account.code;
            let text = format!("{code}: {user} has no session");
            Precheck::from(Item::unchanged(ACTION, code, None, text))
        }
    })
}

async fn perform(
    user: &Pubkey,
    (found, session): Open,
    context: &Context,
) -> Result<Item, CliError> {
    let Device { head, code } = &found.account;
    let signer = context.signer()?.pubkey();
    let credential = if present(&head.agent) == Some(&signer) {
        None
    } else {
        Some(evict(user, context, &found, &signer).await?)
    };
    let instruction = instruction::close_session(
        context.program_id(),
        &signer,
        &found.address,
        user,
        &session.account.payer,
        credential.as_ref(),
        Expect::registration(head),
    );
    let closing = Closing {
        account: session.address,
        recipient: session.account.payer,
    };
    let signers: [&(dyn Signer + Sync); 2] = [context.fee_payer()?, context.signer()?];
    let submission = closing::submit(context, instruction, closing, &signers).await?;
    let text = match credential {
        None => format!("{code}: closed the session of {user}"),
        Some(_) => format!("{code}: evicted {user}"),
    };
    Ok(Item::changed(ACTION, code, "open", None, &submission, text))
}

/// The credential to evict with, once the rules and the user agree.
async fn evict(
    user: &Pubkey,
    context: &Context,
    device: &Keyed<Device>,
    signer: &Pubkey,
) -> Result<Pubkey, CliError> {
    let Device { head, code } = &device.account;
    let owner = Identifier::Address(head.contributor);
    let contributor = resolve::contributor(context, &owner).await?;
    let registry = resolve::registry(context).await?;
    let program_id = context.program_id();
    let roles = Roles {
        program_id,
        contributor: &contributor,
        registry: &registry,
    };
    let credential = choose(&roles, signer, DRAINERS)
        .map_err(|error| not_theirs(error, &roles, &device.account, signer))?;
    let now = context.now().await?.time;
    check_close_session(head, credential.role, now)
        .map_err(|rule| explain(rule, &device.account, now))?;
    let consequence = format!("{user} will be cut off from {code}.");
    context.confirm(&consequence)?;
    Ok(credential.address)
}

/// A refusal that names the agent first, which closes most sessions, if the signer has no role.
fn not_theirs(error: CliError, roles: &Roles<'_>, device: &Device, signer: &Pubkey) -> CliError {
    let Device { head, code } = device;
    let Some(agent) = present(&head.agent).filter(|_| error.is_refusal(EbbError::Unauthorized))
    else {
        return error;
    };
    CliError::refused(EbbError::Unauthorized)
        .because(format!(
            "signed by {signer}, requires the agent of {code}, {agent}; or, to evict, {}",
            describe(roles, DRAINERS)
        ))
        .hint("sign as one of them with --keypair")
}

fn explain(rule: EbbError, device: &Device, now: i64) -> CliError {
    let Device { head, code } = device;
    if rule == EbbError::DeathUnconfirmed {
        return CliError::refused(rule)
            .because(unconfirmed_death(head, now))
            .at(code);
    }
    let state = match (head.provisioning_status, head.drain.deadline) {
        (ProvisioningStatus::Draining, 0) => {
            format!("the drain of {code} has no deadline, so its users leave by themselves")
        }
        (ProvisioningStatus::Draining, deadline) => {
            format!(
                "the drain of {code} has its deadline at {}",
                moment(deadline, now)
            )
        }
        (status, _) => format!("{code} is {status} and {}, so drain it first", head.health),
    };
    CliError::refused(rule).because(state)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::state::{DeviceHead, Health},
    };

    #[test]
    fn a_refusal_says_what_to_wait_for() {
        let none = Pubkey::default();
        let mut device = Device {
            head: DeviceHead::new(none, none, none, 1, 255),
            code: "ams-dz001".into(),
        };
        let said = |device: &Device| explain(EbbError::NotEvictable, device, 1_000).to_string();
        assert!(said(&device).ends_with("ams-dz001 is pending and unknown, so drain it first"));
        device.head.provisioning_status = ProvisioningStatus::Draining;
        assert!(said(&device).contains("has no deadline"));
        device.head.drain.deadline = 1_060;
        assert!(
            said(&device).ends_with("1970-01-01T00:17:40Z (in 1m)"),
            "{}",
            said(&device)
        );
        device.head.health = Health::Dead;
        device.head.health_reported_at = 950;
        let refusal = explain(EbbError::DeathUnconfirmed, &device, 1_000).to_string();
        assert!(
            refusal.ends_with(
                "it was reported dead at 1970-01-01T00:15:50Z (50s ago); \
                 try again at 1970-01-01T00:16:50Z (in 10s)"
            ),
            "{refusal}"
        );
    }
}
