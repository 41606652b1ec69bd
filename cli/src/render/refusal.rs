//! Refusals in full: which rule, how things stand, and what would be required.

use {
    super::{device_table::describe_hold, short},
    crate::{
        context::{resolve, role, Context},
        error::CliError,
        input::value::Identifier,
        terminal::time::{count, moment},
    },
    ebb_sdk::{
        client::DeviceFilter,
        fleet::{FleetError, Subject},
        json::HoldJson,
        lifecycle::{Action, RULES},
        state::{DeviceHead, HoldKind, ProvisioningStatus},
        EbbError,
    },
    serde::Serialize,
    solana_sdk::pubkey::Pubkey,
};

/// Explains why a rule refuses an action on a device as it stands.
pub async fn explain(
    context: &Context,
    subject: &Subject,
    action: Option<Action>,
    rule: EbbError,
) -> CliError {
    let refusal = CliError::refused(rule);
    let explained = match state(context, subject, action, rule).await {
        Ok(Some(state)) => refusal.because(state),
        Ok(None) => refusal,
        // The reason is known all the same; only its details are not.
        Err(error) => refusal.hint(format!("no more is known: {error}")),
    };
    explained.at(subject.code())
}

/// Explains why a device was not done; `last` is the device as it was read last.
pub async fn explain_failure(
    context: &Context,
    last: &Subject,
    action: Action,
    failure: &FleetError,
) -> CliError {
    match failure {
        FleetError::Refused { rule, .. } => explain(context, last, Some(action), *rule).await,
        FleetError::BudgetReserved => {
            explain(context, last, Some(action), EbbError::BudgetExceeded)
                .await
                .hint("the devices before it in this drain use the budget up")
        }
        FleetError::Role {
            signer,
            held,
            allowed,
        } => {
            let roles = last.roles(context.program_id());
            role::refused(&roles, signer, *held, allowed).at(last.code())
        }
        failure => CliError::from(failure.clone()).at(last.code()),
    }
}

/// Explains why a device could not be read.
pub async fn explain_unread(
    context: &Context,
    device: &Identifier,
    failure: &FleetError,
) -> CliError {
    let error = CliError::from(failure.clone());
    if failure.is_outage() {
        return error;
    }
    resolve::device(context, device)
        .await
        .err()
        .unwrap_or(error)
}

/// Explains a refusal that the ledger gave, with the device read anew; any other error stays as it is.
pub async fn explain_sent(
    context: &Context,
    subject: &Subject,
    action: Option<Action>,
    error: CliError,
) -> CliError {
    let Some(rule) = EbbError::ALL.iter().find(|rule| error.is_refusal(**rule)) else {
        return error.at(subject.code());
    };
    let address = Identifier::Address(subject.device.address);
    match resolve::subject(context, &address).await {
        Ok(fresh) => explain(context, &fresh, action, *rule).await,
        Err(_) => error.at(subject.code()),
    }
}

/// That a suspended contributor, who may not do it, must be resumed first.
pub fn suspended(contributor: &str) -> String {
    format!(
        "it is {contributor}; the authority may resume it: ebb contributor resume {contributor}"
    )
}

async fn state(
    context: &Context,
    subject: &Subject,
    action: Option<Action>,
    rule: EbbError,
) -> Result<Option<String>, CliError> {
    let head = subject.head();
    let (code, contributor) = (subject.code(), &subject.contributor.account.code);
    let sessions = count(head.sessions, "session");
    Ok(Some(match rule {
        EbbError::LiveHold => format!(
            "{}; drain with --release-holds, which releases what you may release, or wait for its end, or the \
             authority passes it with --force",
            holds(subject, None)
        ),
        EbbError::PendingTask => format!(
            "{}; release it when the task is done, or wait for its end",
            holds(subject, Some(HoldKind::PendingTask))
        ),
        EbbError::BudgetExceeded => budget(context, subject).await?,
        EbbError::NotDrained => not_drained(subject),
        EbbError::DiskKeysLeft => disk_keys(context, subject).await?,
        EbbError::NotDead => format!(
            "it is activated with {sessions}, its health is {}; drain it first: ebb device drain {code} --wait",
            head.health
        ),
        EbbError::DeathUnconfirmed => unconfirmed_death(head, subject.now),
        EbbError::LocationFixed => format!(
            "it is {}; a device that was in service stays in its location: retire and remove it, and register it anew",
            head.provisioning_status
        ),
        EbbError::DeviceUnfit => format!(
            "its health is {}, reported by {} at {}; it must be reported fit again first",
            head.health,
            head.health_reported_by,
            moment(head.health_reported_at, subject.now)
        ),
        EbbError::HealthNotProven if head.is_health_proof_void() => format!(
            "its health is {}, reported before its address, location or agent changed; the oracle or the authority \
             must report it healthy again: ebb device report-health {code} healthy",
            head.health
        ),
        EbbError::HealthNotProven => format!(
            "its health is {}, reported by {}; the oracle or the authority must report it healthy first: \
             ebb device report-health {code} healthy",
            head.health, head.health_reported_by
        ),
        EbbError::ContributorSuspended => suspended(contributor),
        EbbError::TransitionNotAllowed => transition(subject, action),
        EbbError::ForceNotAllowed => format!(
            "the signer is not the authority {}; leave out --force",
            subject.registry.authority
        ),
        EbbError::AgentSignatureRequired => format!(
            "{sessions} open; sign with the old agent {} too (--old-agent), or drain the device first",
            head.agent
        ),
        EbbError::NotUpdatable => format!(
            "it is {} with {sessions}; drain it and wait until it is empty: ebb device drain {code} --wait",
            head.provisioning_status
        ),
        EbbError::MaxSessionsBelowSessions => format!("{sessions} open; name at least as many"),
        EbbError::TooManyHolds => {
            format!("{}; release one, or wait for its end", holds(subject, None))
        }
        EbbError::HoldNotAllowed | EbbError::AgentFixed | EbbError::HealthFrozen | EbbError::NotDraining => {
            format!("it is {}", head.provisioning_status)
        }
        EbbError::HoldNotFound => format!("it carries {}", holds(subject, None)),
        EbbError::AgentHealth => format!(
            "its health is {}; the oracle or the authority may report any",
            head.health
        ),
        EbbError::SequenceMismatch => format!(
            "another party changed it since it was read; review what is signed: ebb device get {code}"
        ),
        EbbError::StatusMismatch
        | EbbError::GenerationMismatch
        | EbbError::ContributorMismatch => format!(
            "another party moved it at the same time, it is {} now; check it: ebb device get {code}",
            head.provisioning_status
        ),
        _ => return Ok(None),
    }))
}

