//! Peers and users that do not do what they are meant to.

use {
    super::{await_metric, Scene},
    crate::{
        agent::Setup,
        crowd,
        lab::Options,
        plan::{Device, Site},
        wait::until,
    },
    anyhow::{ensure, Context, Result},
    sha2::{Digest, Sha256},
    solana_sdk::pubkey::Pubkey,
    std::{path::Path, thread::sleep, time::Duration},
};

fn deaf(crowd: u16) -> Options {
    Options {
        user_ignores_community: true,
        crowd,
        ..Options::preferring(Device::A)
    }
}

/// A peer ignores the community: its traffic stays, so nothing is closed, and the agent says so.
pub fn ignored_community(folder: &Path) -> Result<()> {
    let mut scene = Scene::start(folder, deaf(0), Setup::default())?;
    scene.begin_drain()?;
    await_metric(&scene, "ebb_agent_traffic_stays", 1.0)?;
    scene.stays(1, 5)?;
    ensure!(
        scene.lab.routes(Site::User)?[&Device::A] == 1,
        "the user has left the device"
    );
    let log = scene.lab.agent(Device::A)?.log()?;
    ensure!(
        log.contains("a peer does not honour graceful shutdown"),
        "the agent does not say why it waits"
    );
    scene.lossless("a peer ignores the community")
}

/// Traffic stays until after the deadline; then one user is evicted, and only this one is cut.
pub fn eviction(folder: &Path) -> Result<()> {
    let mut scene = Scene::start(folder, deaf(2), Setup::default())?;
    scene.begin_drain()?;
    await_metric(&scene, "ebb_agent_traffic_stays", 1.0)?;
    scene.stays(3, 2)?;
    scene.lab.ledger.advance(3_601)?;
    let (code, evicted) = (Device::A.code(), crowd::label(3));
    let user = key_of(&evicted);
    scene
        .lab
        .ledger
        .run(&format!("session close {code} --user {user} --yes"))?;
    until("the evicted user is cut", || {
        Ok(scene.lab.connected_users(Device::A)? == 2)
    })?;
    scene.stays(2, 5)?;
    let peers = scene.lab.peers(Device::A)?;
    let cut: Vec<_> = peers
        .iter()
        .filter(|peer| !peer.is_established)
        .map(|peer| &peer.description)
        .collect();
    ensure!(cut == [&Some(evicted)], "others were cut: {cut:?}");
    scene.lossless("a user is evicted at the deadline")
}

/// The user of a label, as the design says.
fn key_of(label: &str) -> Pubkey {
    let hash = Sha256::new()
        .chain_update("ebb:user:")
        .chain_update(label)
        .finalize();
    Pubkey::new_from_array(hash.into())
}

/// A neighbor flaps: its session stays. It is closed when the neighbor is absent for long enough.
pub fn flapping(folder: &Path) -> Result<()> {
    let setup = Setup {
        absences: 6,
        ..Setup::default()
    };
    let scene = Scene::start(folder, Options::preferring(Device::A), setup)?;
    let opened = scene.opened()?;
    let shutdown = |no: &str| {
        let [router, neighbor] = [
            Site::User.autonomous_system().to_string(),
            Device::A.address(Site::User).to_string(),
        ];
        scene.site().configure(&[
            format!("router bgp {router}"),
            format!("{no}neighbor {neighbor} shutdown"),
        ])
    };
    for _ in 0..3 {
        shutdown("")?;
        until("the neighbor is down", || {
            Ok(scene.lab.connected_users(Device::A)? == 0)
        })?;
        sleep(Duration::from_millis(1_200));
        shutdown("no ")?;
        until("the neighbor is up", || {
            Ok(scene.lab.connected_users(Device::A)? == 1)
        })?;
        sleep(Duration::from_millis(1_200));
    }
    ensure!(
        scene.opened()? == opened,
        "the session of a neighbor that flaps was closed"
    );
    shutdown("")?;
    until("the session of a neighbor that has left is closed", || {
        Ok(scene.lab.ledger.sessions(Device::A)? == 0)
    })?;
    println!(
        "a flapping neighbor kept its session; it was closed when it was absent {} times",
        setup.absences
    );
    Ok(())
}

/// Five hundred neighbors: how long it takes until all have a session, until none has, and in how many transactions.
pub fn many_neighbors(folder: &Path) -> Result<()> {
    let options = Options {
        crowd: 499,
        ..Options::preferring(Device::A)
    };
    let mut scene = Scene::start(folder, options, Setup::default())?;
    let transactions = |scene: &Scene| {
        scene
            .lab
            .agent(Device::A)?
            .metric("ebb_agent_transactions_total")
    };
    let opening = transactions(&scene)?;
    scene.begin_drain()?;
    scene.await_drained()?;
    let closing = transactions(&scene)? - opening;
    scene.lossless("500 users are seen off")?;
    println!("500 sessions were opened in {opening} transactions and closed in {closing}");
    ensure!(
        opening < 250.0 && closing < 250.0,
        "sessions are not packed into transactions"
    );
    scene.undrain()?;
    scene.await_return().context("the return of 500 users")?;
    scene.lossless("500 users return")
}
