//! A device on a made-up ledger.

use {
    crate::chain::{Act, Chain},
    ebb_sdk::{
        client::Keyed,
        event::{Event, EventKind},
        state::{Device, DeviceHead, ProvisioningStatus, Session},
        Role,
    },
    solana_sdk::{pubkey::Pubkey, signature::Signature},
};

/// A device of a status, with room for ten, on which these users have sessions.
pub fn chain(status: ProvisioningStatus, users: &[Pubkey]) -> Chain {
    let key = Pubkey::new_from_array([1; 32]);
    let mut head = DeviceHead::new(key, key, key, 1, 255);
    head.provisioning_status = status;
    head.max_sessions = 10;
    head.sessions = u32::try_from(users.len()).unwrap();
    let session = |user: &Pubkey| Keyed {
        address: *user,
        account: Session::new(key, *user, key, 255, 1, 1),
    };
    Chain {
        time: 1_000,
        slot: 1_000,
        device: Keyed {
            address: key,
            account: Device {
                head,
                code: "ams-dz001".to_owned(),
            },
        },
        sessions: users.iter().map(|user| (*user, session(user))).collect(),
        contributor: "co01".to_owned(),
        location: "ams".to_owned(),
    }
}

/// The change of the device with this sequence: a user's session was opened or closed, by a role.
pub fn act(sequence: u64, kind: EventKind, user: Pubkey, role: Role) -> Act {
    let key = Pubkey::new_from_array([1; 32]);
    let mut event = Event::new(kind, &key, &key, role);
    event.sequence = sequence;
    event.related = user;
    Act {
        event,
        signature: Signature::default(),
    }
}
