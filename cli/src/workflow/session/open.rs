//! Opening a session.

use {
    crate::{
        context::{resolve, Context},
        error::CliError,
        input::value::Identifier,
        render::Item,
        workflow::idempotent::{self, Precheck},
    },
    ebb_sdk::{
        client::Keyed,
        instruction::{self, Expect},
        lifecycle::check_open_session,
        pda,
        state::{present, Device},
        EbbError,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
};

/// The verb as results name it.
pub const ACTION: &str = "open";

/// Opens a user's session, unless there is one.
pub async fn open(device: &Identifier, user: &Pubkey, context: &Context) -> Result<Item, CliError> {
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
) -> Result<Precheck<Keyed<Device>>, CliError> {
    let found = resolve::device(context, device).await?;
    let code = &found.account.code;
    let session = pda::session(context.program_id(), &found.address, user).0;
    let session = context.client.session(&session).await?;
    let already = session.map(|_| {
        let text = format!("{code}: {user} has a session already");
        Item::unchanged(ACTION, code, "open", text)
    });
    Ok(Precheck::unless(already, found))
}

async fn perform(user: &Pubkey, found: Keyed<Device>, context: &Context) -> Result<Item, CliError> {
    let code = &found.account.code;
    let signer = context.signer()?.pubkey();
    check_agent(&found.account, &signer)?;
    check_open_session(&found.account.head).map_err(|rule| explain(rule, &found.account))?;
    let instruction = instruction::open_session(
        context.program_id(),
        &signer,
        &context.fee_payer()?.pubkey(),
        &found.address,
        user,
        Expect::registration(&found.account.head),
    )?;
    let submission = context.submit(&[instruction]).await?;
    let text = format!("{code}: opened the session of {user}");
    Ok(Item::changed(ACTION, code, None, "open", &submission, text))
}

fn check_agent(device: &Device, signer: &Pubkey) -> Result<(), CliError> {
    let code = &device.code;
    match present(&device.head.agent) {
        Some(agent) if agent == signer => Ok(()),
        Some(agent) => Err(CliError::refused(EbbError::NotAgent)
            .because(format!(
                "signed by {signer}, requires the agent of {code}, {agent}"
            ))
            .hint("sign with that key: --keypair")),
        None => Err(CliError::refused(EbbError::NoAgent)
            .because(format!("{code} opens sessions once one is set"))
            .hint(format!("set it: ebb device set-agent {code} {signer}"))),
    }
}

fn explain(rule: EbbError, device: &Device) -> CliError {
    let Device { head, code } = device;
    let refused = CliError::refused(rule);
    match rule {
        EbbError::SessionsClosed => refused.because(format!(
            "{code} is {}, and must be activated",
            head.provisioning_status
        )),
        EbbError::DeviceFull => refused.because(format!(
            "{code} has {} of {} sessions, one must close first",
            head.sessions, head.max_sessions
        )),
        _ => refused.because(format!("{code} is {}", head.health)),
    }
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::state::DeviceHead};

    fn device() -> Device {
        let none = Pubkey::default();
        Device {
            head: DeviceHead::new(none, none, none, 1, 255),
            code: "ams-dz001".into(),
        }
    }

    #[test]
    fn a_refusal_says_how_the_device_stands() {
        let rule = check_open_session(&device().head).unwrap_err();
        let message = explain(rule, &device()).to_string();
        assert!(
            message.ends_with("ams-dz001 is pending, and must be activated"),
            "{message}"
        );
    }

    #[test]
    fn only_the_agent_opens() {
        let [none, agent, other] = [0, 1, 2].map(|byte| Pubkey::new_from_array([byte; 32]));
        let mut device = device();
        assert!(check_agent(&device, &agent)
            .unwrap_err()
            .is_refusal(EbbError::NoAgent));
        assert!(check_agent(&device, &none)
            .unwrap_err()
            .is_refusal(EbbError::NoAgent));
        device.head.agent = agent;
        assert_eq!(check_agent(&device, &agent), Ok(()));
        assert!(check_agent(&device, &other)
            .unwrap_err()
            .is_refusal(EbbError::NotAgent));
    }
}
