//! Two contributors that drain at once.

use {
    crate::lab::{json, result, Lab, User},
    ebb_validator_tests::Run,
    serde_json::{json, Value},
    std::collections::BTreeMap,
};

/// Waits for a drain with sessions that the test closes, one after another.
struct Drain<'a> {
    user: &'a User,
    device: &'static str,
    sessions: Vec<String>,
    wait: ebb_validator_tests::Running,
}

impl<'a> Drain<'a> {
    async fn new(user: &'a User, device: &'static str, sessions: usize) -> Self {
        let sessions = user.opens(device, sessions).await;
        let line = format!("device drain {device} --reason 'by {device}' --wait --yes");
        let mut wait = user.start(&line);
        wait.says(&format!("Watching {device}.")).await;
        Self {
            user,
            device,
            sessions,
            wait,
        }
    }

    /// One user leaves, which only this wait reports.
    async fn close_one(&mut self, left: usize, of: usize) {
        let (device, session) = (self.device, self.sessions.pop().expect("there is one"));
        let close = format!("session close {device} --user {session}");
        self.user.changes(&close).await;
        let text = format!("{device}: 1 session closed, {left} of {of} left");
        self.wait.says(&text).await;
    }

    /// The result of the wait, which saw nothing of another device.
    async fn end(self, other: &str) -> Value {
        let run = self.wait.end().await;
        assert_eq!(run.code, Some(0), "{run:#?}");
        assert!(!run.stderr.contains(other), "{run:#?}");
        assert!(run.stderr.contains(&format!("{} is drained", self.device)));
        result(&json(&run))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sees_its_own_users_leave() {
    let (lab, one) = Lab::with_contributor().await;
    let two = lab.contributor("co02").await;
    lab.device(&one, "co01", "ams-dz001").await;
    lab.device(&two, "co02", "ams-dz002").await;

    let (mut here, mut there) = tokio::join!(
        Drain::new(&one, "ams-dz001", 3),
        Drain::new(&two, "ams-dz002", 2)
    );
    here.close_one(2, 3).await;
    there.close_one(1, 2).await;
    // At the same time.
    tokio::join!(here.close_one(1, 3), there.close_one(0, 2));
    here.close_one(0, 3).await;

    for (drain, other, sessions, owner) in
        [(here, "ams-dz002", 3, &one), (there, "ams-dz001", 2, &two)]
    {
        let code = drain.device;
        let ended = drain.end(other).await;
        assert_eq!(
            (&ended["changed"], &ended["to"]),
            (&json!(true), &json!("draining"))
        );
        let summary = &ended["drain"];
        assert_eq!(summary["drained"], true);
        assert_eq!(summary["sessions_at_start"], sessions);
        assert_eq!(
            (&summary["left"], &summary["open"]),
            (&json!(sessions), &json!(0))
        );
        assert_eq!(
            (&summary["evicted"], &summary["closed_late"]),
            (&json!(0), &json!(0))
        );

        let device = owner.device(code).await;
        // Created, activated, drained, and each session opened and closed.
        assert_eq!(device["sequence"], 3 + 2 * sessions, "{device}");
        assert_eq!(
            (&device["drained"], &device["sessions"]),
            (&json!(true), &json!(0))
        );
        assert_eq!(device["drain"]["started_by"], owner.key);
        assert_eq!(device["drain"]["reason"], format!("by {code}"));
    }
}

/// Of each device in a run's results, the name of the error.
fn outcomes(run: &Run) -> BTreeMap<String, Value> {
    let results = json(run)["results"].clone();
    let results = results.as_array().expect("there are results").iter();
    results
        .map(|item| {
            (
                item["code"].as_str().expect("a code").to_owned(),
                item["error"].clone(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_lets_only_so_many_drain_whoever_they_are() {
    let (lab, one) = Lab::with_contributor().await;
    let two = lab.contributor("co02").await;
    for (owner, contributor, code) in [
        (&one, "co01", "ams-dz001"),
        (&one, "co01", "ams-dz002"),
        (&two, "co02", "ams-dz003"),
        (&two, "co02", "ams-dz004"),
    ] {
        lab.device(owner, contributor, code).await;
    }
    lab.authority
        .changes("location set-budget ams --min-activated 2")
        .await;

    let lines = [
        "device drain ams-dz001 ams-dz002 --detach --yes",
        "device drain ams-dz003 ams-dz004 --detach --yes",
    ];
    let runs = tokio::join!(one.run(lines[0]), two.run(lines[1]));
    let mut drained = vec![];
    for run in [&runs.0, &runs.1] {
        let outcomes = outcomes(run);
        let refused = outcomes.values().filter(|error| !error.is_null());
        let code = if refused.clone().count() > 0 { 4 } else { 0 };
        assert_eq!(run.code, Some(code), "{run:#?}");
        for error in refused {
            assert_eq!(error["name"], "BudgetExceeded", "{run:#?}");
        }
        let done = outcomes.into_iter().filter(|(_, error)| error.is_null());
        drained.extend(done.map(|(code, _)| code));
    }
    assert_eq!(drained.len(), 2, "{runs:#?}");
    let location = one.json("location get ams").await;
    assert_eq!(
        (&location["activated"], &location["draining"]),
        (&json!(2), &json!(2))
    );
    for code in ["ams-dz001", "ams-dz002", "ams-dz003", "ams-dz004"] {
        let device = one.device(code).await;
        let drains = u64::from(drained.iter().any(|it| it == code));
        assert_eq!(device["sequence"], 2 + drains, "{device}");
    }

    // Whoever tries now learns who drains there.
    let owner_of = |code: &String| match code.as_str() {
        "ams-dz001" | "ams-dz002" => "co01",
        _ => "co02",
    };
    let named: Vec<String> = drained
        .iter()
        .map(|code| format!("{code} ({})", owner_of(code)))
        .collect();
    let named = format!("draining there: {}", named.join(", "));
    for (owner, line) in [(&one, lines[0]), (&two, lines[1])] {
        for (code, error) in outcomes(&owner.run(line).await) {
            let message = error["message"].as_str().unwrap_or_default();
            assert_eq!(error.is_null(), drained.contains(&code), "{error}");
            assert!(error.is_null() || message.contains(&named), "{message}");
        }
    }
}
