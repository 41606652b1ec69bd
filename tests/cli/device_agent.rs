//! `ebb device set-agent` and `report-health`

use {
    crate::fleet::{Fleet, DEVICE},
    serde_json::json,
};

#[test]
fn a_contributor_replaces_the_agent_with_its_signature() {
    let fleet = Fleet::with_sessions(1);
    let new = fleet.lab.key("new");
    let set = ["set-agent", DEVICE, &new.pubkey];
    fleet
        .device(&set)
        .exits(4)
        .warns("while sessions are open, the old agent must sign its replacement too")
        .warns("--old-agent");
    fleet
        .device(&[&set[..], &["--old-agent", "absent.json"]].concat())
        .exits(2)
        .warns("--old-agent");
    let wrong = [&set[..], &["--old-agent", &fleet.owner.path]].concat();
    fleet.device(&wrong).exits(4).warns(&fleet.agent.pubkey);
    let signed = [
        &set[..],
        &["--old-agent", &fleet.agent.path, "--output", "json"],
    ]
    .concat();
    let item = fleet.device(&signed).exits(0).item();
    assert_eq!(
        (&item["from"], &item["to"]),
        (&json!(fleet.agent.pubkey), &json!(new.pubkey))
    );
    fleet.device(&set).exits(0).says("already");
    assert_eq!(fleet.get(DEVICE)["agent"], new.pubkey);
}

#[test]
fn the_authority_sets_an_agent_alone() {
    let fleet = Fleet::with_sessions(1);
    let new = fleet.lab.key("new");
    let set = ["device", "set-agent", DEVICE, &new.pubkey];
    let stranger = fleet.lab.key("stranger");
    fleet
        .lab
        .ebb_as(&stranger, &set)
        .exits(4)
        .warns("credential");
    fleet.lab.ebb(&set).exits(0);
    assert_eq!(fleet.get(DEVICE)["agent"], new.pubkey);
}

#[test]
fn health_is_reported_in_the_role_that_the_key_has() {
    let fleet = Fleet::with_sessions(0);
    let report = |health| ["device", "report-health", DEVICE, health];
    let lab = &fleet.lab;
    lab.ebb_as(&fleet.agent, &report("unhealthy"))
        .exits(0)
        .says("unknown → unhealthy, reported by agent");
    lab.ebb_as(&fleet.agent, &report("dead"))
        .exits(4)
        .warns("an agent may report unknown, healthy or unhealthy");
    let oracle = lab.key("oracle");
    lab.ebb(&["registry", "set-oracle", &oracle.pubkey])
        .exits(0);
    lab.ebb_as(&oracle, &report("dead"))
        .exits(0)
        .says("reported by oracle");
    lab.ebb_as(&fleet.agent, &report("healthy"))
        .exits(4)
        .warns("its health is dead");
    lab.ebb(&report("healthy"))
        .exits(0)
        .says("dead → healthy, reported by authority");
    lab.ebb_as(&fleet.owner, &report("healthy"))
        .exits(4)
        .warns(&oracle.pubkey)
        .warns(&fleet.agent.pubkey);
    assert_eq!(fleet.get(DEVICE)["provisioning_status"], "activated");
}

#[test]
fn another_agent_voids_a_proof_of_health() {
    let fleet = Fleet::with_sessions(0);
    let lab = &fleet.lab;
    let report = ["device", "report-health", DEVICE, "healthy"];
    fleet.drain();
    lab.ebb(&["registry", "set-policy", "--require-healthy", "true"])
        .exits(0);
    lab.ebb(&report).exits(0);
    let new = lab.key("new");
    fleet
        .device(&["set-agent", DEVICE, &new.pubkey])
        .exits(0)
        .says("its proof of health is void");
    let undrain = ["undrain", DEVICE, "-y"];
    fleet
        .device(&undrain)
        .exits(4)
        .warns("its health is healthy, reported before its address, location or agent changed");
    lab.ebb(&report).exits(0);
    fleet
        .device(&["update", DEVICE, "--public-ip", "195.219.138.99"])
        .exits(0)
        .says("its proof of health is void");
    fleet.device(&undrain).exits(4);
    lab.ebb(&report).exits(0);
    fleet.device(&undrain).exits(0);
}
