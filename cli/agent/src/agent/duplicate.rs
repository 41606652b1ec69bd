//! Whether somebody else acts with the agent's key, as a second agent of the device does.

use {
    crate::chain::{Act, Chain, Signatures},
    ebb_sdk::{event::EventKind, state::present, Role},
    std::time::Duration,
};

/// How many slots after the agent's start a transaction of the process before it has landed at the latest: its blockhash expires
/// after 150 blocks, and a cluster may skip slots.
const LANDS_WITHIN: u64 = 300;
/// How long after the last change of somebody else the agent changes nothing.
const HOLDS_FOR: Duration = Duration::from_secs(600);

/// Finds changes that were made with the agent's key by somebody else.
pub struct Duplicate {
    made: Signatures,
    /// The slot of the first reading.
    first_slot: Option<u64>,
    /// Slot and sequence of the last change that was looked at.
    examined: (u64, u64),
    last: Option<(Act, Duration)>,
}

impl Duplicate {
    /// What has these signatures is the agent's own.
    pub fn new(made: Signatures) -> Self {
        Self {
            made,
            first_slot: None,
            examined: (0, 0),
            last: None,
        }
    }

    /// Takes notice of changes of the device, which a reading shows.
    pub fn observe(&mut self, chain: &Chain, acts: &[Act], now: Duration) {
        let first_slot = *self.first_slot.get_or_insert(chain.slot);
        let own_key = present(&chain.head().agent);
        for act in acts {
            let event = &act.event;
            let place = (event.slot, event.sequence);
            if place <= self.examined {
                continue;
            }
            self.examined = place;
            let is_with_key = event.role == Role::Agent && own_key == Some(&event.actor);
            let may_be_own = event.slot <= first_slot.saturating_add(LANDS_WITHIN)
                || self.made.contains(&act.signature);
            if is_with_key && !may_be_own {
                self.last = Some((*act, now));
            }
        }
    }

    /// That somebody else has the key and has used it of late.
    pub fn problem(&self, now: Duration) -> Option<String> {
        let (act, at) = self.last.as_ref()?;
        let left = HOLDS_FOR.checked_sub(now.saturating_sub(*at))?;
        let what = match act.event.kind {
            EventKind::SessionOpened => "opened a session",
            EventKind::SessionClosed => "closed a session",
            EventKind::HealthReported => "reported health",
            _ => "changed the device",
        };
        Some(format!(
            "somebody else {what} with this agent's key, in transaction {}: a second agent of the device runs, or a person has used the \
             key; nothing is changed until nobody else has used it for {} minutes, {} s from now",
            act.signature,
            HOLDS_FOR.as_secs() / 60,
            left.as_secs()
        ))
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::reconcile::testing::chain,
        ebb_sdk::{event::Event, fleet::Key, state::ProvisioningStatus},
        solana_sdk::{
            pubkey::Pubkey,
            signature::{Keypair, Signature},
            signer::Signer,
        },
        std::sync::Arc,
    };

    const MINUTE: Duration = Duration::from_secs(60);

    /// A device of whose agent a key is the key, as it is in a slot.
    fn device(agent: Pubkey, slot: u64) -> Chain {
        let mut chain = chain(ProvisioningStatus::Activated, &[]);
        chain.device.account.head.agent = agent;
        chain.slot = slot;
        chain
    }

    fn act(actor: Pubkey, role: Role, (slot, sequence): (u64, u64), signature: Signature) -> Act {
        let subject = Pubkey::new_from_array([1; 32]);
        let mut event = Event::new(EventKind::SessionOpened, &subject, &actor, role);
        (event.slot, event.sequence) = (slot, sequence);
        Act { event, signature }
    }

    /// Whether acts are somebody else's, for an agent that has started in slot 1,000 and has signed `b"own"`.
    fn is_found(act_of: impl Fn(&Keypair) -> Act) -> bool {
        let (made, pair) = (Signatures::default(), Arc::new(Keypair::new()));
        let key: Key = pair.clone();
        made.record(key).sign_message(b"own");
        let mut duplicate = Duplicate::new(made);
        duplicate.observe(&device(pair.pubkey(), 1_000), &[], Duration::ZERO);
        let chain = device(pair.pubkey(), 1_400);
        duplicate.observe(&chain, &[act_of(&pair)], MINUTE);
        duplicate.problem(MINUTE).is_some()
    }

    #[test]
    fn only_what_somebody_else_did_with_the_key_is_found() {
        let foreign = |pair: &Keypair| pair.sign_message(b"another");
        let late = (1_301, 7);
        assert!(is_found(|it| act(
            it.pubkey(),
            Role::Agent,
            late,
            foreign(it)
        )));
        // Its own.
        let own = |pair: &Keypair| pair.sign_message(b"own");
        assert!(!is_found(|it| act(it.pubkey(), Role::Agent, late, own(it))));
        // What the process before it has sent.
        let early = (1_300, 7);
        assert!(!is_found(|it| act(
            it.pubkey(),
            Role::Agent,
            early,
            foreign(it)
        )));
        // An eviction, by whoever it is.
        assert!(!is_found(|it| act(
            it.pubkey(),
            Role::Authority,
            late,
            foreign(it)
        )));
        // An agent before this one.
        assert!(!is_found(|it| act(
            Pubkey::new_unique(),
            Role::Agent,
            late,
            foreign(it)
        )));
    }

    #[test]
    fn ten_minutes_after_the_last_use_it_is_over() {
        let pair = Keypair::new();
        let mut duplicate = Duplicate::new(Signatures::default());
        let chain = device(pair.pubkey(), 1_000);
        duplicate.observe(&chain, &[], Duration::ZERO);
        let acts = [act(
            pair.pubkey(),
            Role::Agent,
            (2_000, 7),
            pair.sign_message(b"x"),
        )];
        duplicate.observe(&chain, &acts, MINUTE);
        let problem = duplicate.problem(MINUTE * 2).unwrap();
        let expected = format!(
            "somebody else opened a session with this agent's key, in transaction {}: a second agent of the device runs, or a person \
             has used the key; nothing is changed until nobody else has used it for 10 minutes, 540 s from now",
            acts[0].signature
        );
        assert_eq!(problem, expected);
        // The same change is not counted again.
        duplicate.observe(&chain, &acts, MINUTE * 5);
        assert!(duplicate.problem(MINUTE * 11).is_some());
        assert_eq!(
            duplicate.problem(MINUTE * 11 + Duration::from_secs(1)),
            None
        );
    }
}
