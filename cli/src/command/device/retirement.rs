//! One device on its way out of service.

use {
    super::{
        refusal::{disk_keys, explain},
        step::{self, Attempt, Sent, Step, Taken},
        subject::Subject,
    },
    crate::{
        context::Context,
        error::{CliError, Kind},
        output::{status, Item},
        resolve::device_address,
        stop::Signal,
        value::{rfc3339, Identifier},
    },
    ebb_sdk::{instruction::retire_device, lifecycle::Action, state::ProvisioningStatus, EbbError},
    solana_sdk::{pubkey::Pubkey, signer::Signer},
    std::time::Duration,
};

/// What may come with time.
const PASSING: [EbbError; 3] = [
    EbbError::NotDrained,
    EbbError::PendingTask,
    EbbError::DiskKeysLeft,
];

/// How far a device is.
enum Stage {
    /// The rules allow its next step.
    Open(Box<Subject>, Step),
    /// Something is missing that may come with time.
    Missing(Missing),
    /// Nothing more is to be done.
    Over(Item),
}

/// What a device lacks for its next step.
pub struct Missing {
    /// Tells one state of the device from another.
    pub sequence: u64,
    /// What it is.
    pub error: CliError,
    /// How long until the first of its holds expires.
    pub due: Option<Duration>,
    /// When it was seen, in Unix seconds; `None` if it could not be.
    seen_at: Option<i64>,
}

impl Missing {
    fn of(subject: &Subject, error: CliError) -> Self {
        let holds = subject.head().live_holds(subject.now);
        let due = holds
            .map(|hold| hold.expires_at.abs_diff(subject.now))
            .min();
        Self {
            sequence: subject.head().sequence,
            error,
            due: due.map(Duration::from_secs),
            seen_at: Some(subject.now),
        }
    }

    /// The cluster itself, which is out of reach.
    fn cluster(sequence: u64, error: CliError) -> Self {
        Self {
            sequence,
            error,
            due: None,
            seen_at: None,
        }
    }
}

/// A device and how far it is.
pub struct Retirement<'a> {
    device: &'a Identifier,
    code: String,
    attempt: Attempt,
    sent: Option<Sent>,
    stage: Stage,
}

impl<'a> Retirement<'a> {
    /// Looks at a device; nothing is sent.
    pub async fn begin(
        context: &Context,
        device: &'a Identifier,
        wait: bool,
    ) -> Result<Self, CliError> {
        let mut sent = None;
        let (code, stage) = match look(context, device, &mut sent, wait).await {
            Err(error) if error.kind() != Kind::Usage => {
                let failed = failed(device, None, error);
                (device.to_string(), Stage::Over(failed))
            }
            looked => looked?,
        };
        Ok(Self {
            device,
            code,
            attempt: Attempt::new(device.clone()),
            sent,
            stage,
        })
    }

