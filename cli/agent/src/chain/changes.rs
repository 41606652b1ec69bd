//! What the agent changes on the ledger.

use {
    super::Chain,
    ebb_sdk::{
        client::Client,
        fleet::{Fleet, FleetError, Key, SessionChanges},
        instruction::{report_health, Expect},
        state::Health,
    },
    solana_sdk::{pubkey::Pubkey, signer::Signer},
    std::sync::Arc,
};

/// Who changes it.
#[derive(Clone)]
pub struct Sender {
    fleet: Fleet,
    agent: Key,
    fee_payer: Key,
}

impl Sender {
    /// The agent's key signs, and another may pay fees and rent.
    pub fn new(client: Client, agent: Key, fee_payer: Key) -> Self {
        let fleet = Fleet::new(client)
            .signed_by(Arc::clone(&agent))
            .paid_by(Arc::clone(&fee_payer));
        Self {
            fleet,
            agent,
            fee_payer,
        }
    }
}

/// What is to change on the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerChanges {
    /// The users whose sessions to open.
    pub open: Vec<Pubkey>,
    /// The users whose sessions to close.
    pub close: Vec<Pubkey>,
    /// The health to report.
    pub health: Option<Health>,
}

/// What came of changes.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// How many changes are made.
    pub done: usize,
    /// How many transactions were accepted.
    pub transactions: usize,
    /// Why others are not, each once.
    pub failures: Vec<String>,
}

impl LedgerChanges {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Makes them, several to a transaction. What fails is planned again from the next reading.
    pub async fn send(self, sender: &Sender, chain: &Chain) -> Sent {
        let mut sent = Sent::default();
        let sessions = self
            .close
            .iter()
            .filter_map(|user| chain.sessions.get(user));
        let sessions = SessionChanges {
            close: sessions.cloned().collect(),
            open: self.open,
            same_status: false,
        };
        if sessions != SessionChanges::default() {
            match sender.fleet.change_sessions(&chain.device, &sessions).await {
                Ok(outcome) => {
                    sent.done += outcome.done;
                    sent.transactions += outcome.transactions;
                    for (_, error) in outcome.failed {
                        sent.failed(&error);
                    }
                }
                Err(error) => sent.failed(&error),
            }
        }
        if let Some(health) = self.health {
            match report(sender, chain, health).await {
                Ok(()) => {
                    sent.done += 1;
                    sent.transactions += 1;
                }
                Err(error) => sent.failed(&error),
            }
        }
        sent
    }
}

impl Sent {
    fn failed(&mut self, error: &FleetError) {
        let reason = error.to_string();
        if !self.failures.contains(&reason) {
            self.failures.push(reason);
        }
    }
}

async fn report(sender: &Sender, chain: &Chain, health: Health) -> Result<(), FleetError> {
    let client = sender.fleet.client();
    let report = report_health(
        client.program_id(),
        &sender.fleet.signer_key()?,
        &chain.device.address,
        true,
        health,
        Expect::registration(chain.head()),
    );
    let signers: [&(dyn Signer + Sync); 2] = [&*sender.fee_payer, &*sender.agent];
    client.send(&[report], &signers).await?;
    Ok(())
}
