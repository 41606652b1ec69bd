//! Lists by code, and one account of them.

use {
    super::{
        answer::{answer, answer_shared, Query},
        document::Found,
        page::{self, wait, Page},
        parameters::{pairs, unknown},
        problem::Problem,
        state::Shared,
    },
    crate::view::{Coded, Table, View},
    axum::{
        http::{HeaderMap, Uri},
        response::Response,
    },
    ebb_sdk::{
        client::{Keyed, Unreadable},
        value, EbbError,
    },
    serde::Serialize,
    solana_sdk::pubkey::Pubkey,
    std::{
        collections::BTreeMap,
        ops::Bound::{Excluded, Unbounded},
        sync::Arc,
        time::Duration,
    },
    utoipa::ToSchema,
};

/// An account that cannot be read, as one that a newer version of the program wrote.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnreadableJson {
    /// Its address.
    pub address: String,
    /// The number of the program's error.
    pub code: u32,
    /// The name of the program's error.
    pub name: &'static str,
    /// What is wrong with it.
    pub message: String,
}

/// Accounts that cannot be read, as JSON has them.
pub fn unreadable(all: &Unreadable) -> Vec<UnreadableJson> {
    let json = |(address, error): &(Pubkey, EbbError)| UnreadableJson {
        address: address.to_string(),
        code: error.number(),
        name: error.name(),
        message: error.to_string(),
    };
    all.iter().map(json).collect()
}

/// A page of accounts, and the last code of it where there are more behind.
pub fn page_of<'a, T>(
    accounts: &'a BTreeMap<String, Arc<Keyed<T>>>,
    page: &Page,
    admits: impl Fn(&T) -> bool,
) -> (Vec<&'a Keyed<T>>, Option<&'a str>) {
    let after = page.after.as_deref().map_or(Unbounded, Excluded);
    let mut admitted = accounts
        .range::<str, _>((after, Unbounded))
        .filter(|(_, found)| admits(&found.account));
    let (mut items, mut last) = (vec![], None);
    for (code, found) in admitted
        .by_ref()
        .take(page.limit.map_or(usize::MAX, |limit| limit as usize))
    {
        items.push(found.as_ref());
        last = Some(code.as_str());
    }
    let has_more = admitted.next().is_some();
    (items, last.filter(|_| has_more))
}

/// The address of the next page: the request's, from behind the last code on.
pub fn next_page(uri: &Uri, last: &str) -> Result<String, Problem> {
    let kept = pairs(uri)?.into_iter();
    let mut query: Vec<String> = kept
        .filter(|(name, _)| !matches!(name.as_str(), "after" | "wait"))
        .map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)))
        .collect();
    query.push(format!("after={}", encoded(last)));
    Ok(format!("{}?{}", uri.path(), query.join("&")))
}

/// Everything but letters, digits and `-._~,` in percents.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Answers with a list that has no filter.
pub async fn plain<T, J: Serialize, D: Serialize>(
    shared: &Shared,
    uri: &Uri,
    headers: &HeaderMap,
    table: impl Fn(&View) -> &Table<T> + Send + Sync + 'static,
    json: impl Fn(Keyed<T>) -> J + Send + Sync + 'static,
    document: impl Fn(Vec<J>, Vec<UnreadableJson>) -> D + Send + Sync + 'static,
) -> Result<Response, Problem>
where
    T: Clone,
{
    let mut page = Page::default();
    for (name, value) in pairs(uri)? {
        if !page.take(&name, &value)? {
            return Err(unknown(&name, page::KEYS.map(|key| key.name)));
        }
    }
    let key = format!("{}?{:?}{:?}", uri.path(), page.limit, page.after);
    let wait = page.wait;
    let query = Query { headers, wait };
    let uri = uri.clone();
    answer_shared(shared, query, key, move |view| {
        let table = table(view);
        let (items, last) = page_of(&table.by_code, &page, |_| true);
        let next = last.map(|last| next_page(&uri, last)).transpose()?;
        let items = items.into_iter().cloned().map(&json).collect();
        Found::new(&document(items, unreadable(&table.unreadable)), next)
    })
    .await
}

