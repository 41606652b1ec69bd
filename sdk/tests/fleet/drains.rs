//! Drains of many devices: plans, runs, events and evictions.

use {
    crate::network::{device, location, results, Fate, Network},
    ebb_sdk::{
        client::Client,
        fleet::{
            DrainAction, DrainEnd, DrainOptions, Fleet, RowReport, RunEnd, RunEvent, RunOptions,
        },
        instruction::set_budget,
        ledger::{
            offline::{Lifetime, Offline, OfflineLedger},
            LedgerError, Submission,
        },
        EbbError, ID,
    },
    solana_sdk::signer::Signer,
    std::sync::Arc,
};

#[tokio::test]
async fn a_plan_reserves_the_budget_and_says_why_not() {
    let network = Network::new(4).await;
    network.budget(2).await;
    network.hold(0).await;
    let plan = network
        .fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let outlook: Vec<(bool, Option<u32>)> = plan
        .devices()
        .iter()
        .map(|device| (device.is_over_budget, device.budget.map(|it| it.activated)))
        .collect();
    assert_eq!(
        outlook,
        [
            (false, None),
            (false, Some(4)),
            (false, Some(3)),
            (true, Some(2))
        ]
    );
    let refused = |action: &DrainAction| match action {
        DrainAction::Refuse(error) => error.rule(),
        _ => None,
    };
    assert_eq!(refused(&plan.devices()[0].action), Some(EbbError::LiveHold));
    let dry = plan.refuse_over_budget();
    assert_eq!(
        refused(&dry.devices()[3].action),
        Some(EbbError::BudgetExceeded)
    );
    assert_eq!(
        network.sends(),
        2,
        "the budget and the hold alone were sent"
    );
}

#[tokio::test]
async fn a_device_that_cannot_be_read_is_reported_as_failed() {
    let network = Network::new(3).await;
    *network.ledger.ledger.newer.lock().unwrap() = Some(device(1));
    let reports = network.drain(3).await;
    let failed = &reports[2];
    assert_eq!(reports.len(), 3);
    assert_eq!(failed.code, device(1).to_string());
    let failure = failed.failure.as_ref().unwrap().to_string();
    assert!(failure.contains("newer version"), "{failure}");
    assert_eq!(network.draining().await, ["ams-dz000", "ams-dz002"]);
}

#[tokio::test]
async fn a_run_that_is_dropped_leaves_word_of_what_was_sent() {
    // More than go in one transaction.
    let network = Network::new(30).await;
    let fleet = network.fleet.clone().parallel(1);
    let plan = fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let mut run = fleet.drain(plan, RunOptions::waiting());
    let reports = run.reports();
    while !matches!(
        run.next_event().await.unwrap(),
        Some(RunEvent::Accepted { .. })
    ) {}
    assert_eq!(run.ended(), None);
    drop(run);
    let left = reports.all();
    let draining = network.draining().await;
    let accepted = left
        .iter()
        .filter(|report| report.transaction.signature().is_some());
    let accepted: Vec<&str> = accepted.map(|report| report.code.as_str()).collect();
    assert_eq!(accepted, draining);
    assert!(accepted.len() < 30, "{accepted:?}");

    // Planned again, it goes on where it was.
    let again = results(&network.drain(1).await);
    let unchanged = again.iter().filter(|result| **result == "unchanged");
    assert_eq!(unchanged.count(), accepted.len());
    assert_eq!(network.draining().await.len(), 30);
}

