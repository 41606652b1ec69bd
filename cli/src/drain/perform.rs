//! Starting drains and waiting for them.

use {
    super::{
        evict::Evictor,
        progress::Progress,
        request::{Request, Wish},
        watch::{failure, Drain, Wait, Watch},
    },
    crate::{
        command::device::{refusal::explain_sent, step, subject::Subject},
        context::Context,
        error::{CliError, Exit},
        output::{status, Item, Report},
        role::Credential,
        value::Identifier,
        view::time::{distance, moment},
    },
    ebb_sdk::{ledger::Receipt, lifecycle::Action, state::ProvisioningStatus},
    std::time::Duration,
};

const ACTION: &str = Action::Drain.as_str();

/// What was done with one device, and the drain to wait for if there is one.
struct Done {
    item: Item,
    drain: Option<Drain>,
}

/// Does what was prepared. `wait` is there to wait, for so long at most.
pub async fn perform(
    context: &Context,
    requests: Vec<Request>,
    wish: &Wish,
    wait: Option<Option<Duration>>,
) -> Result<Exit, CliError> {
    let mut report = Report::new(context);
    let mut all = vec![];
    for request in requests {
        let done = carry_out(context, request, wish).await?;
        match wait {
            None => report.push(done.item)?,
            Some(_) => {
                if done.drain.is_some() {
                    status(done.item.text());
                }
                all.push(done);
            }
        }
    }
    let Some(timeout) = wait else {
        return report.finish();
    };
    let (items, mut drains): (Vec<Item>, Vec<Option<Drain>>) =
        all.into_iter().map(|done| (done.item, done.drain)).unzip();
    let ended = watch(context, &mut drains, wish, timeout).await;
    for (item, drain) in items.into_iter().zip(drains) {
        report.push(match drain {
            None => item,
            Some(drain) => waited(item, &drain, &ended),
        })?;
    }
    let exit = report.finish()?;
    match ended {
        Ok(Wait::Interrupted) => Err(CliError::interrupted()),
        Ok(Wait::Over | Wait::TimedOut) | Err(_) => Ok(exit),
    }
}

/// What is reported of a drain after the wait for it.
fn waited(item: Item, drain: &Drain, ended: &Result<Wait, CliError>) -> Item {
    let failure = match ended {
        Ok(wait) => failure(drain, *wait),
        Err(error) => Some(error.clone().at(&drain.code)),
    };
    if let Some(error) = failure {
        return item.but(error);
    }
    let device = drain.progress.last();
    let drained = if device.is_drained() {
        "drained".to_owned()
    } else {
        format!(
            "{} of {} sessions left",
            device.sessions, device.drain.sessions_at_start
        )
    };
    let text = format!("{}: {}, {drained}", drain.code, device.provisioning_status);
    item.saying(text)
}

/// Waits for those drains that run.
async fn watch(
    context: &Context,
    drains: &mut [Option<Drain>],
    wish: &Wish,
    timeout: Option<Duration>,
) -> Result<Wait, CliError> {
    let evictor = match wish.evict {
        true => Some(Evictor {
            signer: context.signer()?,
            fee_payer: context.fee_payer()?,
        }),
        false => None,
    };
    let watch = Watch {
        client: &context.client,
        evictor,
        timeout,
        bars: context.terminal.stderr,
    };
    let mut running: Vec<&mut Drain> = drains.iter_mut().flatten().collect();
    if running.is_empty() {
        return Ok(Wait::Over);
    }
    let codes: Vec<String> = running.iter().map(|drain| drain.code.clone()).collect();
    let codes = codes.join(", ");
    status(format_args!(
        "Watching {codes}. Ctrl-C stops watching; it does not cancel the drain."
    ));
    let wait = watch.run(&mut running).await?;
    if wait == Wait::Interrupted {
        status(format_args!(
            "Stopped watching. The drain goes on; watch it again with: ebb device drain {} --wait",
            codes.replace(',', "")
        ));
    }
    Ok(wait)
}

/// Sends what one request asks for.
async fn carry_out(context: &Context, request: Request, wish: &Wish) -> Result<Done, CliError> {
    let instruction = request.instruction(context, wish)?;
    let (subject, credential) = match request {
        Request::Failed(item, _) => return Ok(Done { item, drain: None }),
        Request::Attach(subject, credential) => {
            let item = Item::unchanged(
                ACTION,
                subject.code(),
                subject.status().as_str(),
                draining_already(&subject),
            );
            return Ok(Done {
                item,
                drain: Some(drain(&subject, credential)),
            });
        }
        Request::Start(subject, credential) | Request::Update(subject, credential) => {
            (subject, credential)
        }
    };
    let sent = match context.send(instruction.as_slice()).await {
        Ok(receipt) => started(context, &subject, &receipt).await,
        Err(error) => Err(explain_sent(context, &subject, Some(Action::Drain), error).await),
    };
    Ok(match sent {
        Ok((item, fresh)) => Done {
            item,
            drain: Some(drain(&fresh, wish.evict.then_some(credential))),
        },
        Err(error) => {
            let device = Identifier::Code(subject.code().to_owned());
            Done {
                item: step::failed(ACTION, &device, Some(subject.head()), error),
                drain: None,
            }
        }
    })
}

/// A drain that was started or changed, and the device as it is now.
async fn started(
    context: &Context,
    before: &Subject,
    receipt: &Receipt,
) -> Result<(Item, Subject), CliError> {
    let fresh = Subject::read(context, &Identifier::Address(before.device.address)).await?;
    let (code, from, to) = (before.code(), before.status(), fresh.status());
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
    Ok((
        Item::changed(ACTION, code, from.as_str(), to.as_str(), receipt, text),
        fresh,
    ))
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

fn draining_already(subject: &Subject) -> String {
    let drain = &subject.head().drain;
    let reason = match drain.reason.as_str() {
        Ok("") | Err(_) => String::new(),
        Ok(reason) => format!(", reason: {reason}"),
    };
    format!(
        "{} is draining already, started {} by {} ({}){reason}; {} of {} sessions left, nothing was changed",
        subject.code(),
        distance(drain.started_at, subject.now),
        drain.started_by,
        drain.role,
        subject.head().sessions,
        drain.sessions_at_start
    )
}
