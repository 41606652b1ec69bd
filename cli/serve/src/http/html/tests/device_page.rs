//! The page of a device.

use {super::*, solana_sdk::pubkey::Pubkey};

#[tokio::test]
async fn an_overdue_drain_says_so_in_words() {
    let overdue = draining("ams-dz001", NOW - 300, NOW - 60);
    let site = Site::of(vec![overdue], vec![place()]);
    let brief = |at: &str, distance: &str| {
        format!("<time datetime=\"{at}\" title=\"{at}\" data-relative>{distance}</time>")
    };
    let full = |at: &str, distance: &str| {
        format!("<time datetime=\"{at}\" data-relative data-due>{distance}</time> <small>({at})</small>")
    };
    let words = format!(
        "<p class=\"overdue\">Overdue: the deadline passed {} with 3 sessions left, and the planned return was {}</p>",
        brief("2026-01-02T02:55:00Z", "5m ago"),
        brief("2026-01-02T02:59:00Z", "1m ago")
    );
    for path in ["/", "/devices/ams-dz001"] {
        site.get(path).await.contains(&[
            &words,
            "<strong class=\"badge overdue\">Overdue</strong>",
            "<progress value=\"3\" max=\"12\" aria-label=\"Sessions left\"></progress>",
            "<span>3 of 12 sessions left</span>",
            "aria-label=\"Sessions since the start of the drain: from 12 to 3\"><line x1=\"0\" y1=\"20\" x2=\"100\" y2=\"20\"/><polyline points=\"0,0 100,0 100,15 100,15 100,15\"",
            "<dt>Reason</dt><dd><bdi>rack power</bdi></dd>",
            &format!("<dt>Deadline</dt><dd>{}</dd>", full("2026-01-02T02:55:00Z", "5m ago")),
            &format!("<dt>Return</dt><dd>{}</dd>", full("2026-01-02T02:59:00Z", "1m ago")),
        ]);
    }
    let page = site.get("/").await;
    page.contains(&[
        "<li class=\"overdue\"><a href=\"/?overdue=true\"><strong>1</strong> overdue</a></li>",
    ]);
}

#[tokio::test]
async fn only_what_passed_is_overdue() {
    let deadline_alone = draining("a", NOW, NOW + 60);
    let return_alone = draining("b", NOW + 60, NOW);
    let mut drained = draining("c", NOW, NOW + 60);
    drained.account.head.sessions = 0;
    let site = Site::of(vec![deadline_alone, return_alone, drained], vec![place()]);
    let now = "<time datetime=\"2026-01-02T03:00:00Z\" title=\"2026-01-02T03:00:00Z\" data-relative>0s ago</time>";
    let words = [
        format!("Overdue: the deadline passed {now} with 3 sessions left</p>"),
        format!("Overdue: the planned return was {now}</p>"),
    ];
    site.get("/devices/a").await.contains(&[&words[0]]);
    site.get("/devices/b").await.contains(&[&words[1]]);
    // No session is left to be evicted at its deadline.
    let deadline =
        "<dt>Deadline</dt><dd><time datetime=\"2026-01-02T03:00:00Z\" data-relative>0s ago</time> \
                    <small>(2026-01-02T03:00:00Z)</small></dd>";
    site.get("/devices/c")
        .await
        .contains(&[deadline])
        .has_none_of(&["Overdue:"]);
}

#[tokio::test]
async fn a_hold_says_what_it_blocks() {
    let mut held = draining("ams-dz001", 0, 0);
    held.account.head.holds[0] = hold("backup runs");
    let site = Site::of(vec![held], vec![]);
    site.get("/").await.contains(&[
        "<li data-key=\"4\">#4 pending-task, ends <time datetime=\"2026-01-02T05:00:00Z\" data-relative>in 2h</time> \
         <small>(2026-01-02T05:00:00Z)</small>, placed by authority <code class=\"key\"",
        ": <bdi>backup runs</bdi></li>",
        "<li data-key=\"retire\"><strong>retire</strong>: hold #4 (pending-task)</li>",
    ]);
    site.get("/devices/ams-dz001").await.contains(&[
        "<code>ebb device release ams-dz001 4</code>",
        "<code>ebb device retire ams-dz001</code>",
        "<span class=\"refused\">refused now: 3 sessions open; hold #4 (pending-task)</span>",
    ]);
}

/// The commands of the page of a device.
async fn commands(found: Keyed<Device>) -> Vec<String> {
    let path = format!("/devices/{}", found.account.code);
    let page = Site::of(vec![found], vec![]).get(&path).await;
    let commands = page.text.split("<code>ebb ").skip(1);
    let commands = commands.filter_map(|rest| rest.split("</code>").next());
    commands.map(|it| it.replace("&#39;", "'")).collect()
}