/// An account that a path names by its code or address.
pub struct Named<'a> {
    /// What it is, in a word.
    pub kind: &'static str,
    /// As the path has it.
    pub name: &'a str,
    /// The address of an account of that code.
    pub of_code: fn(&Pubkey, &str) -> (Pubkey, u8),
}

impl Named<'_> {
    /// Its address; `None` if the name is neither a code nor an address.
    pub fn address(&self, program_id: &Pubkey) -> Option<Pubkey> {
        match value::check_code(self.name) {
            Ok(()) => Some((self.of_code)(program_id, self.name).0),
            Err(_) => self.name.parse().ok(),
        }
    }
}

/// How long a request waits that may have no other parameter.
///
/// # Errors
/// It has another, or the value is wrong.
pub fn only_wait(uri: &Uri) -> Result<Option<Duration>, Problem> {
    let mut longest = None;
    for (name, value) in pairs(uri)? {
        match name.as_str() {
            "wait" => longest = Some(wait(&name, &value)?),
            _ => return Err(unknown(&name, ["wait"])),
        }
    }
    Ok(longest)
}

/// Answers with one account.
pub async fn one<T: Coded>(
    shared: &Shared,
    uri: &Uri,
    headers: &HeaderMap,
    named: Named<'_>,
    table: impl Fn(&View) -> &Table<T>,
    json: impl Fn(&View, &Keyed<T>) -> Result<Found, Problem>,
) -> Result<Response, Problem> {
    let address = named.address(shared.client.program_id());
    let query = Query {
        headers,
        wait: only_wait(uri)?,
    };
    answer(shared, query, |view| {
        let table = table(view);
        let found = address.and_then(|address| table.at(&address));
        match found {
            Some(found) => json(view, found),
            None => Err(absent(&named, address, &table.unreadable)),
        }
    })
    .await
}

/// The problem with an account that is not there, or cannot be read.
pub fn absent(named: &Named<'_>, address: Option<Pubkey>, unreadable: &Unreadable) -> Problem {
    let name: String = named.name.chars().take(80).collect();
    let kind = named.kind;
    match unreadable.iter().find(|(other, _)| Some(*other) == address) {
        Some((address, error)) => {
            let detail = format!("the {kind} {name} ({address}) cannot be read: {error}");
            Problem::not_found(detail).with_error(*error)
        }
        None => Problem::not_found(format!("there is no {kind} `{name}`")),
    }
}

#[cfg(test)]
mod tests {
    use {super::*, ebb_sdk::pda};

    #[test]
    fn an_account_that_cannot_be_read_is_named() {
        let address = Pubkey::new_from_array([7; 32]);
        let all = vec![(address, EbbError::UnsupportedVersion)];
        assert_eq!(
            serde_json::to_value(unreadable(&all)).unwrap(),
            serde_json::json!([{
                "address": address.to_string(),
                "code": 6006,
                "name": "UnsupportedVersion",
                "message": "an account was written by a newer version of the program",
            }])
        );
        let named = Named {
            kind: "device",
            name: "ams-dz001",
            of_code: pda::device,
        };
        let text = |address| format!("{:?}", absent(&named, Some(address), &all));
        assert!(text(address).contains("cannot be read: an account was written by a newer version"));
        assert!(text(address).contains("UnsupportedVersion"));
        assert!(text(Pubkey::default()).contains("there is no device `ams-dz001`"));
    }

    #[test]
    fn the_next_page_keeps_the_query() {
        let uri = "/api/v1/devices?status=a%20b&after=x&wait=3s"
            .parse()
            .unwrap();
        assert_eq!(
            next_page(&uri, "ams").unwrap(),
            "/api/v1/devices?status=a%20b&after=ams"
        );
    }
}
