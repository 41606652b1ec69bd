//! What destroying a key takes, as things stand. Asked before anything is touched.

use {
    super::disk::commitment,
    crate::error::CliError,
    ebb_keystore::KeyRecord,
    ebb_sdk::{
        lifecycle::check_destroy_disk_key,
        state::{Device, DiskKey},
        EbbError,
    },
    jiff::Timestamp,
    solana_sdk::pubkey::Pubkey,
};

/// How one disk's key stands.
pub struct Facts<'a> {
    /// What the user calls the device.
    pub code: &'a str,
    pub path: &'a str,
    /// The device, unless it was removed.
    pub device: Option<&'a Device>,
    /// What is registered.
    pub registered: Option<&'a DiskKey>,
    /// Who is to sign. Asked only if a key is registered.
    pub custodian: Option<Pubkey>,
    /// What the store holds.
    pub stored: Option<KeyRecord>,
    /// When the store destroyed the key that is registered; if none is, when it destroyed the last one.
    pub destroyed_at: Option<Timestamp>,
    /// The user vouches for a key that the store does not hold.
    pub vouched: bool,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Plan {
    /// Destroy the key that is registered, then attest.
    Destroy(Box<KeyRecord>),
    /// Attest: it is destroyed, and an earlier run was cut short.
    Attest,
    /// Attest what the user vouches for.
    Vouch,
    /// Destroy a key that is not registered; there is nothing to attest.
    Discard(Box<KeyRecord>),
    /// Nothing.
    Done(Timestamp),
}

