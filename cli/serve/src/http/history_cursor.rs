//! Where a client stands in a history. Cursors are of one store: another one may have the same events in other places.

use {
    super::{parameters::wrong_value, problem::Problem},
    crate::store::{Place, Store, StoreError},
    axum::http::{header, StatusCode},
    std::str::FromStr,
};

/// How long until a client may ask a store again that is away.
const RETRY_SECONDS: u64 = 5;

/// The cursor of a place or position in a store.
pub fn text(store: &Store, at: impl std::fmt::Display) -> String {
    format!("{}-{at}", store.id())
}

/// A cursor as a client has it.
pub struct Cursor<T> {
    store: String,
    at: T,
}

impl Cursor<Place> {
    /// Reads where a page goes on.
    ///
    /// # Errors
    /// It is no cursor of a page.
    pub fn of_page(name: &str, value: &str) -> Result<Self, Problem> {
        parse(name, value, "right is what the Link header of a page has")
    }

    /// The place that the page goes on behind.
    ///
    /// # Errors
    /// The cursor is another store's, or of what is not there.
    pub async fn place(&self, store: &Store, list: &str) -> Result<Place, Problem> {
        let is_there =
            self.store == store.id() && store.has(&self.at).await.map_err(unavailable)?;
        if is_there {
            Ok(self.at)
        } else {
            Err(gone(list))
        }
    }
}

impl Cursor<u64> {
    /// Reads where a stream goes on.
    ///
    /// # Errors
    /// It is no cursor of a stream.
    pub fn of_stream(name: &str, value: &str) -> Result<Self, Problem> {
        let right = "right is the id of an event of this stream, or the cursor of a list";
        parse(name, value, right)
    }

    /// The position that the stream goes on behind.
    ///
    /// # Errors
    /// The cursor is another store's, or in the future.
    pub async fn position(&self, store: &Store) -> Result<i64, Problem> {
        let newest = store.position().await.map_err(unavailable)?;
        let position = i64::try_from(self.at).ok();
        let position = position.filter(|at| self.store == store.id() && *at <= newest);
        position.ok_or_else(|| gone("/api/v1/history"))
    }
}

fn parse<T: FromStr>(name: &str, value: &str, right: &str) -> Result<Cursor<T>, Problem> {
    let parsed = split(value).and_then(|(id, at)| {
        Some(Cursor {
            store: id.to_owned(),
            at: at.parse().ok()?,
        })
    });
    parsed.ok_or_else(|| wrong_value(name, value, right))
}

/// A store's name and what follows.
fn split(value: &str) -> Option<(&str, &str)> {
    let (id, at) = value.split_once('-')?;
    let is_id = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_at = at.starts_with(|first: char| first.is_ascii_digit());
    (is_id && is_at).then_some((id, at))
}

fn gone(list: &str) -> Problem {
    let detail =
        "the cursor is another store's, or of what is not there: list again, and go on from there";
    let link = format!("<{list}>; rel=\"alternate\"");
    Problem::new(StatusCode::GONE, detail).with_header(header::LINK, &link)
}

/// The problem with a store that does not answer.
pub fn unavailable(error: StoreError) -> Problem {
    away(&error.to_string())
}

/// The problem with a store that is not open.
pub fn away(reason: &str) -> Problem {
    Problem::unavailable(reason, RETRY_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_cursor_is_a_store_and_what_follows() {
        let id = "0123456789abcdef";
        assert_eq!(split("0123456789abcdef-12"), Some((id, "12")));
        assert_eq!(split("0123456789abcdef-1.0.2.0"), Some((id, "1.0.2.0")));
        for wrong in [
            "",
            "12",
            "0123-12",
            "0123456789abcdef",
            "0123456789abcdef-",
            "0123456789abcdef--1",
        ] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }
}
