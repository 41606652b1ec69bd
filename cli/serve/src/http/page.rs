//! Which part of a list is answered, and when.

use {
    super::{
        parameters::{wrong_value, Key, Values},
        problem::Problem,
    },
    ebb_sdk::{duration, value},
    std::time::Duration,
    utoipa::{
        openapi::path::{Parameter, ParameterIn},
        IntoParams,
    },
};

/// The most items of a page.
pub const MAX_LIMIT: u32 = 10_000;
/// The longest wait.
pub const MAX_WAIT: Duration = Duration::from_secs(60);

const LIMIT: Key = Key {
    name: "limit",
    values: Values::Number(1, MAX_LIMIT as usize),
    help: "How many items at most; the rest is behind the Link header's next. By default all.",
};
const AFTER: Key = Key {
    name: "after",
    values: Values::Code,
    help: "Only items whose code comes after this one.",
};
/// How long to wait for another result.
pub const WAIT: Key = Key {
    name: "wait",
    values: Values::Wait,
    help: "With If-None-Match: how long to wait, at most 60s, until the result is another one.",
};

/// The parameters of every list.
pub const KEYS: [Key; 3] = [LIMIT, AFTER, WAIT];

/// Which part of a list is answered, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// How many items at most.
    pub limit: Option<u32>,
    /// Only items behind this code.
    pub after: Option<String>,
    /// How long to wait for another result.
    pub wait: Option<Duration>,
}

impl Page {
    /// Takes a parameter, and returns whether it is one of these.
    ///
    /// # Errors
    /// Its value.
    pub fn take(&mut self, name: &str, value: &str) -> Result<bool, Problem> {
        match name {
            "limit" => self.limit = Some(limit(name, value)?),
            "after" => {
                value::check_code(value)
                    .map_err(|error| wrong_value(name, value, error.to_string()))?;
                self.after = Some(value.to_owned());
            }
            "wait" => self.wait = Some(wait(name, value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Reads how many items there may be.
pub fn limit(name: &str, value: &str) -> Result<u32, Problem> {
    let limit = value.parse().ok();
    let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
    let right = format!("right is a whole number from 1 to {MAX_LIMIT}");
    limit.ok_or_else(|| wrong_value(name, value, &right))
}

/// Reads how long to wait.
pub fn wait(name: &str, value: &str) -> Result<Duration, Problem> {
    let wait = duration::parse(value).map_err(|right| wrong_value(name, value, right))?;
    if wait <= MAX_WAIT {
        Ok(wait)
    } else {
        Err(wrong_value(name, value, "right is at most 60s"))
    }
}

/// As documentation has them.
pub struct PageParams;

impl IntoParams for PageParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        KEYS.iter().map(Key::documented).collect()
    }
}

/// Those of a list that is not waited for.
pub struct PagingParams;

impl IntoParams for PagingParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![LIMIT.documented(), AFTER.documented()]
    }
}

/// The parameter of what is no list.
pub struct WaitParams;

impl IntoParams for WaitParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![WAIT.documented()]
    }
}
