//! Asking for what is done already, which is no failure. Two parties may ask for the same at the same moment, and the
//! slower of them learns that it is done only when the program refuses.

use {
    crate::{
        error::{CliError, Kind},
        render::Item,
    },
    std::future::Future,
};

/// What reading the ledger shows of what is asked for.
pub enum Precheck<T> {
    /// It is done already.
    AlreadyDone(Box<Item>),
    /// It is still to be done, with this.
    Pending(T),
}

impl<T> Precheck<T> {
    /// Pending, unless there is something to report already.
    pub fn unless(done: Option<Item>, pending: T) -> Self {
        done.map_or(Self::Pending(pending), Self::from)
    }
}

impl<T> From<Item> for Precheck<T> {
    fn from(done: Item) -> Self {
        Self::AlreadyDone(Box::new(done))
    }
}

/// Does what is asked for unless it is done already. Where that is refused, it checks once more.
///
/// # Errors
/// As `check` and `act`.
pub async fn apply<T, C, A>(
    check: impl Fn() -> C,
    act: impl FnOnce(T) -> A,
) -> Result<Item, CliError>
where
    C: Future<Output = Result<Precheck<T>, CliError>>,
    A: Future<Output = Result<Item, CliError>>,
{
    let pending = match check().await? {
        Precheck::AlreadyDone(item) => return Ok(*item),
        Precheck::Pending(pending) => pending,
    };
    match act(pending).await {
        Err(refusal) if refusal.kind() == Kind::Refused => recheck(refusal, check().await),
        done => done,
    }
}

/// What is reported of a refusal after a second check.
///
/// # Errors
/// Unless it is done by now.
fn recheck<T>(refusal: CliError, second: Result<Precheck<T>, CliError>) -> Result<Item, CliError> {
    match second {
        Ok(Precheck::AlreadyDone(item)) => Ok(*item),
        // It says how things are now, where the refusal has the rule alone.
        Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Refused) => Err(error),
        Ok(Precheck::Pending(_)) | Err(_) => Err(refusal),
    }
}