#[tokio::test]
async fn each_status_has_its_commands() {
    let reading = ["session list a", "device history a --follow"];
    for (status, expected) in [
        (
            ProvisioningStatus::Pending,
            [
                "device activate a",
                "device retire a",
                "device report-health a healthy",
            ]
            .as_slice(),
        ),
        (
            Activated,
            &[
                "device drain a",
                "device hold a --kind pending-task --for 2h --reason 'why'",
                "device report-health a healthy",
            ],
        ),
        (
            Draining,
            &[
                "device undrain a",
                "device retire a",
                "device drain a --update --deadline 1h",
                "device hold a --kind pending-task --for 2h --reason 'why'",
                "device report-health a healthy",
            ],
        ),
        (
            ProvisioningStatus::Retiring,
            &["device retire a", "device report-health a healthy"],
        ),
        (ProvisioningStatus::Retired, &["device remove a"]),
    ] {
        let expected = [expected, &reading].concat();
        assert_eq!(commands(device("a", status)).await, expected, "{status}");
    }
    let waited_for = commands(draining("a", 0, 0)).await;
    assert!(
        waited_for.contains(&"device drain a --wait".to_owned()),
        "{waited_for:?}"
    );
    let late = commands(draining("a", NOW - 1, 0)).await;
    assert!(
        late.contains(&"device drain a --evict".to_owned()),
        "{late:?}"
    );
}

#[tokio::test]
async fn commands_name_the_ledger_and_the_program() {
    let key = Pubkey::new_from_array([1; 32]);
    let options = LedgerOptions::new(Some("embedded:/srv/a b"), Some(&key));
    let site = Site::of_ledger(vec![device("a", Activated)], vec![], None, options);
    let expected = "ebb -u &#39;embedded:/srv/a b&#39; --program-id 4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi";
    site.get("/devices/a")
        .await
        .contains(&[
            &format!("<code>{expected} device drain a</code>"),
            &format!("<code>{expected} device report-health a healthy</code>"),
            &format!("<code>{expected} session list a</code>"),
        ])
        .has_none_of(&["<code>ebb device", "<code>ebb session"]);
}

#[tokio::test]
async fn without_a_history_the_state_is_shown() {
    let site = Site::of(vec![device("a", Activated)], vec![]);
    let page = site.get("/devices/a").await;
    assert_eq!(page.status, StatusCode::OK);
    page.contains(&[
        "<h1><bdi>a</bdi></h1>",
        "<p class=\"overdue\">The history cannot be read now: <bdi>this server keeps no history</bdi>. The state above is the ledger’s all the same.</p>",
    ]);
}

#[tokio::test]
async fn a_history_that_stands_still_is_shown_with_the_reason() {
    let home = tempfile::tempdir().unwrap();
    let (store, mut writer) = open(&home, "a").await;
    let address = pda::device(&ebb_sdk::ID, "a").0;
    append(
        &mut writer,
        Confirmed,
        1_002,
        &tape::life(address, 1, 1_000, 2),
    )
    .await;
    let history = History::of(store, Some("http://node answered: <no> history"));
    let site = Site::with_history(vec![], vec![], Some(history));
    site.get("/devices/a").await.contains(&[
        "<p class=\"overdue\" data-key=\"standstill\">The history stands still, and what happened since is not in it: \
         <bdi>http://node answered: &#60;no&#62; history</bdi>.</p>",
        "registration 1, sequence 2, ",
    ]);
}

#[tokio::test]
async fn a_long_history_comes_in_pages_newest_first() {
    let home = tempfile::tempdir().unwrap();
    let (store, mut writer) = open(&home, "a").await;
    let address = pda::device(&ebb_sdk::ID, "a").0;
    let records = tape::life(address, 1, 1_000, 150);
    append(&mut writer, Confirmed, 1_150, &records).await;
    let mut found = device("a", Activated);
    found.account.head.contributor = tape::CONTRIBUTOR;
    found.account.head.sequence = 152;
    let site = Site::with_history(vec![found], vec![], Some(History::of(store, None)));
    let page = site.get("/devices/a").await;
    let sequences = |page: &Answer| -> Vec<u64> {
        let events = page.text.split("registration 1, sequence ").skip(1);
        let numbers = events.map(|it| it.split(',').next().unwrap().parse().unwrap());
        numbers.collect()
    };
    assert_eq!(sequences(&page), (51..=150).rev().collect::<Vec<u64>>());
    let page = page.contains(&[
        "<p class=\"overdue\" data-key=\"gaps\">There is no record of events 151 to 152 of registration 1.</p>",
        ", not final yet, ",
    ]);
    let older = page.text.split("rel=\"next\" href=\"").nth(1).unwrap();
    let older = older.split('"').next().unwrap();
    let page = site.get(older).await;
    assert_eq!(sequences(&page), (1..=50).rev().collect::<Vec<u64>>());
    page.contains(&["<a href=\"/devices/a\">Newest events</a>"])
        .has_none_of(&["Older events"]);
}

#[tokio::test]
async fn a_device_that_was_removed_has_its_history() {
    let home = tempfile::tempdir().unwrap();
    let (store, mut writer) = open(&home, "a").await;
    let address = pda::device(&ebb_sdk::ID, "a").0;
    let mut records = tape::life(address, 1, 1_000, 2);
    records.push(tape::record(address, EventKind::DeviceRemoved, 3, 1_002));
    append(&mut writer, Confirmed, 1_002, &records).await;
    let site = Site::with_history(vec![], vec![], Some(History::of(store, None)));
    for path in ["/devices/a".to_owned(), format!("/devices/{address}")] {
        let page = site.get(&path).await;
        assert_eq!(page.status, StatusCode::OK);
        page.contains(&[
            "<p id=\"state\">The device was removed. Its code may be registered again.</p>",
            "<strong>device removed</strong>",
            "registration 1, sequence 3, ",
        ])
        .has_none_of(&["id=\"commands\""]);
    }
    assert_eq!(site.get("/devices/b").await.status, StatusCode::NOT_FOUND);
}
