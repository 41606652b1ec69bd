use {
    crate::{
        instructions::DEADLINE,
        model::{
            state::Model,
            step::{ContributorDeed, Deed, DeviceDeed, NewDevice, NewDrain, NewHold, Step},
        },
        Actor, Caller, World,
    },
    ebb_sdk::state::{Health, HoldKind, ProvisioningStatus},
    std::iter,
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
    /// The reports that rules distinguish.
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

impl Situation {
    /// How long ago the last instruction was, in seconds.
    pub const AGE: u32 = 3_600;

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
    #[track_caller]
    pub fn establish(&self, world: &World) -> World {
        let (mut world, mut model) = (world.clone(), Model::founded());
        for step in self.steps() {
            world.must(model.must(&step));
        }
        world.pass(Self::AGE);
        world
    }

    /// The steps that lead there from [`Model::founded`], after which [`Situation::AGE`] passes.
    pub fn steps(&self) -> Vec<Step> {
        let path: &[ProvisioningStatus] = match self.status {
            None => &[],
            Some(Pending) => &[Pending],
            Some(Activated) => &[Pending, Activated],
            Some(Draining) => &[Pending, Activated, Draining],
            Some(Retiring | Retired) => &[Pending, Activated, Draining, Retiring],
        };
        let mut steps = Vec::new();
        for (index, status) in path.iter().enumerate() {
            if index + 1 == path.len() {
                steps.extend(self.report(true));
            }
            steps.extend(self.enter(*status));
        }
        steps.extend(self.hold());
        steps.extend(self.report(false));
        steps.extend(self.surround());
        steps
    }

    fn enter(&self, status: ProvisioningStatus) -> Vec<Step> {
        let by_contributor = |deed| Step::on_device(Caller::CONTRIBUTOR, deed);
        match status {
            Pending => {
                let register = |disk| DeviceDeed::RegisterDiskKey {
                    disk,
                    custodian: Actor::Custodian,
                };
                let disks = 0..usize::from(self.disk_keys);
                iter::once(DeviceDeed::Create(NewDevice::USUAL))
                    .chain(disks.map(register))
                    .map(by_contributor)
                    .collect()
            }
            Activated => {
                let open = |user| Step::on_device(Caller::AGENT, DeviceDeed::OpenSession(user));
                let users = 0..usize::from(self.sessions);
                iter::once(Step::on_device(Caller::AUTHORITY, DeviceDeed::Activate))
                    .chain(users.map(open))
                    .collect()
            }
            Draining => vec![by_contributor(DeviceDeed::Drain(NewDrain {
                deadline: match self.deadline {
                    Deadline::None => 0,
                    Deadline::Ahead => 2 * Self::AGE,
                    Deadline::Passed => DEADLINE,
                },
                planned_return: 0,
                force: false,
                reason: "",
            }))],
            Retiring | Retired => vec![by_contributor(DeviceDeed::Retire)],
        }
    }

    fn hold(&self) -> Option<Step> {
        let (kind, seconds) = match self.holding {
            Holding::Nothing => return None,
            Holding::Traffic => (HoldKind::CriticalTraffic, 2 * Self::AGE),
            Holding::Task => (HoldKind::PendingTask, 2 * Self::AGE),
            Holding::Expired => (HoldKind::PendingTask, Self::AGE),
        };
        let hold = NewHold {
            kind,
            seconds,
            reason: "backup of /var/log",
        };
        let place = DeviceDeed::PlaceHold(hold);
        Some(Step::on_device(Caller::CONTRIBUTOR, place))
    }

    fn report(&self, stale: bool) -> Option<Step> {
        let report = self.report.filter(|report| report.stale == stale)?;
        let deed = DeviceDeed::ReportHealth(report.health);
        Some(Step::on_device(report.by, deed))
    }

    fn surround(&self) -> impl Iterator<Item = Step> {
        let spend = self.budget_spent.then_some(Deed::SetBudget(0, 1));
        let require = self.require_healthy.then_some(Deed::SetPolicy(true));
        let suspend = Deed::Contributor(0, ContributorDeed::Suspend);
        let suspend = self.suspended.then_some(suspend);
        let deeds = [spend, require, suspend].into_iter().flatten();
        deeds.map(|deed| Step::new(Caller::AUTHORITY, deed))
    }
}