impl Facts<'_> {
    /// What is to be done.
    ///
    /// # Errors
    /// A rule of the program, or that the store has no such key.
    pub fn plan(self) -> Result<Plan, CliError> {
        let (code, path) = (self.code, self.path);
        let Some(registered) = self.registered else {
            return match (self.stored, self.destroyed_at) {
                (Some(key), _) => Ok(Plan::Discard(Box::new(key))),
                (None, Some(at)) => Ok(Plan::Done(at)),
                (None, None) => Err(CliError::not_found(format!(
                    "{code} has no disk key at {path}, and the store has none for it"
                ))
                .hint("what there is: ebb disk-key list")),
            };
        };
        self.check(registered)?;
        let wanted = commitment(registered);
        match self.stored {
            Some(key) if key.commitment == wanted => Ok(Plan::Destroy(Box::new(key))),
            _ if self.destroyed_at.is_some() => Ok(Plan::Attest),
            _ if self.vouched => Ok(Plan::Vouch),
            Some(key) => Err(CliError::other(format!(
                "{path} of {code} is registered with commitment {wanted}, and the store's key for it has {}; \
                 nothing was destroyed",
                key.commitment
            ))
            .hint("name the store that holds the key that is registered: --store DIR")
            .hint("if that key is destroyed for certain, vouch for it: --destroyed-elsewhere")),
            None => Err(CliError::not_found(format!(
                "{path} of {code} is registered, and the store neither holds its key nor destroyed it"
            ))
            .hint("name the store that holds it: --store DIR")
            .hint("if that key is destroyed for certain, vouch for it: --destroyed-elsewhere")),
        }
    }

    /// The program's own rules.
    fn check(&self, registered: &DiskKey) -> Result<(), CliError> {
        let (code, path) = (self.code, self.path);
        if let Some(device) = self.device {
            check_destroy_disk_key(&device.head).map_err(|rule| {
                CliError::refused(rule)
                    .because(format!(
                        "{code} is {}, and must be retiring",
                        device.head.provisioning_status
                    ))
                    .hint(format!(
                        "nothing was destroyed; to retire it: ebb device retire {code}"
                    ))
            })?;
        }
        let required = registered.head.custodian;
        match self.custodian {
            Some(custodian) if custodian == required => Ok(()),
            signs => Err(CliError::refused(EbbError::NotCustodian)
                .because(format!(
                    "signed by {}, requires the custodian of {path}, {required}",
                    signs.map_or_else(|| "nobody".to_owned(), |key| key.to_string())
                ))
                .hint("nothing was destroyed; sign with that key: --custodian KEYPAIR")
                .hint(format!(
                    "if it is lost, the authority names another: ebb disk-key reassign {code} {path} --custodian PUBKEY"
                ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::error::Kind,
        ebb_keystore::{Disk, Owner},
        ebb_sdk::state::{DeviceHead, DiskKeyHead, ProvisioningStatus},
        solana_sdk::hash::Hash,
    };

    const PATH: &str = "/dev/sda";

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    fn device(status: ProvisioningStatus) -> Device {
        let mut head = DeviceHead::new(key(1), key(2), key(3), 1, 255);
        head.provisioning_status = status;
        Device {
            head,
            code: "abc".into(),
        }
    }

    fn registered(commitment: u8) -> DiskKey {
        let head = DiskKeyHead::new(key(4), key(5), key(6), [commitment; 32], 255, 1, 1);
        DiskKey {
            head,
            path: PATH.into(),
        }
    }

    fn stored(commitment: u8) -> KeyRecord {
        KeyRecord {
            disk: Disk {
                genesis: Hash::default(),
                program_id: key(7),
                device: key(4),
                path: PATH.into(),
            },
            owner: Owner {
                code: "abc".into(),
                contributor: key(1),
                generation: 1,
                custodian: key(5),
            },
            commitment: [commitment; 32].into(),
            stored_at: Timestamp::UNIX_EPOCH,
            material: String::new(),
        }
    }

    /// A retiring device with a key that custodian 5 registered and has nothing of.
    fn facts<'a>(device: &'a Device, registered: &'a DiskKey) -> Facts<'a> {
        Facts {
            code: "abc",
            path: PATH,
            device: Some(device),
            registered: Some(registered),
            custodian: Some(key(5)),
            stored: None,
            destroyed_at: None,
            vouched: false,
        }
    }

    #[test]
    fn what_is_stored_is_destroyed_and_what_was_destroyed_is_attested() {
        let (device, one) = (device(ProvisioningStatus::Retiring), registered(1));
        let facts = || facts(&device, &one);
        let plan = Facts {
            stored: Some(stored(1)),
            ..facts()
        }
        .plan();
        assert_eq!(plan, Ok(Plan::Destroy(Box::new(stored(1)))));
        // A record of a destruction does not count while the key is there.
        let again = Facts {
            stored: Some(stored(1)),
            destroyed_at: Some(Timestamp::UNIX_EPOCH),
            ..facts()
        };
        assert_eq!(again.plan(), Ok(Plan::Destroy(Box::new(stored(1)))));
        let cut_short = Facts {
            destroyed_at: Some(Timestamp::UNIX_EPOCH),
            ..facts()
        };
        assert_eq!(cut_short.plan(), Ok(Plan::Attest));
    }

    #[test]
    fn nothing_is_attested_that_the_store_did_not_destroy_unless_vouched_for() {
        let (device, one) = (device(ProvisioningStatus::Retiring), registered(1));
        let facts = || facts(&device, &one);
        assert_eq!(facts().plan().unwrap_err().kind(), Kind::NotFound);
        let mismatch = Facts {
            stored: Some(stored(2)),
            ..facts()
        }
        .plan()
        .unwrap_err();
        assert_eq!(mismatch.kind(), Kind::Other);
        for commitment in ["01".repeat(32), "02".repeat(32)] {
            assert!(mismatch.to_string().contains(&commitment), "{mismatch}");
        }
        for stored in [None, Some(stored(2))] {
            let vouched = Facts {
                stored,
                vouched: true,
                ..facts()
            };
            assert_eq!(vouched.plan(), Ok(Plan::Vouch));
        }
    }

    #[test]
    fn the_programs_rules_come_first() {
        let one = registered(1);
        for status in [ProvisioningStatus::Activated, ProvisioningStatus::Draining] {
            let device = device(status);
            let early = Facts {
                stored: Some(stored(1)),
                ..facts(&device, &one)
            }
            .plan()
            .unwrap_err();
            assert!(early.is_refusal(EbbError::DiskKeyNotDestroyable));
            assert!(
                early
                    .to_string()
                    .ends_with(&format!("abc is {status}, and must be retiring")),
                "{early}"
            );
        }
        let device = device(ProvisioningStatus::Retiring);
        for vouched in [false, true] {
            let other = Facts {
                custodian: Some(key(9)),
                stored: Some(stored(1)),
                vouched,
                ..facts(&device, &one)
            };
            assert!(other.plan().unwrap_err().is_refusal(EbbError::NotCustodian));
        }
    }

    #[test]
    fn what_is_not_registered_is_discarded_or_done_or_unknown() {
        let (device, one) = (device(ProvisioningStatus::Activated), registered(1));
        let facts = || Facts {
            registered: None,
            custodian: None,
            ..facts(&device, &one)
        };
        let discard = Facts {
            stored: Some(stored(1)),
            ..facts()
        };
        assert_eq!(discard.plan(), Ok(Plan::Discard(Box::new(stored(1)))));
        let done = Facts {
            destroyed_at: Some(Timestamp::UNIX_EPOCH),
            ..facts()
        };
        assert_eq!(done.plan(), Ok(Plan::Done(Timestamp::UNIX_EPOCH)));
        assert_eq!(facts().plan().unwrap_err().kind(), Kind::NotFound);
    }
}
