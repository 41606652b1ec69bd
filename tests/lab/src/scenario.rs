//! What can be run.

use {
    crate::{maintenance, plan::Device, report},
    anyhow::Result,
    clap::ValueEnum,
    std::path::Path,
};

const FOLDER: &str = "/run/ebb-lab";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// A maintenance of the device that runs FRR, with 20,000 prefixes a site
    #[value(name = "frr-20000")]
    FrrMany,
    /// The same with one prefix a site
    Frr,
    /// A maintenance of the device that runs BIRD
    Bird,
}

impl Scenario {
    pub fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Runs it in the namespaces of this process.
    pub fn run(self) -> Result<()> {
        println!("{}", report::HEAD);
        let folder = Path::new(FOLDER);
        match self {
            Self::FrrMany => maintenance::run(folder, Device::A, 20_000),
            Self::Frr => maintenance::run(folder, Device::A, 1),
            Self::Bird => maintenance::run(folder, Device::B, 1),
        }
    }
}

/// Prints what there is.
pub fn list() {
    for value in Scenario::value_variants() {
        if let Some(value) = value.to_possible_value() {
            let help = value
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            println!("{:<20} {help}", value.get_name());
        }
    }
}
