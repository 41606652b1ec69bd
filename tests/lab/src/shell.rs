//! A shell in a lab, to try things by hand.

use {
    crate::{
        agent::Setup,
        docs,
        lab::{Lab, Options},
        ledger::ebb,
        plan::Device,
        scenario::FOLDER,
        traffic::Traffic,
    },
    anyhow::{ensure, Context, Result},
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
    in_lab(Path::new(FOLDER), |mut shell| {
        print!("{WELCOME}");
        // How it ends is the operator's business.
        shell
            .arg("--norc")
            .env("PS1", "lab# ")
            .status()
            .context("bash")?;
        Ok(())
    })
}

/// Types what the documentation says in a shell, and fails unless what is shown is what should be.
pub fn documented(folder: &Path) -> Result<()> {
    in_lab(folder, |mut shell| {
        let lines = docs::typed("### In a lab, in five minutes", "lab# ")?;
        // Each line and what it prints is shown, and the first that fails ends it.
        let script = format!("set -ev\n{}\n", lines.join("\n"));
        let output = shell
            .args(["--norc", "-c", &script])
            .output()
            .context("bash")?;
        let text = String::from_utf8_lossy(&output.stdout);
        println!("{text}");
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "a command of the documentation failed:\n{errors}"
        );
        for expected in SHOWN {
            ensure!(text.contains(expected), "{expected:?} was not shown");
        }
        ensure!(
            !text.contains(" dev to-a proto bgp "),
            "routes pointed to device A after its drain"
        );
        ensure!(
            text.matches(", 0 lost, 0 duplicated, 0 reordered\n")
                .count()
                == 2,
            "packets were lost"
        );
        Ok(())
    })
}

/// What the commands of the documentation show.
const SHOWN: [&str; 3] = [
    " via 172.31.2.2 dev to-b proto bgp ",
    "bgp community-list standard ebb-de-preferred seq 5 permit graceful-shutdown",
    " neighbor 172.31.1.1 shutdown message ebb: device out of service",
];

/// Starts a lab with packets under way, and hands over a shell that has the lab's ledger as the one that `ebb` goes to.
fn in_lab(folder: &Path, act: impl FnOnce(Command) -> Result<()>) -> Result<()> {
    let lab = Lab::start(folder, Options::preferring(Device::A), Setup::default())?;
    let traffic = Traffic::start(lab.options.prefixes, lab.options.family)?;
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| write_packets(folder, &traffic, &stop));
        let ended = shell(folder, &lab).and_then(act);
        stop.store(true, SeqCst);
        ended
    })
}

fn shell(folder: &Path, lab: &Lab) -> Result<Command> {
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
    let mut shell = Command::new("bash");
    shell
        .env("PATH", format!("{}:{path}", bin.display()))
        .current_dir(folder);
    Ok(shell)
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
