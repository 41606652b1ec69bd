//! A validator that dies and comes back, while a client talks to it.

use {
    ebb_sdk::{
        instruction::{open_session, Expect},
        ledger::LedgerError,
    },
    ebb_validator_tests::{preloaded, until, Act, Device, Network, Relay, Validator},
    solana_sdk::{instruction::Instruction, pubkey::Pubkey, signer::Signer},
    std::{
        sync::{mpsc, Arc, Mutex},
        thread,
        time::Duration,
    },
    tokio::time::{sleep, timeout},
};

/// How long senders may take.
const TIMEOUT: Duration = Duration::from_secs(300);
/// How long they pause where nobody answers.
const PAUSE: Duration = Duration::from_millis(100);

/// A validator, and a device on it.
struct Scene {
    validator: Arc<Mutex<Validator>>,
    url: String,
    network: Network,
    device: Device,
}

impl Scene {
    async fn new() -> Self {
        let id = ebb_sdk::ID;
        let (validator, authority) = preloaded(&id);
        let network = Network::found(&validator, &id, &authority).await;
        let device = network.device("ams-dz001").await;
        validator.until_final().await;
        Self {
            url: validator.url(),
            validator: Arc::new(Mutex::new(validator)),
            network,
            device,
        }
    }

    fn open(&self) -> Instruction {
        open_session(
            &self.network.program_id,
            &self.device.agent.pubkey(),
            &self.network.payer.pubkey(),
            &self.device.address,
            &Pubkey::new_unique(),
            Expect::default(),
        )
        .expect("the builder takes these values")
    }

    fn signers(&self) -> [&(dyn Signer + Sync); 2] {
        [&self.network.payer, &self.device.agent]
    }

    /// Waits until the validator is back and knows what it knew: a restart holds it until then.
    async fn until_back(&self) {
        let is_back = || async {
            let free = self.validator.try_lock().is_ok();
            free && self.network.client().registry().await.is_ok()
        };
        until("the validator is back", is_back).await;
    }

    /// Each session was opened once: creation and activation of the device came before.
    async fn assert_opened(&self, sessions: u32) {
        let head = self.network.read(&self.device.address).await;
        assert_eq!(
            (head.sessions, head.sequence),
            (sessions, 2 + u64::from(sessions))
        );
        let listed = self.network.client().sessions(None).await;
        assert_eq!(listed.expect("a list").items.len(), sessions as usize);
    }
}

/// Kills it at once and starts it again, which takes a while, as the caller goes on.
fn crash(validator: &Arc<Mutex<Validator>>) {
    let (killed, is_killed) = mpsc::channel();
    let validator = validator.clone();
    thread::spawn(move || {
        let mut validator = validator.lock().expect("no one panicked");
        validator.kill();
        killed.send(()).expect("the caller waits");
        validator.restart();
    });
    is_killed.recv().expect("it was killed");
}

/// A send in whose middle the validator dies, right before or after it got the transaction.
async fn crash_around_a_send(before: bool) {
    let scene = Scene::new().await;
    let crashed = Arc::new(Mutex::new(false));
    let relay = {
        let validator = scene.validator.clone();
        let url = scene.url.clone();
        Relay::new(url, move |_| {
            let (validator, crashed) = (validator.clone(), crashed.clone());
            async move {
                let is_first = !std::mem::replace(&mut *crashed.lock().unwrap(), true);
                match (is_first, before) {
                    (false, _) => Act::Pass,
                    (true, true) => {
                        crash(&validator);
                        Act::Pass
                    }
                    (true, false) => Act::HangUp(Box::new(move || crash(&validator))),
                }
            }
        })
    };
    let client = scene.network.client_by(&relay);
    let sent = client.send(&[scene.open()], &scene.signers()).await;
    sent.expect("it lands in the end");
    scene.assert_opened(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_that_dies_before_it_gets_a_transaction_runs_it_once() {
    crash_around_a_send(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_that_dies_after_it_got_a_transaction_runs_it_once() {
    crash_around_a_send(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_that_a_crash_interrupts_count_exactly() {
    const SENDERS: u32 = 8;
    const SENDS: u32 = 6;
    let scene = Arc::new(Scene::new().await);
    let relay = Relay::new(scene.url.clone(), |_| async { Act::Pass });
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (scene, relay) = (scene.clone(), relay.clone());
            tokio::spawn(async move {
                let client = scene.network.client_by(&relay);
                let mut accepted = 0;
                while accepted < SENDS {
                    match client.send(&[scene.open()], &scene.signers()).await {
                        Ok(_) => accepted += 1,
                        // It was not sent, and the next one is another one.
                        Err(LedgerError::Unreachable { .. }) => sleep(PAUSE).await,
                        Err(error) => panic!("{error:?}"),
                    }
                }
            })
        })
        .collect();
    until("some have landed", || async {
        let head = scene.network.read(&scene.device.address).await;
        head.sessions > SENDERS
    })
    .await;
    // No answer names a block that dies with the validator.
    relay.cut(true);
    crash(&scene.validator);
    relay.cut(false);
    for sender in senders {
        let ended = timeout(TIMEOUT, sender).await;
        let ended = ended.expect("all of them go on once it is back");
        ended.expect("it did not panic");
    }
    scene.until_back().await;
    scene.assert_opened(SENDERS * SENDS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_is_still_there_after_a_crash() {
    let scene = Scene::new().await;
    let client = scene.network.client();
    let sent = client.send(&[scene.open()], &scene.signers()).await;
    let receipt = sent.expect("it lands");
    let ledger = scene.validator.lock().unwrap().ledger();

    // Nobody answers while it is away; who asks again gets an answer.
    scene.validator.lock().expect("no one panicked").kill();
    let error = client.registry().await.expect_err("it is away");
    assert!(
        matches!(error, LedgerError::Unreachable { .. }),
        "{error:?}"
    );
    scene.validator.lock().expect("no one panicked").restart();
    scene.assert_opened(1).await;
    let details = ledger.details(&receipt.signature).await;
    let details = details.expect("an answer").expect("it is in the ledger");
    assert_eq!(details.slot, receipt.slot);

    let sent = client.send(&[scene.open()], &scene.signers()).await;
    sent.expect("it goes on");
    scene.assert_opened(2).await;
}
