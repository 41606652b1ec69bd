//! Two parties that ask for the same at the same moment: the slower one finds it done.

use {
    crate::{
        fleet::{Fleet, DEVICE},
        support::{Key, Lab, Run},
    },
    std::{
        fs::{self, OpenOptions},
        io::Write,
        process::Command,
        thread,
    },
};

/// Runs a verb that finds the fee payer's key in a pipe, which it comes to after it has read the ledger and before
/// it sends. `meanwhile` happens in between.
fn run_meanwhile(lab: &Lab, key: Option<&Key>, args: &[&str], meanwhile: impl FnOnce()) -> Run {
    let pipe = lab.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let payer = fs::read(lab.key("payer").path).unwrap();
    let run = thread::scope(|scope| {
        let slower = scope.spawn(|| {
            let args = [args, &["--fee-payer", pipe.to_str().unwrap()]].concat();
            let run = act(lab, key, &args);
            // Whoever waits for a reader is not to wait for ever if the verb never read.
            let reader = OpenOptions::new().read(true).write(true).open(&pipe);
            (run, reader.unwrap())
        });
        let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
        meanwhile();
        writer.write_all(&payer).unwrap();
        drop(writer);
        slower.join().unwrap().0
    });
    fs::remove_file(pipe).unwrap();
    run
}

fn act(lab: &Lab, key: Option<&Key>, args: &[&str]) -> Run {
    match key {
        Some(key) => lab.ebb_as(key, args),
        None => lab.ebb(args),
    }
}

/// Two parties do the same; the slower one reports that it is up to date.
#[track_caller]
fn both_do(lab: &Lab, key: Option<&Key>, line: &str) {
    let args: Vec<&str> = line.split_whitespace().collect();
    let json = [&args[..], &["--output", "json"]].concat();
    let slower = run_meanwhile(lab, key, &json, || drop(act(lab, key, &args).exits(0)));
    let item = slower.exits(0).item();
    assert_eq!(item["changed"], false, "{line}: {item}");
    assert!(item["error"].is_null(), "{line}: {item}");
}

#[test]
fn who_comes_second_finds_the_network_as_asked_for() {
    let (lab, owner, _) = Lab::in_service();
    let (operator, next) = (lab.key("operator"), lab.key("next"));
    let (operator, nominee) = (&operator.pubkey, &next.pubkey);
    let place = "--name London --country GB --lat 51.5 --lng -0.12";
    let locations = lab.file(
        "locations.csv",
        "code,name,country,lat,lng\nfra,Frankfurt,DE,50.1,8.68\n",
    );
    let requests = [
        (
            None,
            "registry set-policy --require-healthy true".to_owned(),
        ),
        (None, format!("registry set-oracle {operator}")),
        (
            None,
            format!("contributor create co02 --authority {operator}"),
        ),
        (None, "contributor suspend co01 --yes".to_owned()),
        (None, "contributor resume co01".to_owned()),
        (
            Some(&owner),
            format!("contributor set-operator co01 {operator}"),
        ),
        (Some(&owner), format!("contributor nominate co01 {nominee}")),
        (Some(&next), "contributor accept co01".to_owned()),
        (None, format!("location create ld4 {place}")),
        (None, format!("location import {locations}")),
        (None, "location set-budget ams --min-activated 1".to_owned()),
        (None, format!("registry nominate {nominee}")),
        (Some(&next), "registry accept".to_owned()),
    ];
    for (key, line) in requests {
        both_do(&lab, key, &line);
    }
}

#[test]
fn who_comes_second_finds_the_registry_made() {
    both_do(&Lab::new(), None, "init");
}

