use {
    super::*,
    crate::actuator::Managed,
    ebb_sdk::{event::EventKind, Role},
    std::collections::BTreeSet,
};

const RULES: Rules = Rules {
    converge: Duration::from_secs(10),
    idle_rate: 0,
    interval: Duration::from_secs(1),
    absences: 3,
};

/// A device that an agent manages, with what it shows.
struct Bench {
    chain: Chain,
    seen: Vec<Seen>,
    managed: Managed,
    memory: Memory,
    now: u64,
    forwarded: u64,
    /// What was done to the device since the last plan; `None` if that is unknown.
    acts: Option<Vec<Act>>,
}

impl Bench {
    fn new(status: ProvisioningStatus, users: &[&str]) -> Self {
        let keys: Vec<Pubkey> = users.iter().map(|user| user::of_label(user)).collect();
        Self {
            chain: testing::chain(status, &keys),
            seen: users.iter().map(|user| connected(user)).collect(),
            managed: Managed::default(),
            memory: Memory::default(),
            now: 0,
            forwarded: 0,
            acts: Some(vec![]),
        }
    }

    /// What is planned a second later, in which so many packets were forwarded.
    fn next(&mut self, packets: u64) -> Plan {
        self.now += 1;
        self.forwarded += packets;
        let shown = Shown {
            seen: Some(&self.seen),
            managed: Some(&self.managed),
            forwarded: Some(self.forwarded),
            can_forward: Some(true),
            acts: self.acts.as_deref(),
        };
        let now = Duration::from_secs(self.now);
        let (plan, memory) = plan(&self.chain, true, shown, &RULES, &self.memory, now);
        self.memory = memory;
        plan
    }

    /// A role opens or closes a user's session.
    fn happens(&mut self, kind: EventKind, label: &str, role: Role) {
        let user = user::of_label(label);
        let mut users: BTreeSet<Pubkey> = self.chain.sessions.keys().copied().collect();
        match kind {
            EventKind::SessionOpened => users.insert(user),
            _ => users.remove(&user),
        };
        let head = self.chain.head();
        let (status, sequence) = (head.provisioning_status, head.sequence + 1);
        let users: Vec<Pubkey> = users.into_iter().collect();
        self.chain = testing::chain(status, &users);
        self.chain.device.account.head.sequence = sequence;
        let act = testing::act(sequence, kind, user, role);
        self.acts.get_or_insert_default().push(act);
    }

    fn evicted(&self) -> BTreeSet<Pubkey> {
        self.memory.evicted.clone()
    }
}

fn connected(label: &str) -> Seen {
    Seen {
        label: label.to_owned(),
        connected: true,
    }
}

fn labels(labels: &[&str]) -> BTreeSet<String> {
    labels.iter().map(|label| (*label).to_owned()).collect()
}

#[test]
fn a_drain_goes_step_by_step() {
    let mut bench = Bench::new(ProvisioningStatus::Activated, &["alice", "bob"]);
    assert_eq!(bench.next(100).phase, Phase::Serving);
    bench.chain.device.account.head.provisioning_status = ProvisioningStatus::Draining;
    let plan = bench.next(100);
    assert_eq!(
        (plan.actions, plan.phase),
        (vec![Action::DePrefer], Phase::Lowering)
    );
    bench.managed.preference = Preference::LoweredByAgent;
    let plan = bench.next(100);
    assert_eq!((plan.actions, plan.phase), (vec![], Phase::Converging));
    for _ in 0..9 {
        assert_eq!(bench.next(0).phase, Phase::Converging);
    }
    // Ten seconds after the routes were lowered, and quiet for more than five.
    let plan = bench.next(0);
    let shut = ["alice", "bob"].map(|label| Action::Shut(label.to_owned()));
    assert_eq!(
        (plan.actions, plan.phase),
        (shut.to_vec(), Phase::Shutting(2))
    );
    assert_eq!(plan.close, []);
    bench.managed.shut = labels(&["alice", "bob"]);
    bench
        .seen
        .iter_mut()
        .for_each(|seen| seen.connected = false);
    let plan = bench.next(0);
    assert_eq!((plan.actions, plan.phase), (vec![], Phase::Closing(2)));
    assert_eq!(plan.close.len(), 2);
    bench.chain = testing::chain(ProvisioningStatus::Draining, &[]);
    let plan = bench.next(0);
    assert_eq!((plan.actions, plan.phase), (vec![], Phase::Drained));

    // The way back: let in first, and preferred only once that is done.
    bench.chain = testing::chain(ProvisioningStatus::Activated, &[]);
    let plan = bench.next(0);
    let open = ["alice", "bob"].map(|label| Action::Open(label.to_owned()));
    assert_eq!(
        (plan.actions, plan.phase),
        (open.to_vec(), Phase::Opening(2))
    );
    bench.managed.shut.clear();
    bench.seen.iter_mut().for_each(|seen| seen.connected = true);
    let plan = bench.next(0);
    assert_eq!(
        (plan.actions, plan.phase),
        (vec![Action::Prefer], Phase::Preferring)
    );
    assert_eq!(plan.open.len(), 2);
    bench.managed.preference = Preference::Normal;
    assert_eq!(bench.next(100).phase, Phase::Serving);
}

