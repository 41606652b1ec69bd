//! Disk keys: who registers, destroys and reassigns them, and what retirement waits for.

use {
    crate::domain::{every_status, vary, Tally, BOTH, CALLERS, SIGNERS},
    ebb_sdk::{
        instruction::{EbbInstruction, Expect, RegisterDiskKey},
        pda,
        state::{Device, ProvisioningStatus},
        EbbError,
    },
    ebb_tests::{
        commitment,
        model::step::{DeviceDeed, Step},
        Actor, Caller, ModelledWorld, Refusal, Situation, World,
    },
    ProvisioningStatus::{Activated, Draining, Pending, Retired, Retiring},
};

/// Every status × suspension × number of disk keys.
fn situations(disk_keys: &[u8]) -> Vec<Situation> {
    let mut all = every_status();
    vary(&mut all, disk_keys, |case, value| case.disk_keys = value);
    vary(&mut all, &BOTH, |case, value| case.suspended = value);
    all.retain(Situation::is_reachable);
    all
}

#[test]
fn register() {
    let origin = ModelledWorld::founded();
    let register = DeviceDeed::RegisterDiskKey {
        disk: 32,
        custodian: Actor::Custodian,
    };
    let steps = CALLERS.map(|consent| Step::on_device(consent, register));
    let mut tally = Tally::default();
    for situation in situations(&[0, 1, 32]) {
        tally.sweep(&origin.establish(&situation), situation, steps);
    }
    tally.check(468, 14);
}

#[test]
fn destroy() {
    let origin = ModelledWorld::founded();
    let steps = SIGNERS.map(|by| Step::on_device(by, DeviceDeed::DestroyDiskKey(0)));
    let mut tally = Tally::default();
    for situation in situations(&[1, 2]) {
        if situation.status.is_some() {
            tally.sweep(&origin.establish(&situation), situation, steps);
        }
    }
    tally.check(144, 4);
}

#[test]
fn reassign() {
    let origin = ModelledWorld::founded();
    let reassign = DeviceDeed::ReassignCustodian {
        disk: 0,
        custodian: Some(Actor::Successor),
    };
    let steps = SIGNERS.map(|by| Step::on_device(by, reassign));
    let mut tally = Tally::default();
    for situation in situations(&[1]) {
        if situation.status.is_some() {
            tally.sweep(&origin.establish(&situation), situation, steps);
        }
    }
    tally.check(72, 8);
}

#[test]
fn reassignment_moves_the_attestation_and_never_skips_it() {
    let mut world = Situation::of(Some(Retiring)).establish(&World::new());
    let same = world.reassign(Actor::Authority, 0, Actor::Custodian);
    assert_eq!(world.refusal(same), EbbError::NothingToChange);
    world.must(world.reassign(Actor::Authority, 0, Actor::Successor));
    for signer in [Actor::Custodian, Actor::Authority] {
        let destroy = world.destroy_disk_key(signer, 0);
        assert_eq!(world.refusal(destroy), EbbError::NotCustodian);
    }
    for caller in [Caller::CONTRIBUTOR, Caller::AUTHORITY] {
        let retire = world.retire(caller);
        assert_eq!(world.refusal(retire), EbbError::DiskKeysLeft);
    }
    let last = world.must(world.destroy_disk_key(Actor::Successor, 0));
    assert_eq!(last.statuses(), Some((Retiring, Retired)));
}

#[test]
fn the_last_of_many_completes_retirement() {
    let situation = Situation {
        disk_keys: 32,
        ..Situation::of(Some(Retiring))
    };
    let mut world = situation.establish(&World::new().without_signature_checks());
    for number in 0..31 {
        let event = world.must(world.destroy_disk_key(Actor::Custodian, number));
        assert_eq!(event.statuses(), Some((Retiring, Retiring)));
    }
    let event = world.must(world.destroy_disk_key(Actor::Custodian, 31));
    assert_eq!(event.statuses(), Some((Retiring, Retired)));
    world.must(world.remove(Caller::CONTRIBUTOR));
}

