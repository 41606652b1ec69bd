//! `ebb agent`: a device has one, which has one device.

use {
    crate::{
        agents::{key_of, wait_until, Agent, Site},
        fleet::DEVICE,
        support::Lab,
    },
    ebb_sdk::embedded::{EmbeddedLedger, EmbeddedOptions},
};

#[test]
fn a_second_agent_is_refused() {
    let site = Site::new();
    let _agent = site.start(&[]);
    let state = site.state();
    assert_eq!(
        site.refused(&site.options(), 1),
        format!(
            "error: another agent runs with the state folder {}; a device has one agent at a time\n",
            state.display()
        )
    );
}

#[test]
fn a_second_agent_with_another_state_folder_is_refused() {
    let site = Site::new();
    let agent = site.start(&[]);
    agent.is("serving");
    let mut options = site.options();
    let other = site.lab.path().join("other-state");
    options[9] = other.to_str().unwrap().to_owned();
    let expected = "error: another agent of ams-dz001 runs on this machine, with another state folder; a device has one agent at \
                    a time\n";
    let refused = site.refused(&options, 1);
    assert!(refused.ends_with(expected), "{refused}");
    // Nothing is left of one that was killed.
    agent.kill();
    let agent = Agent::start(&site.lab, &options, &[]);
    agent.is("serving");
    assert_eq!(agent.readiness()["status"], "ready");
}

/// Somebody acts with the agent's key beside it, as an agent of the device on another machine does.
#[test]
fn an_agent_beside_which_another_acts_stops() {
    let site = Site::new();
    site.connect(&["alice"]);
    let agent = site.start(&[]);
    site.has_sessions(&["alice"]);
    let ledger = EmbeddedLedger::open(site.lab.ledger(), EmbeddedOptions::default());
    ledger.unwrap().advance(200).unwrap();
    let open = ["session", "open", DEVICE, "--user", &key_of("carol")];
    site.lab.ebb_as(&site.agent, &open).exits(0);
    agent.shows("ebb_agent_duplicate{device=\"ams-dz001\"} 1");
    let found = agent.readiness();
    assert_eq!(found["status"], "not ready");
    let problem = found["problems"][0].as_str().unwrap();
    let expected = "somebody else opened a session with this agent's key, in transaction ";
    assert!(problem.starts_with(expected), "{problem}");
    // Neither are sessions opened nor closed, in twice as many looks as that takes.
    site.connect(&["bob"]);
    let looks = |metrics: String| -> u32 {
        let mut lines = metrics.lines();
        let line = lines.find(|line| line.starts_with("ebb_agent_looks_total"));
        line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    };
    let before = looks(agent.metrics());
    wait_until(|| {
        let done = looks(agent.metrics()) - before;
        (done >= 5).then_some(()).ok_or(done)
    });
    site.has_sessions(&["alice", "carol"]);
    // Whoever starts it again has decided which of them runs.
    agent.kill();
    let _agent = site.start(&[]);
    site.has_sessions(&["bob"]);
}

#[test]
fn another_devices_agent_and_folder_are_refused() {
    let site = Site::new();
    let mut options = site.options();
    let other = site.lab.key("other");
    options[3] = other.path.clone();
    let error = site.refused(&options, 4);
    let expected = format!(
        "{} is not the agent of ams-dz001, whose agent is {}\n",
        other.pubkey, site.agent.pubkey
    );
    assert!(error.contains(&expected), "{error}");

    let mut options = site.options();
    options[5] = "ams-dz404".to_owned();
    options[9] = site
        .lab
        .path()
        .join("other-state")
        .to_str()
        .unwrap()
        .to_owned();
    let error = site.refused(&options, 3);
    assert!(error.contains("error: there is no device at "), "{error}");

    // The folder was bound by the first of these, which went as far as the device.
    let mut options = site.options();
    options[5] = "ams-dz404".to_owned();
    let error = site.refused(&options, 2);
    assert!(error.contains("is of another device: it is of "), "{error}");

    let elsewhere = Lab::in_service().0;
    let mut options = site.options();
    options[1] = elsewhere.url();
    let error = site.refused(&options, 2);
    assert!(
        error.contains("is of another genesis: it is of "),
        "{error}"
    );
    assert!(
        error.contains("hint: name another folder with --state-directory"),
        "{error}"
    );
}
