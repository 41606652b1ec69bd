//! The values that steps are made of. One that stands in a list several times is drawn as many
//! times as often; failures shrink towards the front.

use {
    ebb_sdk::state::{DeviceType, Health, HoldKind},
    ebb_tests::{
        model::step::{Belief, Slip},
        Actor, Credential,
    },
    proptest::{
        option,
        sample::select,
        strategy::{BoxedStrategy, Just, Strategy, Union},
    },
    std::fmt::Debug,
};

pub const PAYERS: &[Actor] = &[Actor::Payer, Actor::Deployer];
pub const KEYS: &[Actor] = &[
    Actor::Contributor,
    Actor::Authority,
    Actor::Agent,
    Actor::Operator,
    Actor::Oracle,
    Actor::Custodian,
    Actor::Successor,
    Actor::OtherContributor,
    Actor::Stranger,
];
pub const CREDENTIALS: &[Credential] = &[
    Credential::Contributor,
    Credential::Registry,
    Credential::None,
    Credential::OtherContributor,
];
pub const KINDS: &[DeviceType] = &DeviceType::ALL;
pub const HOLD_KINDS: &[HoldKind] = &HoldKind::ALL;
pub const HEALTHS: &[Health] = &[
    Health::Healthy,
    Health::Healthy,
    Health::Unknown,
    Health::Unhealthy,
    Health::Dead,
];
pub const BUDGETS: &[u32] = &[0, 0, 0, 1, 1, 2, u32::MAX];
pub const MAX_SESSIONS: &[u32] = &[3, 3, 2, 1, 0, u32::MAX];

/// The Clock stands still, steps over a deadline or a hold, or leaps. Of this list and those that
/// follow, most steps take the first; see [`mostly`].
pub const SECONDS: &[u32] = &[
    0, 1, 1, 1, 30, 30, 59, 59, 60, 60, 60, 60, 60, 60, 61, 61, 600, 600, 600, 3_600, 3_600,
    86_400, 604_800,
];
pub const SLOTS: &[u32] = &[0, 1, 2, 150];
pub const BELIEFS: &[Belief] = &[
    Belief::Nothing,
    Belief::AsItIs,
    Belief::AsItIs,
    Belief::OtherStatus,
    Belief::OtherGeneration,
    Belief::OtherContributor,
    Belief::OtherSequence,
];
pub const SLIPS: &[Slip] = &[
    Slip::None,
    Slip::Unsigned,
    Slip::CoSignerUnsigned,
    Slip::Location,
    Slip::Child,
    Slip::Recipient,
];
pub const PUBLIC_IPS: &[[u8; 4]] = &[
    [195, 219, 138, 50],
    [10, 0, 0, 1],
    [223, 255, 255, 255],
    [1, 0, 0, 0],
    [0, 1, 2, 3],
    [127, 0, 0, 1],
    [224, 0, 0, 1],
];
/// Seconds; the last three are refused.
pub const DEADLINES: &[u32] = &[60, 0, 61, 600, 3_600, 31_536_000, 1, 59, 31_536_001];
/// Seconds; the last is refused.
pub const PLANNED_RETURNS: &[u32] = &[0, 1, 3_600, 31_536_000, 31_536_001];
/// Seconds; the last two are refused.
pub const HOLD_SECONDS: &[u32] = &[604_800, 1, 60, 60, 600, 86_400, 0, 604_801];
/// The fourth is the longest of a hold, the fifth the longest of a drain; none takes the last four.
pub const REASONS: &[&str] = &[
    "rack power",
    "",
    "Wartung – Süd",
    "as long as a hold's may be: 32 B",
    "as long as a drain's may be, which is exactly sixty-four bytes..",
    "longer by one byte than a drain's may be, that is sixty-five ...!",
    "colour \u{1b}[31m",
    "turned \u{202e}around",
    " \u{a0} ",
];

/// Mostly the first, else any.
pub fn mostly<T: Copy + Debug + 'static>(values: &'static [T]) -> Union<BoxedStrategy<T>> {
    Union::new_weighted(vec![
        (4, Just(values[0]).boxed()),
        (1, select(values).boxed()),
    ])
}

/// A key, now and then none.
pub fn key() -> impl Strategy<Value = Option<Actor>> {
    option::weighted(0.85, select(KEYS))
}
