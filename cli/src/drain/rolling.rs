//! A rolling drain: few devices at a time, the next only when an earlier one is drained. What a hold or
//! the disruption budget stops is waited for.

use {
    super::{
        lookout::Lookout,
        outcome::{cut_short, Done},
        patience::Patience,
        perform::named,
        request::{released, Request, Wish},
        screen::Screen,
        start::start_one,
        watch::{due, stopped, Drain, Wait, Watch},
        words::never_evicts,
    },
    crate::{
        command::device::{refusal::explain, selection::Selection, subject::Subject},
        context::Context,
        error::CliError,
        output::{paragraph, status, Item},
        view::time::span,
    },
    ebb_sdk::{ledger::LedgerError, lifecycle::Action, state::ProvisioningStatus, EbbError, Role},
    solana_sdk::pubkey::Pubkey,
    std::{
        collections::{HashMap, HashSet, VecDeque},
        pin::pin,
        time::{Duration, Instant},
    },
};

/// How often it is looked whether a device that could not be started can be now.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// How long nothing is said of those that wait.
const SAY_EVERY: Duration = Duration::from_secs(10);
/// How many devices are read at once to find one that can be started.
const CHUNK: usize = 100;
/// How many of those that wait are told of, each with its blocker.
const MAX_TOLD: usize = 5;

/// A rolling drain.
pub struct Rolling<'a> {
    context: &'a Context,
    wish: &'a Wish,
    max: usize,
    watch: &'a Watch<'a>,
    /// Devices not started yet, in their order.
    queue: VecDeque<Queued>,
    /// What was reported of devices so far.
    items: HashMap<usize, Item>,
    /// The drains that were started or found running, each with its slot.
    drains: Vec<(usize, Drain)>,
    /// The device that is being started.
    starting: Option<usize>,
    asked: Option<Instant>,
    said: Option<(Instant, HashSet<(Pubkey, u32)>)>,
}

/// A device that is to be drained.
struct Queued {
    slot: usize,
    code: String,
    address: Pubkey,
}

impl<'a> Rolling<'a> {
    /// Drains up to `max` devices at a time.
    pub fn new(context: &'a Context, wish: &'a Wish, max: usize, watch: &'a Watch<'a>) -> Self {
        Self {
            context,
            wish,
            max,
            watch,
            queue: VecDeque::new(),
            items: HashMap::new(),
            drains: vec![],
            starting: None,
            asked: None,
            said: None,
        }
    }

    /// Drains, until all are drained, failed, the time runs out, or Ctrl-C.
    pub async fn run(mut self, requests: Vec<Request>) -> Result<(Vec<Done>, Wait), CliError> {
        let codes: Vec<String> = requests.iter().map(Request::code).collect();
        for (slot, request) in requests.into_iter().enumerate() {
            self.take(slot, request).await?;
        }
        let names: Vec<&str> = codes.iter().map(String::as_str).collect();
        let names = named(&names, ", ");
        let mut screen = Screen::of_many(self.watch.bars, codes.len());
        let mut stop = pin!(stopped(self.watch.timeout));
        let ended = tokio::select! {
            biased;
            stopped = &mut stop => Ok(stopped),
            worked = self.roll(&names, &mut screen) => worked.map(|()| Wait::Over),
        }?;
        drop(screen);
        if ended != Wait::Over {
            self.tell_stop(&codes);
        }
        Ok((self.done(&codes, ended), ended))
    }

    /// Sorts a request into what waits, what runs and what failed.
    async fn take(&mut self, slot: usize, request: Request) -> Result<(), CliError> {
        let queued = match (&request, request.subject()) {
            (Request::Start(..), Some(subject)) => Some(subject),
            (Request::Failed(..), Some(subject)) if request.blocker().is_some() => Some(subject),
            _ => None,
        };
        if let Some(subject) = queued {
            self.queue.push_back(Queued {
                slot,
                code: subject.code().to_owned(),
                address: subject.device.address,
            });
            return Ok(());
        }
        self.begin(slot, request).await?;
        Ok(())
    }

    /// Sends what a request asks for, and watches its drain if it runs; returns whether it is known how it stands.
    async fn begin(&mut self, slot: usize, request: Request) -> Result<bool, CliError> {
        self.starting = Some(slot);
        let done = start_one(self.context, request, self.wish).await?;
        self.starting = None;
        if let Some(Done {
            item,
            drain,
            unread,
        }) = done
        {
            // What was accepted before is not undone by finding that it drains already.
            let first = self
                .items
                .remove(&slot)
                .filter(|_| item.failure().is_none());
            self.items.insert(slot, first.unwrap_or(item));
            self.drains.extend(drain.map(|drain| (slot, drain)));
            return Ok(unread.is_none());
        }
        Ok(true)
    }