#[test]
fn traffic_that_stays_closes_nothing() {
    let mut bench = Bench::new(ProvisioningStatus::Draining, &["alice"]);
    bench.managed.preference = Preference::LoweredByAgent;
    for _ in 0..10 {
        assert_eq!(bench.next(50).phase, Phase::Converging);
    }
    for _ in 0..100 {
        let plan = bench.next(50);
        assert_eq!((plan.actions, plan.close), (vec![], vec![]));
        assert_eq!(plan.phase, Phase::Staying(Some(50.0)));
    }
    assert_eq!(
        bench.next(50).phase.to_string(),
        "draining: traffic stays, 50 packets a second: a peer does not honour graceful shutdown, or clients stick; nothing is closed"
    );
}

#[test]
fn a_device_that_forwards_nothing_is_silent_for_all_of_the_time() {
    let mut bench = Bench::new(ProvisioningStatus::Draining, &["alice"]);
    bench.managed.preference = Preference::LoweredByAgent;
    for _ in 0..11 {
        assert_eq!(bench.next(0).phase, Phase::Converging);
    }
    assert_eq!(bench.next(0).phase, Phase::Shutting(1));
}

#[test]
fn what_others_have_lowered_is_not_lifted() {
    let mut bench = Bench::new(ProvisioningStatus::Activated, &[]);
    bench.managed.preference = Preference::LoweredByOther;
    let plan = bench.next(0);
    assert_eq!((plan.actions, plan.phase), (vec![], Phase::Serving));
}

#[test]
fn a_session_closes_after_absences_in_a_row() {
    let mut bench = Bench::new(ProvisioningStatus::Activated, &["alice"]);
    bench.seen.clear();
    assert_eq!(bench.next(0).close, []);
    assert_eq!(bench.next(0).close, []);
    // Back for a moment.
    bench.seen = vec![connected("alice")];
    assert_eq!(bench.next(0).close, []);
    bench.seen.clear();
    assert_eq!(bench.next(0).close, []);
    assert_eq!(bench.next(0).close, []);
    assert_eq!(bench.next(0).close, [user::of_label("alice")]);
}

#[test]
fn no_more_sessions_than_there_is_room_for() {
    let mut bench = Bench::new(ProvisioningStatus::Activated, &["alice"]);
    bench.chain.device.account.head.max_sessions = 2;
    bench.seen.extend(["bob", "carol"].map(connected));
    assert_eq!(bench.next(0).open.len(), 1);
    bench.chain.device.account.head.health = Health::Dead;
    assert_eq!(bench.next(0).open, []);
}

#[test]
fn the_dead_and_the_retired_stay_shut() {
    for (status, health) in [
        (ProvisioningStatus::Activated, Health::Dead),
        (ProvisioningStatus::Retired, Health::Unknown),
        (ProvisioningStatus::Pending, Health::Unknown),
    ] {
        let mut bench = Bench::new(status, &[]);
        bench.chain.device.account.head.health = health;
        bench.managed.preference = Preference::LoweredByAgent;
        bench.managed.shut = labels(&["alice"]);
        for _ in 0..30 {
            assert_eq!(bench.next(0).actions, vec![], "{status} {health}");
        }
    }
}

