//! A device in service, out of it, and gone.

use {
    crate::chain::{
        Chain, Places, AGENT, AUTHORITY, CUSTODIAN, ID, OPERATOR, ORACLE, OWNER, PATH, PAYER, USER,
    },
    ebb_sdk::{
        instruction::{self as ix, *},
        state::{Health, HoldKind},
    },
};

pub fn drains(chain: &mut Chain, at: &Places) {
    let expect = Expect::default();
    chain.measure(
        "open_session",
        ix::open_session(&ID, &AGENT, &PAYER, &at.device, &USER, expect),
    );
    let args = DrainDevice::default();
    chain.measure(
        "drain_device (no deadline)",
        ix::drain_device(&ID, &OWNER, &at.device, &at.location, &at.contributor, args),
    );
    chain.run(Ok(ix::report_health(
        &ID,
        &ORACLE,
        &at.device,
        false,
        Health::Healthy,
        expect,
    )));
    chain.run(Ok(ix::undrain_device(
        &ID,
        &OWNER,
        &at.device,
        &at.location,
        &at.contributor,
        expect,
    )));
    chain.measure(
        "drain_device (contributor)",
        ix::drain_device(
            &ID,
            &OWNER,
            &at.device,
            &at.location,
            &at.contributor,
            drain(""),
        ),
    );
    let args = UpdateDrain {
        deadline_seconds: Some(7_200),
        ..UpdateDrain::default()
    };
    chain.measure(
        "update_drain",
        ix::update_drain(&ID, &OPERATOR, &at.device, &at.contributor, args),
    );
    chain.measure(
        "close_session (agent)",
        Ok(ix::close_session(
            &ID, &AGENT, &at.device, &USER, &PAYER, None, expect,
        )),
    );
    chain.run(Ok(ix::report_health(
        &ID,
        &ORACLE,
        &at.device,
        false,
        Health::Healthy,
        expect,
    )));
    chain.measure(
        "undrain_device (contributor)",
        Ok(ix::undrain_device(
            &ID,
            &OWNER,
            &at.device,
            &at.location,
            &at.contributor,
            expect,
        )),
    );
    chain.measure(
        "drain_device (operator, 64-byte reason)",
        ix::drain_device(
            &ID,
            &OPERATOR,
            &at.device,
            &at.location,
            &at.contributor,
            drain(&"r".repeat(64)),
        ),
    );
    chain.run(Ok(ix::report_health(
        &ID,
        &ORACLE,
        &at.device,
        false,
        Health::Healthy,
        expect,
    )));
    chain.measure(
        "undrain_device (authority)",
        Ok(ix::undrain_device(
            &ID,
            &AUTHORITY,
            &at.device,
            &at.location,
            &at.contributor,
            expect,
        )),
    );
}

pub fn holds(chain: &mut Chain, at: &Places) {
    let expect = Expect::default();
    let hold = |kind, duration_seconds| PlaceHold {
        expect,
        kind,
        duration_seconds,
        reason: "backup".into(),
    };
    chain.measure(
        "place_hold (first)",
        ix::place_hold(
            &ID,
            &OWNER,
            &at.device,
            Some(&at.contributor),
            hold(HoldKind::PendingTask, 60),
        ),
    );
    chain.measure(
        "release_hold",
        Ok(ix::release_hold(
            &ID,
            &OWNER,
            &at.device,
            Some(&at.contributor),
            1,
            expect,
        )),
    );
    let place = || {
        ix::place_hold(
            &ID,
            &OWNER,
            &at.device,
            Some(&at.contributor),
            hold(HoldKind::CriticalTraffic, 60),
        )
    };
    let undrain = || {
        ix::undrain_device(
            &ID,
            &OWNER,
            &at.device,
            &at.location,
            &at.contributor,
            expect,
        )
    };
    let healthy = || ix::report_health(&ID, &ORACLE, &at.device, false, Health::Healthy, expect);
    // What is measured runs at one time, so holds that shall have expired by then are placed before.
    chain.pass(-61);
    for _ in 0..8 {
        chain.run(place());
    }
    chain.pass(61);
    chain.measure(
        "drain_device (8 expired holds)",
        ix::drain_device(
            &ID,
            &OWNER,
            &at.device,
            &at.location,
            &at.contributor,
            drain(""),
        ),
    );
    chain.run(Ok(healthy()));
    chain.run(Ok(undrain()));
    for _ in 0..7 {
        chain.run(place());
    }
    chain.measure("place_hold (eighth)", place());
    let forced = DrainDevice {
        force: true,
        ..drain("")
    };
    chain.measure(
        "drain_device (forced past 8 live holds)",
        ix::drain_device(
            &ID,
            &AUTHORITY,
            &at.device,
            &at.location,
            &at.registry,
            forced,
        ),
    );
}

pub fn end(chain: &mut Chain, at: &Places) {
    let expect = Expect::default();
    let args = |path: &str| RegisterDiskKey {
        expect,
        path: path.into(),
        commitment: [1; 32],
    };
    chain.measure(
        "register_disk_key",
        ix::register_disk_key(
            &ID,
            &CUSTODIAN,
            &OWNER,
            &PAYER,
            &at.device,
            Some(&at.contributor),
            args(PATH),
        ),
    );
    chain.measure(
        "reassign_custodian",
        ix::reassign_custodian(&ID, &AUTHORITY, &at.device, PATH, &OPERATOR, expect),
    );
    chain.measure(
        "retire_device (to retiring)",
        Ok(ix::retire_device(
            &ID,
            &OWNER,
            &at.device,
            &at.location,
            &at.contributor,
            expect,
        )),
    );
    chain.measure(
        "destroy_disk_key (last)",
        Ok(ix::destroy_disk_key(
            &ID, &OPERATOR, &at.device, PATH, &PAYER, expect,
        )),
    );
    chain.measure(
        "remove_device",
        Ok(ix::remove_device(
            &ID,
            &OWNER,
            &at.device,
            &at.location,
            &at.contributor,
            &PAYER,
            &at.contributor,
            expect,
        )),
    );
}

fn drain(reason: &str) -> DrainDevice {
    DrainDevice {
        deadline_seconds: 3_600,
        planned_return_seconds: 7_200,
        reason: reason.into(),
        ..DrainDevice::default()
    }
}
