//! What the drain of several devices will come to, before anything is sent.

use {
    super::{
        amendment::{amendments, Amendment},
        announce::announce_all,
        request::{Request, Wish},
    },
    crate::{
        command::device::{refusal::explain, subject::Subject},
        context::Context,
        error::Kind,
        output::Columns,
        view::time::{count, distance},
    },
    ebb_sdk::{
        lifecycle::{Action, Budget},
        state::ProvisioningStatus,
        EbbError,
    },
    solana_sdk::pubkey::Pubkey,
    std::collections::HashMap,
};

/// The columns of the preview.
const COLUMNS: &[&str] = &[
    "DEVICE",
    "LOCATION",
    "SESSIONS",
    "HOLDS",
    "BUDGET",
    "WHAT HAPPENS",
];

/// The budget that the plan leaves each location.
#[derive(Default)]
struct Budgets(HashMap<Pubkey, Budget>);

impl Budgets {
    /// Reserves a device's drain. Returns the budget before, and whether it was reserved.
    fn reserve(&mut self, subject: &Subject, force: bool) -> (Budget, bool) {
        let location = &subject.location;
        let budget = self
            .0
            .entry(location.address)
            .or_insert(Budget::of(&location.account.head));
        let before = *budget;
        (before, budget.reserve(&subject.facts(force)).is_ok())
    }
}

/// Which of the drains to start find their location's budget used up by those before them.
pub fn over_budget(requests: &[Request], wish: &Wish) -> Vec<bool> {
    let mut budgets = Budgets::default();
    requests
        .iter()
        .map(|request| {
            request
                .to_start()
                .is_some_and(|subject| !budgets.reserve(subject, wish.force).1)
        })
        .collect()
}

/// The drains that will be started: with `rolling` those too that must wait for it.
pub fn to_start<'a>(requests: &'a [Request], wish: &Wish, rolling: bool) -> Vec<&'a Request> {
    let late = over_budget(requests, wish);
    let all = requests.iter().zip(late);
    all.filter(|(request, late)| match rolling {
        true => request.to_start().is_some() || request.blocker().is_some(),
        false => request.to_start().is_some() && !late,
    })
    .map(|(request, _)| request)
    .collect()
}

/// The same requests, with those refused that would find the budget used up.
pub async fn refuse_over_budget(
    context: &Context,
    requests: Vec<Request>,
    wish: &Wish,
) -> Vec<Request> {
    let late = over_budget(&requests, wish);
    let mut refused = Vec::with_capacity(requests.len());
    for (request, late) in requests.into_iter().zip(late) {
        refused.push(match request {
            Request::Start(subject, _) if late => {
                let rule = EbbError::BudgetExceeded;
                let error = explain(context, &subject, Some(Action::Drain), rule).await;
                Request::failed(
                    subject,
                    error.hint("the devices before it in this drain use the budget up"),
                )
            }
            request => request,
        });
    }
    refused
}

/// What will be done with each device, a row each.
pub fn preview(requests: &[Request], wish: &Wish, rolling: bool, is_coloured: bool) -> Columns {
    let mut columns = Columns::new(COLUMNS, is_coloured);
    let rows = table(requests, wish, rolling);
    rows.into_iter().for_each(|row| columns.push(row));
    columns
}

/// What becomes of the users of all devices that will be drained, if any will.
pub fn consequence(requests: &[Request], wish: &Wish, rolling: bool) -> Option<String> {
    let starting = to_start(requests, wish, rolling);
    let starting: Vec<&Subject> = starting.into_iter().filter_map(Request::subject).collect();
    let now = requests.iter().find_map(Request::subject)?.now;
    (!starting.is_empty()).then(|| announce_all(&starting, wish, now))
}

fn table(requests: &[Request], wish: &Wish, rolling: bool) -> Vec<Vec<String>> {
    let mut budgets = Budgets::default();
    requests
        .iter()
        .map(|request| match request.subject() {
            Some(subject) => row(request, subject, &mut budgets, wish, rolling),
            None => vec![
                request.code(),
                "-".into(),
                "-".into(),
                "-".into(),
                "-".into(),
                outlook_of_failure(request, rolling),
            ],
        })
        .collect()
}

fn row(
    request: &Request,
    subject: &Subject,
    budgets: &mut Budgets,
    wish: &Wish,
    rolling: bool,
) -> Vec<String> {
    let head = subject.head();
    let location = &subject.location.account;
    let (budget, outlook) = match request {
        Request::Start(..) => match budgets.reserve(subject, wish.force) {
            (
                Budget {
                    activated,
                    min_activated,
                },
                true,
            ) => (
                format!(
                    "{activated} → {}, keeps {min_activated}",
                    activated.saturating_sub(1)
                ),
                match head.sessions {
                    0 => "drained at once".to_owned(),
                    open => format!("drains, {} to close", count(open, "session")),
                },
            ),
            (
                Budget {
                    activated,
                    min_activated,
                },
                false,
            ) => (
                format!("{activated}, keeps {min_activated}"),
                match rolling {
                    true => "waits: the budget is used up".to_owned(),
                    false => "refused: the budget is used up".to_owned(),
                },
            ),
        },
        Request::Update(..) => {
            let changes = amendments(wish, &head.drain, subject.now);
            let changes: Vec<&str> = changes.iter().map(Amendment::text).collect();
            ("-".to_owned(), changes.join(", "))
        }
        Request::Attach(..) => ("-".to_owned(), stays(subject)),
        Request::Failed(..) => ("-".to_owned(), outlook_of_failure(request, rolling)),
    };
    let live = || head.live_holds(subject.now);
    let holds = match live().map(|hold| hold.expires_at).max() {
        Some(last) => format!(
            "{}, last ends {}",
            live().count(),
            distance(last, subject.now)
        ),
        None => "0".to_owned(),
    };
    vec![
        subject.code().to_owned(),
        location.code.clone(),
        head.sessions.to_string(),
        holds,
        budget,
        outlook,
    ]
}

fn stays(subject: &Subject) -> String {
    let head = subject.head();
    match head.provisioning_status {
        ProvisioningStatus::Draining if head.is_drained() => "unchanged: drained".to_owned(),
        _ => format!(
            "unchanged: draining, {} left",
            count(head.sessions, "session")
        ),
    }
}

fn outlook_of_failure(request: &Request, rolling: bool) -> String {
    let Request::Failed(item, _) = request else {
        return String::new();
    };
    let Some(error) = item.failure() else {
        return String::new();
    };
    let what = error.brief();
    match error.kind() {
        Kind::Refused if rolling && request.blocker().is_some() => format!("waits: {what}"),
        Kind::Refused => format!("refused: {what}"),
        _ => what,
    }
}