#[test]
fn another_registration_of_the_code_forgets_the_first() {
    let mut bench = Bench::new(ProvisioningStatus::Draining, &["alice"]);
    bench.next(0);
    bench.happens(EventKind::SessionClosed, "alice", Role::Contributor);
    bench.next(0);
    assert_eq!(bench.evicted(), users(&["alice"]));
    bench.chain.device.account.head.generation = 2;
    bench.next(0);
    assert_eq!(bench.evicted(), BTreeSet::new());
}

fn users(labels: &[&str]) -> BTreeSet<Pubkey> {
    labels.iter().map(|label| user::of_label(label)).collect()
}

#[test]
fn whose_session_another_role_closed_is_evicted() {
    for (role, is_evicted) in [
        (Role::Agent, false),
        (Role::Contributor, true),
        (Role::Operator, true),
        (Role::Authority, true),
    ] {
        let mut bench = Bench::new(ProvisioningStatus::Draining, &["alice", "bob"]);
        bench.next(0);
        bench.happens(EventKind::SessionClosed, "alice", role);
        bench.next(0);
        let expected = if is_evicted {
            users(&["alice"])
        } else {
            BTreeSet::new()
        };
        assert_eq!(bench.evicted(), expected, "{role:?}");
    }
}

/// A moment after the agent has closed and opened a session, the same user is evicted.
#[test]
fn an_eviction_right_after_the_agents_own_closing_is_one() {
    let mut bench = Bench::new(ProvisioningStatus::Activated, &["alice"]);
    bench.seen.clear();
    bench.next(0);
    bench.next(0);
    assert_eq!(bench.next(0).close, [user::of_label("alice")]);
    bench.happens(EventKind::SessionClosed, "alice", Role::Agent);
    bench.seen = vec![connected("alice")];
    bench.happens(EventKind::SessionOpened, "alice", Role::Agent);
    bench.next(0);
    bench.chain.device.account.head.provisioning_status = ProvisioningStatus::Draining;
    bench.happens(EventKind::SessionClosed, "alice", Role::Authority);
    let plan = bench.next(0);
    assert!(plan.actions.contains(&Action::Shut("alice".to_owned())));
    assert_eq!(bench.evicted(), users(&["alice"]));
}

#[test]
fn nobody_is_taken_for_evicted_while_it_is_unknown_who_closed_a_session() {
    let mut bench = Bench::new(ProvisioningStatus::Draining, &["alice", "bob"]);
    bench.next(0);
    bench.happens(EventKind::SessionClosed, "alice", Role::Operator);
    let acts = bench.acts.take();
    bench.next(0);
    assert_eq!(bench.evicted(), BTreeSet::new());
    bench.acts = acts;
    bench.next(0);
    assert_eq!(bench.evicted(), users(&["alice"]));
    // What is known already is not counted again: she was let in.
    bench.memory.evicted.clear();
    bench.next(0);
    assert_eq!(bench.evicted(), BTreeSet::new());
}

#[test]
fn what_is_remembered_lasts() {
    let mut bench = Bench::new(ProvisioningStatus::Draining, &["alice", "bob"]);
    bench.next(0);
    bench.happens(EventKind::SessionClosed, "bob", Role::Contributor);
    bench.next(0);
    let text = serde_json::to_string(&bench.memory).unwrap();
    let read: Memory = serde_json::from_str(&text).unwrap();
    assert_eq!(read, bench.memory.lasting());
    bench.memory = read;
    // While the agent was down.
    bench.acts = Some(vec![]);
    bench.happens(EventKind::SessionClosed, "alice", Role::Contributor);
    bench.next(0);
    assert_eq!(bench.evicted(), users(&["alice", "bob"]));
    // Without what was remembered nobody is.
    bench.memory = Memory::default();
    bench.next(0);
    assert_eq!(bench.evicted(), BTreeSet::new());
}
