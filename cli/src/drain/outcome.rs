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
        view::time::{distance, moment},
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
}

/// A drain that was started or changed, and the device as it is now. The credential is there if this
/// command is to evict.
pub fn started(
    before: &Subject,
    fresh: &Subject,
    credential: Option<Credential>,
    signature: Option<&Signature>,
) -> Done {
    let (code, from, to) = (fresh.code(), before.status(), fresh.status());
    let deadline = match fresh.head().drain.deadline {
        0 => "no deadline".to_owned(),
        at => format!("deadline {}", moment(at, fresh.now)),
    };
    let text = if fresh.head().is_drained() {
        format!("{code}: {from} → {to}, drained: it has no session")
    } else if from == ProvisioningStatus::Draining {
        format!("{code}: its drain was changed, {deadline}")
    } else {
        format!("{code}: {from} → {to}, {deadline}")
    };
    Done {
        item: Item::written(ACTION, code, from.as_str(), to.as_str(), signature, text),
        drain: Some(drain(fresh, credential)),
    }
}

/// A device that drains already.
pub fn attached(subject: &Subject, credential: Option<Credential>) -> Done {
    Done {
        item: already(subject),
        drain: Some(drain(subject, credential)),
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
            };
        }
    };
    Done {
        item: Item::cut_short(ACTION, code, begun, error, &step::look_at(code)),
        drain: None,
    }
}

/// Whether a device drains by this signer since it was read.
pub fn is_ours(before: &Subject, fresh: &Subject, signer: &Pubkey) -> bool {
    let (before, fresh) = (before.head(), fresh.head());
    fresh.provisioning_status == ProvisioningStatus::Draining
        && fresh.generation == before.generation
        && fresh.status_changed_sequence > before.sequence
        && fresh.drain.started_by == *signer
}

/// What was accepted, but could not be read again.
pub fn unread(subject: &Subject, signature: &Signature, error: CliError) -> Done {
    let (code, from) = (subject.code(), subject.status().as_str());
    let to = ProvisioningStatus::Draining.as_str();
    Done {
        item: Item::written(ACTION, code, from, to, Some(signature), "")
            .but(error.at(format!("{code} drains, and could not be read since"))),
        drain: None,
    }
}

pub fn failed(subject: &Subject, error: CliError) -> Done {
    let device = Identifier::Code(subject.code().to_owned());
    Done {
        item: step::failed(Action::Drain, &device, Some(subject.status()), error),
        drain: None,
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
        Ok(reason) => format!(", reason: {reason}"),
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
