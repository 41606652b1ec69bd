//! Routers that restart, hang, or are configured by somebody else.

use {
    super::Scene,
    crate::{
        agent::Setup,
        frr,
        lab::Options,
        plan::{Device, Family, Site},
        wait::until,
    },
    anyhow::{ensure, Context, Result},
    std::{
        fs,
        io::{Read, Write},
        os::unix::net::{UnixListener, UnixStream},
        path::Path,
        sync::atomic::{AtomicBool, Ordering::SeqCst},
        thread::{self, sleep},
        time::Duration,
    },
};

const DE_PREFERRED: [&str; 2] = [
    "bgp community-list standard ebb-de-preferred seq 5 permit graceful-shutdown",
    " bgp graceful-shutdown",
];

/// bgpd restarts in a drain. Where its configuration says that it starts de-preferred nothing is lost, and where it does not
/// it is de-preferred again; its user is shut again in both.
pub fn bgpd_restarts(folder: &Path) -> Result<()> {
    let mut scene = Scene::start(folder, Options::preferring(Device::A), Setup::default())?;
    scene.begin_drain()?;
    scene.await_drained()?;
    scene.lab.restart_bgpd()?;
    await_shut_again(&scene)?;
    scene.lossless("bgpd restarts in a drain")?;

    let file = scene.lab.folder_of(Device::A.namespace())?.join("frr.conf");
    let mut config = fs::read_to_string(&file)?;
    for line in DE_PREFERRED {
        config = config.replace(&format!("{line}\n"), "");
    }
    fs::write(&file, config)?;
    scene.lab.restart_bgpd()?;
    await_shut_again(&scene)?;
    ensure!(is_de_preferred(&scene)?, "bgpd was not de-preferred again");
    scene.report("the same, and it starts preferred")?;
    scene.undrain()?;
    scene.await_return()?;
    scene.lossless("return")
}

/// Waits until a router that forgot a shutdown has its user shut again.
fn await_shut_again(scene: &Scene) -> Result<()> {
    until("the user is shut again", || {
        let peers = scene.lab.peers(scene.device)?;
        Ok(peers
            .iter()
            .all(|peer| peer.description.is_none() || peer.is_shut))
    })?;
    scene.await_moved()?;
    scene.lab.ensure_nobody(scene.device)
}

fn is_de_preferred(scene: &Scene) -> Result<bool> {
    let text = scene.lab.frr()?.run(&["show running-config".to_owned()])?;
    Ok(DE_PREFERRED
        .iter()
        .all(|wanted| text.lines().any(|line| line == *wanted)))
}

/// Somebody configures BIRD in a drain, which enables what was disabled: it is disabled again.
pub fn bird_configured(folder: &Path) -> Result<()> {
    let mut scene = Scene::start(folder, Options::preferring(Device::B), Setup::default())?;
    scene.begin_drain()?;
    scene.await_drained()?;
    let shuts = |scene: &Scene| -> Result<usize> {
        let log = scene.lab.agent(Device::B)?.log()?;
        Ok(log.matches("action=shut user-1").count())
    };
    let before = shuts(&scene)?;
    scene.lab.bird()?.run("configure")?;
    until("the user is shut again", || Ok(shuts(&scene)? > before))?;
    await_shut_again(&scene)?;
    scene.undrain()?;
    scene.await_return()?;
    scene.lossless("BIRD is configured in a drain")
}

/// bgpd's socket hangs when a drain starts: nothing is known, so nothing is closed. The drain goes on when the socket does.
pub fn vty_hangs(folder: &Path) -> Result<()> {
    let mut scene = Scene::start(folder, Options::preferring(Device::A), Setup::default())?;
    let opened = scene.opened()?;
    let socket = frr::sockets(Device::A.namespace()).join("bgpd.vty");
    let aside = socket.with_extension("aside");
    fs::rename(&socket, &aside)?;
    let hanging = UnixListener::bind(&socket)?;
    scene.begin_drain()?;
    until("the agent says that bgpd hangs", || {
        Ok(scene
            .lab
            .agent(Device::A)?
            .log()?
            .contains("no answer within"))
    })?;
    // Longer than it takes until a user who was seen to be absent is taken to have left.
    sleep(Duration::from_secs(6));
    ensure!(
        scene.opened()? == opened,
        "a session was closed while bgpd's socket hung"
    );
    drop(hanging);
    fs::rename(&aside, &socket)?;
    scene.await_drained()?;
    scene.lossless("bgpd's socket hangs when a drain starts")
}

/// Somebody else configures bgpd all the while, and one more session stays in the configuration's prompt.
pub fn others_configure(folder: &Path) -> Result<()> {
    let mut scene = Scene::start(folder, Options::preferring(Device::A), Setup::default())?;
    let idle = open_prompt()?;
    let stop = AtomicBool::new(false);
    let lines = thread::scope(|scope| {
        let other = scope.spawn(|| configure_until(&scene, &stop));
        let done = scene.drain_and_return();
        stop.store(true, SeqCst);
        let lines = other
            .join()
            .map_err(|_| anyhow::anyhow!("the other operator panicked"))??;
        done.map(|()| lines)
    })?;
    drop(idle);
    let text = scene.lab.frr()?.run(&["show running-config".to_owned()])?;
    let there = text
        .lines()
        .filter(|line| line.starts_with("ip prefix-list other "))
        .count();
    ensure!(
        there == lines && lines > 0,
        "of {lines} lines of another operator, {there} are there"
    );
    println!("another operator configured {lines} lines meanwhile");
    scene.lossless("others configure bgpd in a drain")
}

/// A session that entered the configuration's prompt and stays there.
fn open_prompt() -> Result<UnixStream> {
    let mut stream = UnixStream::connect(frr::sockets(Device::A.namespace()).join("bgpd.vty"))?;
    for command in ["enable", "configure terminal", "router bgp"] {
        stream.write_all(command.as_bytes())?;
        stream.write_all(&[0])?;
        let mut end = [0; 4];
        stream.read_exact(&mut end).context(command)?;
        ensure!(end == [0; 4], "`{command}` was refused");
    }
    Ok(stream)
}

/// Adds a line a time, and returns how many.
fn configure_until(scene: &Scene, stop: &AtomicBool) -> Result<usize> {
    let mut lines = 0;
    while !stop.load(SeqCst) {
        lines += 1;
        let prefix = Site::User.prefix(lines as u16, Family::V4);
        scene.lab.frr()?.configure(&[format!(
            "ip prefix-list other seq {lines} permit {prefix}/24"
        )])?;
        sleep(Duration::from_millis(50));
    }
    Ok(lines)
}
