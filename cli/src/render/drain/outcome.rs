//! What is reported of a device that was to be drained.

use {
    super::{
        summary::Summary,
        text::{ended, last_seen},
    },
    crate::{
        error::CliError,
        render::{device_table::set_by, Item},
        signal::Signal,
        terminal::time::{count, distance, moment},
    },
    ebb_sdk::{
        fleet::{Drain, DrainEnd, Moved, RowReport, Subject, UnreadDrain},
        lifecycle::Action,
        state::ProvisioningStatus,
    },
};

const ACTION: &str = Action::Drain.as_str();

/// How a run of drains ended.
#[derive(Clone, Debug)]
pub enum RunOutcome {
    /// Every drain ended, or failed.
    Done,
    /// The time ran out.
    TimedOut,
    /// A signal ended it.
    Interrupted(Signal),
    /// The cluster was out of reach for too long.
    Failed(CliError),
}

/// What was done with one device, and how its drain went if there is one.
pub struct Outcome {
    /// What is reported of it.
    pub item: Item,
    /// Its drain as it was last seen.
    pub drain: Option<Summary>,
}

/// A drain that was started or changed.
pub fn accepted(report: &RowReport, moved: &Moved) -> Item {
    let draining = ProvisioningStatus::Draining;
    let accepted = match moved.from {
        ProvisioningStatus::Draining => format!("{}: its drain was changed", report.code),
        from => format!("{}: {from} → {draining}", report.code),
    };
    let text = match (&report.unread, &report.last) {
        (Some(unread), _) => {
            let error = CliError::from(unread.error.clone());
            format!("{accepted}; it could not be read since: {error}")
        }
        (None, Some(last)) => format!("{accepted}{}", state(last)),
        (None, None) => accepted,
    };
    let (from, signature) = (moved.from.as_str(), moved.signature.as_ref());
    Item::written(
        ACTION,
        &*report.code,
        from,
        draining.as_str(),
        signature,
        text,
    )
}

/// The state of a device whose drain was accepted, in words that go on a sentence.
fn state(last: &Subject) -> String {
    let (status, head) = (last.status(), last.head());
    match head.drain.deadline {
        _ if status != ProvisioningStatus::Draining => {
            format!("; another party moved it since, it is {status}")
        }
        _ if head.is_drained() => ", drained: it has no session".to_owned(),
        0 => ", no deadline".to_owned(),
        at => format!(", deadline {}", moment(at, last.now)),
    }
}

/// The line that people read of a device before its drain is waited for.
pub fn started(report: &RowReport) -> String {
    match (&report.moved, &report.last) {
        (Some(moved), _) => accepted(report, moved).text().to_owned(),
        (None, Some(last)) => already(last).text().to_owned(),
        (None, None) => report.code.clone(),
    }
}

/// That a device drains already.
pub fn already(subject: &Subject) -> Item {
    let drain = &subject.head().drain;
    let reason = match drain.reason.as_str() {
        Ok("") | Err(_) => String::new(),
        Ok(reason) => {
            let setter = set_by(
                (&drain.started_by, &drain.role),
                (&drain.reason_by, &drain.reason_role),
            );
            let setter = setter.map_or_else(String::new, |setter| format!(" {setter}"));
            format!(", reason{setter}: {reason}")
        }
    };
    let text = format!(
        "{} is draining already, started {} by {} ({}){reason}; {} of {} sessions left, nothing was changed",
        subject.code(),
        distance(drain.started_at, subject.now),
        drain.started_by,
        drain.role,
        subject.head().sessions,
        drain.sessions_at_start
    );
    Item::unchanged(ACTION, subject.code(), subject.status().as_str(), text)
}

/// An accepted drain that was to be waited for, and of which no more is known.
pub fn unread_item(item: Item, code: &str, unread: &UnreadDrain) -> Item {
    let error = CliError::from(unread.error.clone())
        .at(format!("{code} drains, and could not be read since"))
        .hint(format!("to watch it: ebb device drain {code} --wait"));
    item.but(error)
}

/// What is reported of a drain after the wait for it.
pub fn waited_item(item: Item, code: &str, drain: &Drain, ended: &RunOutcome) -> Item {
    let item = item.with_drain(Summary::of(drain));
    if let Some(error) = failure(code, drain, ended) {
        return item.but(error);
    }
    let device = drain.progress.last();
    let status = device.provisioning_status;
    let text = if device.is_drained() {
        format!("{code}: {status}, drained")
    } else {
        format!(
            "{code}: {status}, {} of {}",
            last_seen(drain),
            device.drain.sessions_at_start
        )
    };
    item.saying(text)
}

/// Why a drain did not end as it should have, if so.
fn failure(code: &str, drain: &Drain, ended: &RunOutcome) -> Option<CliError> {
    if let Some(failure) = &drain.failure {
        let error = CliError::from(failure.clone());
        return Some(error.at(format!("evicting from {code}")));
    }
    match (drain.progress.end(), ended) {
        (Some(DrainEnd::Drained), _) => None,
        (Some(end), _) => {
            let text = self::ended(code, &drain.progress, end, drain.seen_at);
            Some(CliError::other(text))
        }
        (None, RunOutcome::Failed(error)) => {
            Some(error.clone().at(format!("{code} {}", last_seen(drain))))
        }
        (None, RunOutcome::TimedOut) => Some(
            CliError::timed_out(format!(
                "{code}: the time to wait ran out; {}",
                last_seen(drain)
            ))
            .hint(format!("to watch it again: ebb device drain {code} --wait")),
        ),
        (None, RunOutcome::Interrupted(signal)) => {
            in_flight(code, drain.progress.in_flight(), *signal)
        }
        (None, RunOutcome::Done) => None,
    }
}

/// That an eviction is in flight.
fn in_flight(code: &str, sessions: u32, signal: Signal) -> Option<CliError> {
    let text = format!(
        "{code}: the eviction of {} was sent, and is not known to be accepted",
        count(sessions, "session")
    );
    (sessions > 0).then(|| {
        CliError::interrupted(signal)
            .at(text)
            .hint(format!("check it: ebb device get {code}"))
    })
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::{fleet::DrainProgress, state::DeviceHead},
        solana_sdk::pubkey::Pubkey,
    };

    #[test]
    fn an_eviction_that_is_on_its_way_at_a_signal_is_said() {
        let key = Pubkey::new_from_array([1; 32]);
        let mut head = DeviceHead::new(key, key, key, 3, 255);
        head.provisioning_status = ProvisioningStatus::Draining;
        head.sessions = 1;
        head.drain.deadline = 50;
        let mut drain = Drain {
            evicts_as: None,
            progress: DrainProgress::new(&head, 100),
            seen_at: 100,
            failure: None,
        };
        let ended = RunOutcome::Interrupted(Signal::Terminate);
        assert_eq!(failure("ams-dz001", &drain, &ended), None);
        drain.progress.evicting(12);
        let error = failure("ams-dz001", &drain, &ended).unwrap();
        assert_eq!(
            error.to_string(),
            "ams-dz001: the eviction of 12 sessions was sent, and is not known to be accepted: ended by SIGTERM"
        );
        assert_eq!(error.hints(), ["check it: ebb device get ams-dz001"]);
        assert_eq!(failure("ams-dz001", &drain, &RunOutcome::Done), None);
    }
}
