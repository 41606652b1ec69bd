//! The SDK's `lifecycle` agrees with the model, in every situation and whoever asks.

use {
    crate::{domain::vary, status},
    ebb_sdk::{
        lifecycle::{permit, permit_destruction, Action, Facts},
        state::{Contributor, Device, DeviceHead, Location, ProvisioningStatus, Registry},
        EbbError, Role,
    },
    ebb_tests::{
        model::{
            address::ADDRESSES,
            ledger::Expected,
            state,
            state::Model,
            step::{DeviceDeed, NewDevice, Step},
        },
        Actor, Caller, Credential, Situation,
    },
    solana_sdk::pubkey::Pubkey,
    ProvisioningStatus::{Retired, Retiring},
};

type Entered = Result<Option<ProvisioningStatus>, EbbError>;

/// Everyone in the role that they have, whether or not an instruction has a place for it.
const CALLERS: [(Role, Caller); 7] = [
    (Role::Contributor, Caller::CONTRIBUTOR),
    (Role::Operator, Caller::OPERATOR),
    (Role::Authority, Caller::AUTHORITY),
    (Role::HealthOracle, Caller::ORACLE),
    (Role::Agent, Caller::AGENT),
    (
        Role::Custodian,
        Caller::new(Actor::Custodian, Credential::Contributor),
    ),
    (
        Role::None,
        Caller::new(Actor::Stranger, Credential::Registry),
    ),
];

/// The actions of the lifecycle but for a disk key's destruction, with and without force.
const ATTEMPTS: [(Action, bool, DeviceDeed); 7] = [
    (Action::Create, false, DeviceDeed::Create(NewDevice::USUAL)),
    (Action::Activate, false, DeviceDeed::Activate),
    (Action::Drain, false, status::drain(false)),
    (Action::Drain, true, status::drain(true)),
    (Action::Undrain, false, DeviceDeed::Undrain),
    (Action::Retire, false, DeviceDeed::Retire),
    (Action::Remove, false, DeviceDeed::Remove),
];

fn status_of(model: &Model) -> Option<ProvisioningStatus> {
    model.devices[0].as_ref().map(state::Device::status)
}

/// The device's account, of which only what the SDK asks counts if there is none.
fn device(model: &Model) -> DeviceHead {
    let accounts = Expected::of(model).accounts;
    let device = accounts.get::<Device>(&ADDRESSES.devices[0].key);
    let none = || {
        DeviceHead::new(
            Pubkey::default(),
            Pubkey::default(),
            Pubkey::default(),
            1,
            0,
        )
    };
    device.map_or_else(none, |device| device.head)
}

/// What the SDK reads from the accounts that the model expects.
fn facts(model: &Model) -> Facts {
    let accounts = Expected::of(model).accounts;
    let at = &*ADDRESSES;
    let contributor = accounts.get::<Contributor>(&at.contributors[0].key);
    let location = accounts.get::<Location>(&at.locations[0].key);
    let registry = accounts.get::<Registry>(&at.registry.key);
    Facts::of(&device(model), model.now.time)
        .with_contributor(&contributor.expect("it was founded").head)
        .with_policy(&registry.expect("it was founded"))
        .with_location(&location.expect("it was founded").head)
}

/// The status that the model's device enters.
fn attempt(model: &Model, step: &Step) -> Entered {
    let mut model = model.clone();
    model.take(step).verdict.map(|_| status_of(&model))
}

/// Whether the SDK refuses because of the action, the status and the role alone.
fn is_before_guards(found: Entered) -> bool {
    matches!(
        found,
        Err(EbbError::AlreadyInStatus
            | EbbError::TransitionNotAllowed
            | EbbError::RoleNotAllowed
            | EbbError::ForceNotAllowed)
    )
}

/// Whether the model refuses because of the accounts passed, before it asks a rule of the lifecycle.
fn is_of_accounts(refusal: EbbError) -> bool {
    matches!(
        refusal,
        EbbError::WrongOwner
            | EbbError::AlreadyExists
            | EbbError::NotEnoughAccounts
            | EbbError::Unauthorized
    )
}

#[test]
fn agrees_in_every_situation() {
    let founded = Model::founded();
    let (mut cells, mut allowances) = (0, 0);
    for situation in status::every_situation() {
        let mut model = founded.clone();
        for step in situation.steps() {
            model.must(&step);
        }
        // A death is confirmed, a hold has expired and a deadline has passed only later.
        for age in [0, Situation::AGE] {
            model.pass(age);
            let (from, facts) = (status_of(&model), facts(&model));
            for (action, force, deed) in ATTEMPTS {
                for (role, caller) in CALLERS {
                    let expected = attempt(&model, &Step::on_device(caller, deed));
                    let found = permit(action, from, role, &facts.with_force(force));
                    let cell = || format!("{action:?} by {role:?} after {age} s, {situation:?}");
                    match expected {
                        Err(refusal) if is_of_accounts(refusal) => {
                            assert!(is_before_guards(found), "{found:?}, {}", cell())
                        }
                        _ => assert_eq!(found, expected, "{}", cell()),
                    }
                    cells += 1;
                    allowances += usize::from(expected.is_ok());
                }
            }
        }
    }
    assert_eq!((cells, allowances), (446_880, 12_408));
}

#[test]
fn agrees_on_what_a_disk_keys_destruction_completes() {
    let custodian = Step::on_device(Actor::Custodian, DeviceDeed::DestroyDiskKey(0));
    let mut situations: Vec<Situation> = ProvisioningStatus::ALL
        .map(|status| Situation::of(Some(status)))
        .into();
    vary(&mut situations, &[1, 2], |case, value| {
        case.disk_keys = value
    });
    situations.retain(Situation::is_reachable);

    let mut entered = Vec::new();
    for situation in situations {
        let mut model = Model::founded();
        for step in situation.steps() {
            model.must(&step);
        }
        let found = permit_destruction(&device(&model), model.now.time).map(Some);
        assert_eq!(found, attempt(&model, &custodian), "{situation:?}");
        entered.extend(found.ok().flatten());

        let last = Facts {
            disk_keys: 0,
            ..facts(&model)
        };
        for (role, _) in CALLERS {
            let found = permit(Action::DestroyDiskKey, situation.status, role, &last);
            let may = role == Role::Custodian && situation.status == Some(Retiring);
            assert_eq!(!is_before_guards(found), may, "{role:?}, {situation:?}");
        }
    }
    assert_eq!(entered, [Retired, Retiring]);
}
