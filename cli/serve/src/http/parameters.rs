//! Query parameters: read, refused by name, and documented from one table.

use {
    super::problem::Problem,
    axum::{extract::Query, http::Uri},
    utoipa::openapi::{
        path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle},
        ArrayBuilder, ObjectBuilder, RefOr, Required, Schema, Type,
    },
};

/// What a parameter takes.
#[derive(Clone, Copy, Debug)]
pub enum Values {
    /// Some of these, repeated or separated by commas.
    OneOf(&'static [&'static str]),
    /// Codes, likewise.
    Codes,
    /// One code.
    Code,
    /// The id of an event.
    Position,
    /// A place in a history, as a page's Link has it.
    Place,
    /// A time, or a duration ago.
    Since,
    /// A duration, as 1h30m.
    Duration,
    /// A duration up to a minute, as 30s.
    Wait,
    /// A whole number, from and to.
    Number(usize, usize),
    /// Nothing, or true.
    Flag,
}

/// What a code is, as a regular expression.
pub const CODE: &str = "^[a-z0-9][a-z0-9._-]{0,31}$";

/// A query parameter.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it stands in the query.
    pub name: &'static str,
    /// What it takes.
    pub values: Values,
    /// What it does.
    pub help: &'static str,
}

impl Key {
    /// The parameter's documentation.
    pub fn documented(&self) -> Parameter {
        documented(self.name, self.values, self.help)
    }
}

/// The parameters of a query, in their order.
///
/// # Errors
/// The query cannot be read.
pub fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Problem> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri);
    pairs
        .map(|Query(pairs)| pairs)
        .map_err(|error| Problem::bad_request(error.to_string()))
}

/// Refuses every parameter.
///
/// # Errors
/// There is one, or the query cannot be read.
pub fn none(uri: &Uri) -> Result<(), Problem> {
    match pairs(uri)?.first() {
        Some((name, _)) => Err(unknown(name, [])),
        None => Ok(()),
    }
}

/// The problem with a parameter that is none of these.
pub fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Problem {
    let known: Vec<&str> = known.into_iter().collect();
    let right = if known.is_empty() {
        "this route takes none".to_owned()
    } else {
        format!("right are {}", known.join(", "))
    };
    Problem::bad_request(format!("there is no parameter `{name}`; {right}"))
}

/// The problem with a parameter's value.
pub fn wrong_value(name: &str, value: &str, right: impl std::fmt::Display) -> Problem {
    let value: String = value.chars().take(80).collect();
    Problem::bad_request(format!("{name}: `{value}`: {right}"))
}

/// The parameter's documentation.
pub fn documented(name: &str, values: Values, help: &str) -> Parameter {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let list = |item: Schema| {
        let list = ArrayBuilder::new().items(RefOr::T(item));
        Schema::from(list.build())
    };
    let schema = match values {
        Values::OneOf(values) => list(
            text()
                .enum_values(Some(values.iter().copied()))
                .build()
                .into(),
        ),
        Values::Codes => list(text().pattern(Some(CODE)).build().into()),
        Values::Code => text().pattern(Some(CODE)).build().into(),
        Values::Position => text()
            .pattern(Some("^[0-9a-f]{16}-[0-9]{1,18}$"))
            .build()
            .into(),
        Values::Place => text()
            .pattern(Some("^[0-9a-f]{16}-[0-9]{1,18}([.][0-9]{1,18}){3}$"))
            .build()
            .into(),
        Values::Since => text()
            .pattern(Some("^[1-9][0-9]{0,3}[smhdw]$|^20[0-9]{2}-0[1-9]-[01][1-8]T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z$"))
            .examples(["7d", "2026-01-02T15:00:00Z"])
            .build()
            .into(),
        Values::Duration => text()
            .pattern(Some("^[1-9][0-9]{0,3}[smhdw]$"))
            .examples(["1h"])
            .build()
            .into(),
        Values::Wait => text()
            .pattern(Some("^([1-9]|[1-5][0-9]|60)s$"))
            .examples(["30s"])
            .build()
            .into(),
        Values::Number(least, most) => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(least))
            .maximum(Some(most))
            .build()
            .into(),
        Values::Flag => text().enum_values(Some(["true"])).build().into(),
    };
    let is_list = matches!(values, Values::OneOf(_) | Values::Codes);
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(help))
        .schema(Some(RefOr::T(schema)))
        .style(is_list.then_some(ParameterStyle::Form))
        .explode(is_list.then_some(true))
        .build()
}
