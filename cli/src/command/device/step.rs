//! One step of the lifecycle, for one device or several.

use {
    super::{
        refusal::{explain, explain_sent},
        several,
        subject::Subject,
    },
    crate::{
        closing,
        context::Context,
        error::{CliError, Exit, Kind},
        output::Item,
        race::{self, Look},
        role::Credential,
        stop::Signal,
        value::Identifier,
    },
    ebb_sdk::{
        client::Closing,
        ledger::Receipt,
        lifecycle::{self, Action},
        state::ProvisioningStatus,
        EbbError, Role,
    },
    serde_json::Value,
    solana_sdk::{instruction::Instruction, signer::Signer},
    std::cell::Cell,
};

/// What became of the wish to take a step.
pub enum Taken {
    /// The rules allow it.
    Allowed(Step),
    /// The device is there already.
    Already,
}

/// A step that the rules allow.
pub struct Step {
    /// The role in which the signer takes it.
    pub credential: Credential,
    /// Where it leads; `None` once the device is removed.
    pub to: Option<ProvisioningStatus>,
}

/// Asks the rules whether the signer may take a step now, before anything is sent.
pub async fn ask(
    context: &Context,
    subject: &Subject,
    action: Action,
    force: bool,
) -> Result<Taken, CliError> {
    let at = |error: CliError| error.at(subject.code());
    // What the authority is refused is reported before the signer's role, where no role would change it.
    match subject.permit(action, Role::Authority, force) {
        Err(EbbError::AlreadyInStatus) => return Ok(Taken::Already),
        Err(rule @ (EbbError::TransitionNotAllowed | EbbError::NotDead)) => {
            return Err(explain(context, subject, Some(action), rule).await)
        }
        _ => {}
    }
    let signer = context.signer()?.pubkey();
    let allowed = lifecycle::roles(action, Some(subject.status()));
    let credential = subject
        .credential(context, &signer, allowed, force)
        .map_err(at)?;
    match subject.permit(action, credential.role, force) {
        Ok(to) => Ok(Taken::Allowed(Step { credential, to })),
        Err(rule) => Err(explain(context, subject, Some(action), rule).await),
    }
}

/// A step that was taken.
pub struct Sent {
    receipt: Receipt,
    from: ProvisioningStatus,
    /// Where it led; `None` once the device is removed.
    pub to: Option<ProvisioningStatus>,
}

impl Sent {
    /// What is reported of it.
    pub fn item(&self, action: Action, code: &str) -> Item {
        let from = self.from;
        let text = match self.to {
            Some(to) => format!("{code}: {from} → {to}"),
            None => format!("{code}: {from} → removed; its code may be registered again"),
        };
        Item::changed(
            action.as_str(),
            code,
            from.as_str(),
            name(self.to),
            &self.receipt,
            text,
        )
    }
}

/// What is known of a device while a step is taken with it, however early that ends.
pub struct Attempt {
    /// The device, as it was named.
    pub device: Identifier,
    status: Cell<Option<ProvisioningStatus>>,
    is_sent: Cell<bool>,
}

impl Attempt {
    /// Nothing is known of the device yet.
    pub fn new(device: Identifier) -> Self {
        Self {
            device,
            status: Cell::default(),
            is_sent: Cell::default(),
        }
    }

    /// One for each device.
    pub fn all(devices: Vec<Identifier>) -> Vec<Self> {
        devices.into_iter().map(Self::new).collect()
    }

    /// The device's step as an item. What concerns the command line and not the device is passed on.
    pub fn settled(
        &self,
        action: Action,
        result: Result<Item, CliError>,
    ) -> Result<Item, CliError> {
        match result {
            Err(error) if error.kind() != Kind::Usage => {
                Ok(failed(action, &self.device, self.status.get(), error))
            }
            result => result,
        }
    }

    /// The device's step as an item, where a signal ended the run before it was known how that ended.
    pub fn cut_short(&self, action: Action, signal: Signal) -> Item {
        let (code, error) = (self.device.to_string(), CliError::interrupted(signal));
        let look = look_at(&code);
        Item::cut_short(action.as_str(), &code, self.is_sent.get(), error, &look)
    }
}

