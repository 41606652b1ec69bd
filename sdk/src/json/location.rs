use {
    crate::{client::Keyed, lifecycle::Budget, state::Location},
    serde::{Deserialize, Serialize},
};

/// One degree in millionths.
const MICRO: f64 = 1_000_000.0;

/// Millionths of a degree, as accounts have them, in degrees.
pub fn to_degrees(micro: i32) -> f64 {
    f64::from(micro) / MICRO
}

/// A location: where it is, and what it can spare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LocationJson {
    /// Its code.
    pub code: String,
    /// The account's address.
    pub address: String,
    /// Its name.
    pub name: String,
    /// The country, as ISO 3166-1 alpha-2 writes it.
    pub country: String,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lng: f64,
    /// The disruption budget: the fewest devices that must stay Activated.
    pub min_activated: u32,
    /// Devices there.
    pub devices: u32,
    /// Activated devices there.
    pub activated: u32,
    /// Draining devices there.
    pub draining: u32,
    /// Mutations of the account so far.
    pub sequence: u64,
}

impl LocationJson {
    /// Its disruption budget.
    pub fn budget(&self) -> Budget {
        Budget {
            activated: self.activated,
            min_activated: self.min_activated,
        }
    }
}

impl From<Keyed<Location>> for LocationJson {
    fn from(found: Keyed<Location>) -> Self {
        let Location { head, code, name } = found.account;
        Self {
            code,
            address: found.address.to_string(),
            name,
            country: String::from_utf8_lossy(&head.country).into_owned(),
            lat: to_degrees(head.latitude),
            lng: to_degrees(head.longitude),
            min_activated: head.min_activated,
            devices: head.devices,
            activated: head.activated,
            draining: head.draining,
            sequence: head.sequence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_have_six_decimals() {
        assert_eq!(to_degrees(4_940_000), 4.94);
        assert_eq!(to_degrees(-1), -0.000001);
    }
}
