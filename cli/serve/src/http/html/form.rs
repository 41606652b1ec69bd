//! The filters of a page, as its address has them and as its form shows them.

use {
    super::super::{
        filter::{self, Filter},
        list::next_page,
        page::Page,
        parameters::{pairs, unknown, Values},
        problem::Problem,
    },
    crate::view::View,
    axum::http::Uri,
    ebb_sdk::text::escaped,
    solana_sdk::pubkey::Pubkey,
    url::form_urlencoded::Serializer,
};

/// The parameters of lists that the page has too.
pub const PAGING: [&str; 2] = ["limit", "after"];

/// The filters by what hardly changes about a device.
const LASTING: [&str; 2] = ["contributor", "location"];

/// A field of the form.
pub struct Field {
    /// The parameter.
    pub name: &'static str,
    /// What it takes, in words.
    pub hint: &'static str,
    /// What it holds.
    pub value: String,
    /// The values to choose from, each with whether it is chosen; none where it takes text.
    pub choices: Vec<(&'static str, bool)>,
    /// Whether it is on or off.
    pub is_flag: bool,
    /// Whether it is set.
    pub is_set: bool,
}

/// What a request asks for.
pub struct FleetQuery {
    /// Which devices.
    pub filter: Filter,
    /// Which part of the list.
    pub page: Page,
    /// The filters as the request has them, for the form.
    given: Vec<(String, String)>,
}

impl FleetQuery {
    /// Reads a request's parameters. A field of the form that was left empty is none.
    ///
    /// # Errors
    /// A parameter that there is not, or its value.
    pub fn of(uri: &Uri, program_id: &Pubkey, view: &View) -> Result<Self, Problem> {
        let mut asked = Self {
            filter: Filter::default(),
            page: Page::default(),
            given: vec![],
        };
        for (name, value) in pairs(uri)? {
            if value.is_empty() && !is_flag(&name) {
                continue;
            }
            if PAGING.contains(&name.as_str()) {
                asked.page.take(&name, &value)?;
            } else if asked.filter.take(&name, &value, program_id, view)? {
                asked.given.push((name, value));
            } else {
                let names: Vec<String> = filter::names().collect();
                let known = names.iter().map(String::as_str);
                return Err(unknown(&name, known.chain(PAGING)));
            }
        }
        Ok(asked)
    }

    /// Whether there is a filter.
    pub fn is_filtered(&self) -> bool {
        !self.given.is_empty()
    }

    /// The fields of the form.
    pub fn fields(&self) -> Vec<Field> {
        filter::KEYS
            .iter()
            .map(|key| self.field(key.name, key.values))
            .collect()
    }

    /// The filters that the form has no field for, which it keeps: each a name and a value.
    pub fn kept(&self) -> Vec<(String, String)> {
        let has_field = |name: &str| filter::KEYS.iter().any(|key| key.name == name);
        let given = self.given.iter().filter(|(name, _)| !has_field(name));
        given
            .map(|(name, value)| (name.clone(), escaped(value).into_owned()))
            .collect()
    }

    /// The filters that a device passes as long as it is there. Of one that no longer passes another the page has to learn.
    pub fn streamed(&self) -> Vec<(&str, &str)> {
        let lasts = |name: &str| LASTING.contains(&name.trim_start_matches("without-"));
        let given = self.given.iter().filter(|(name, _)| lasts(name));
        given
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// The address of the draining devices that pass the filters.
    pub fn draining_alone(&self) -> String {
        let others = self.given.iter().filter(|(name, _)| name != "status");
        let others = others.map(|(name, value)| (name.as_str(), value.as_str()));
        let mut query = Serializer::new(String::new());
        query.append_pair("status", "draining").extend_pairs(others);
        format!("/?{}", query.finish())
    }

    fn field(&self, name: &'static str, values: Values) -> Field {
        let given = self.given.iter().filter(|(key, _)| key == name);
        let value: Vec<&str> = given.map(|(_, value)| value.as_str()).collect();
        let value = value.join(",");
        let is_chosen = |choice: &str| value.split(',').any(|one| one.trim() == choice);
        let choices = match values {
            Values::OneOf(all) => all.iter().map(|one| (*one, is_chosen(one))).collect(),
            _ => vec![],
        };
        let hint = match values {
            Values::Codes => "codes, with commas",
            Values::Duration => "for example 1h",
            _ => "",
        };
        Field {
            name,
            hint,
            choices,
            is_flag: is_flag(name),
            is_set: self.given.iter().any(|(key, _)| key == name),
            value: escaped(&value).into_owned(),
        }
    }
}

/// Whether a parameter may be empty, as that it is there says all.
fn is_flag(name: &str) -> bool {
    let name = name.strip_prefix("without-").unwrap_or(name);
    let mut keys = filter::KEYS.iter();
    keys.any(|key| key.name == name && matches!(key.values, Values::Flag))
}

/// The address of the next page.
///
/// # Errors
/// The query cannot be read.
pub fn next(uri: &Uri, last: Option<&str>) -> Result<Option<String>, Problem> {
    last.map(|last| next_page(uri, last)).transpose()
}

/// The address of the first page.
///
/// # Errors
/// The query cannot be read.
pub fn first(uri: &Uri) -> Result<String, Problem> {
    let next = next_page(uri, "")?;
    let first = next.strip_suffix("after=").unwrap_or(&next);
    Ok(first.trim_end_matches(['?', '&']).to_owned())
}