    async fn roll(&mut self, names: &str, screen: &mut Screen) -> Result<(), CliError> {
        let max = self.max;
        paragraph(format_args!(
            "Draining {names}, {max} at a time. Ctrl-C starts no more; it cancels no drain."
        ));
        let mut patience = Patience::new();
        let mut lookout = Lookout::new(self.context.client.ledger(), self.watched());
        loop {
            let mut started = false;
            match self.turn(screen, lookout.pace()).await {
                Ok(any) => {
                    patience.renew();
                    started = any;
                }
                Err(error) => patience.bear(error, |error| {
                    screen.warn(&format!("{error}; drains go on, looking again"));
                })?,
            }
            if self.queue.is_empty() && self.open() == 0 {
                return Ok(());
            }
            // What was just started may be drained already.
            lookout.turn_to(self.watched());
            if !started {
                lookout.next(self.due()).await;
            }
        }
    }

    /// Looks at what drains, and starts what can be; tells whether anything was.
    async fn turn(&mut self, screen: &mut Screen, next_look: Duration) -> Result<bool, CliError> {
        let before = self.open();
        let mut drains: Vec<&mut Drain> = self.drains.iter_mut().map(|(_, drain)| drain).collect();
        let looked: Result<(), LedgerError> = self.watch.look(&mut drains, screen, next_look).await;
        looked?;
        if self.open() < before {
            self.asked = None;
        }
        let mut started = false;
        while self.open() < self.max && !self.queue.is_empty() {
            let due = self.asked.is_none_or(|asked| asked.elapsed() >= ASK_EVERY);
            if !due || !self.start_next(screen).await? {
                break;
            }
            started = true;
        }
        Ok(started)
    }

    fn running(&self) -> impl Iterator<Item = &Drain> {
        let drains = self.drains.iter().map(|(_, drain)| drain);
        drains.filter(|drain| drain.is_open())
    }

    fn open(&self) -> usize {
        self.running().count()
    }

    /// The devices whose changes are waited for.
    fn watched(&self) -> Vec<Pubkey> {
        self.running().map(|drain| drain.address).collect()
    }

    /// How long until a deadline passes, or until it is asked again what stops those that wait.
    fn due(&self) -> Option<Duration> {
        let waits = !self.queue.is_empty() && self.open() < self.max;
        let asks = self.asked.filter(|_| waits);
        let asks = asks.map(|asked| ASK_EVERY.saturating_sub(asked.elapsed()));
        due(self.running()).into_iter().chain(asks).min()
    }

    /// Starts the first device that the rules let go; tells whether there was one. One that is stopped
    /// does not stop those behind it.
    async fn start_next(&mut self, screen: &mut Screen) -> Result<bool, CliError> {
        let mut stopped = vec![];
        let mut passed = 0;
        while passed < self.queue.len() {
            let chunk = self.queue.iter().skip(passed).take(CHUNK);
            let addresses: Vec<Pubkey> = chunk.map(|queued| queued.address).collect();
            passed = passed.saturating_add(addresses.len());
            let selection = Selection::at(self.context, &addresses).await?;
            let mut found: HashMap<Pubkey, Subject> = selection
                .subjects(self.context)
                .await?
                .into_iter()
                .map(|subject| (subject.device.address, subject))
                .collect();
            for address in addresses {
                let subject = found.remove(&address);
                match subject {
                    Some(subject) => match blocked_by(self.context, &subject, self.wish)? {
                        Some(rule) => stopped.push((subject, rule)),
                        None => return self.start(address, subject, screen).await,
                    },
                    None => {
                        self.forget(address);
                        return Ok(true);
                    }
                }
            }
        }
        self.asked = Some(Instant::now());
        self.tell_blocked(screen, stopped).await;
        Ok(false)
    }

    /// Starts one; it is over for it unless a hold or the budget came in between.
    async fn start(
        &mut self,
        address: Pubkey,
        subject: Subject,
        screen: &mut Screen,
    ) -> Result<bool, CliError> {
        let now = subject.now;
        let request = Request::of(self.context, subject, self.wish).await?;
        let Some(at) = self.queue.iter().position(|one| one.address == address) else {
            return Ok(true);
        };
        if request.blocker().is_some() {
            return Ok(true);
        }
        let Some(queued) = self.queue.remove(at) else {
            return Ok(true);
        };
        if !self.begin(queued.slot, request).await? {
            // It drains, and is watched once it can be read.
            self.queue.insert(at, queued);
            return Ok(true);
        }
        if let Some((_, drain)) = self.drains.last().filter(|(slot, _)| *slot == queued.slot) {
            if drain.never_evicts() {
                screen.stamp(now, &never_evicts(&[&drain.code]));
            }
        }
        let failure = self.items.get(&queued.slot).and_then(Item::failure);
        if failure.is_some_and(super::request::is_blocker) {
            self.items.remove(&queued.slot);
            self.queue.insert(at, queued);
            return Ok(true);
        }
        match (failure, self.items.get(&queued.slot)) {
            (Some(error), _) => screen.stamp(now, &format!("not drained: {error}")),
            (None, Some(item)) => screen.stamp(now, item.text()),
            (None, None) => {}
        }
        Ok(true)
    }

