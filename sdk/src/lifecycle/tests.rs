use {
    super::*,
    crate::{
        instruction::{DrainDevice, EbbInstruction, Expect},
        state::{DeviceHead, Health, LocationHead, ProvisioningStatus::*},
        value::MIN_DEAD_SECONDS,
    },
    solana_program::pubkey::Pubkey,
    std::collections::HashSet,
};

const NOW: i64 = 1_000;

fn device(status: ProvisioningStatus) -> DeviceHead {
    let key = Pubkey::new_from_array([1; 32]);
    DeviceHead {
        provisioning_status: status,
        ..DeviceHead::new(key, key, key, 1, 255)
    }
}

#[test]
fn no_two_rules_leave_one_status_by_one_action() {
    let pairs: HashSet<_> = RULES.iter().map(|rule| (rule.action, rule.from)).collect();
    assert_eq!(pairs.len(), RULES.len());
}

#[test]
fn an_actions_roles_are_those_of_its_rules_and_of_its_instruction() {
    let expect = Expect::default;
    let drain = DrainDevice::default();
    let instructions = [
        (Action::Activate, EbbInstruction::ActivateDevice(expect())),
        (Action::Drain, EbbInstruction::DrainDevice(drain)),
        (Action::Undrain, EbbInstruction::UndrainDevice(expect())),
        (Action::Retire, EbbInstruction::RetireDevice(expect())),
        (
            Action::DestroyDiskKey,
            EbbInstruction::DestroyDiskKey(expect()),
        ),
        (Action::Remove, EbbInstruction::RemoveDevice(expect())),
    ];
    for (action, instruction) in instructions {
        let of_rules: HashSet<Role> = RULES
            .iter()
            .filter(|rule| rule.action == action)
            .flat_map(|rule| rule.roles)
            .copied()
            .collect();
        let of_action: HashSet<Role> = action.roles().iter().copied().collect();
        assert_eq!(of_rules, of_action, "{action:?}");
        assert_eq!(action.roles(), instruction.roles(), "{action:?}");
    }
}

#[test]
fn roles_are_the_rules_where_there_is_one_and_the_actions_elsewhere() {
    assert_eq!(roles(Action::Retire, Some(Activated)), AUTHORITY);
    assert_eq!(roles(Action::Retire, Some(Draining)), OWNERS);
    assert_eq!(roles(Action::Retire, Some(Retired)), OWNERS);
    assert_eq!(roles(Action::Drain, Some(Pending)), DRAINERS);
}

#[test]
fn a_plan_reserves_what_a_location_can_spare_and_no_more() {
    let mut location = LocationHead::new(*b"NL", 0, 0, 1, 255);
    location.activated = 3;
    let mut budget = Budget::of(&location);
    let drained = Facts::of(&device(Activated), NOW);
    assert_eq!(budget.reserve(&drained), Ok(()));
    assert_eq!(budget.reserve(&drained), Ok(()));
    assert_eq!(budget.reserve(&drained), Err(EbbError::BudgetExceeded));
    assert_eq!(budget.activated, 1);

    let dead = DeviceHead {
        health: Health::Dead,
        ..device(Activated)
    };
    assert_eq!(budget.reserve(&Facts::of(&dead, NOW)), Ok(()));
    assert_eq!(budget.activated, 0);
    assert_eq!(budget.reserve(&drained.with_force(true)), Ok(()));
    assert_eq!(budget.activated, 0);
}

#[test]
fn an_eviction_needs_the_deadline_or_a_death_of_sixty_seconds() {
    let mut device = device(Draining);
    device.sessions = 1;
    assert_eq!(evictable_from(&device), None);
    device.drain.deadline = NOW;
    assert_eq!(evictable_from(&device), Some(NOW));
    assert!(!is_evictable(&device, NOW - 1));
    assert!(is_evictable(&device, NOW));
    device.health = Health::Dead;
    device.health_reported_at = NOW - MIN_DEAD_SECONDS - 1;
    assert_eq!(evictable_from(&device), Some(NOW - 1));
    device.sessions = 0;
    assert!(!is_evictable(&device, NOW));
}

#[test]
fn the_last_disk_key_retires() {
    let mut device = device(Retiring);
    assert_eq!(permit_destruction(&device, NOW), Err(EbbError::Overflow));
    device.disk_keys = 2;
    assert_eq!(permit_destruction(&device, NOW), Ok(Retiring));
    device.disk_keys = 1;
    assert_eq!(permit_destruction(&device, NOW), Ok(Retired));
    device.provisioning_status = Draining;
    assert_eq!(
        permit_destruction(&device, NOW),
        Err(EbbError::DiskKeyNotDestroyable)
    );
}
