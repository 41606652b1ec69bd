//! The lines of a CSV file of devices.

use {
    super::{
        address,
        value::{self, Identifier},
    },
    crate::input::csv_file::{self, CsvColumns, CsvError},
    ebb_sdk::{fleet::NewDevice, state::DeviceType},
    solana_sdk::pubkey::Pubkey,
    std::net::Ipv4Addr,
};

/// The columns of the file.
pub const COLUMNS: CsvColumns = CsvColumns {
    required: &[
        "code",
        "contributor",
        "location",
        "device_type",
        "public_ip",
        "max_sessions",
    ],
    optional: &["agent"],
};

/// One device that a line describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    pub code: String,
    pub contributor: Identifier,
    pub location: Identifier,
    pub device_type: DeviceType,
    pub public_ip: Ipv4Addr,
    pub max_sessions: u32,
    pub agent: Option<Pubkey>,
}

impl DeviceRow {
    /// Reads a line.
    pub fn parse(row: &csv_file::CsvRow) -> Result<Self, CsvError> {
        Ok(Self {
            code: row.parse("code", value::code)?,
            contributor: Identifier::Code(row.parse("contributor", value::code)?),
            location: Identifier::Code(row.parse("location", value::code)?),
            device_type: row.parse("device_type", str::parse)?,
            public_ip: row.parse("public_ip", value::public_ip)?,
            max_sessions: row.parse("max_sessions", value::max_sessions)?,
            agent: row.parse_optional("agent", value::pubkey)?,
        })
    }

    /// The device that it describes.
    pub fn device(&self, program_id: &Pubkey) -> NewDevice {
        NewDevice {
            code: self.code.clone(),
            contributor: address::contributor(program_id, &self.contributor),
            location: address::location(program_id, &self.location),
            device_type: self.device_type,
            public_ip: self.public_ip,
            max_sessions: self.max_sessions,
            agent: self.agent,
        }
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::input::csv_file::CsvFile};

    const HEADER: &str = "code,contributor,location,device_type,public_ip,max_sessions,agent";

    fn one(line: &str) -> Result<DeviceRow, CsvError> {
        let file = CsvFile::new(format!("{HEADER}\n{line}\n").into()).unwrap();
        let mut lines = file.read(&COLUMNS, DeviceRow::parse).unwrap();
        lines.remove(0).content
    }

    #[test]
    fn the_published_fleet_is_sound() {
        let file = CsvFile::new(include_bytes!("../../data/devices.csv").into()).unwrap();
        let lines = file.read(&COLUMNS, DeviceRow::parse).unwrap();
        assert_eq!(lines.len(), 8);
        assert!(lines.iter().all(|line| line.content.is_ok()));
    }

    #[test]
    fn a_wrong_field_names_its_column() {
        for (line, wrong) in [
            ("AMS,co01,ams,hybrid,1.2.3.4,8,", "code `AMS`"),
            ("a,CO,ams,hybrid,1.2.3.4,8,", "contributor `CO`"),
            ("a,co01,,hybrid,1.2.3.4,8,", "location ``"),
            ("a,co01,ams,router,1.2.3.4,8,", "device_type `router`"),
            ("a,co01,ams,hybrid,1.2.3,8,", "public_ip `1.2.3`"),
            ("a,co01,ams,hybrid,1.2.3.4,-8,", "max_sessions `-8`"),
            ("a,co01,ams,hybrid,1.2.3.4,8,key", "agent `key`"),
        ] {
            assert!(
                one(line).unwrap_err().to_string().starts_with(wrong),
                "{line}"
            );
        }
    }
}