/// The command that shows how a device stands.
pub fn look_at(code: &str) -> String {
    format!("ebb device get {code}")
}

/// Sends the instruction of a step that leads `to` a status. The device was in the status that was read, or the step was
/// refused, so no later read is needed to report it.
pub async fn send(
    context: &Context,
    subject: &Subject,
    action: Action,
    to: Option<ProvisioningStatus>,
    instruction: Instruction,
    attempt: &Attempt,
) -> Result<Sent, CliError> {
    attempt.is_sent.set(true);
    let sent = match action {
        Action::Remove => remove(context, subject, instruction).await,
        _ => context.send(&[instruction]).await,
    };
    attempt
        .is_sent
        .set(sent.as_ref().is_err_and(CliError::is_lost));
    let receipt = match sent {
        Ok(receipt) => receipt,
        Err(error) => return Err(explain_sent(context, subject, Some(action), error).await),
    };
    Ok(Sent {
        receipt,
        from: subject.status(),
        to,
    })
}

async fn remove(
    context: &Context,
    subject: &Subject,
    instruction: Instruction,
) -> Result<Receipt, CliError> {
    let closing = Closing {
        account: subject.device.address,
        recipient: subject.head().payer,
    };
    let signers: [&(dyn Signer + Sync); 2] = [context.fee_payer()?, context.signer()?];
    closing::send(context, instruction, closing, &signers).await
}

fn name(status: Option<ProvisioningStatus>) -> Value {
    status.map_or(Value::Null, |status| status.as_str().into())
}

/// An item that is in the status already.
pub fn already(action: Action, subject: &Subject) -> Item {
    let (code, status) = (subject.code(), subject.status());
    Item::unchanged(
        action.as_str(),
        code,
        status.as_str(),
        format!("{code} is {status} already"),
    )
}

/// An item that was not done. `status` is the device's, where it could be read.
pub fn failed(
    action: Action,
    identifier: &Identifier,
    status: Option<ProvisioningStatus>,
    error: CliError,
) -> Item {
    let code = Some(identifier.to_string());
    Item::failed(action.as_str(), code, name(status), error)
}

/// Devices as they were named, each once.
pub fn distinct(devices: Vec<Identifier>) -> Vec<Identifier> {
    let mut distinct = Vec::with_capacity(devices.len());
    for device in devices {
        if !distinct.contains(&device) {
            distinct.push(device);
        }
    }
    distinct
}

/// Takes a step with each of several devices, and goes on after a failure.
pub async fn each<F>(
    context: &Context,
    action: Action,
    devices: &[Identifier],
    build: F,
) -> Result<Exit, CliError>
where
    F: Fn(&Subject, &Credential) -> Instruction,
{
    let devices = distinct(devices.to_vec());
    context.require_single(devices.len() == 1, "several devices are named")?;
    let attempts = Attempt::all(devices);
    let steps = attempts
        .iter()
        .map(|attempt| one(context, attempt, action, &build));
    several::report_all(context, action, &attempts, steps).await
}

async fn one<F>(
    context: &Context,
    attempt: &Attempt,
    action: Action,
    build: &F,
) -> Result<Item, CliError>
where
    F: Fn(&Subject, &Credential) -> Instruction,
{
    let result = race::settle(
        || look(context, action, attempt),
        |(subject, step)| async move {
            let instruction = build(&subject, &step.credential);
            let sent = send(context, &subject, action, step.to, instruction, attempt).await?;
            Ok(sent.item(action, subject.code()))
        },
    );
    attempt.settled(action, result.await)
}

/// Looks whether a device may take a step. Its status is in the attempt if it could be read.
pub async fn look(
    context: &Context,
    action: Action,
    attempt: &Attempt,
) -> Result<Look<(Subject, Step)>, CliError> {
    attempt.status.take();
    let subject = Subject::read(context, &attempt.device).await?;
    attempt.status.set(Some(subject.status()));
    Ok(match ask(context, &subject, action, false).await? {
        Taken::Already => Look::from(already(action, &subject)),
        Taken::Allowed(step) => Look::Open((subject, step)),
    })
}
