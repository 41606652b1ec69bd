//! What a drain is asked to be, and what that means for each device.

use {
    super::amendment::amendments,
    crate::{
        command::device::{
            refusal::explain,
            step::{self, Taken},
            subject::Subject,
        },
        context::Context,
        error::{CliError, Kind},
        output::Item,
        role::Credential,
        value::Identifier,
    },
    ebb_sdk::{
        instruction::{
            drain_device, release_hold, update_drain, DrainDevice, ShortString, UpdateDrain,
            ALL_HOLDS,
        },
        lifecycle::{check_update_drain, Action, DRAINERS},
        state::ProvisioningStatus,
        EbbError,
    },
    solana_sdk::instruction::Instruction,
};

/// How long users have unless it is said.
const DEFAULT_DEADLINE: u32 = 60 * 60;

/// What the options ask for. `None` is what was not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Why.
    pub reason: Option<String>,
    /// Seconds until sessions may be evicted; 0 for never.
    pub deadline_seconds: Option<u32>,
    /// Seconds until the device is planned to be back.
    pub until_seconds: Option<u32>,
    /// Pass live holds and the disruption budget, as the authority.
    pub force: bool,
    /// Release the holds that the signer may release, in the transaction that starts the drain.
    pub release_holds: bool,
    /// Change a drain that runs.
    pub update: bool,
    /// Evict what is left at the deadline.
    pub evict: bool,
}

impl Wish {
    /// Seconds until sessions may be evicted; 0 for never.
    pub fn deadline(&self) -> u32 {
        self.deadline_seconds.unwrap_or(DEFAULT_DEADLINE)
    }

    /// Checks the values as the program would, before anything is read or sent.
    pub fn check(&self) -> Result<(), CliError> {
        if self.update && self.update_args() == UpdateDrain::default() {
            return Err(CliError::usage("--update: nothing to change is named")
                .hint("name what to change: --deadline, --no-deadline, --until or --reason"));
        }
        self.drain_args().check()?;
        Ok(())
    }

    fn drain_args(&self) -> DrainDevice {
        DrainDevice {
            deadline_seconds: self.deadline(),
            planned_return_seconds: self.until_seconds.unwrap_or_default(),
            force: self.force,
            reason: ShortString::from(self.reason.as_deref().unwrap_or_default()),
            ..DrainDevice::default()
        }
    }

    fn update_args(&self) -> UpdateDrain {
        UpdateDrain {
            deadline_seconds: self.deadline_seconds,
            planned_return_seconds: self.until_seconds,
            reason: self.reason.as_deref().map(ShortString::from),
            ..UpdateDrain::default()
        }
    }
}

/// What is to be done with one device.
pub enum Request {
    /// Start its drain.
    Start(Subject, Credential),
    /// Change its drain.
    Update(Subject, Credential),
    /// It drains already. The credential is there if this command is to evict.
    Attach(Subject, Option<Credential>),
    /// Nothing can be done with it. The device is there if it could be read.
    Failed(Item, Option<Box<Subject>>),
}

impl Request {
    /// Reads a device and asks the rules; nothing is sent.
    pub async fn prepare(
        context: &Context,
        device: &Identifier,
        wish: &Wish,
    ) -> Result<Self, CliError> {
        match Subject::read(context, device).await {
            Ok(subject) => Self::of(context, subject, wish).await,
            Err(error) => Ok(Self::Failed(
                step::failed(Action::Drain, device, None, error),
                None,
            )),
        }
    }

    /// Asks the rules about a device that was read; nothing is sent.
    pub async fn of(context: &Context, subject: Subject, wish: &Wish) -> Result<Self, CliError> {
        match ask(context, &subject, wish).await {
            Ok(Asked::Start(credential)) => Ok(Self::Start(subject, credential)),
            Ok(Asked::Update(credential)) => Ok(Self::Update(subject, credential)),
            Ok(Asked::Attach(credential)) => Ok(Self::Attach(subject, credential)),
            Err(error) if error.kind() == Kind::Usage => Err(error),
            Err(error) => Ok(Self::failed(subject, error)),
        }
    }

    /// That nothing can be done with a device.
    pub fn failed(subject: Subject, error: CliError) -> Self {
        let device = Identifier::Code(subject.code().to_owned());
        let status = Some(subject.status());
        let item = step::failed(Action::Drain, &device, status, error);
        Self::Failed(item, Some(Box::new(subject)))
    }

    /// The device, if its drain is to be started.
    pub fn to_start(&self) -> Option<&Subject> {
        match self {
            Self::Start(subject, _) => Some(subject),
            _ => None,
        }
    }