    /// A device that was removed by another party is not waited for.
    fn forget(&mut self, address: Pubkey) {
        let Some(at) = self.queue.iter().position(|one| one.address == address) else {
            return;
        };
        if let Some(queued) = self.queue.remove(at) {
            let gone = cut_short(&queued.code, Wait::Over, false);
            self.items.insert(queued.slot, gone.item);
        }
    }

    /// Says what stops those that wait: when that changes, and every few seconds while it does not.
    async fn tell_blocked(&mut self, screen: &mut Screen, stopped: Vec<(Subject, EbbError)>) {
        let state: HashSet<(Pubkey, u32)> = stopped
            .iter()
            .map(|(subject, rule)| (subject.device.address, rule.number()))
            .collect();
        let told = self.said.as_ref();
        if told.is_some_and(|(said, same)| *same == state && said.elapsed() < SAY_EVERY) {
            return;
        }
        let next = span(ASK_EVERY.as_secs());
        let now = stopped.first().map(|(subject, _)| subject.now);
        let now = now.unwrap_or_default();
        for (subject, rule) in stopped.iter().take(MAX_TOLD) {
            let action = Some(Action::Drain);
            let error = explain(self.context, subject, action, *rule).await;
            screen.stamp(now, &format!("waiting: {error}; looks again in {next}"));
        }
        let more = stopped.len().saturating_sub(MAX_TOLD);
        if more > 0 {
            screen.stamp(now, &format!("{more} more wait likewise"));
        }
        let over_budget = |(_, rule): &(Subject, EbbError)| *rule == EbbError::BudgetExceeded;
        if self.open() == 0 && stopped.iter().any(over_budget) {
            screen.stamp(
                now,
                "nothing drains any more: a drained device stays draining until somebody undrains it \
                 (ebb device undrain CODE), so this wait ends only then, when the budget is lowered, at \
                 --timeout, or at Ctrl-C",
            );
        }
        self.said = Some((Instant::now(), state));
    }

    fn tell_stop(&self, codes: &[String]) {
        let running = self.running();
        let mut running: Vec<String> = running
            .map(|drain| format!("{} {}", drain.code, drain.last_seen()))
            .collect();
        let starting = self.starting.and_then(|slot| codes.get(slot));
        running.extend(starting.map(|code| format!("{code} sent, and not known to be accepted")));
        let waiting = self.queue.iter().map(|one| one.code.clone()).collect();
        let none_or = |codes: Vec<String>| match codes.is_empty() {
            true => "none".to_owned(),
            false => codes.join(", "),
        };
        status(format_args!(
            "Stopped, which cancels no drain. Draining: {}. Never started: {}. To go on, run the same command again.",
            none_or(running),
            none_or(waiting)
        ));
    }

    /// Everything in the order in which it was asked for.
    fn done(mut self, codes: &[String], ended: Wait) -> Vec<Done> {
        let mut drains: HashMap<usize, Drain> = self.drains.into_iter().collect();
        let slots = codes.iter().enumerate();
        slots
            .map(|(slot, code)| {
                let begun = self.starting == Some(slot);
                match self.items.remove(&slot) {
                    Some(item) => Done {
                        item,
                        drain: drains.remove(&slot),
                        unread: None,
                    },
                    None => cut_short(code, ended, begun),
                }
            })
            .collect()
    }
}

/// The hold or budget that keeps a device from draining now. Anything else is no reason to wait.
fn blocked_by(
    context: &Context,
    subject: &Subject,
    wish: &Wish,
) -> Result<Option<EbbError>, CliError> {
    if subject.status() != ProvisioningStatus::Activated {
        return Ok(None);
    }
    let released = released(context, subject, wish)?;
    let subject = released.as_ref().unwrap_or(subject);
    let asked = subject.permit(Action::Drain, Role::Contributor, wish.force);
    Ok(asked
        .err()
        .filter(|rule| matches!(rule, EbbError::LiveHold | EbbError::BudgetExceeded)))
}
