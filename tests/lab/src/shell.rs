//! A shell in a lab, to try things by hand.

use {
    crate::{
        agent::Setup,
        lab::{Lab, Options},
        ledger::ebb,
        plan::Device,
        scenario::FOLDER,
        traffic::Traffic,
    },
    anyhow::{Context, Result},
    std::{
        env, fs,
        path::Path,
        process::Command,
        sync::atomic::{AtomicBool, Ordering::SeqCst},
        thread,
        time::Duration,
    },
};

const WELCOME: &str = "\
Two devices, lab-a (FRR, preferred) and lab-b (BIRD), carry 1,000 packets a second each way between a user and a service.

  cat packets                                      how many were lost so far
  ebb device list                                  the ledger
  ebb device drain lab-a --wait                    then undrain
  vtysh -N a -c 'show bgp summary'                 device A; user and service have names too
  birdc -s b/bird.ctl show protocols               device B
  ip -n user route                                 where the user's routes point
  tail a/agent.log b/agent.log                     the agents

Leave it with exit, and nothing of it is left.
";

/// Starts a lab, runs a shell in it, and removes it.
pub fn run() -> Result<()> {
    let folder = Path::new(FOLDER);
    let lab = Lab::start(folder, Options::preferring(Device::A), Setup::default())?;
    let traffic = Traffic::start(lab.options.prefixes)?;
    let stop = AtomicBool::new(false);
    print!("{WELCOME}");
    thread::scope(|scope| {
        scope.spawn(|| write_packets(folder, &traffic, &stop));
        let ended = shell(folder, &lab);
        stop.store(true, SeqCst);
        ended
    })
}

/// Has the ledger as the one that `ebb` goes to.
fn shell(folder: &Path, lab: &Lab) -> Result<()> {
    let program = ebb()?;
    let bin = folder.join("bin");
    fs::create_dir_all(&bin)?;
    let wrapper = bin.join("ebb");
    fs::write(
        &wrapper,
        format!(
            "#!/bin/sh\nexec {} -u {} \"$@\"\n",
            program.display(),
            lab.ledger.url()
        ),
    )?;
    fs::set_permissions(
        &wrapper,
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )?;
    let path = env::var("PATH").unwrap_or_default();
    Command::new("bash")
        .arg("--norc")
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("PS1", "lab# ")
        .current_dir(folder)
        .status()
        .context("bash")?;
    Ok(())
}

/// Writes down each second how many packets were lost so far.
fn write_packets(folder: &Path, traffic: &Traffic, stop: &AtomicBool) {
    let mark = traffic.mark();
    while !stop.load(SeqCst) {
        let lines = traffic.since(&mark).map(|(site, tally)| {
            format!(
                "from the {}: {} sent, {} lost, {} duplicated, {} reordered\n",
                site.name(),
                tally.sent,
                tally.lost,
                tally.duplicated,
                tally.reordered
            )
        });
        // Who reads it finds the next.
        let _ = fs::write(folder.join("packets"), lines.concat());
        thread::sleep(Duration::from_secs(1));
    }
}