#[test]
fn registering_and_retiring_in_one_transaction() {
    let pending = Situation::of(Some(Pending)).establish(&World::new());
    let register = pending.register_disk_key(Actor::Custodian, Caller::AGENT, 0);
    let retire = pending.retire(Caller::CONTRIBUTOR);

    let mut world = pending.clone();
    let events = world
        .submit(&world.sign(&[register.clone(), retire.clone()]))
        .expect("the disk key holds it in Retiring");
    assert_eq!(events[1].statuses(), Some((Pending, Retiring)));

    let mut world = pending;
    let refused = world.submit(&world.sign(&[retire, register]));
    assert_eq!(refused, Err(Refusal::Ebb(EbbError::DiskKeyNotRegistrable)));
    let status = world
        .get::<Device>(&world.at.device)
        .head
        .provisioning_status;
    assert_eq!(status, Pending);
}

/// Else it would fill every slot, and no one could retire the device without its custodians.
#[test]
fn an_agent_registers_none_while_its_device_drains() {
    let mut world = Situation::of(Some(Draining)).establish(&World::new());
    let by_agent = world.register_disk_key(Actor::Custodian, Caller::AGENT, 0);
    let refusal = world.refusal(by_agent.clone());
    assert_eq!(refusal, EbbError::ContributorSignatureRequired);
    world.must(world.register_disk_key(Actor::Custodian, Caller::CONTRIBUTOR, 1));
    world.must(world.undrain(Actor::Contributor));
    world.must(by_agent);
}

#[test]
fn a_path_is_unique_on_its_device() {
    let mut world = Situation::of(Some(Activated)).establish(&World::new());
    world.must(world.register_disk_key(Actor::Custodian, Caller::AGENT, 0));
    let again = world.register_disk_key(Actor::Stranger, Caller::CONTRIBUTOR, 0);
    assert_eq!(world.refusal(again), EbbError::DiskKeyExists);
}

#[test]
fn a_key_may_be_registered_anew_once_a_device_was() {
    let mut world = Situation::of(Some(Retiring)).establish(&World::new());
    world.must(world.destroy_disk_key(Actor::Custodian, 0));
    world.must(world.remove(Caller::AUTHORITY));
    world.must(world.create_device(Actor::Contributor, ebb_tests::Places::DEVICE));
    world.must(world.register_disk_key(Actor::Custodian, Caller::AGENT, 0));
}

#[test]
fn values_are_bounded() {
    let mut world = Situation::of(Some(Draining)).establish(&World::new());
    let register = |path: &str, commitment| {
        let mut register = world.register_disk_key(Actor::Custodian, Caller::CONTRIBUTOR, 0);
        register.accounts[4].pubkey = pda::disk_key(&world.program_id, &world.at.device, path).0;
        register.data = EbbInstruction::RegisterDiskKey(RegisterDiskKey {
            expect: Expect::default(),
            path: path.into(),
            commitment,
        })
        .pack()
        .expect("it encodes");
        register
    };
    let longest = register(&"ä".repeat(32), commitment(0));
    let refused = [
        (register("", commitment(0)), EbbError::InvalidPath),
        (
            register(&"p".repeat(65), commitment(0)),
            EbbError::InvalidPath,
        ),
        (
            register("/dev\u{1b}[31m", commitment(0)),
            EbbError::InvalidPath,
        ),
        (
            register("/dev/sda\u{200b}", commitment(0)),
            EbbError::InvalidPath,
        ),
        (
            register("/dev/\u{202e}ads", commitment(0)),
            EbbError::InvalidPath,
        ),
        (register(" \u{a0}", commitment(0)), EbbError::InvalidPath),
        (register("/dev/sda", [0; 32]), EbbError::InvalidCommitment),
    ];
    world.must(longest);
    for (instruction, refusal) in refused {
        assert_eq!(world.refusal(instruction), refusal);
    }
}
