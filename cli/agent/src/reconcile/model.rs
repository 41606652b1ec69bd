//! Random histories of ledger, device and agent. Nobody is cut who was not evicted and has not moved; no session is closed of
//! whom it is unknown whether he is there; only what the agent has set is lifted; and in the end all is as it is to be.

mod step;

use {
    self::step::{step, Step},
    super::*,
    crate::actuator::Managed,
    ebb_sdk::{event::EventKind, Role},
    proptest::prelude::*,
    std::collections::BTreeSet,
};

/// How many users there are.
const USERS: usize = 4;
const RULES: Rules = Rules {
    converge: Duration::from_secs(4),
    idle_rate: 0,
    interval: Duration::from_secs(1),
    absences: 3,
};
/// The sequence of the device before anything happens.
const FIRST_SEQUENCE: u64 = 10;
/// Seconds that opened connections take until they are up.
const CONNECTS_AFTER: u64 = 2;

/// Ledger, device and agent.
struct World {
    now: u64,
    status: ProvisioningStatus,
    is_dead: bool,
    sessions: BTreeSet<usize>,
    /// What was sent and may land: whose session, and whether it is opened.
    in_flight: Vec<(usize, bool)>,
    /// All changes of the device.
    acts: Vec<Act>,
    /// Those whose sessions others have closed.
    evicted: BTreeSet<usize>,
    /// Those whose own end is up.
    wants: BTreeSet<usize>,
    /// When the agent let somebody in last.
    opened_at: [u64; USERS],
    shut: BTreeSet<usize>,
    preference: Preference,
    /// Those whose peers honour that routes are lowered.
    honours: BTreeSet<usize>,
    forwarded: u64,
    memory: Memory,
    /// In how many looks in a row a user was absent.
    absent: [u32; USERS],
}

impl World {
    fn new(honours: BTreeSet<usize>) -> Self {
        Self {
            now: 100,
            status: ProvisioningStatus::Activated,
            is_dead: false,
            sessions: BTreeSet::new(),
            in_flight: vec![],
            acts: vec![],
            evicted: BTreeSet::new(),
            wants: (0..USERS).collect(),
            opened_at: [0; USERS],
            shut: BTreeSet::new(),
            preference: Preference::Normal,
            honours,
            forwarded: 0,
            memory: Memory::default(),
            absent: [0; USERS],
        }
    }

    fn is_connected(&self, user: usize) -> bool {
        self.wants.contains(&user)
            && !self.shut.contains(&user)
            && self.now >= self.opened_at[user] + CONNECTS_AFTER
    }

    /// Whether a user's packets go through the device.
    fn flows(&self, user: usize) -> bool {
        self.is_connected(user) && !(is_lowered(self.preference) && self.honours.contains(&user))
    }

    fn chain(&self) -> Chain {
        let users: Vec<Pubkey> = self.sessions.iter().map(|user| key(*user)).collect();
        let mut chain = testing::chain(self.status, &users);
        if self.is_dead {
            chain.device.account.head.health = Health::Dead;
        }
        chain.device.account.head.sequence = FIRST_SEQUENCE + self.acts.len() as u64;
        chain
    }

    fn happens(&mut self, step: &Step) {
        self.now += 1;
        let flowing = (0..USERS).filter(|user| self.flows(*user)).count();
        self.forwarded += 10 * flowing as u64;
        let is_draining = self.status == ProvisioningStatus::Draining;
        match step {
            Step::Pass { faults } => self.pass(*faults),
            Step::Nothing => {}
            Step::Crash => self.memory = self.memory.lasting(),
            Step::Lands => self.lands(),
            Step::Lost => self.in_flight.clear(),
            Step::Drain if self.status == ProvisioningStatus::Activated => {
                self.status = ProvisioningStatus::Draining;
            }
            Step::Undrain if is_draining => self.status = ProvisioningStatus::Activated,
            Step::Retire if is_draining && self.sessions.is_empty() => {
                self.status = ProvisioningStatus::Retired;
            }
            Step::Dies => self.is_dead = true,
            Step::Lives => self.is_dead = false,
            Step::Evict(user) if (is_draining || self.is_dead) && self.sessions.remove(user) => {
                self.evicted.insert(*user);
                self.done(*user, EventKind::SessionClosed, Role::Contributor);
            }
            Step::CloseAsAgent(user) if self.sessions.remove(user) => {
                self.done(*user, EventKind::SessionClosed, Role::Agent);
            }
            Step::Connect(user) => {
                self.wants.insert(*user);
            }
            Step::Disconnect(user) => {
                self.wants.remove(user);
            }
            Step::Restarts => {
                self.shut.clear();
                self.forwarded = 0;
                if self.preference == Preference::LoweredByAgent {
                    self.preference = Preference::Normal;
                }
            }
            Step::Reconfigured => self.shut.clear(),
            Step::Lowers if self.preference == Preference::Normal => {
                self.preference = Preference::LoweredByOther;
            }
            Step::Lifts if self.preference == Preference::LoweredByOther => {
                self.preference = Preference::Normal;
            }
            _ => {}
        }
    }

