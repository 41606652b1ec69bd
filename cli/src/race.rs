//! Two parties that ask for the same at the same moment. Asking for what is so already is no failure, and the slower of
//! the two finds it so only when the program refuses.

use {
    crate::{
        error::{CliError, Kind},
        output::Item,
    },
    std::future::Future,
};

/// What a look at the ledger finds of what is asked for.
pub enum Look<T> {
    /// It is so already.
    Already(Box<Item>),
    /// It is still to be done, with this.
    Open(T),
}

impl<T> Look<T> {
    /// Open, unless there is something to say of it already.
    pub fn unless(already: Option<Item>, open: T) -> Self {
        already.map_or(Self::Open(open), Self::from)
    }
}

impl<T> From<Item> for Look<T> {
    fn from(already: Item) -> Self {
        Self::Already(Box::new(already))
    }
}

/// Does what is asked for unless it is so already. Where that is refused, it looks once more.
///
/// # Errors
/// As `look` and `act`.
pub async fn settle<T, L, A>(
    look: impl Fn() -> L,
    act: impl FnOnce(T) -> A,
) -> Result<Item, CliError>
where
    L: Future<Output = Result<Look<T>, CliError>>,
    A: Future<Output = Result<Item, CliError>>,
{
    let first = look().await?;
    settle_from(first, look, act).await
}

/// As [`settle`], after a first look.
pub async fn settle_from<T, L, A>(
    first: Look<T>,
    look: impl FnOnce() -> L,
    act: impl FnOnce(T) -> A,
) -> Result<Item, CliError>
where
    L: Future<Output = Result<Look<T>, CliError>>,
    A: Future<Output = Result<Item, CliError>>,
{
    let open = match first {
        Look::Already(item) => return Ok(*item),
        Look::Open(open) => open,
    };
    match act(open).await {
        Err(refusal) if refusal.kind() == Kind::Refused => look_again(refusal, look().await),
        done => done,
    }
}

/// What is told of a refusal after a second look.
///
/// # Errors
/// Unless it is so by now.
pub fn look_again<T>(
    refusal: CliError,
    second: Result<Look<T>, CliError>,
) -> Result<Item, CliError> {
    match second {
        Ok(Look::Already(item)) => Ok(*item),
        // It says how things are now, where the refusal has the rule alone.
        Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Refused) => Err(error),
        Ok(Look::Open(_)) | Err(_) => Err(refusal),
    }
}
