//! The programs that an agent runs: the health check and the hook.

use {
    crate::{
        agents::{wait_until, Site},
        fleet::DEVICE,
    },
    serde_json::Value,
    std::fs,
};

#[test]
fn health_is_reported_as_the_agents() {
    let site = Site::new();
    let check = site.script("check", "exit $(cat \"$(dirname \"$0\")/code\")");
    site.lab.file("code", "0");
    let _agent = site.start(&["--health-check", &check, "--health-interval", "1s"]);
    let is = |health: &str| {
        wait_until(|| {
            let device = site
                .lab
                .ebb(&["device", "get", DEVICE, "--output", "json"])
                .json();
            let found = [&device["health"], &device["health_reported_by"]];
            let is_so = found == [health, "agent"];
            is_so.then_some(()).ok_or_else(|| format!("{found:?}"))
        });
    };
    is("healthy");
    site.lab.file("code", "1");
    is("unhealthy");
}

/// What the hook of a site has heard: event, id and status, a line each.
fn heard(site: &Site) -> Vec<(String, String, String)> {
    let text = fs::read_to_string(site.lab.path().join("heard")).unwrap_or_default();
    let lines = text.lines().map(|line| {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let mut next = || words.next().unwrap();
        let (event, id, device) = (next(), next(), next());
        let device: Value = serde_json::from_str(&device).unwrap();
        (
            event,
            id,
            device["provisioning_status"].as_str().unwrap().to_owned(),
        )
    });
    lines.collect()
}

#[test]
fn the_hook_hears_of_changes_in_order() {
    let site = Site::new();
    let hook = site.script("hook", "echo \"$EBB_EVENT $EBB_EVENT_ID $(cat)\" >> heard");
    let _agent = site.start(&["--hook", &hook]);
    let hears = |count: usize, event: &str, status: &str| {
        let last = wait_until(|| {
            let heard = heard(&site);
            heard.get(count - 1).cloned().ok_or(heard)
        });
        assert_eq!((last.0.as_str(), last.2.as_str()), (event, status));
    };
    hears(1, "activated", "activated");
    // Users who come are no event.
    site.connect(&["alice"]);
    site.has_sessions(&["alice"]);
    site.drain(&["--detach"]);
    hears(2, "draining", "draining");
    site.drain(&["--update", "--reason", "later", "--detach"]);
    hears(3, "updated", "draining");
    site.connect(&[]);
    hears(4, "drained", "draining");
    site.lab
        .ebb_as(&site.owner, &["device", "undrain", DEVICE])
        .exits(0);
    hears(5, "activated", "activated");
    let mut ids: Vec<String> = heard(&site).into_iter().map(|(_, id, _)| id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

/// A hook that outlives an agent that was killed ends before the next begins.
#[test]
fn a_hook_that_was_left_running_is_waited_for() {
    let site = Site::new();
    let hook = site.script(
        "hook",
        "echo begins >> heard\nwhile [ ! -e go ]; do sleep 0.1; done\necho ends >> heard",
    );
    let lines = || fs::read_to_string(site.lab.path().join("heard")).unwrap_or_default();
    let is = |expected: &str| {
        wait_until(|| {
            let found = lines();
            (found == expected).then_some(()).ok_or(found)
        });
    };
    let agent = site.start(&["--hook", &hook]);
    is("begins\n");
    agent.kill();
    let agent = site.start(&["--hook", &hook]);
    let expected = format!(
        "the hook failed: {hook}: an earlier agent was killed and has left it running; it is waited for"
    );
    wait_until(|| {
        let found = agent.readiness();
        let problems = found["problems"].as_array().cloned().unwrap_or_default();
        problems
            .contains(&expected.as_str().into())
            .then_some(())
            .ok_or(found)
    });
    assert_eq!(lines(), "begins\n");
    site.lab.file("go", "");
    is("begins\nends\nbegins\nends\n");
}

#[test]
fn an_event_that_was_begun_is_delivered_again_under_its_id() {
    let site = Site::new();
    // The first run does not end before the agent is killed.
    let hook = site.script(
        "hook",
        "echo \"$EBB_EVENT $EBB_EVENT_ID $(cat)\" >> heard\nwhile [ ! -e go ]; do sleep 0.1; done",
    );
    let agent = site.start(&["--hook", &hook]);
    wait_until(|| {
        let heard = heard(&site);
        (heard.len() == 1).then_some(()).ok_or(heard)
    });
    agent.kill();
    // The device has changed meanwhile, and what was begun still goes first.
    site.drain(&["--detach"]);
    site.lab.file("go", "");
    let _agent = site.start(&["--hook", &hook]);
    let heard = wait_until(|| {
        let heard = heard(&site);
        (heard.len() == 3).then_some(heard.clone()).ok_or(heard)
    });
    assert_eq!(heard[0], heard[1]);
    assert_eq!(
        (heard[1].0.as_str(), heard[2].0.as_str()),
        ("activated", "drained")
    );
    assert_ne!(heard[1].1, heard[2].1);
}
