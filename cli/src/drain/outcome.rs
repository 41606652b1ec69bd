//! What is reported of a device that was to be drained.

use {
    super::{
        progress::Progress,
        watch::{Drain, Wait},
    },
    crate::{
        command::device::{step, subject::Subject},
        error::CliError,
        output::Item,
        role::Credential,
        value::Identifier,
        view::{
            device_table::set_by,
            time::{distance, moment},
        },
    },
    ebb_sdk::{lifecycle::Action, state::ProvisioningStatus},
    serde_json::Value,
    solana_sdk::{pubkey::Pubkey, signature::Signature},
};

const ACTION: &str = Action::Drain.as_str();

/// What was done with one device, and the drain to wait for if there is one.
pub struct Done {
    /// What is reported of it.
    pub item: Item,
    /// The drain that runs.
    pub drain: Option<Drain>,
    /// Why a drain that was accepted could not be read since.
    pub unread: Option<CliError>,
}

/// A drain that was started or changed, and the device as it was read since. The credential is there if this command
/// is to evict.
pub fn started(
    before: &Subject,
    fresh: &Subject,
    credential: Option<Credential>,
    signature: Option<&Signature>,
) -> Done {
    let now = fresh.status();
    let deadline = match fresh.head().drain.deadline {
        0 => "no deadline".to_owned(),
        at => format!("deadline {}", moment(at, fresh.now)),
    };
    let text = if now != ProvisioningStatus::Draining {
        format!(
            "{}; another party moved it since, it is {now}",
            accepted(before)
        )
    } else if fresh.head().is_drained() {
        format!("{}, drained: it has no session", accepted(before))
    } else {
        format!("{}, {deadline}", accepted(before))
    };
    Done {
        item: written(before, signature, text),
        drain: Some(drain(fresh, credential)),
        unread: None,
    }
}

/// A drain that was started or changed, as its receipt proves, where the device could not be read since.
pub fn started_unread(before: &Subject, signature: &Signature, error: CliError) -> Done {
    let text = format!("{}; it could not be read since: {error}", accepted(before));
    Done {
        item: written(before, Some(signature), text),
        drain: None,
        unread: Some(error),
    }
}

/// What the program did when it accepted a drain or its change, which a receipt proves.
fn accepted(before: &Subject) -> String {
    let code = before.code();
    match before.status() {
        ProvisioningStatus::Draining => format!("{code}: its drain was changed"),
        from => format!("{code}: {from} → {}", ProvisioningStatus::Draining),
    }
}

fn written(before: &Subject, signature: Option<&Signature>, text: String) -> Item {
    let to = ProvisioningStatus::Draining.as_str();
    Item::written(
        ACTION,
        before.code(),
        before.status().as_str(),
        to,
        signature,
        text,
    )
}

/// A device that drains already.
pub fn attached(subject: &Subject, credential: Option<Credential>) -> Done {
    Done {
        item: already(subject),
        drain: Some(drain(subject, credential)),
        unread: None,
    }
}

/// A device that the command did not come to before it ended so.
pub fn cut_short(code: &str, ended: Wait, begun: bool) -> Done {
    let error = match ended {
        Wait::TimedOut => CliError::timed_out("the time to wait ran out"),
        Wait::Interrupted(signal) => CliError::interrupted(signal),
        Wait::Over => {
            let gone = CliError::not_found("another party removed it").at(code);
            return Done {
                item: Item::failed(ACTION, Some(code.to_owned()), Value::Null, gone),
                drain: None,
                unread: None,
            };
        }
    };
    Done {
        item: Item::cut_short(ACTION, code, begun, error, &step::look_at(code)),
        drain: None,
        unread: None,
    }
}

/// Whether a device drains by this signer since it was read.
pub fn is_ours(before: &Subject, fresh: &Subject, signer: &Pubkey) -> bool {
    let (before, fresh) = (before.head(), fresh.head());
    fresh.provisioning_status == ProvisioningStatus::Draining
        && fresh.is_same_registration(before)
        && fresh.status_changed_sequence > before.sequence
        && fresh.drain.started_by == *signer
}

pub fn failed(subject: &Subject, error: CliError) -> Done {
    let device = Identifier::Code(subject.code().to_owned());
    Done {
        item: step::failed(Action::Drain, &device, Some(subject.status()), error),
        drain: None,
        unread: None,
    }
}

fn drain(subject: &Subject, credential: Option<Credential>) -> Drain {
    Drain {
        code: subject.code().to_owned(),
        address: subject.device.address,
        credential: credential.map(|credential| credential.address),
        progress: Progress::new(subject.head(), subject.now),
        seen_at: subject.now,
        failure: None,
    }
}

/// That a device drains already.
fn already(subject: &Subject) -> Item {
    let drain = &subject.head().drain;
    let reason = match drain.reason.as_str() {
        Ok("") | Err(_) => String::new(),
        Ok(reason) => {
            let setter = set_by(drain, &drain.reason_by, drain.reason_role);
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
