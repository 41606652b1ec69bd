//! What steps on devices say.

use {
    super::{
        aim, places,
        value::{self, key, mostly},
    },
    ebb_tests::{
        model::{
            state::{Model, CONTRIBUTORS, LOCATIONS},
            step::{CoSigner, DeviceDeed, DeviceUpdate, DrainUpdate, NewDevice, NewDrain, NewHold},
        },
        Actor,
    },
    proptest::{bool, option, sample::select, strategy::Strategy},
};

pub fn create(model: &Model) -> impl Strategy<Value = DeviceDeed> {
    let contributors = places(&model.contributors, |contributor| !contributor.suspended);
    let locations = places(&model.locations, |_| true);
    let places = (
        aim(1, contributors, 0..CONTRIBUTORS).1,
        aim(1, locations, 0..LOCATIONS).1,
    );
    let values = (
        select(value::KINDS),
        mostly(value::PUBLIC_IPS),
        mostly(value::MAX_SESSIONS),
    );
    let agent = option::weighted(0.9, mostly(&[Actor::Agent, Actor::Successor]));
    (places, values, agent).prop_map(
        |((contributor, location), (kind, public_ip, max_sessions), agent)| {
            DeviceDeed::Create(NewDevice {
                contributor,
                location,
                kind,
                public_ip,
                max_sessions,
                agent,
            })
        },
    )
}

pub fn update() -> impl Strategy<Value = DeviceDeed> {
    let public_ip = option::weighted(0.4, select(value::PUBLIC_IPS));
    let max_sessions = option::weighted(0.5, select(value::MAX_SESSIONS));
    let relocation = option::weighted(0.5, 0..LOCATIONS);
    (public_ip, max_sessions, relocation).prop_map(|(public_ip, max_sessions, relocation)| {
        DeviceDeed::Update(DeviceUpdate {
            public_ip,
            max_sessions,
            relocation,
        })
    })
}

pub fn drain() -> impl Strategy<Value = DeviceDeed> {
    let times = (mostly(value::DEADLINES), mostly(value::PLANNED_RETURNS));
    (times, bool::weighted(0.2), mostly(value::REASONS)).prop_map(
        |((deadline, planned_return), force, reason)| {
            DeviceDeed::Drain(NewDrain {
                deadline,
                planned_return,
                force,
                reason,
            })
        },
    )
}

pub fn update_drain() -> impl Strategy<Value = DeviceDeed> {
    let deadline = option::of(mostly(value::DEADLINES));
    let planned_return = option::of(mostly(value::PLANNED_RETURNS));
    let reason = option::of(mostly(value::REASONS));
    (deadline, planned_return, reason).prop_map(|(deadline, planned_return, reason)| {
        DeviceDeed::UpdateDrain(DrainUpdate {
            deadline,
            planned_return,
            reason,
        })
    })
}

pub fn set_agent() -> impl Strategy<Value = DeviceDeed> {
    const CO_SIGNERS: &[CoSigner] = &[CoSigner::Nobody, CoSigner::OldAgent, CoSigner::Stranger];
    (key(), select(CO_SIGNERS))
        .prop_map(|(agent, co_signer)| DeviceDeed::SetAgent(agent, co_signer))
}

pub fn report() -> impl Strategy<Value = DeviceDeed> {
    select(value::HEALTHS).prop_map(DeviceDeed::ReportHealth)
}

pub fn place_hold() -> impl Strategy<Value = DeviceDeed> {
    let kind = select(value::HOLD_KINDS);
    (kind, mostly(value::HOLD_SECONDS), mostly(value::REASONS)).prop_map(
        |(kind, seconds, reason)| {
            DeviceDeed::PlaceHold(NewHold {
                kind,
                seconds,
                reason,
            })
        },
    )
}