    fn lands(&mut self) {
        for (user, opens) in std::mem::take(&mut self.in_flight) {
            let takes_users = self.status == ProvisioningStatus::Activated && !self.is_dead;
            if !opens && self.sessions.remove(&user) {
                self.done(user, EventKind::SessionClosed, Role::Agent);
            } else if opens && takes_users && self.sessions.insert(user) {
                self.evicted.remove(&user);
                self.done(user, EventKind::SessionOpened, Role::Agent);
            }
        }
    }

    /// The ledger has one more change.
    fn done(&mut self, user: usize, kind: EventKind, role: Role) {
        let sequence = FIRST_SEQUENCE + 1 + self.acts.len() as u64;
        let act = testing::act(sequence, kind, key(user), role);
        self.acts.push(act);
    }

    fn pass(&mut self, faults: u16) {
        let fails = |bit: u32| faults & (1 << bit) != 0;
        let seen: Vec<Seen> = (0..USERS)
            .map(|user| Seen {
                label: label(user),
                connected: self.is_connected(user),
            })
            .collect();
        let managed = Managed {
            preference: self.preference,
            shut: self.shut.iter().map(|user| label(*user)).collect(),
        };
        for user in 0..USERS {
            let is_absent = !fails(0) && !self.is_connected(user) && self.sessions.contains(&user);
            self.absent[user] = if is_absent { self.absent[user] + 1 } else { 0 };
        }
        let chain = self.chain();
        let since = self.memory.sequence(&chain);
        let acts = self.acts.iter().copied();
        let acts: Vec<Act> = acts.filter(|act| act.event.sequence > since).collect();
        let shown = Shown {
            seen: (!fails(0)).then_some(seen.as_slice()),
            managed: (!fails(1)).then_some(&managed),
            forwarded: (!fails(2)).then_some(self.forwarded),
            can_forward: (!fails(3)).then_some(self.can_forward()),
            acts: (!fails(14)).then_some(acts.as_slice()),
        };
        let serves = self.status == ProvisioningStatus::Activated && !self.is_dead;
        if serves && !fails(14) {
            self.evicted.clear();
        }
        let now = Duration::from_secs(self.now);
        let (plan, memory) = plan(&chain, true, shown, &RULES, &self.memory, now);
        self.memory = memory;
        if self.in_flight.is_empty() {
            self.send(&plan, fails(0));
        }
        for (place, action) in plan.actions.iter().enumerate() {
            if !fails(4 + (place % 10) as u32) {
                self.act(action);
            }
        }
    }

    fn send(&mut self, plan: &Plan, is_unseen: bool) {
        for user in 0..USERS {
            if plan.close.contains(&key(user)) {
                assert!(!is_unseen, "closed {user} on an unknown");
                assert!(!self.is_connected(user), "closed {user}, who is there");
                let has_left = self.absent[user] >= RULES.absences;
                assert!(
                    has_left || self.shut.contains(&user),
                    "closed {user} too early"
                );
                self.in_flight.push((user, false));
            }
            if plan.open.contains(&key(user)) {
                assert!(self.is_connected(user), "opened {user}, who is not there");
                self.in_flight.push((user, true));
            }
        }
    }

