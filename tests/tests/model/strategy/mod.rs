//! Random steps, most of them by who may and where it may succeed.
//!
//! Where a step aims depends on the model; what it says does not. So it keeps its meaning when
//! shrinking drops the steps before it.

mod detail;
mod device;
mod network;
mod value;

use {
    ebb_sdk::Role,
    ebb_tests::{
        model::{
            state::Model,
            step::{By, Deed, Pause, Step},
        },
        Caller,
    },
    proptest::{
        sample::select,
        strategy::{BoxedStrategy, Just, Strategy, Union},
    },
    std::fmt::Debug,
};

/// Who does what.
type Act = BoxedStrategy<(By, Deed)>;

/// Any step.
pub fn step(model: &Model) -> BoxedStrategy<Step> {
    let mut acts = network::acts(model);
    acts.extend(device::acts(model));
    let pause = (value::mostly(value::SECONDS), value::mostly(value::SLOTS));
    let accounts = (
        value::mostly(value::BELIEFS),
        value::mostly(value::SLIPS),
        select(value::PAYERS),
    );
    (pause, accounts, Union::new_weighted(acts))
        .prop_map(
            |((seconds, slots), (belief, slip, payer), (by, deed))| Step {
                pause: Pause { seconds, slots },
                by,
                deed,
                belief,
                slip,
                payer,
            },
        )
        .boxed()
}

/// Mostly whoever has one of these roles, else anyone.
fn by(roles: &'static [Role], deed: impl Strategy<Value = Deed> + 'static) -> Act {
    (
        otherwise(10, select(roles).prop_map(By::Role), anyone()),
        deed,
    )
        .boxed()
}

/// Mostly whoever is nominated, else anyone.
fn by_nominee(deed: impl Strategy<Value = Deed> + 'static) -> Act {
    (otherwise(4, Just(By::Nominee), anyone()), deed).boxed()
}

/// Anyone with any credential.
fn anyone() -> impl Strategy<Value = By> {
    (select(value::KEYS), select(value::CREDENTIALS))
        .prop_map(|(actor, credential)| By::Caller(Caller::new(actor, credential)))
}

/// The first so many times as often as the second.
fn otherwise<T: Debug>(
    times: u32,
    first: impl Strategy<Value = T> + 'static,
    second: impl Strategy<Value = T> + 'static,
) -> Union<BoxedStrategy<T>> {
    Union::new_weighted(vec![(times, first.boxed()), (1, second.boxed())])
}

/// Mostly one of those where the deed may succeed, if there are any; else any, and not often.
fn aim<T: Clone + Debug + 'static>(
    weight: u32,
    targets: Vec<T>,
    any: impl Strategy<Value = T> + 'static,
) -> (u32, BoxedStrategy<T>) {
    if targets.is_empty() {
        (weight.div_ceil(10), any.boxed())
    } else {
        (weight, otherwise(10, select(targets), any).boxed())
    }
}

/// The places in a list that suit.
fn places<T>(list: &[Option<T>], suits: impl Fn(&T) -> bool) -> Vec<usize> {
    let suits = |index: &usize| list[*index].as_ref().is_some_and(&suits);
    (0..list.len()).filter(suits).collect()
}
