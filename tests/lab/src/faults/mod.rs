//! Drains in which something goes wrong. In each, a user with packets under way prefers device A unless it says
//! otherwise.

pub mod agent;
pub mod peer;
pub mod router;

use {
    crate::{
        agent::Setup,
        lab::{Lab, Options},
        plan::{Device, Site},
        report::Row,
        traffic::{Mark, Traffic},
        wait::until,
    },
    anyhow::{ensure, Context, Result},
    std::{path::Path, thread::sleep, time::Duration},
};

/// A lab with packets under way.
pub struct Scene {
    pub lab: Lab,
    pub device: Device,
    traffic: Traffic,
    mark: Mark,
}

impl Scene {
    pub fn start(folder: &Path, options: Options, setup: Setup) -> Result<Self> {
        let lab = Lab::start(folder, options, setup)?;
        let traffic = Traffic::start(options.prefixes, options.family)?;
        let mark = traffic.mark();
        Ok(Self {
            lab,
            device: options.preferred,
            traffic,
            mark,
        })
    }

    /// Starts a drain, without waiting for it.
    pub fn begin_drain(&self) -> Result<()> {
        let code = self.device.code();
        self.lab
            .ledger
            .run(&format!("device drain {code} --detach --yes"))
            .map(drop)
    }

    pub fn undrain(&self) -> Result<()> {
        self.lab
            .ledger
            .run(&format!("device undrain {} --yes", self.device.code()))
            .map(drop)
    }

    /// Waits until the ledger says that nobody is left, and fails unless the device has nobody either.
    pub fn await_drained(&self) -> Result<()> {
        until("the device is drained", || {
            self.lab.ledger.is_drained(self.device)
        })?;
        self.lab.ensure_nobody(self.device)
    }

    /// Waits until the device is preferred again, and the ledger has its sessions.
    pub fn await_return(&self) -> Result<()> {
        self.lab.await_routes_by(self.device)?;
        self.lab.await_sessions(self.device).map(drop)
    }

    /// Drains and brings back.
    pub fn drain_and_return(&self) -> Result<()> {
        self.begin_drain()?;
        self.await_drained()?;
        self.undrain()?;
        self.await_return()
    }

    /// Fails if a packet was lost since the last call, and reports those that were not.
    pub fn lossless(&mut self, step: &str) -> Result<()> {
        Row::since(&self.lab, &self.traffic, &self.mark, step)?.lossless()?;
        self.mark = self.traffic.mark();
        Ok(())
    }

    /// Reports what happened to packets since the last call, whatever it was.
    pub fn report(&mut self, step: &str) -> Result<()> {
        Row::since(&self.lab, &self.traffic, &self.mark, step)?;
        self.mark = self.traffic.mark();
        Ok(())
    }

    /// Fails unless the sessions on the ledger and of BGP are so many for a while.
    pub fn stays(&self, users: usize, seconds: u64) -> Result<()> {
        for _ in 0..seconds * 2 {
            let (ledger, bgp) = (
                self.lab.ledger.sessions(self.device)?,
                self.lab.connected_users(self.device)?,
            );
            ensure!(
                ledger as usize == users && bgp == users,
                "there are {ledger} sessions on the ledger and {bgp} of BGP, not {users}"
            );
            sleep(Duration::from_millis(500));
        }
        Ok(())
    }

    /// When each session was opened, which changes if it is closed and opened again.
    pub fn opened(&self) -> Result<Vec<u64>> {
        let sessions = self.lab.ledger.session_list(self.device)?;
        let slots = sessions
            .iter()
            .map(|session| session["opened_slot"].as_u64().context("a slot"));
        slots.collect()
    }

    /// Waits until the routes of both sites have moved off the device.
    pub fn await_moved(&self) -> Result<()> {
        self.lab.await_routes_by(self.device.other()).map(drop)
    }

    pub fn site(&self) -> &crate::frr::Frr {
        self.lab.site(Site::User)
    }
}

/// Waits until the agent of a device has a metric with this value.
pub fn await_metric(scene: &Scene, name: &str, value: f64) -> Result<()> {
    until(&format!("{name} is {value}"), || {
        Ok(scene.lab.agent(scene.device)?.metric(name)? == value)
    })
    .map(drop)
}