#[test]
fn who_comes_second_finds_the_device_as_asked_for() {
    let fleet = Fleet::with_sessions(0);
    let Fleet {
        lab, owner, agent, ..
    } = &fleet;
    let user = lab.key("user").pubkey;
    let create = "device create ams-dz002 --contributor co01 --location ams --type edge \
                  --public-ip 195.219.138.51 --max-sessions 8";
    both_do(lab, Some(owner), create);
    let devices = lab.file(
        "devices.csv",
        "code,contributor,location,device_type,public_ip,max_sessions\n\
         ams-dz003,co01,ams,edge,195.219.138.52,8\n",
    );
    both_do(lab, Some(owner), &format!("device import {devices}"));
    both_do(lab, Some(owner), "device update ams-dz002 --max-sessions 9");
    both_do(
        lab,
        Some(owner),
        &format!("device set-agent ams-dz002 {user}"),
    );
    both_do(lab, None, "device activate ams-dz002");
    both_do(
        lab,
        Some(agent),
        &format!("session open {DEVICE} --user {user}"),
    );
    both_do(
        lab,
        Some(agent),
        &format!("session close {DEVICE} --user {user}"),
    );
    fleet.drain();
    let update = format!("device drain {DEVICE} --update --reason fan --detach --yes");
    both_do(lab, Some(owner), &update);
    both_do(lab, Some(owner), &format!("device undrain {DEVICE}"));
    fleet.drain();
    both_do(lab, Some(owner), &format!("device retire {DEVICE} --yes"));

    let remove = ["device", "remove", DEVICE, "--yes"];
    run_meanwhile(lab, Some(owner), &remove, || {
        fleet.device(&["remove", DEVICE, "--yes"]).exits(0);
    })
    .exits(3)
    .warns("there is no device ams-dz001");
}

#[test]
fn a_disk_keys_custodian_may_be_set_by_two() {
    let fleet = Fleet::with_sessions(0);
    fleet.register_disk_key("data");
    let custodian = fleet.lab.key("custodian").pubkey;
    let reassign = format!("disk-key reassign {DEVICE} data --custodian {custodian}");
    both_do(&fleet.lab, None, &reassign);
}

#[test]
fn an_activation_is_of_the_device_that_was_shown() {
    let fleet = Fleet::with_sessions(0);
    let code = "ams-dz002";
    fleet.create(code);
    let activate = ["device", "activate", code];
    run_meanwhile(&fleet.lab, None, &activate, || {
        fleet
            .device(&["update", code, "--public-ip", "195.219.138.51"])
            .exits(0);
    })
    .exits(4)
    .warns("the device has changed since it was read")
    .warns("review what is signed: ebb device get ams-dz002");
    assert_eq!(fleet.get(code)["provisioning_status"], "pending");
    fleet.lab.ebb(&activate).exits(0);
}

#[test]
fn a_drain_does_not_fail_because_a_user_came() {
    let fleet = Fleet::with_sessions(1);
    let user = fleet.lab.key("late");
    let drain = ["device", "drain", DEVICE, "--yes", "--detach"];
    run_meanwhile(&fleet.lab, Some(&fleet.owner), &drain, || {
        fleet.open(DEVICE, &user).exits(0);
    })
    .exits(0);
    assert_eq!(fleet.get(DEVICE)["drain"]["sessions_at_start"], 2);
}

#[test]
fn who_comes_second_to_something_else_reads_what_differs() {
    let fleet = Fleet::with_sessions(0);
    let Fleet { lab, owner, .. } = &fleet;
    let other = lab.key("other").pubkey;
    let create = ["contributor", "create", "co02", "--authority"];
    run_meanwhile(lab, None, &[&create[..], &[&owner.pubkey]].concat(), || {
        lab.ebb(&[&create[..], &[&other]].concat()).exits(0);
    })
    .exits(4)
    .warns(&format!("co02 has the authority {other}"));

    fleet.drain();
    run_meanwhile(lab, Some(owner), &["device", "undrain", DEVICE], || {
        fleet.device(&["retire", DEVICE, "--yes"]).exits(0);
    })
    .exits(4)
    .warns("it is retired, and undrain leaves draining only");
}
