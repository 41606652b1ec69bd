//! Reading a device and its sessions.

use {
    super::Chain,
    crate::config::DeviceName,
    ebb_sdk::{
        client::{Client, Keyed},
        fleet::Waker,
        ledger::{LedgerError, Now},
        pda,
        state::{Device, Session},
    },
    solana_sdk::pubkey::Pubkey,
    std::{
        collections::BTreeMap,
        sync::Arc,
        time::{Instant, SystemTime},
    },
    tokio::{sync::watch, time::sleep},
};

/// How often a reading is tried during which the device changes.
const ATTEMPTS: u32 = 5;
/// How long after a reading the next one begins at the earliest.
const SHORTEST_PAUSE: std::time::Duration = std::time::Duration::from_millis(200);

/// Since when, and why, the ledger does not say how a device is.
#[derive(Clone, Debug)]
pub struct Away {
    /// When it was read last, or when it was first tried.
    pub since: SystemTime,
    /// Why.
    pub reason: String,
}

/// What is known of the ledger.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What was read last, and when that reading began.
    pub last: Option<(Instant, SystemTime)>,
    /// The device; `None` where it was never read, or is no longer there.
    pub chain: Option<Arc<Chain>>,
    /// Why there is nothing newer.
    pub away: Option<Away>,
    /// Which reading it is, failed ones included.
    pub number: u64,
}

impl Reading {
    /// Whether the device was read and is not there.
    pub fn is_gone(&self) -> bool {
        self.last.is_some() && self.chain.is_none()
    }
}

/// Which device is read.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its address.
    pub address: Pubkey,
    /// What it is called: its code, or its address.
    pub name: String,
}

impl Target {
    /// The device that a name means.
    pub fn new(name: &DeviceName, program_id: &Pubkey) -> Self {
        let address = match name {
            DeviceName::Code(code) => pda::device(program_id, code).0,
            DeviceName::Address(address) => *address,
        };
        let name = name.to_string();
        Self { address, name }
    }
}

/// Reads a device for ever: when it changes, where the ledger reports that, and else every second.
pub async fn follow(client: &Client, target: &Target, readings: &watch::Sender<Reading>) {
    let mut waker = Waker::new(client.ledger(), vec![target.address]);
    let began = SystemTime::now();
    loop {
        let (at, when) = (Instant::now(), SystemTime::now());
        let before = readings.borrow().chain.clone();
        let read = read(client, &target.address, before.as_deref()).await;
        readings.send_modify(|reading| {
            reading.number += 1;
            match read {
                Ok(chain) => {
                    reading.last = Some((at, when));
                    reading.chain = chain.map(Arc::new);
                    reading.away = None;
                }
                Err(error) => {
                    let since = reading.last.map_or(began, |(_, last)| last);
                    let reason = error.to_string();
                    reading.away = Some(Away { since, reason });
                }
            }
        });
        sleep(SHORTEST_PAUSE).await;
        waker.next(None).await;
    }
}

/// Reads a device and its sessions as they are at one moment: every session that opens or closes raises the device's
/// sequence. Without a change, they are those of `before`. `None` if there is no device.
async fn read(
    client: &Client,
    address: &Pubkey,
    before: Option<&Chain>,
) -> Result<Option<Chain>, LedgerError> {
    let Now { slot, time } = client.ledger().now().await?;
    let Some(mut device) = client.device(address).await? else {
        return Ok(None);
    };
    if let Some(before) = before.filter(|before| is_unchanged(&before.device, &device)) {
        let chain = Chain {
            time,
            slot,
            ..before.clone()
        };
        return Ok(Some(chain));
    }
    for _ in 0..ATTEMPTS {
        let sessions = sessions(client, address).await?;
        let Some(after) = client.device(address).await? else {
            return Ok(None);
        };
        let count = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
        if is_unchanged(&device, &after) && count == device.account.head.sessions {
            let (contributor, location) = codes(client, &device.account).await?;
            return Ok(Some(Chain {
                time,
                slot,
                device,
                sessions,
                contributor,
                location,
            }));
        }
        device = after;
    }
    let changing = "its sessions change faster than they can be read".to_owned();
    Err(LedgerError::Other(changing))
}

fn is_unchanged(before: &Keyed<Device>, after: &Keyed<Device>) -> bool {
    let (before, after) = (&before.account.head, &after.account.head);
    before.is_same_registration(after) && before.sequence == after.sequence
}

async fn sessions(
    client: &Client,
    address: &Pubkey,
) -> Result<BTreeMap<Pubkey, Keyed<Session>>, LedgerError> {
    let found = client.sessions(Some(address)).await?;
    if let Some((address, error)) = found.unreadable.into_iter().next() {
        return Err(LedgerError::Account { address, error });
    }
    let by_user = |session: Keyed<Session>| (session.account.user, session);
    Ok(found.items.into_iter().map(by_user).collect())
}

/// The codes of contributor and location, or their addresses where they cannot be had.
async fn codes(client: &Client, device: &Device) -> Result<(String, String), LedgerError> {
    let head = &device.head;
    let contributor = client.contributor(&head.contributor).await?;
    let location = client.location(&head.location).await?;
    let (by_contributor, by_location) = (head.contributor.to_string(), head.location.to_string());
    Ok((
        contributor.map_or(by_contributor, |found| found.account.code),
        location.map_or(by_location, |found| found.account.code),
    ))
}
