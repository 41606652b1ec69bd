#![allow(dead_code)]
//! Drains real routers in network namespaces while numbered packets flow.

mod bird;
mod daemon;
mod frr;
mod lab;
mod ledger;
mod namespace;
mod plan;
mod traffic;
mod wait;

use {
    anyhow::Result,
    lab::{Lab, Options},
    plan::{Device, Site},
    std::{path::Path, process::Command, thread::sleep, time::Duration, time::Instant},
    traffic::{Tally, Traffic},
};

fn say(t: [(Site, Tally); 2], what: &str) {
    for (s, t) in t {
        println!(
            "{what}: from {}: sent {} lost {} dup {} reord {}",
            s.name(),
            t.sent,
            t.lost,
            t.duplicated,
            t.reordered
        );
    }
}

fn main() -> Result<()> {
    let prefixes: u16 = std::env::args().nth(1).unwrap().parse()?;
    let start = Instant::now();
    let mut lab = Lab::start(
        Path::new("/run/ebb-lab"),
        Options {
            prefixes,
            preferred: Device::A,
            user_ignores_community: false,
        },
    )?;
    println!("started {:?}", start.elapsed());
    lab.await_routes_by(Device::A)?;
    lab.await_ready(Device::B)?;
    println!("routes {:?}", start.elapsed());
    if std::env::args().nth(2).is_some() {
        Command::new("bash")
            .arg("-c")
            .arg(std::env::args().nth(2).unwrap())
            .status()?;
        return Ok(());
    }
    let traffic = Traffic::start(prefixes)?;
    sleep(Duration::from_secs(1));
    let mark = traffic.mark();
    let user = Site::User.address(Device::A);
    let a = lab.a.as_ref().unwrap();
    a.configure(&["router bgp 65010".into(), "bgp graceful-shutdown".into()])?;
    println!("moved {:?}", lab.await_routes_by(Device::B)?);
    a.configure(&[
        "router bgp 65010".into(),
        format!("neighbor {user} shutdown message ebb"),
    ])?;
    sleep(Duration::from_secs(1));
    say(traffic.since(&mark), "drain");
    let mark = traffic.mark();
    lab.power_off(Device::A)?;
    sleep(Duration::from_secs(1));
    lab.power_on(Device::A)?;
    lab.await_ready(Device::A)?;
    say(traffic.since(&mark), "naive return");
    lab.await_routes_by(Device::A)?;
    let mark = traffic.mark();
    lab.power_off(Device::A)?;
    println!("moved {:?}", lab.await_routes_by(Device::B)?);
    say(traffic.since(&mark), "power-off");
    println!("overruns {}", Traffic::overruns()?);
    println!("all {:?}", start.elapsed());
    Ok(())
}
