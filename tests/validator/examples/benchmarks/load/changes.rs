//! Changes, sent by the SDK's sender.

use {
    super::DRAINING,
    crate::fleet::{Fleet, CONTRIBUTOR, OTHERS},
    ebb_sdk::{
        client::Client,
        instruction::{report_health, Expect},
        pda,
        state::Health,
        ID,
    },
    solana_sdk::{instruction::Instruction, signature::Keypair, signer::Signer},
    std::{
        collections::{BTreeMap, HashMap},
        sync::{
            atomic::{AtomicUsize, Ordering},
            Arc, Mutex,
        },
        time::Duration,
    },
    tokio::{
        sync::Semaphore,
        task::JoinHandle,
        time::{interval, Instant},
    },
};

/// How many reports a transaction has, and how often one is sent: 200 changes a second.
const AT_ONCE: usize = 10;
const EVERY: Duration = Duration::from_millis(50);
/// One transaction in so many has the report of a device that drains: one a second.
const ONE_IN: usize = 20;
/// How many transactions may be on their way.
const IN_FLIGHT: usize = 64;

/// Reports of health, each another one than the device's before.
pub struct Reports {
    client: Client,
    key: Keypair,
    draining: Vec<String>,
    others: Vec<String>,
    /// How often a device was reported on, with its sequence before.
    sequences: Mutex<BTreeMap<String, (u64, u64)>>,
    /// In which slots the reports landed, by code and sequence.
    slots: Mutex<HashMap<(String, u64), u64>>,
    confirmed: AtomicUsize,
}

impl Reports {
    /// Of the devices that drain and of all others.
    pub async fn of(fleet: &Fleet) -> Self {
        let drains = fleet.sequences(CONTRIBUTOR, None).await;
        let others = fleet.sequences(OTHERS, None).await;
        let sequences = drains.iter().chain(&others);
        let sequences = sequences.map(|(code, sequence)| (code.clone(), (0, *sequence)));
        Self {
            client: fleet.client(),
            key: fleet.key.insecure_clone(),
            sequences: Mutex::new(sequences.collect()),
            draining: drains.into_keys().take(DRAINING).collect(),
            others: others.into_keys().collect(),
            slots: Mutex::default(),
            confirmed: AtomicUsize::new(0),
        }
    }

    /// In which slot a report landed.
    pub fn slot(&self, code: &str, sequence: u64) -> Option<u64> {
        let slots = self.slots.lock().expect("nobody panicked");
        slots.get(&(code.to_owned(), sequence)).copied()
    }

    /// The devices of a transaction.
    fn devices(&self, number: usize) -> Vec<&str> {
        let all = self
            .others
            .iter()
            .cycle()
            .skip(number * AT_ONCE % self.others.len());
        let mut devices: Vec<&str> = all.take(AT_ONCE).map(String::as_str).collect();
        if number.is_multiple_of(ONE_IN) {
            devices[0] = &self.draining[number / ONE_IN % self.draining.len()];
        }
        devices
    }

    /// The report of a device, and its sequence with it.
    fn report(&self, code: &str) -> (Instruction, u64) {
        let mut sequences = self.sequences.lock().expect("nobody panicked");
        let (reports, sequence) = sequences.get_mut(code).expect("it is there");
        let health = match *reports % 2 {
            0 => Health::Healthy,
            _ => Health::Unhealthy,
        };
        *reports += 1;
        *sequence += 1;
        let (signer, device) = (self.key.pubkey(), pda::device(&ID, code).0);
        let report = report_health(&ID, &signer, &device, true, health, Expect::default());
        (report, *sequence)
    }

    /// Sends the transaction of a number, and waits until it is confirmed.
    pub async fn send(&self, number: usize) {
        let devices = self.devices(number);
        let (reports, sequences): (Vec<_>, Vec<_>) =
            devices.iter().map(|code| self.report(code)).unzip();
        let sent = self.client.send(&reports, &[&self.key]).await;
        let slot = sent.expect("the program accepts it").slot;
        let mut slots = self.slots.lock().expect("nobody panicked");
        for (code, sequence) in devices.into_iter().zip(sequences) {
            slots.insert((code.to_owned(), sequence), slot);
        }
        self.confirmed.fetch_add(AT_ONCE, Ordering::Relaxed);
    }
}

/// Reports that go on as long as this lives.
pub struct Changes {
    reports: Arc<Reports>,
    began: Instant,
    sender: JoinHandle<()>,
}

impl Changes {
    pub fn begin(reports: Arc<Reports>) -> Self {
        let all = Arc::clone(&reports);
        let sender = tokio::spawn(async move {
            let (mut ticks, permits) = (interval(EVERY), Arc::new(Semaphore::new(IN_FLIGHT)));
            for number in 0.. {
                ticks.tick().await;
                let permit = Arc::clone(&permits).acquire_owned().await;
                let reports = Arc::clone(&all);
                tokio::spawn(async move {
                    reports.send(number).await;
                    drop(permit);
                });
            }
        });
        Self {
            began: Instant::now(),
            reports,
            sender,
        }
    }

    /// How many were confirmed in a second.
    pub fn rate(&self) -> f64 {
        let confirmed = self.reports.confirmed.load(Ordering::Relaxed);
        confirmed as f64 / self.began.elapsed().as_secs_f64()
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.sender.abort();
    }
}