#[tokio::test]
async fn what_is_signed_only_has_not_failed() {
    let network = Network::new(2).await;
    let offline = Offline {
        lifetime: Lifetime::Blockhash(network.ledger.ledger.info().unwrap().blockhash),
        sign_only: true,
        compute_unit_price: 0,
    };
    let ledger = OfflineLedger::new(network.ledger.clone(), offline);
    let fleet = Fleet::new(Client::new(Arc::new(ledger), ID)).signed_by(network.key.clone());
    let plan = fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let mut run = fleet.drain(plan, RunOptions::waiting());
    let mut events = vec![];
    while let Some(event) = run.next_event().await.unwrap() {
        let event = serde_json::to_value(event).unwrap();
        events.push(event["event"].as_str().unwrap().to_owned());
    }
    assert_eq!(events, ["sending", "signed", "sending", "signed"]);
    let reports = run.reports().all();
    assert_eq!(results(&reports), ["signed", "signed"]);
    assert!(reports.iter().all(RowReport::is_known));
    assert_eq!(network.sends(), 0);
    assert!(network.draining().await.is_empty());

    // Who can do nothing with a signed transaction learns that it was not sent.
    let me = network.key.pubkey();
    let (instructions, signers) = ([set_budget(&ID, &me, &location(), 1)], [&*network.key as _]);
    let submission = fleet.client().submit(&instructions, &signers).await;
    assert!(matches!(submission, Ok(Submission::SignedOnly(_))));
    let sent = fleet.client().send(&instructions, &signers).await;
    assert!(matches!(sent, Err(LedgerError::NotSent)), "{sent:?}");
    assert_eq!(network.sends(), 0);
}

#[tokio::test]
async fn a_stopped_run_yields_what_has_happened_and_ends() {
    let network = Network::new(1).await;
    let plan = network
        .fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let mut run = network.fleet.drain(plan, RunOptions::default());
    run.stop();
    assert!(run.next_event().await.unwrap().is_none());
    assert_eq!(run.ended(), Some(RunEnd::Stopped));
    assert_eq!(network.sends(), 0);
}

#[tokio::test]
async fn events_are_json_that_names_the_device() {
    let network = Network::new(1).await;
    let plan = network
        .fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let mut run = network.fleet.drain(plan, RunOptions::waiting());
    let mut events = vec![];
    while let Some(event) = run.next_event().await.unwrap() {
        events.push(serde_json::to_value(event).unwrap());
    }
    let names: Vec<&str> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["sending", "accepted", "watching", "changed", "surveyed"]
    );
    let report = run.reports().get(0).unwrap();
    assert_eq!(
        events[1],
        serde_json::json!({
            "event": "accepted",
            "device": {"row": 0, "code": "ams-dz000"},
            "signature": report.transaction.signature().unwrap().to_string(),
        })
    );
    assert_eq!(
        events[3]["change"],
        serde_json::json!({"change": "ended", "end": "drained"})
    );
    assert_eq!(run.ended(), Some(RunEnd::Done));
}

#[tokio::test]
async fn a_rolling_drain_starts_one_when_another_is_drained() {
    let network = Network::new(5).await;
    let plan = network
        .fleet
        .plan_drain(network.found().await, &DrainOptions::default())
        .unwrap();
    let mut run = network.fleet.drain(plan, RunOptions::rolling(2));
    let reports = run.reports();
    let mut most = 0;
    while run.next_event().await.unwrap().is_some() {
        let open = |report: &&RowReport| report.drain.as_ref().is_some_and(|it| it.is_open());
        most = most.max(reports.read(|reports| reports.iter().filter(open).count()));
    }
    assert_eq!(most, 2);
    assert_eq!(results(&reports.all()), ["accepted"; 5]);
}

/// Drains a device with a user and one without. Neither can be read once the first was accepted.
async fn drain_unread(options: RunOptions) -> Vec<RowReport> {
    let network = Network::new(2).await;
    network.send(network.open(0, 1)).await;
    let fleet = network.fleet.clone().parallel(1);
    let evicting = DrainOptions::default().with_deadline(60).evicting();
    let plan = fleet.plan_drain(network.found().await, &evicting);
    network.lose(&[Fate::Unread]);
    let mut run = fleet.drain(plan.unwrap(), options);
    while !matches!(
        run.next_event().await.unwrap(),
        Some(RunEvent::Accepted { .. })
    ) {}
    network.ledger.ledger.advance(61).unwrap();
    run.finish().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_could_not_be_read_once_it_was_accepted_is_waited_for() {
    for options in [RunOptions::waiting(), RunOptions::rolling(1)] {
        let reports = drain_unread(options).await;
        assert_eq!(results(&reports), ["accepted"; 2]);
        let drains = reports.iter().map(|report| {
            let progress = &report.drain.as_ref().unwrap().progress;
            (progress.end(), progress.tally().evicted)
        });
        let drained = Some(DrainEnd::Drained);
        assert_eq!(drains.collect::<Vec<_>>(), [(drained, 1), (drained, 0)]);
    }
}
