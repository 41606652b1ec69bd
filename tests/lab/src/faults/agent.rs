//! Agents that are killed or late, and what happens when the ledger is away or another thing is wanted in between.

use {
    super::{await_metric, Scene},
    crate::{
        agent::{heard, Agent, Place, Setup},
        frr,
        lab::Options,
        plan::Device,
        wait::until,
    },
    anyhow::{ensure, Result},
    std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
        thread::sleep,
        time::{Duration, Instant},
    },
};

/// The drain is taken back while traffic is about to have moved: nobody is shut, and no session closed.
pub fn undrained(folder: &Path) -> Result<()> {
    let setup = Setup {
        converge: "1m",
        ..Setup::default()
    };
    let mut scene = Scene::start(folder, Options::preferring(Device::A), setup)?;
    let opened = scene.opened()?;
    scene.begin_drain()?;
    scene.await_moved()?;
    scene.undrain()?;
    scene.await_return()?;
    ensure!(scene.opened()? == opened, "the session was closed");
    scene.lossless("undrain in the middle of convergence")
}

/// The agent is down when a drain starts: it catches up.
pub fn late(folder: &Path) -> Result<()> {
    let mut scene = Scene::start(folder, Options::preferring(Device::A), Setup::default())?;
    scene.lab.kill_agent(Device::A)?;
    scene.begin_drain()?;
    scene.stays(1, 2)?;
    scene.lab.start_agent(Device::A, Setup::default())?;
    scene.await_drained()?;
    scene.lab.kill_agent(Device::A)?;
    scene.undrain()?;
    sleep(Duration::from_secs(1));
    scene.lab.start_agent(Device::A, Setup::default())?;
    scene.await_return()?;
    scene.lossless("the agent is down when drain and return start")
}

/// A second agent of the device runs elsewhere, with a state folder of its own: one of the two finds that the other closes sessions,
/// stops, and says so. No packet is lost.
pub fn second(folder: &Path) -> Result<()> {
    let mut scene = Scene::start(folder, Options::preferring(Device::A), Setup::default())?;
    let place = Place {
        namespace: Device::B.namespace(),
        folder: folder.join("second"),
        address: "127.0.0.1:9200",
    };
    fs::create_dir_all(&place.folder)?;
    let sessions = format!("frr:{}", frr::sockets(Device::A.namespace()).display());
    let setup = Setup::default();
    let second = Agent::start_at(
        place,
        &scene.lab.ledger,
        Device::A,
        &sessions,
        setup,
        |_| {},
    )?;
    let stopped = |agent: &Agent| agent.metric("ebb_agent_duplicate");
    until("the second agent reads the ledger", || {
        Ok(second.metric("ebb_agent_ready").unwrap_or_default() == 1.0)
    })?;
    // From here on nothing that was sent before their start may land any more.
    scene.lab.ledger.advance(200)?;
    scene.begin_drain()?;
    scene.await_drained()?;
    until("one of the two agents stops", || {
        Ok(stopped(scene.lab.agent(Device::A)?)? + stopped(&second)? > 0.0)
    })?;
    second.kill()?;
    scene.lab.kill_agent(Device::A)?;
    scene.undrain()?;
    scene.lab.start_agent(Device::A, setup)?;
    scene.await_return()?;
    scene.lossless("two agents of one device")
}

/// The ledger is away during convergence: nothing changes on the device, and the drain goes on when the ledger is back.
pub fn ledger_away(folder: &Path) -> Result<()> {
    let mut scene = Scene::start(folder, Options::preferring(Device::A), Setup::default())?;
    scene.begin_drain()?;
    scene.await_moved()?;
    scene.lab.ledger.take_away()?;
    await_metric(&scene, "ebb_agent_ledger_away", 1.0)?;
    // Longer than it would take to see that traffic has moved, and to shut the user.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(8) {
        ensure!(
            scene.lab.connected_users(Device::A)? == 1,
            "the user was shut while the ledger was away"
        );
        sleep(Duration::from_millis(200));
    }
    scene.lab.ledger.bring_back()?;
    scene.await_drained()?;
    scene.lossless("the ledger is away during convergence")
}

