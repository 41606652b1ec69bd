//! What stands around the content of every page.

use {
    super::{
        super::state::Shared,
        assets::{script, style},
    },
    axum::http::Uri,
};

/// The links of the navigation, each with its name.
const LINKS: [(&str, &str); 3] = [
    ("/", "Fleet"),
    ("/?status=draining", "Draining"),
    ("/?overdue=true", "Overdue"),
];

/// What stands around the content of a page.
pub struct Frame {
    /// The address of the style.
    pub style: &'static str,
    /// The address of the script.
    pub script: &'static str,
    /// The navigation.
    pub links: [Link; LINKS.len()],
    /// Which ledger the page is of.
    pub ledger: Option<LedgerLine>,
}

/// A link of the navigation.
pub struct Link {
    /// Where it leads.
    pub address: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Whether it leads to the page that it stands on.
    pub is_current: bool,
}

/// Which ledger a page is of.
pub struct LedgerLine {
    /// The program's id.
    pub program_id: String,
    /// The ledger's genesis, where it is known.
    pub genesis: Option<String>,
}

impl Frame {
    /// The frame of the page at an address.
    pub fn of(shared: &Shared, uri: &Uri) -> Self {
        let ledger = LedgerLine {
            program_id: shared.client.program_id().to_string(),
            genesis: shared.ledger.genesis().map(ToString::to_string),
        };
        let address = uri.path_and_query().map_or("", |it| it.as_str());
        Self {
            ledger: Some(ledger),
            ..Self::at(address)
        }
    }

    /// The frame of a page that is of no ledger.
    pub fn of_problem() -> Self {
        Self::at("")
    }

    fn at(current: &str) -> Self {
        Self {
            style: style(),
            script: script(),
            links: LINKS.map(|(address, name)| Link {
                address,
                name,
                is_current: address == current,
            }),
            ledger: None,
        }
    }
}