    /// The device, if it could be read.
    pub fn subject(&self) -> Option<&Subject> {
        match self {
            Self::Start(subject, _) | Self::Update(subject, _) | Self::Attach(subject, _) => {
                Some(subject)
            }
            Self::Failed(_, subject) => subject.as_deref(),
        }
    }

    /// The device's code, or what it was named by.
    pub fn code(&self) -> String {
        match self {
            Self::Failed(item, _) => item.code.clone().unwrap_or_default(),
            _ => self
                .subject()
                .map(Subject::code)
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// What only time or another party can clear away: a hold, or the location's budget.
    pub fn blocker(&self) -> Option<&CliError> {
        let Self::Failed(item, Some(_)) = self else {
            return None;
        };
        item.failure().filter(|error| is_blocker(error))
    }

    /// What is to be sent in one transaction; nothing if nothing is to be done.
    pub fn instructions(
        &self,
        context: &Context,
        wish: &Wish,
    ) -> Result<Vec<Instruction>, CliError> {
        let built = match self {
            Self::Start(subject, credential) => {
                let signer = context.signer()?.pubkey();
                let expect = subject.expect_under(credential);
                let drain = drain_device(
                    context.program_id(),
                    &signer,
                    &subject.device.address,
                    &subject.location.address,
                    &credential.address,
                    DrainDevice {
                        expect,
                        ..wish.drain_args()
                    },
                );
                if wish.release_holds {
                    let release = release_hold(
                        context.program_id(),
                        &signer,
                        &subject.device.address,
                        Some(&credential.address),
                        ALL_HOLDS,
                        expect,
                    );
                    return Ok(vec![release, drain?]);
                }
                drain
            }
            Self::Update(subject, credential) => update_drain(
                context.program_id(),
                &context.signer()?.pubkey(),
                &subject.device.address,
                &credential.address,
                UpdateDrain {
                    expect: subject.expect_under(credential),
                    ..wish.update_args()
                },
            ),
            Self::Attach(..) | Self::Failed(..) => return Ok(vec![]),
        };
        Ok(vec![built?])
    }
}

/// Whether a refusal goes away by waiting: a hold, or the location's budget.
pub fn is_blocker(error: &CliError) -> bool {
    error.is_refusal(EbbError::LiveHold) || error.is_refusal(EbbError::BudgetExceeded)
}

enum Asked {
    Start(Credential),
    Update(Credential),
    Attach(Option<Credential>),
}

async fn ask(context: &Context, subject: &Subject, wish: &Wish) -> Result<Asked, CliError> {
    if wish.update {
        let credential = drainer(context, subject)?;
        let (head, now) = (subject.head(), subject.now);
        let is_draining = subject.status() == ProvisioningStatus::Draining;
        if is_draining && amendments(wish, &head.drain, now).is_empty() {
            return Ok(Asked::Attach(Some(credential)));
        }
        let suspended = subject.contributor.account.head.suspended;
        let update = wish.update_args();
        return match check_update_drain(head, credential.role, suspended, &update, now) {
            Ok(()) => Ok(Asked::Update(credential)),
            Err(rule) => Err(explain(context, subject, None, rule).await),
        };
    }
    if subject.status() == ProvisioningStatus::Draining {
        let credential = wish.evict.then(|| drainer(context, subject)).transpose()?;
        return Ok(Asked::Attach(credential));
    }
    let released = released(context, subject, wish)?;
    let subject = released.as_ref().unwrap_or(subject);
    match step::ask(context, subject, Action::Drain, wish.force).await? {
        Taken::Allowed(step) => Ok(Asked::Start(step.credential)),
        Taken::Already => Ok(Asked::Attach(None)),
    }
}

/// The device as its drain will find it, if that is to release holds before.
pub fn released(
    context: &Context,
    subject: &Subject,
    wish: &Wish,
) -> Result<Option<Subject>, CliError> {
    // Without a role the signer releases nothing, and is refused with the reason when the rules are asked.
    let Some(credential) = drainer(context, subject)
        .ok()
        .filter(|_| wish.release_holds)
    else {
        return Ok(None);
    };
    let signer = context.signer()?.pubkey();
    Ok(Some(subject.after_release(credential.role, &signer)))
}

/// The role in which the signer drains this device.
fn drainer(context: &Context, subject: &Subject) -> Result<Credential, CliError> {
    let signer = context.signer()?.pubkey();
    subject
        .credential(context, &signer, DRAINERS, false)
        .map_err(|error| error.at(subject.code()))
}
