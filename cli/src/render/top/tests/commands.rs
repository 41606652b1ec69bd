//! What refuses the commands of a device.

use {
    super::rows,
    crate::render::top::{
        testing::{contributor, device, registry, screen, NOW},
        Screen,
    },
    ebb_sdk::{
        state::{Health, ProvisioningStatus::Draining},
        EbbError, Role,
    },
};

/// The command that brings the device back, and what stands behind it.
fn undrain(screen: &Screen) -> String {
    let rows = rows(screen, 180, 24);
    let mut found = rows
        .into_iter()
        .filter(|row| row.contains(" device undrain "));
    found.next().unwrap()
}

#[test]
fn what_the_policy_refuses_until_the_health_is_proven() {
    let of_health = |sequence| {
        device("ams-dz001", Draining, |head| {
            head.health = Health::Healthy;
            head.health_reported_by = Role::HealthOracle;
            (head.health_reported_sequence, head.status_changed_sequence) = (sequence, 3);
        })
    };
    let mut screen = screen(vec![of_health(2)]);
    let allowed = "Commands  ebb device undrain ams-dz001  # bring it back into service";
    assert_eq!(undrain(&screen), allowed);
    let take_policy = |screen: &mut Screen, require_healthy| {
        let registry = Some(registry(require_healthy));
        screen.take_context(vec![contributor(false)], registry, vec![], NOW);
    };
    take_policy(&mut screen, true);
    assert_eq!(
        undrain(&screen),
        format!(
            "Commands  ebb device undrain ams-dz001  # refused: {}",
            EbbError::HealthNotProven
        )
    );
    screen.take_devices(vec![of_health(4)], 0, NOW);
    assert_eq!(undrain(&screen), allowed);
}

#[test]
fn what_a_suspended_contributor_may_not_do_is_refused() {
    let mut screen = screen(vec![device("ams-dz001", Draining, |_| {})]);
    assert_eq!(
        undrain(&screen),
        "Commands  ebb device undrain ams-dz001  # bring it back into service"
    );
    screen.take_context(vec![contributor(true)], None, vec![], NOW);
    assert_eq!(
        undrain(&screen),
        "Commands  ebb device undrain ams-dz001  # refused: the contributor co01 is suspended"
    );
}
