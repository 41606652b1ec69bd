//! Which devices are answered: the command line's filters.

use {
    super::{
        parameters::{documented, wrong_value, Key, Values},
        problem::Problem,
    },
    crate::view::{Coded, Table, View},
    ebb_sdk::{duration, fleet::Selection, pda, state::Device, value},
    solana_sdk::pubkey::Pubkey,
    std::{collections::BTreeMap, fmt::Display, str::FromStr},
    utoipa::{
        openapi::path::{Parameter, ParameterIn},
        IntoParams,
    },
};

/// In front of a key, it negates it.
const WITHOUT: &str = "without-";
/// How many right codes are named where one is wrong.
const NAMED_CODES: usize = 20;

/// The filters. Each has a negation, whose name begins with `without-`.
pub const KEYS: [Key; 7] = [
    Key {
        name: "status",
        values: Values::OneOf(&["pending", "activated", "draining", "retiring", "retired"]),
        help: "Devices in one of these statuses",
    },
    Key {
        name: "health",
        values: Values::OneOf(&["unknown", "healthy", "unhealthy", "dead"]),
        help: "Devices of one of these healths",
    },
    Key {
        name: "contributor",
        values: Values::Codes,
        help: "Devices of one of these contributors",
    },
    Key {
        name: "location",
        values: Values::Codes,
        help: "Devices at one of these locations",
    },
    Key {
        name: "draining-longer-than",
        values: Values::Duration,
        help: "Devices that have been draining for longer than this",
    },
    Key {
        name: "overdue",
        values: Values::Flag,
        help: "Draining devices whose deadline passed with sessions left, or whose planned return passed",
    },
    Key {
        name: "blocked",
        values: Values::Flag,
        help: "Activated devices that no drain may start on now, and draining ones that a hold keeps from retiring",
    },
];

/// Which devices are answered: those that every given key admits and no negated one does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    with: Selection,
    /// For each negated key, what it does not admit.
    without: BTreeMap<&'static str, Selection>,
}

/// The names of all filters.
pub fn names() -> impl Iterator<Item = String> {
    let negated = |key: &Key| [key.name.to_owned(), format!("{WITHOUT}{}", key.name)];
    KEYS.iter().flat_map(negated)
}

impl Filter {
    /// Takes a parameter, and returns whether it is a filter. Contributors and locations that it names must be there.
    ///
    /// # Errors
    /// Its value.
    pub fn take(
        &mut self,
        name: &str,
        value: &str,
        program_id: &Pubkey,
        view: &View,
    ) -> Result<bool, Problem> {
        let (is_negated, plain) = match name.strip_prefix(WITHOUT) {
            Some(plain) => (true, plain),
            None => (false, name),
        };
        let Some(key) = KEYS.iter().find(|key| key.name == plain) else {
            return Ok(false);
        };
        let selection = if is_negated {
            self.without.entry(key.name).or_default()
        } else {
            &mut self.with
        };
        match key.name {
            "status" => selection.status.append(&mut parsed(name, value)?),
            "health" => selection.health.append(&mut parsed(name, value)?),
            "contributor" => {
                let of_code = |code: &str| pda::contributor(program_id, code).0;
                let known = addresses(name, value, &view.contributors, of_code)?;
                selection.contributor.extend(known);
            }
            "location" => {
                let of_code = |code: &str| pda::location(program_id, code).0;
                let known = addresses(name, value, &view.locations, of_code)?;
                selection.location.extend(known);
            }
            "draining-longer-than" => {
                let span = duration::parse(value);
                let span = span.map_err(|right| wrong_value(name, value, right))?;
                // One of several is enough.
                let shortest = selection
                    .draining_longer_than
                    .map_or(span, |it| it.min(span));
                selection.draining_longer_than = Some(shortest);
            }
            "overdue" => selection.overdue = flag(name, value)?,
            _ => selection.blocked = flag(name, value)?,
        }
        Ok(true)
    }

