use crate::state::LocationHead;

/// A location's disruption budget: what it has activated and what it must keep. A plan of several drains reserves
/// it drain by drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Devices that are activated and not reserved for a drain.
    pub activated: u32,
    /// The fewest to keep.
    pub min_activated: u32,
}

impl Budget {
    /// The budget as the location's account states it.
    pub const fn of(location: &LocationHead) -> Self {
        Self {
            activated: location.activated,
            min_activated: location.min_activated,
        }
    }

    /// How many activated devices the location can spare: so many more may start to drain.
    pub const fn spare(self) -> u32 {
        self.activated.saturating_sub(self.min_activated)
    }

    /// Whether the location can spare an activated device.
    pub const fn can_spare(self) -> bool {
        self.activated > self.min_activated
    }
}
