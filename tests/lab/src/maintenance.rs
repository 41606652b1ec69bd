//! A maintenance, step by step, and what happens to packets without it.

use {
    crate::{
        agent::Setup,
        lab::{Lab, Options},
        plan::{Device, Family, Site},
        report::Row,
        traffic::Traffic,
        wait::{until, until_within},
    },
    anyhow::{ensure, Context, Result},
    std::{
        path::Path,
        thread::sleep,
        time::{Duration, Instant},
    },
};

/// Drains a device, switches it off and on, and brings it back; then switches the same device off without a drain, and shuts its
/// neighbors.
pub fn run(folder: &Path, device: Device, prefixes: u16, family: Family) -> Result<()> {
    let options = Options {
        prefixes,
        family,
        ..Options::preferring(device)
    };
    let mut lab = Lab::start(folder, options, Setup::default())?;
    let traffic = Traffic::start(prefixes, family)?;
    let name = device.namespace().0.to_uppercase();
    ensure_forwards(&lab, device)?;
    maintain(&mut lab, &traffic, &name)?;
    lose_by_power_off(&mut lab, &traffic, &name)?;
    lose_by_shutting(&lab, &traffic, &name)
}

/// Nothing is lost in a drain, while the device is off, and in its return.
fn maintain(lab: &mut Lab, traffic: &Traffic, name: &str) -> Result<()> {
    let device = lab.options.preferred;
    let mark = traffic.mark();
    let (at_end, took) = drain(lab, device)?;
    lab.ensure_nobody(device)?;
    ensure!(
        lab.all_routes_by(device.other())?,
        "routes point to {name} after its drain"
    );
    Row::since(lab, traffic, &mark, format!("drain {name}"))?.lossless()?;

    let mark = traffic.mark();
    let since = device.namespace().forwarded()? - at_end;
    println!(
        "the ledger said after {:.1} s that {name} is drained; from then on {name} forwarded {since} packets",
        took.as_secs_f64()
    );
    ensure!(since == 0, "{name} forwarded packets after it was drained");
    lab.power_off(device)?;
    await_absence(lab, device)?;
    Row::since(lab, traffic, &mark, format!("{name} off"))?.lossless()?;

    let mark = traffic.mark();
    lab.power_on(device)?;
    lab.start_agent(device, Setup::default())?;
    lab.ledger
        .run(&format!("device undrain {} --yes", device.code()))?;
    come_back(lab, device)?;
    Row::since(lab, traffic, &mark, format!("{name} on, undrain"))?.lossless()
}

/// A power-off without a drain loses packets; the return from it does not.
fn lose_by_power_off(lab: &mut Lab, traffic: &Traffic, name: &str) -> Result<()> {
    let device = lab.options.preferred;
    let mark = traffic.mark();
    lab.power_off(device)?;
    lab.await_routes_by(device.other())?;
    let row = Row::since(lab, traffic, &mark, format!("{name} off, without a drain"))?;
    ensure!(
        row.is_lossy(),
        "a power-off without a drain lost nothing, so this lab proves nothing"
    );

    let mark = traffic.mark();
    lab.power_on(device)?;
    lab.start_agent(device, Setup::default())?;
    come_back(lab, device)?;
    Row::since(lab, traffic, &mark, format!("{name} on"))?.lossless()
}

/// Shuts all neighbors at once. With many prefixes that loses packets, if not each time; with one, the peers may be quicker
/// than any packet.
fn lose_by_shutting(lab: &Lab, traffic: &Traffic, name: &str) -> Result<()> {
    let device = lab.options.preferred;
    for attempt in 1.. {
        let mark = traffic.mark();
        shut_neighbors(lab, device, true)?;
        lab.await_routes_by(device.other())?;
        let row = Row::since(
            lab,
            traffic,
            &mark,
            format!("{name}'s neighbors shut at once"),
        )?;
        if row.is_lossy() || lab.options.prefixes == 1 {
            break;
        }
        ensure!(
            attempt < 5,
            "neighbors shut at once lose nothing, so this lab proves nothing"
        );
        shut_neighbors(lab, device, false)?;
        lab.await_routes_by(device)?;
    }
    Ok(())
}

/// Fails unless a device forwards the packets of the sites.
fn ensure_forwards(lab: &Lab, device: Device) -> Result<()> {
    ensure!(
        lab.all_routes_by(device)?,
        "the sites do not prefer the device"
    );
    let before = device.namespace().forwarded()?;
    until("the device forwards packets", || {
        Ok(device.namespace().forwarded()? - before > 500)
    })
    .map(drop)
}

/// Drains a device with the operator's command, and returns how many packets it had forwarded when the ledger did not say yet
/// that it is drained, and how long that took.
fn drain(lab: &Lab, device: Device) -> Result<(u64, Duration)> {
    let begun = Instant::now();
    let code = device.code();
    let mut command = lab.ledger.command(&format!(
        "device drain {code} --reason maintenance --wait --timeout 2m --yes"
    ))?;
    let mut drain = command
        .stdout(std::process::Stdio::null())
        .spawn()
        .context("ebb device drain")?;
    let mut forwarded = 0;
    let status = loop {
        let now = device.namespace().forwarded()?;
        match drain.try_wait()? {
            Some(status) => break status,
            None => forwarded = now,
        }
        sleep(Duration::from_millis(20));
    };
    ensure!(status.success(), "ebb device drain {code}: {status}");
    ensure!(lab.ledger.is_drained(device)?, "{code} is not drained");
    Ok((forwarded, begun.elapsed()))
}

/// Waits until a device is preferred again and the ledger has its sessions.
fn come_back(lab: &Lab, device: Device) -> Result<()> {
    lab.await_routes_by(device)?;
    ensure!(lab.await_sessions(device)? == 1, "one user has a session");
    Ok(())
}

/// Waits until both sites have noticed that a device is gone.
fn await_absence(lab: &Lab, device: Device) -> Result<()> {
    until_within(
        Duration::from_secs(30),
        "the sites see that the device is off",
        || {
            for site in Site::ALL {
                if lab
                    .site(site)
                    .is_established(device.address_of(site, lab.options.family))?
                {
                    return Ok(false);
                }
            }
            Ok(true)
        },
    )
    .map(drop)
}

/// Shuts or opens all neighbors, as an operator does who knows nothing better.
fn shut_neighbors(lab: &Lab, device: Device, shut: bool) -> Result<()> {
    match device {
        Device::A => {
            let no = if shut { "" } else { "no " };
            let mut lines = vec![format!("router bgp {}", device.autonomous_system())];
            lines.extend(
                Site::ALL
                    .map(|site| site.address_of(device, lab.options.family))
                    .map(|address| format!("{no}neighbor {address} shutdown")),
            );
            lab.frr()?.configure(&lines)
        }
        Device::B => {
            let verb = if shut { "disable" } else { "enable" };
            for protocol in ["user_1", "service"] {
                lab.bird()?.run(&format!("{verb} {protocol}"))?;
            }
            Ok(())
        }
    }
}
