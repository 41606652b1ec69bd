//! Devices to register.

use {
    super::{differing, Lookup, Source, Wanted},
    crate::{
        client::Keyed,
        fleet::{subject::SharedAccounts, Fleet, FleetError, Roles, RowReport},
        instruction::{create_device, CreateDevice, ShortString},
        lifecycle::{permit, Action, Facts, CONTRIBUTOR},
        pda,
        state::{present, AccountType, Device, DeviceHead, DeviceType, ProvisioningStatus},
    },
    async_trait::async_trait,
    solana_program::pubkey::Pubkey,
    std::{
        collections::{BTreeSet, HashMap},
        net::Ipv4Addr,
        sync::Arc,
    },
};

/// A device to register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDevice {
    /// Its code.
    pub code: String,
    /// The contributor that owns it.
    pub contributor: Pubkey,
    /// The location where it stands.
    pub location: Pubkey,
    /// What it does in the network.
    pub device_type: DeviceType,
    /// Its address.
    pub public_ip: Ipv4Addr,
    /// The most sessions it takes.
    pub max_sessions: u32,
    /// The key of its controller; a registered device may have any where none is named.
    pub agent: Option<Pubkey>,
}

impl NewDevice {
    /// The arguments of the instruction that registers it.
    pub fn args(&self) -> CreateDevice {
        CreateDevice {
            code: ShortString::from(self.code.as_str()),
            device_type: self.device_type,
            public_ip: self.public_ip.octets(),
            max_sessions: self.max_sessions,
            agent: self.agent.unwrap_or_default(),
        }
    }

    /// In which values a registered device differs from it.
    pub fn differences(&self, found: &Device) -> Vec<&'static str> {
        let head = &found.head;
        let agent = self.agent.is_none() || present(&head.agent) == self.agent.as_ref();
        differing([
            ("contributor", head.contributor == self.contributor),
            ("location", head.location == self.location),
            ("device_type", head.device_type == self.device_type),
            ("public_ip", found.public_ip() == self.public_ip),
            ("max_sessions", head.max_sessions == self.max_sessions),
            ("agent", agent),
        ])
    }

    /// Checks that what is registered under its code is this device.
    ///
    /// # Errors
    /// [`FleetError::CodeInUse`], [`FleetError::Differs`]
    pub fn check_existing(&self, found: &Device) -> Result<(), FleetError> {
        let status = found.head.provisioning_status;
        if matches!(
            status,
            ProvisioningStatus::Retiring | ProvisioningStatus::Retired
        ) {
            return Err(FleetError::CodeInUse(status));
        }
        match self.differences(found) {
            differences if differences.is_empty() => Ok(()),
            differences => Err(FleetError::Differs(differences)),
        }
    }
}

#[async_trait]
impl Source for Wanted<NewDevice> {
    fn reports(&self, fleet: &Fleet) -> Vec<RowReport> {
        let report = |device: &NewDevice| {
            let address = pda::device(fleet.program_id(), &device.code).0;
            RowReport::new(device.code.clone(), address, None)
        };
        self.0.iter().map(report).collect()
    }

    async fn read(
        &self,
        fleet: &Fleet,
        rows: &[usize],
        addresses: &[Pubkey],
    ) -> Result<Vec<Result<Lookup, FleetError>>, FleetError> {
        let client = fleet.client();
        let contributors: BTreeSet<Pubkey> = self.of(rows).map(|it| it.contributor).collect();
        let locations: BTreeSet<Pubkey> = self.of(rows).map(|it| it.location).collect();
        let (shared, devices) = tokio::try_join!(
            SharedAccounts::read(client, contributors, locations),
            async { Ok(client.devices_at(addresses).await?) },
        )?;
        let devices = self.of(rows).zip(devices);
        devices
            .map(|(wanted, found)| match row(fleet, &shared, wanted, found) {
                Err(error) if error.is_of_signer() => Err(error),
                row => Ok(row),
            })
            .collect()
    }
}

fn row(
    fleet: &Fleet,
    shared: &SharedAccounts,
    wanted: &NewDevice,
    found: Option<Keyed<Device>>,
) -> Result<Lookup, FleetError> {
    let contributor = named(
        &shared.contributors,
        &wanted.contributor,
        AccountType::Contributor,
    )?;
    named(&shared.locations, &wanted.location, AccountType::Location)?;
    if let Some(found) = found {
        wanted.check_existing(&found.account)?;
        return Ok(Lookup::Device(Arc::new(shared.subject(found)?)));
    }
    let (signer, payer) = (fleet.signer_key()?, fleet.fee_payer_key()?);
    let roles = Roles {
        program_id: fleet.program_id(),
        contributor,
        registry: &shared.registry,
    };
    let role = roles.choose(&signer, CONTRIBUTOR, false)?.role;
    let device = DeviceHead::new(wanted.contributor, wanted.location, payer, 0, 0);
    let facts = Facts::of(&device, shared.now).with_contributor(&contributor.account.head);
    permit(Action::Create, None, role, &facts)?;
    let create = create_device(
        fleet.program_id(),
        &signer,
        &payer,
        &wanted.contributor,
        &wanted.location,
        wanted.args(),
    );
    Ok(Lookup::Absent(create?))
}

fn named<'a, T>(
    found: &'a HashMap<Pubkey, Arc<Keyed<T>>>,
    address: &Pubkey,
    kind: AccountType,
) -> Result<&'a Keyed<T>, FleetError> {
    found
        .get(address)
        .map(Arc::as_ref)
        .ok_or_else(|| FleetError::not_found(kind, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    fn wanted() -> NewDevice {
        NewDevice {
            code: "a".into(),
            contributor: key(1),
            location: key(2),
            device_type: DeviceType::Edge,
            public_ip: Ipv4Addr::new(1, 2, 3, 4),
            max_sessions: 8,
            agent: None,
        }
    }

    fn found() -> Device {
        let mut head = DeviceHead::new(key(1), key(2), key(1), 1, 255);
        head.device_type = DeviceType::Edge;
        head.public_ip = [1, 2, 3, 4];
        head.max_sessions = 8;
        head.agent = key(3);
        Device {
            head,
            code: "a".into(),
        }
    }

    #[test]
    fn differences_are_named() {
        let mut device = found();
        assert!(wanted().differences(&device).is_empty());
        device.head.max_sessions = 9;
        let elsewhere = NewDevice {
            location: key(3),
            ..wanted()
        };
        assert_eq!(elsewhere.differences(&device), ["location", "max_sessions"]);
        let run_by = NewDevice {
            agent: Some(key(2)),
            ..wanted()
        };
        assert_eq!(run_by.differences(&device), ["max_sessions", "agent"]);
    }

    #[test]
    fn a_code_on_its_way_out_is_in_use() {
        let mut device = found();
        assert!(wanted().check_existing(&device).is_ok());
        device.head.provisioning_status = ProvisioningStatus::Retired;
        assert!(matches!(
            wanted().check_existing(&device),
            Err(FleetError::CodeInUse(ProvisioningStatus::Retired))
        ));
    }
}
