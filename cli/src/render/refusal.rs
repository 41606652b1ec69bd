//! Refusals in full: which rule, how things stand, and what would be required.

use {
    super::device_table::describe_hold,
    crate::terminal::time::{count, moment},
    ebb_sdk::{
        client::Keyed,
        fleet::Subject,
        json::{HoldJson, RefusedDevice},
        lifecycle::{Action, Budget, RULES},
        state::{DeviceHead, DiskKey, HoldKind, ProvisioningStatus},
        EbbError,
    },
    serde::Serialize,
};

/// That a suspended contributor, who may not do it, must be resumed first.
pub fn suspended(contributor: &str) -> String {
    format!(
        "it is {contributor}; the authority may resume it: ebb contributor resume {contributor}"
    )
}

/// How things stand that a rule refuses an action; `None` where the rule says it all.
///
/// What the location's other devices and the disk keys are is said by [`budget`] and [`disk_keys`].
pub fn state(subject: &Subject, action: Option<Action>, rule: EbbError) -> Option<String> {
    let head = subject.head();
    let (code, contributor) = (subject.code(), &subject.contributor.account.code);
    let sessions = count(head.sessions, "session");
    Some(match rule {
        EbbError::LiveHold => format!(
            "{}; drain with --release-holds, which releases what you may release, or wait for its end, or the \
             authority passes it with --force",
            holds(subject, None)
        ),
        EbbError::PendingTask => format!(
            "{}; release it when the task is done, or wait for its end",
            holds(subject, Some(HoldKind::PendingTask))
        ),
        EbbError::NotDrained => not_drained(subject),
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
            "{}, reported by {} at {}; it must be reported fit again first",
            reason(subject, rule),
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
        _ => return None,
    })
}

/// How things stand, in a short sentence.
fn reason(subject: &Subject, rule: EbbError) -> String {
    let location = &subject.location.account;
    let refused = RefusedDevice {
        contributor: &subject.contributor.account.code,
        location: &location.code,
        budget: Some(Budget::of(&location.head)),
        head: subject.head(),
        now: subject.now,
    };
    refused.reason(rule)
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
pub fn budget(subject: &Subject, draining: &[DrainingDevice]) -> String {
    let named: Vec<String> = draining
        .iter()
        .map(|device| format!("{} ({})", device.code, device.contributor))
        .collect();
    let who = if named.is_empty() {
        "no device".to_owned()
    } else {
        named.join(", ")
    };
    format!(
        "{}, draining there: {who}; wait until one is back, or activate another, or the authority lowers the budget \
         (ebb location set-budget {} --min-activated N)",
        reason(subject, EbbError::BudgetExceeded),
        subject.location.account.code
    )
}

/// A device that uses up its location's disruption budget.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DrainingDevice {
    pub code: String,
    pub contributor: String,
}

/// The disk keys left and who must attest that they were destroyed.
pub fn disk_keys(subject: &Subject, keys: &[Keyed<DiskKey>]) -> String {
    let code = subject.code();
    let listed: Vec<String> = keys
        .iter()
        .map(|key| {
            format!(
                "{} (custodian {})",
                key.account.path, key.account.head.custodian
            )
        })
        .collect();
    format!(
        "{}, {}; each custodian attests that theirs is destroyed: ebb disk-key destroy {code} PATH",
        reason(subject, EbbError::DiskKeysLeft),
        listed.join(", ")
    )
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
