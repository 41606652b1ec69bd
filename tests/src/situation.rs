use {
    crate::{instructions::DEADLINE, user, Actor, Caller, Places, World},
    ebb_sdk::{
        instruction::DrainDevice,
        state::{Health, HoldKind, ProvisioningStatus},
    },
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

/// A report of health, and whether the status changed after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was reported.
    pub health: Health,
    /// By whom.
    pub by: Caller,
    /// Reported before the last change of status.
    pub stale: bool,
}

impl Report {
    /// The reports that rules tell apart.
    pub const ALL: [Option<Self>; 9] = [
        None,
        Some(Self::fresh(Health::Healthy, Caller::ORACLE)),
        Some(Self::fresh(Health::Healthy, Caller::AUTHORITY)),
        Some(Self::fresh(Health::Healthy, Caller::AGENT)),
        Some(Self::fresh(Health::Unhealthy, Caller::ORACLE)),
        Some(Self::fresh(Health::Dead, Caller::ORACLE)),
        Some(Self::stale(Health::Healthy)),
        Some(Self::stale(Health::Unhealthy)),
        Some(Self::stale(Health::Dead)),
    ];

    /// A report since the last change of status.
    pub const fn fresh(health: Health, by: Caller) -> Self {
        Self {
            health,
            by,
            stale: false,
        }
    }

    const fn stale(health: Health) -> Self {
        Self {
            health,
            by: Caller::ORACLE,
            stale: true,
        }
    }
}

/// The hold that a device carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// None.
    Nothing,
    /// A live one of critical traffic.
    Traffic,
    /// A live one of a pending task.
    Task,
    /// One of a pending task that has expired.
    Expired,
}

impl Holding {
    /// Every case.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Traffic, Self::Task, Self::Expired];
}

/// A running drain's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// None.
    None,
    /// Still to come.
    Ahead,
    /// Passed.
    Passed,
}

impl Deadline {
    /// Every case.
    pub const ALL: [Self; 3] = [Self::None, Self::Ahead, Self::Passed];
}

/// All that the rules ask of a device and of what is around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// Its status; `None` if it does not exist.
    pub status: Option<ProvisioningStatus>,
    /// The last report of its health.
    pub report: Option<Report>,
    /// Its contributor is suspended.
    pub suspended: bool,
    /// The policy.
    pub require_healthy: bool,
    /// The hold it carries.
    pub holding: Holding,
    /// Its location cannot spare an activated device.
    pub budget_spent: bool,
    /// Sessions open.
    pub sessions: u8,
    /// Disk keys not destroyed.
    pub disk_keys: u8,
    /// The running drain's deadline.
    pub deadline: Deadline,
}

/// How long ago a situation's last instruction was, in seconds.
const AGE: u32 = 3_600;

impl Situation {
    /// A device in a status with nothing else to it; Retiring keeps one disk key.
    pub fn of(status: Option<ProvisioningStatus>) -> Self {
        Self {
            status,
            report: None,
            suspended: false,
            require_healthy: false,
            holding: Holding::Nothing,
            budget_spent: false,
            sessions: 0,
            disk_keys: u8::from(status == Some(Retiring)),
            deadline: Deadline::None,
        }
    }

    /// Whether instructions lead there.
    pub fn is_reachable(&self) -> bool {
        let (sick, stale) = self.report.map_or((false, false), |report| {
            (report.health != Health::Healthy, report.stale)
        });
        let no_drain = self.deadline == Deadline::None;
        let empty = self.holding == Holding::Nothing && self.sessions == 0 && no_drain;
        match self.status {
            None => empty && self.report.is_none() && self.disk_keys == 0,
            Some(Pending) => empty && !stale,
            Some(Activated) => no_drain && !(sick && stale),
            Some(Draining) => true,
            Some(Retiring) => empty && self.disk_keys > 0,
            Some(Retired) => empty && self.disk_keys == 0 && (self.report.is_none() || stale),
        }
    }

    /// Leads there from [`World::new`], by instructions alone.
    pub fn establish(&self, world: &World) -> World {
        let mut world = world.clone();
        let steps: &[ProvisioningStatus] = match self.status {
            None => &[],
            Some(Pending) => &[Pending],
            Some(Activated) => &[Pending, Activated],
            Some(Draining) => &[Pending, Activated, Draining],
            Some(Retiring | Retired) => &[Pending, Activated, Draining, Retiring],
        };
        for (index, step) in steps.iter().enumerate() {
            if index + 1 == steps.len() {
                self.report(&mut world, true);
            }
            self.step(&mut world, *step);
        }
        self.hold(&mut world);
        self.report(&mut world, false);
        self.surround(&mut world);
        world.pass(AGE);
        world
    }

    fn step(&self, world: &mut World, to: ProvisioningStatus) {
        match to {
            Pending => {
                world.must(world.create_device(Actor::Contributor, Places::DEVICE));
                for number in 0..self.disk_keys {
                    let consent = Caller::CONTRIBUTOR;
                    world.must(world.register_disk_key(Actor::Custodian, consent, number));
                }
            }
            Activated => {
                world.must(world.activate(Actor::Authority));
                for number in 0..self.sessions {
                    world.must(world.open_session(Actor::Agent, &user(number)));
                }
            }
            Draining => {
                let args = DrainDevice {
                    deadline_seconds: match self.deadline {
                        Deadline::None => 0,
                        Deadline::Ahead => 2 * AGE,
                        Deadline::Passed => DEADLINE,
                    },
                    ..DrainDevice::default()
                };
                world.must(world.drain_with(Caller::CONTRIBUTOR, args));
            }
            Retiring | Retired => {
                world.must(world.retire(Caller::CONTRIBUTOR));
            }
        }
    }

    fn hold(&self, world: &mut World) {
        let (kind, seconds) = match self.holding {
            Holding::Nothing => return,
            Holding::Traffic => (HoldKind::CriticalTraffic, 2 * AGE),
            Holding::Task => (HoldKind::PendingTask, 2 * AGE),
            Holding::Expired => (HoldKind::PendingTask, AGE),
        };
        world.must(world.place_hold(Caller::CONTRIBUTOR, kind, seconds));
    }

    fn report(&self, world: &mut World, stale: bool) {
        if let Some(report) = self.report.filter(|report| report.stale == stale) {
            world.must(world.report(report.by, report.health));
        }
    }

    fn surround(&self, world: &mut World) {
        if self.budget_spent {
            world.must(world.set_budget(Actor::Authority, 1));
        }
        if self.require_healthy {
            world.must(world.set_policy(Actor::Authority, true));
        }
        if self.suspended {
            world.must(world.set_suspended(Actor::Authority, true));
        }
    }
}
