//! How many sessions draining devices had since their drains started.

use {
    super::View,
    ebb_sdk::state::{DeviceHead, ProvisioningStatus},
    solana_sdk::pubkey::Pubkey,
    std::{collections::HashMap, mem},
};

/// How many points are kept of a drain.
const KEPT_POINTS: usize = 64;

/// From when on a device had so many sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrailPoint {
    /// The ledger's time, in Unix seconds.
    pub time: i64,
    /// Sessions that were open.
    pub sessions: u32,
}

/// The trail of each device that drains now.
#[derive(Debug, Default)]
pub struct Trails(HashMap<Pubkey, Trail>);

/// The sessions of one drain.
#[derive(Debug)]
struct Trail {
    generation: u64,
    started_slot: u64,
    points: Vec<TrailPoint>,
}

impl Trails {
    /// Adds what a view shows, and forgets devices that do not drain in it.
    pub fn record(&mut self, view: &View) {
        let mut before = mem::take(&mut self.0);
        for device in view.devices.by_code.values() {
            let head = &device.account.head;
            if head.provisioning_status != ProvisioningStatus::Draining {
                continue;
            }
            let known = before.remove(&device.address);
            let known = known.filter(|trail| trail.is_of(head));
            let mut trail = known.unwrap_or_else(|| Trail::starting(head));
            trail.push(view.time, head.sessions);
            self.0.insert(device.address, trail);
        }
    }

    /// Returns the points of a device's drain, oldest first.
    pub fn of(&self, device: &Pubkey) -> Vec<TrailPoint> {
        let trail = self.0.get(device);
        trail.map(|trail| trail.points.clone()).unwrap_or_default()
    }
}

impl Trail {
    /// A drain's account says how it started, whenever the server did.
    fn starting(head: &DeviceHead) -> Self {
        Self {
            generation: head.generation,
            started_slot: head.drain.started_slot,
            points: vec![TrailPoint {
                time: head.drain.started_at,
                sessions: head.drain.sessions_at_start,
            }],
        }
    }

    fn is_of(&self, head: &DeviceHead) -> bool {
        self.generation == head.generation && self.started_slot == head.drain.started_slot
    }

    fn push(&mut self, time: i64, sessions: u32) {
        if self
            .points
            .last()
            .is_some_and(|last| last.sessions == sessions)
        {
            return;
        }
        self.points.push(TrailPoint { time, sessions });
        if self.points.len() > KEPT_POINTS {
            self.thin();
        }
    }

    /// Drops every second point, and neither the first nor the last.
    fn thin(&mut self) {
        let last = self.points.len().saturating_sub(1);
        let mut place = 0;
        self.points.retain(|_| {
            let is_kept = place % 2 == 0 || place == last;
            place += 1;
            is_kept
        });
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::view::tests::{device, view},
        ebb_sdk::client::Keyed,
        ebb_sdk::state::{
            Device,
            ProvisioningStatus::{Activated, Draining},
        },
    };

    fn draining(started_slot: u64, sessions: u32) -> Keyed<Device> {
        let mut found = device("a", Draining);
        let head = &mut found.account.head;
        head.sessions = sessions;
        head.drain.started_slot = started_slot;
        head.drain.started_at = 50;
        head.drain.sessions_at_start = 9;
        found
    }

    fn record(trails: &mut Trails, time: i64, found: Keyed<Device>) -> Vec<(i64, u32)> {
        let address = found.address;
        trails.record(&View {
            time,
            ..view(1, None, vec![found])
        });
        let points = trails.of(&address);
        points.iter().map(|it| (it.time, it.sessions)).collect()
    }

    #[test]
    fn a_trail_is_of_one_drain_and_ends_with_it() {
        let mut trails = Trails::default();
        let first = [(50, 9), (100, 7)];
        assert_eq!(record(&mut trails, 100, draining(1, 7)), first);
        assert_eq!(record(&mut trails, 110, draining(1, 7)), first);
        let longer = [(50, 9), (100, 7), (120, 4)];
        assert_eq!(record(&mut trails, 120, draining(1, 4)), longer);
        assert_eq!(record(&mut trails, 130, draining(2, 9)), [(50, 9)]);
        assert_eq!(record(&mut trails, 140, device("a", Activated)), []);
    }

    #[test]
    fn a_long_trail_keeps_its_ends() {
        let mut trails = Trails::default();
        for sessions in (0..1_000).rev() {
            let points = record(
                &mut trails,
                2_000 - i64::from(sessions),
                draining(1, sessions),
            );
            assert!(points.len() <= KEPT_POINTS, "{}", points.len());
            assert_eq!(points.first(), Some(&(50, 9)));
            assert_eq!(
                points.last(),
                Some(&(2_000 - i64::from(sessions), sessions))
            );
        }
    }
}
