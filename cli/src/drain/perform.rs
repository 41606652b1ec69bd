//! Starting drains, waiting for them, and telling how they went.

use {
    super::{
        evict::Evictor,
        outcome::Done,
        request::{Request, Wish},
        rolling::Rolling,
        start::start_all,
        summary::{self, Summary},
        watch::{failure, Drain, Wait, Watch},
        words::never_evicts,
    },
    crate::{
        context::Context,
        error::{CliError, Exit},
        output::{paragraph, status, Report},
        value::rfc3339,
        view::time::count,
    },
    std::time::{Duration, Instant},
};

/// How many codes are named one by one.
const MAX_NAMED: usize = 8;

/// How to go about it.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// Wait until they are drained.
    pub wait: bool,
    /// How long all of it may take.
    pub timeout: Option<Duration>,
    /// How many transactions may be on their way at a time.
    pub parallel: usize,
    /// One after another: how many devices may drain at a time.
    pub rolling: Option<usize>,
    /// Tell how it went in a table.
    pub table: bool,
}

/// Does what was prepared.
pub async fn perform(
    context: &Context,
    requests: Vec<Request>,
    wish: &Wish,
    way: Way,
) -> Result<Exit, CliError> {
    let began = Instant::now();
    let evictor = match wish.evict {
        true => Some(Evictor {
            signer: context.signer()?,
            fee_payer: context.fee_payer()?,
        }),
        false => None,
    };
    let mut watch = Watch {
        client: &context.client,
        evictor,
        timeout: way.timeout,
        bars: context.terminal.bars,
    };
    if let Some(max) = way.rolling {
        let rolling = Rolling::new(context, wish, max, &watch);
        let (done, wait) = rolling.run(requests).await?;
        return finish(context, done, &way, Ok(wait));
    }
    let (mut done, mut ended) =
        start_all(context, requests, wish, way.parallel, way.timeout).await?;
    if !way.wait || ended != Wait::Over {
        return finish(context, done, &way, Ok(ended));
    }
    if !way.table {
        for done in done.iter().filter(|done| done.drain.is_some()) {
            status(done.item.text());
        }
    }
    watch.timeout = way
        .timeout
        .map(|timeout| timeout.saturating_sub(began.elapsed()));
    let watched = watch_all(&watch, &mut done).await;
    if let Ok(wait) = watched {
        ended = wait;
    }
    finish(context, done, &way, watched.map(|_| ended))
}

/// Waits for those drains that run.
async fn watch_all(watch: &Watch<'_>, done: &mut [Done]) -> Result<Wait, CliError> {
    let drains = done.iter_mut().filter_map(|done| done.drain.as_mut());
    let mut running: Vec<&mut Drain> = drains.collect();
    if running.is_empty() {
        return Ok(Wait::Over);
    }
    let codes: Vec<&str> = running.iter().map(|drain| drain.code.as_str()).collect();
    let codes = named(&codes, ", ");
    paragraph(format_args!(
        "Watching {codes}. Ctrl-C stops watching; it does not cancel the drain."
    ));
    let stuck: Vec<&str> = running
        .iter()
        .filter(|drain| drain.never_evicts())
        .map(|drain| drain.code.as_str())
        .collect();
    if !stuck.is_empty() {
        status(never_evicts(&stuck));
    }
    let wait = watch.run(&mut running).await?;
    if matches!(wait, Wait::Interrupted(_)) {
        let again = match running.len() > MAX_NAMED {
            true => "the same command".to_owned(),
            false => format!("ebb device drain {} --wait", codes.replace(',', "")),
        };
        status(format_args!(
            "Stopped watching, which cancels no drain: {}. Watch again with: {again}",
            last_seen(&running)
        ));
    }
    Ok(wait)
}

/// How drains were last seen, each by itself or all together.
fn last_seen(drains: &[&mut Drain]) -> String {
    if drains.len() <= MAX_NAMED {
        let each = drains.iter();
        let each = each.map(|drain| format!("{} {}", drain.code, drain.last_seen()));
        return each.collect::<Vec<_>>().join(", ");
    }
    let sessions = drains.iter().map(|drain| drain.progress.last().sessions);
    let sessions = sessions.fold(0, u32::saturating_add);
    let seen_at = drains.iter().map(|drain| drain.seen_at).min();
    format!(
        "{} devices last seen at {} with {}",
        drains.len(),
        seen_at.and_then(rfc3339).unwrap_or_default(),
        count(sessions, "session")
    )
}

/// Codes, or how many they are.
pub fn named(codes: &[&str], between: &str) -> String {
    match codes.len() > MAX_NAMED {
        true => format!("{} devices", codes.len()),
        false => codes.join(between),
    }
}

/// Tells what became of each device; the gravest failure decides the exit code.
fn finish(
    context: &Context,
    done: Vec<Done>,
    way: &Way,
    ended: Result<Wait, CliError>,
) -> Result<Exit, CliError> {
    let waited = way.wait || way.rolling.is_some();
    let done: Vec<Done> = done
        .into_iter()
        .map(|done| if waited { settled(done, &ended) } else { done })
        .collect();
    let mut report = Report::new(context);
    let signed_only = |done: &Done| done.item.failure().is_some_and(|it| it.signed().is_some());
    let told = way.table && !context.output.is_json() && !done.iter().any(signed_only);
    if told {
        // That nobody reads stdout any more takes nothing from the failures told below.
        report.shown(summary::print(&done, context.terminal));
    }
    for done in done {
        match told {
            true => report.push_untold(done.item),
            false => report.push(done.item)?,
        }
    }
    match ended {
        Ok(Wait::Interrupted(signal)) => report.cut_short(CliError::interrupted(signal)),
        Ok(Wait::Over | Wait::TimedOut) | Err(_) => report.finish(),
    }
}

/// What is reported of a drain after the wait for it.
fn settled(done: Done, ended: &Result<Wait, CliError>) -> Done {
    let Done {
        item,
        drain,
        unread,
    } = done;
    let Some(drain) = drain else {
        // It was to be waited for, and nothing is known of it but that it was accepted.
        let item = match unread {
            Some(error) => {
                let code = item.code.clone().unwrap_or_default();
                let watch = format!("to watch it: ebb device drain {code} --wait");
                item.but(
                    error
                        .at(format!("{code} drains, and could not be read since"))
                        .hint(watch),
                )
            }
            None => item,
        };
        return Done {
            item,
            drain: None,
            unread: None,
        };
    };
    let item = item.with_drain(Summary::of(&drain));
    let failure = match ended {
        Ok(wait) => failure(&drain, *wait),
        Err(error) => Some(
            error
                .clone()
                .at(format!("{} {}", drain.code, drain.last_seen())),
        ),
    };
    let item = match failure {
        Some(error) => item.but(error),
        None => {
            let (code, device) = (&drain.code, drain.progress.last());
            let status = device.provisioning_status;
            let text = match device.is_drained() {
                true => format!("{code}: {status}, drained"),
                false => format!(
                    "{code}: {status}, {} of {}",
                    drain.last_seen(),
                    device.drain.sessions_at_start
                ),
            };
            item.saying(text)
        }
    };
    Done {
        item,
        drain: Some(drain),
        unread: None,
    }
}