/// The agent is killed whenever something has changed, all the way through a drain and the return from it.
pub fn killed(folder: &Path) -> Result<()> {
    let setup = Setup {
        has_hook: true,
        ..Setup::default()
    };
    let mut scene = Scene::start(folder, Options::preferring(Device::A), setup)?;
    scene.begin_drain()?;
    let drain = kill_at_each_step(&mut scene, setup, |scene| {
        scene.lab.ledger.is_drained(Device::A)
    })?;
    scene.await_drained()?;
    await_event(&scene, "drained")?;
    scene.undrain()?;
    let back = kill_at_each_step(&mut scene, setup, |scene| {
        scene.lab.all_routes_by(Device::A)
    })?;
    scene.await_return()?;
    await_event(&scene, "activated")?;
    println!("the agent was killed {drain} times in the drain and {back} times in the return");
    ensure!(
        drain >= 3 && back >= 3,
        "there are fewer steps than were to be disturbed"
    );
    check_hook(&scene)?;
    scene.lossless("the agent is killed at every step")
}

/// Kills and restarts the agent at each change of device or ledger until something is true; returns how often.
fn kill_at_each_step(
    scene: &mut Scene,
    setup: Setup,
    is_over: impl Fn(&Scene) -> Result<bool>,
) -> Result<usize> {
    let (mut steps, mut kills) = (BTreeSet::new(), 0);
    until("the agent gets there however often it is killed", || {
        if steps.insert(step(scene)?) {
            scene.lab.kill_agent(Device::A)?;
            scene.lab.start_agent(Device::A, setup)?;
            kills += 1;
        }
        is_over(scene)
    })?;
    Ok(kills)
}

/// What can be seen of how far the agent is.
fn step(scene: &Scene) -> Result<String> {
    let text = scene.lab.frr()?.run(&["show running-config".to_owned()])?;
    let set: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("graceful-shutdown") || line.contains(" shutdown"))
        .collect();
    let device = scene.lab.ledger.device(Device::A)?;
    Ok(format!(
        "{set:?} {} {} {}",
        device["provisioning_status"],
        device["sessions"],
        scene.lab.connected_users(Device::A)?
    ))
}

fn await_event(scene: &Scene, event: &str) -> Result<()> {
    let folder = scene.lab.folder_of(Device::A.namespace())?;
    until(&format!("the hook hears of {event}"), || {
        Ok(heard(&folder)?
            .last()
            .is_some_and(|line| line.split(' ').nth(1) == Some(event)))
    })
    .map(drop)
}

/// Each event came under one id, and each id with one event; none came again under another.
fn check_hook(scene: &Scene) -> Result<()> {
    let lines = heard(&scene.lab.folder_of(Device::A.namespace())?)?;
    let mut events = BTreeMap::new();
    let mut order: Vec<String> = vec![];
    for line in &lines {
        let (id, event) = line.split_once(' ').unwrap_or((line, ""));
        ensure!(
            events
                .entry(id.to_owned())
                .or_insert_with(|| event.to_owned())
                == event,
            "an id came with another event: {lines:?}"
        );
        if !order.iter().any(|known| known == id) {
            order.push(id.to_owned());
        }
    }
    let order: Vec<_> = order
        .iter()
        .filter_map(|id| events[id].split(' ').next())
        .collect();
    println!(
        "the hook ran {} times for {} events: {}",
        lines.len(),
        order.len(),
        order.join(", ")
    );
    ensure!(
        order.ends_with(&["draining", "drained", "activated"]) && order.len() <= 4,
        "the hook heard of events that there were not: {lines:?}"
    );
    Ok(())
}
