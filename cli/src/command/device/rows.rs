//! The lines of a CSV file of devices.

use {
    crate::{
        csv_file::{self, Columns, CsvError},
        value,
    },
    ebb_sdk::{
        instruction::{CreateDevice, ShortString},
        state::{present, Device, DeviceType},
    },
    solana_sdk::pubkey::Pubkey,
    std::net::Ipv4Addr,
};

/// The columns of the file.
pub const COLUMNS: Columns = Columns {
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
pub struct Row {
    pub code: String,
    pub contributor: String,
    pub location: String,
    pub device_type: DeviceType,
    pub public_ip: Ipv4Addr,
    pub max_sessions: u32,
    pub agent: Option<Pubkey>,
}

impl Row {
    /// Reads a line.
    pub fn parse(row: &csv_file::Row) -> Result<Self, CsvError> {
        Ok(Self {
            code: row.parse("code", value::code)?,
            contributor: row.parse("contributor", value::code)?,
            location: row.parse("location", value::code)?,
            device_type: row.parse("device_type", str::parse)?,
            public_ip: row.parse("public_ip", value::public_ip)?,
            max_sessions: row.parse("max_sessions", value::max_sessions)?,
            agent: row.parse_optional("agent", value::pubkey)?,
        })
    }

    /// What the instruction that registers it is told.
    pub fn args(&self) -> CreateDevice {
        CreateDevice {
            code: ShortString::from(self.code.as_str()),
            device_type: self.device_type,
            public_ip: self.public_ip.octets(),
            max_sessions: self.max_sessions,
            agent: self.agent.unwrap_or_default(),
        }
    }

    /// In what a registered device differs from it, column by column. `contributor` and `location` are
    /// the addresses of those that it names.
    pub fn differences(
        &self,
        found: &Device,
        contributor: &Pubkey,
        location: &Pubkey,
    ) -> Vec<&'static str> {
        let head = &found.head;
        let agent = self.agent.is_none() || present(&head.agent) == self.agent.as_ref();
        [
            ("contributor", head.contributor == *contributor),
            ("location", head.location == *location),
            ("device_type", head.device_type == self.device_type),
            ("public_ip", found.public_ip() == self.public_ip),
            ("max_sessions", head.max_sessions == self.max_sessions),
            ("agent", agent),
        ]
        .into_iter()
        .filter_map(|(column, same)| (!same).then_some(column))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use {super::*, crate::csv_file::CsvFile, ebb_sdk::state::DeviceHead};

    const HEADER: &str = "code,contributor,location,device_type,public_ip,max_sessions,agent";

    fn one(line: &str) -> Result<Row, CsvError> {
        let file = CsvFile::new(format!("{HEADER}\n{line}\n").into()).unwrap();
        let mut lines = file.read(&COLUMNS, Row::parse).unwrap();
        lines.remove(0).content
    }

    #[test]
    fn the_published_fleet_is_sound() {
        let file = CsvFile::new(include_bytes!("../../../data/devices.csv").into()).unwrap();
        let lines = file.read(&COLUMNS, Row::parse).unwrap();
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

    #[test]
    fn differences_are_named_by_column() {
        let row = one("a,co01,ams,edge,1.2.3.4,8,").unwrap();
        let [contributor, location, other] =
            [1, 2, 3].map(|byte| Pubkey::new_from_array([byte; 32]));
        let mut head = DeviceHead::new(contributor, location, contributor, 1, 255);
        head.device_type = DeviceType::Edge;
        head.public_ip = [1, 2, 3, 4];
        head.max_sessions = 8;
        head.agent = other;
        let mut device = Device {
            head,
            code: "a".into(),
        };
        assert!(row.differences(&device, &contributor, &location).is_empty());
        device.head.max_sessions = 9;
        assert_eq!(
            row.differences(&device, &contributor, &other),
            ["location", "max_sessions"]
        );
        let row = Row {
            agent: Some(location),
            ..row
        };
        assert_eq!(
            row.differences(&device, &contributor, &location),
            ["max_sessions", "agent"]
        );
    }
}
