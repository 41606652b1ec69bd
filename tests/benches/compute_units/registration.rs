//! What comes before a device serves.

use {
    crate::chain::{
        key, Chain, Places, AGENT, AUTHORITY, CONTRIBUTOR, DEVICE, ELSEWHERE, ID, LOCATION,
        OPERATOR, ORACLE, OWNER, PAYER,
    },
    ebb_sdk::{
        instruction::{self as ix, *},
        state::{DeviceType, Health},
    },
    solana_sdk::pubkey::Pubkey,
};

pub fn network(chain: &mut Chain) {
    let args = Initialize {
        authority: AUTHORITY,
        health_oracle: ORACLE,
        require_healthy: false,
    };
    chain.measure("initialize", ix::initialize(&ID, &AUTHORITY, &PAYER, args));
    chain.measure("set_policy", Ok(ix::set_policy(&ID, &AUTHORITY, true)));
    chain.measure(
        "set_health_oracle",
        ix::set_health_oracle(&ID, &AUTHORITY, &key(9)),
    );
    chain.run(ix::set_health_oracle(&ID, &AUTHORITY, &ORACLE));
    chain.measure(
        "nominate_authority",
        ix::nominate_authority(&ID, &AUTHORITY, Some(&AUTHORITY)),
    );
    chain.measure(
        "accept_authority",
        Ok(ix::accept_authority(&ID, &AUTHORITY)),
    );
}

pub fn contributor(chain: &mut Chain, at: &Places) {
    let args = CreateContributor {
        code: CONTRIBUTOR.into(),
        authority: OWNER,
    };
    chain.measure(
        "create_contributor",
        ix::create_contributor(&ID, &AUTHORITY, &PAYER, args),
    );
    chain.measure(
        "suspend_contributor",
        Ok(ix::suspend_contributor(&ID, &AUTHORITY, &at.contributor)),
    );
    chain.measure(
        "resume_contributor",
        Ok(ix::resume_contributor(&ID, &AUTHORITY, &at.contributor)),
    );
    chain.measure(
        "set_operator",
        ix::set_operator(&ID, &OWNER, &at.contributor, Some(&OPERATOR)),
    );
    chain.measure(
        "nominate_contributor_authority",
        ix::nominate_contributor_authority(
            &ID,
            &OWNER,
            &at.contributor,
            &at.contributor,
            Some(&OWNER),
        ),
    );
    chain.measure(
        "accept_contributor_authority",
        Ok(ix::accept_contributor_authority(
            &ID,
            &OWNER,
            &at.contributor,
        )),
    );
    // Who accepts clears the operator.
    chain.run(ix::set_operator(
        &ID,
        &OWNER,
        &at.contributor,
        Some(&OPERATOR),
    ));
}

pub fn locations(chain: &mut Chain, at: &Places) {
    let create_location = |code: &str| CreateLocation {
        code: code.into(),
        name: "Amsterdam".into(),
        country: *b"NL",
        latitude: 52_300_000,
        longitude: 4_940_000,
        min_activated: 0,
    };
    chain.measure(
        "create_location",
        ix::create_location(&ID, &AUTHORITY, &PAYER, create_location(LOCATION)),
    );
    chain.run(ix::create_location(
        &ID,
        &AUTHORITY,
        &PAYER,
        create_location(ELSEWHERE),
    ));
    chain.measure(
        "set_budget",
        Ok(ix::set_budget(&ID, &AUTHORITY, &at.location, 1)),
    );
    chain.run(Ok(ix::set_budget(&ID, &AUTHORITY, &at.location, 0)));
}

pub fn device(chain: &mut Chain, at: &Places) {
    let expect = Expect::default();
    let args = CreateDevice {
        code: DEVICE.into(),
        device_type: DeviceType::Hybrid,
        public_ip: [195, 219, 138, 50],
        max_sessions: 128,
        agent: Pubkey::default(),
    };
    chain.measure(
        "create_device",
        ix::create_device(&ID, &OWNER, &PAYER, &at.contributor, &at.location, args),
    );
    let args = UpdateDevice {
        max_sessions: Some(64),
        ..UpdateDevice::default()
    };
    chain.measure(
        "update_device (capacity)",
        ix::update_device(&ID, &OWNER, &at.device, &at.contributor, None, args),
    );
    let (there, back) = ((&at.location, &at.elsewhere), (&at.elsewhere, &at.location));
    chain.measure(
        "update_device (location)",
        ix::update_device(
            &ID,
            &OWNER,
            &at.device,
            &at.contributor,
            Some(there),
            Default::default(),
        ),
    );
    chain.run(ix::update_device(
        &ID,
        &OWNER,
        &at.device,
        &at.contributor,
        Some(back),
        Default::default(),
    ));
    chain.measure(
        "set_agent",
        ix::set_agent(
            &ID,
            &OWNER,
            &at.device,
            &at.contributor,
            None,
            &AGENT,
            expect,
        ),
    );
    chain.measure(
        "report_health (agent)",
        Ok(ix::report_health(
            &ID,
            &AGENT,
            &at.device,
            true,
            Health::Healthy,
            expect,
        )),
    );
    chain.measure(
        "report_health (oracle)",
        Ok(ix::report_health(
            &ID,
            &ORACLE,
            &at.device,
            false,
            Health::Healthy,
            expect,
        )),
    );
    chain.measure(
        "activate_device",
        Ok(ix::activate_device(
            &ID,
            &AUTHORITY,
            &at.device,
            &at.location,
            &at.contributor,
            expect,
        )),
    );
}