    /// The device's code, or its address until it was read.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Whether nothing more is to be done.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_))
    }

    /// The device's address.
    pub fn address(&self, program_id: &Pubkey) -> Pubkey {
        device_address(program_id, self.device)
    }

    /// What is missing.
    pub fn missing(&self) -> Option<&Missing> {
        match &self.stage {
            Stage::Missing(missing) => Some(missing),
            _ => None,
        }
    }

    /// Looks at the device again.
    ///
    /// # Errors
    /// The cluster is out of reach, and how far the device is stays as it was.
    pub async fn look(&mut self, context: &Context, wait: bool) -> Result<(), CliError> {
        (self.code, self.stage) = look(context, self.device, &mut self.sent, wait).await?;
        Ok(())
    }

    /// Gives it up.
    pub fn fail(&mut self, error: CliError) {
        self.stage = Stage::Over(match self.sent.take() {
            Some(sent) => sent.item(Action::Retire, &self.code).but(error),
            None => failed(self.device, None, error),
        });
    }

    /// Takes the next step, if it is open.
    pub async fn step(&mut self, context: &Context, wait: bool) -> Result<(), CliError> {
        let Stage::Open(subject, step) = &self.stage else {
            return Ok(());
        };
        let instruction = retire_device(
            context.program_id(),
            &context.signer()?.pubkey(),
            &subject.device.address,
            &subject.location.address,
            &step.credential.address,
            subject.expect_shown(context),
        );
        let before = (subject.status(), subject.head().sequence);
        let sent = step::send(
            context,
            subject,
            Action::Retire,
            step.to,
            instruction,
            &self.attempt,
        )
        .await;
        self.stage = match sent {
            Err(error) if error.kind() == Kind::Refused => {
                self.refused(context, before, error, wait).await?
            }
            // Then it was not sent.
            Err(error) if wait && error.kind() == Kind::Unreachable => {
                Stage::Missing(Missing::cluster(before.1, error))
            }
            Err(error) => Stage::Over(failed(self.device, Some(subject.status()), error)),
            Ok(sent) if sent.to == Some(ProvisioningStatus::Retiring) => {
                let item = sent.item(Action::Retire, &self.code);
                // It is known before anything else is waited for.
                self.sent = Some(sent);
                match self.keys_left(context, item.clone(), wait).await {
                    Ok(stage) => stage,
                    Err(error) if wait && error.kind() == Kind::Unreachable => {
                        Stage::Missing(Missing::cluster(before.1, error))
                    }
                    Err(error) => Stage::Over(item.but(error)),
                }
            }
            Ok(sent) => Stage::Over(sent.item(Action::Retire, &self.code)),
        };
        Ok(())
    }

    /// Another party may have been faster: how far the device is now, and the refusal only if it is as it was `before`.
    async fn refused(
        &mut self,
        context: &Context,
        before: (ProvisioningStatus, u64),
        refusal: CliError,
        wait: bool,
    ) -> Result<Stage, CliError> {
        let (status, sequence) = before;
        let stage = match look(context, self.device, &mut self.sent, wait).await {
            Ok((_, stage)) => stage,
            Err(error) if wait && error.kind() == Kind::Unreachable => {
                Stage::Missing(Missing::cluster(sequence, error))
            }
            Err(error) if error.kind() == Kind::Unreachable => {
                Stage::Over(failed(self.device, Some(status), error))
            }
            Err(error) => return Err(error),
        };
        Ok(match stage {
            Stage::Open(subject, _) if !wait || subject.head().sequence == sequence => {
                Stage::Over(failed(self.device, Some(status), refusal))
            }
            stage => stage,
        })
    }

    /// A device that went no further than Retiring: says whose disk keys are left.
    async fn keys_left(
        &self,
        context: &Context,
        item: Item,
        wait: bool,
    ) -> Result<Stage, CliError> {
        let subject = Subject::read(context, self.device).await?;
        if wait {
            let missing = explain(
                context,
                &subject,
                Some(Action::Retire),
                EbbError::DiskKeysLeft,
            )
            .await;
            return Ok(Stage::Missing(Missing::of(&subject, missing)));
        }
        let left = disk_keys(context, &subject).await?;
        status(format_args!(
            "{} is retiring, and retired once no disk key is left: {left}",
            self.code
        ));
        Ok(Stage::Over(item))
    }

    /// What is reported of it, where a signal ended the run.
    pub fn cut_short(self, signal: Signal) -> Item {
        match (self.stage, self.sent) {
            (Stage::Over(item), _) => item,
            (_, Some(sent)) => {
                let item = sent.item(Action::Retire, &self.code);
                let error = CliError::interrupted(signal).at(item.text());
                item.but(error)
            }
            (_, None) => self.attempt.cut_short(Action::Retire, signal),
        }
    }

    /// What is reported of it.
    pub fn item(self) -> Item {
        let (seen_at, seen, sent) = match &self.stage {
            Stage::Over(item) => return item.clone(),
            Stage::Missing(missing) => (missing.seen_at, missing.error.message(), self.sent),
            Stage::Open(subject, _) => (Some(subject.now), "its next step is open", self.sent),
        };
        let seen = match seen_at.and_then(rfc3339) {
            Some(at) => format!("last seen at {at}: {seen}"),
            None => seen.to_owned(),
        };
        let error = CliError::timed_out(format!("the time to wait ran out; {seen}"));
        match sent {
            Some(sent) => sent.item(Action::Retire, &self.code).but(error),
            None => failed(self.device, None, error),
        }
    }
}

/// Reads a device and asks the rules for its next step. What was `sent` before is part of what is reported.
///
/// # Errors
/// The command line is not as it must be, or the cluster is out of reach.
async fn look(
    context: &Context,
    device: &Identifier,
    sent: &mut Option<Sent>,
    wait: bool,
) -> Result<(String, Stage), CliError> {
    let subject = match Subject::read(context, device).await {
        Ok(subject) => subject,
        Err(error) if error.kind() == Kind::Unreachable => return Err(error),
        Err(error) => return Ok((device.to_string(), Stage::Over(failed(device, None, error)))),
    };
    let code = subject.code().to_owned();
    let stage = match step::ask(context, &subject, Action::Retire, false).await {
        Ok(Taken::Allowed(step)) => Stage::Open(Box::new(subject), step),
        Ok(Taken::Already) => Stage::Over(match sent {
            Some(sent) => {
                sent.to = Some(subject.status());
                sent.item(Action::Retire, &code)
            }
            None => step::already(Action::Retire, &subject),
        }),
        Err(error) if wait && is_passing(&error) => Stage::Missing(Missing::of(&subject, error)),
        Err(error) if error.kind() == Kind::Usage => return Err(error),
        Err(error) => Stage::Over(failed(device, Some(subject.status()), error)),
    };
    Ok((code, stage))
}

fn is_passing(error: &CliError) -> bool {
    PASSING.iter().any(|rule| error.is_refusal(*rule))
}

fn failed(device: &Identifier, status: Option<ProvisioningStatus>, error: CliError) -> Item {
    step::failed(Action::Retire, device, status, error)
}