    fn can_forward(&self) -> bool {
        let mut wanted = self.wants.iter();
        wanted.all(|user| self.shut.contains(user) || self.is_connected(*user))
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::DePrefer => {
                assert_eq!(self.preference, Preference::Normal);
                self.preference = Preference::LoweredByAgent;
            }
            Action::Prefer => {
                assert_eq!(
                    self.preference,
                    Preference::LoweredByAgent,
                    "lifted another's"
                );
                assert!(
                    self.can_forward() && self.shut.is_empty(),
                    "lifted too early"
                );
                self.preference = Preference::Normal;
            }
            Action::Shut(of) => {
                let user = number(of);
                assert!(
                    !self.flows(user) || self.evicted.contains(&user),
                    "cut {user}, who was neither evicted nor has moved"
                );
                self.shut.insert(user);
            }
            Action::Open(of) => {
                assert!(is_lowered(self.preference), "let in while preferred");
                let user = number(of);
                assert!(self.shut.remove(&user), "opened what it had not shut");
                self.opened_at[user] = self.now;
            }
        }
    }

    /// After all faults are over and all peers honour what they are asked, all is as it is to be.
    fn comes_to_rest(&mut self) {
        self.honours = (0..USERS).collect();
        let evicted = self.evicted.clone();
        for _ in 0..40 {
            self.happens(&Step::Pass { faults: 0 });
            self.happens(&Step::Lands);
        }
        let connected: BTreeSet<usize> = (0..USERS).filter(|it| self.is_connected(*it)).collect();
        let takes_users = self.status == ProvisioningStatus::Activated;
        match (takes_users, self.is_dead) {
            (true, false) => {
                assert!(self.shut.is_empty());
                assert_ne!(self.preference, Preference::LoweredByAgent);
                assert_eq!(self.sessions, connected);
                assert_eq!(connected, self.wants);
            }
            (true, true) => assert!(self.sessions.is_subset(&connected)),
            (false, _) => {
                assert!(is_lowered(self.preference));
                assert_eq!(self.shut, (0..USERS).collect());
                assert_eq!(self.sessions, BTreeSet::new());
                assert!(evicted.is_disjoint(&connected));
            }
        }
    }
}

fn label(user: usize) -> String {
    format!("user{user}")
}

fn number(label: &str) -> usize {
    label.trim_start_matches("user").parse().unwrap()
}

fn key(user: usize) -> Pubkey {
    user::of_label(&label(user))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_cut_who_was_not_evicted_and_has_not_moved(
        honours in prop::collection::btree_set(0..USERS, 0..=USERS),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut world = World::new(honours);
        for step in &steps {
            world.happens(step);
        }
        world.comes_to_rest();
    }
}

/// A router that starts anew counts from 0, and may reach the number that was read last before.
#[test]
fn a_counter_that_starts_anew_is_not_taken_for_silence() {
    let mut world = World::new(BTreeSet::new());
    let pass = Step::Pass { faults: 0 };
    let restart = [Step::Restarts, Step::Nothing, Step::Nothing, pass.clone()];
    let passes = vec![pass; 6];
    let lowered = [Step::Lowers, Step::Drain];
    for step in [&lowered[..], &passes, &restart, &restart, &passes].concat() {
        world.happens(&step);
    }
    assert_eq!(world.shut, BTreeSet::new());
}

/// Who is evicted is cut although nobody's traffic moves, and nobody else is.
#[test]
fn the_evicted_is_cut_and_nobody_else() {
    let mut world = World::new(BTreeSet::new());
    for _ in 0..4 {
        world.happens(&Step::Pass { faults: 0 });
        world.happens(&Step::Lands);
    }
    assert_eq!(world.sessions.len(), USERS);
    world.happens(&Step::Drain);
    for _ in 0..20 {
        world.happens(&Step::Pass { faults: 0 });
    }
    assert_eq!(world.shut, BTreeSet::new());
    world.happens(&Step::Evict(2));
    world.happens(&Step::Crash);
    for _ in 0..20 {
        world.happens(&Step::Pass { faults: 0 });
    }
    assert_eq!(world.shut, BTreeSet::from([2]));
    assert_eq!(world.sessions, BTreeSet::from([0, 1, 3]));
}