    /// Whether a device passes in a view.
    pub fn admits(&self, view: &View, device: &Device) -> bool {
        let head = &device.head;
        let location = view.locations.at(&head.location);
        let location = location.map(|found| &found.account.head);
        let admits = |selection: &Selection| selection.admits(head, location, view.time);
        admits(&self.with) && !self.without.values().any(admits)
    }

    /// Whether a location passes the filters of locations.
    pub fn admits_location(&self, location: &Pubkey) -> bool {
        self.admits_named("location", |selection| &selection.location, location)
    }

    /// Whether a contributor passes the filters of contributors.
    pub fn admits_contributor(&self, contributor: &Pubkey) -> bool {
        self.admits_named(
            "contributor",
            |selection| &selection.contributor,
            contributor,
        )
    }

    fn admits_named(
        &self,
        key: &str,
        named: impl Fn(&Selection) -> &Vec<Pubkey>,
        address: &Pubkey,
    ) -> bool {
        let with = named(&self.with);
        let without = self.without.get(key).map(&named);
        (with.is_empty() || with.contains(address))
            && !without.is_some_and(|without| without.contains(address))
    }

    /// When the time alone next changes which devices pass, beyond what it changes for everyone.
    pub fn next_moment(&self, view: &View) -> Option<i64> {
        let all = [&self.with].into_iter().chain(self.without.values());
        let own = all.filter(|selection| selection.draining_longer_than.is_some());
        own.filter_map(|selection| view.next_moment(selection))
            .min()
    }

    /// Whether a device passes or not may change though the device does not.
    pub fn is_timed(&self) -> bool {
        self.with.is_timed() || self.without.values().any(Selection::is_timed)
    }
}

/// The values of a parameter, which commas separate.
fn split(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim)
}

fn parsed<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<Vec<T>, Problem> {
    let parse = |one: &str| {
        one.parse()
            .map_err(|right: T::Err| Problem::bad_request(format!("{name}: {right}")))
    };
    split(value).map(parse).collect()
}

fn addresses<T: Coded>(
    name: &str,
    value: &str,
    known: &Table<T>,
    of_code: impl Fn(&str) -> Pubkey,
) -> Result<Vec<Pubkey>, Problem> {
    let kind = name.trim_start_matches(WITHOUT);
    let address = |one: &str| {
        let address = match value::check_code(one) {
            Ok(()) => of_code(one),
            Err(error) => {
                let parsed = one.parse();
                parsed.map_err(|_| wrong_value(name, one, format_args!("{error}, as in ams")))?
            }
        };
        let mut unreadable = known.unreadable.iter();
        if known.at(&address).is_some() || unreadable.any(|(other, _)| *other == address) {
            return Ok(address);
        }
        Err(Problem::not_found(format!(
            "there is no {kind} `{one}`; {}",
            right_codes(known)
        )))
    };
    split(value).map(address).collect()
}

fn right_codes<T>(known: &Table<T>) -> String {
    let codes = known.by_code.keys().take(NAMED_CODES);
    let codes: Vec<&str> = codes.map(String::as_str).collect();
    if codes.len() < known.by_code.len() {
        format!("right are {} and others", codes.join(", "))
    } else if codes.is_empty() {
        "there is none at all".to_owned()
    } else {
        format!("right are {}", codes.join(", "))
    }
}

fn flag(name: &str, value: &str) -> Result<bool, Problem> {
    match value {
        "" | "true" => Ok(true),
        _ => Err(wrong_value(
            name,
            value,
            format_args!("right is `{name}` or `{name}=true`"),
        )),
    }
}

/// As documentation has them.
pub struct FilterParams;

impl IntoParams for FilterParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let both = |key: &Key| {
            let only = format!("Only: {}.", key.help);
            let without = format!("Not: {}.", key.help);
            [
                documented(key.name, key.values, &only),
                documented(&format!("{WITHOUT}{}", key.name), key.values, &without),
            ]
        };
        KEYS.iter().flat_map(both).collect()
    }
}