/// Since when the device is reported dead, and from when that counts.
pub fn unconfirmed_death(head: &DeviceHead, now: i64) -> String {
    let counts = head.death_confirmed_at().unwrap_or(now);
    format!(
        "it was reported dead at {}; try again at {}",
        moment(head.health_reported_at, now),
        moment(counts, now)
    )
}

fn not_drained(subject: &Subject) -> String {
    let (code, head) = (subject.code(), subject.head());
    let open = count(head.sessions, "session");
    let deadline = head.drain.deadline;
    if head.provisioning_status != ProvisioningStatus::Draining {
        return format!(
            "it is {} with {open}; close them first, which its drain does: ebb device drain {code} --evict",
            head.health
        );
    }
    let evict = match deadline {
        0 => format!("set a deadline after which they may be evicted (ebb device drain {code} --update --deadline 1h)"),
        at => format!(
            "evict what is left at the deadline, {} (ebb device drain {code} --evict)",
            moment(at, subject.now)
        ),
    };
    format!(
        "{open} of {} open; wait until they leave (ebb device retire {code} --wait), or {evict}",
        head.drain.sessions_at_start
    )
}

/// The live holds, of one kind or all.
fn holds(subject: &Subject, kind: Option<HoldKind>) -> String {
    let described: Vec<String> = subject
        .head()
        .live_holds(subject.now)
        .filter(|hold| kind.is_none_or(|kind| hold.kind == kind))
        .map(|hold| describe_hold(&HoldJson::new(hold), subject.now))
        .collect();
    if described.is_empty() {
        "no live hold".to_owned()
    } else {
        described.join("; ")
    }
}

/// The location's counts and who drains there.
async fn budget(context: &Context, subject: &Subject) -> Result<String, CliError> {
    let location = &subject.location.account;
    let draining = draining_at(context, &subject.location.address).await?;
    let named: Vec<String> = draining
        .iter()
        .map(|device| format!("{} ({})", device.code, device.contributor))
        .collect();
    let who = if named.is_empty() {
        "no device".to_owned()
    } else {
        named.join(", ")
    };
    Ok(format!(
        "{} has {} and keeps at least {}, draining there: {who}; wait until one is back, or activate \
         another, or the authority lowers the budget (ebb location set-budget {} --min-activated N)",
        location.code,
        count(location.head.activated, "activated device"),
        location.head.min_activated,
        location.code
    ))
}

/// A device that uses up its location's disruption budget.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DrainingDevice {
    pub code: String,
    pub contributor: String,
}

/// The draining devices of a location, each with its contributor.
pub async fn draining_at(
    context: &Context,
    location: &Pubkey,
) -> Result<Vec<DrainingDevice>, CliError> {
    let filter = DeviceFilter {
        status: Some(ProvisioningStatus::Draining),
        location: Some(*location),
        ..DeviceFilter::default()
    };
    let devices = context.client.devices(&filter).await?.items;
    let owners: Vec<Pubkey> = devices
        .iter()
        .map(|device| device.account.head.contributor)
        .collect();
    let owners = context.client.contributors_at(&owners).await?;
    let mut draining: Vec<DrainingDevice> = devices
        .into_iter()
        .zip(owners)
        .map(|(device, owner)| {
            let address = device.account.head.contributor;
            let contributor =
                owner.map_or_else(|| short(&address.to_string()), |found| found.account.code);
            DrainingDevice {
                code: device.account.code,
                contributor,
            }
        })
        .collect();
    draining.sort();
    Ok(draining)
}

/// The disk keys left and who must attest that they were destroyed.
pub async fn disk_keys(context: &Context, subject: &Subject) -> Result<String, CliError> {
    let code = subject.code();
    let mut keys = context
        .client
        .disk_keys(Some(&subject.device.address))
        .await?
        .items;
    keys.sort_by(|a, b| a.account.path.cmp(&b.account.path));
    let listed: Vec<String> = keys
        .iter()
        .map(|key| {
            format!(
                "{} (custodian {})",
                key.account.path, key.account.head.custodian
            )
        })
        .collect();
    Ok(format!(
        "{} left, {}; each custodian attests that theirs is destroyed: ebb disk-key destroy {code} PATH",
        count(subject.head().disk_keys, "disk key"),
        listed.join(", ")
    ))
}

fn transition(subject: &Subject, action: Option<Action>) -> String {
    let status = subject.status();
    let Some(action) = action else {
        return format!("it is {status}");
    };
    let from: Vec<&str> = RULES
        .iter()
        .filter(|rule| rule.action == action)
        .filter_map(|rule| rule.from.map(ProvisioningStatus::as_str))
        .collect();
    format!(
        "it is {status}, and {} leaves {} only",
        action.as_str(),
        from.join(" or ")
    )
}
