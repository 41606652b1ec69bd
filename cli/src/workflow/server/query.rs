//! Options as a server's parameters.

use {
    crate::input::{
        filter::FilterArgs,
        value::{Identifier, Time},
    },
    std::fmt::Display,
};

/// The parameters of a filter, which has the same keys.
pub fn filter(filter: &FilterArgs) -> Vec<(&'static str, String)> {
    let span = filter.draining_longer_than;
    [
        list("status", &filter.status),
        list("without-status", &filter.without_status),
        list("health", &filter.health),
        list("contributor", &filter.contributor),
        list("location", &filter.location),
        span.map(|span| ("draining-longer-than", format!("{}s", span.as_secs()))),
        flag("overdue", filter.overdue),
        flag("blocked", filter.blocked),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The parameter of a time since when.
pub fn since(since: Time) -> (&'static str, String) {
    ("since", since.to_string())
}

/// A code or an address as a part of a path.
pub fn segment(identifier: &Identifier) -> String {
    identifier.to_string()
}

fn list<T: Display>(name: &'static str, values: &[T]) -> Option<(&'static str, String)> {
    let values: Vec<String> = values.iter().map(T::to_string).collect();
    (!values.is_empty()).then(|| (name, values.join(",")))
}

fn flag(name: &'static str, is_set: bool) -> Option<(&'static str, String)> {
    is_set.then(|| (name, "true".to_owned()))
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_sdk::state::{Health, ProvisioningStatus},
        std::time::Duration,
    };

    #[test]
    fn each_option_is_a_parameter() {
        assert_eq!(filter(&FilterArgs::default()), []);
        let all = FilterArgs {
            status: vec![ProvisioningStatus::Draining, ProvisioningStatus::Retiring],
            without_status: vec![ProvisioningStatus::Retired],
            health: vec![Health::Dead],
            contributor: vec![Identifier::Code("co01".into())],
            location: vec![Identifier::Address(ebb_sdk::ID)],
            draining_longer_than: Some(Duration::from_secs(90)),
            overdue: true,
            blocked: true,
        };
        let query = filter(&all);
        let query: Vec<String> = query.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            query,
            [
                "status=draining,retiring",
                "without-status=retired",
                "health=dead",
                "contributor=co01",
                &format!("location={}", ebb_sdk::ID),
                "draining-longer-than=90s",
                "overdue=true",
                "blocked=true",
            ]
        );
        let ago = since(Time::In(Duration::from_secs(3_600)));
        assert_eq!(ago, ("since", "3600s".to_owned()));
    }
}
