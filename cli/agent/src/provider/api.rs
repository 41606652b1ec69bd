//! A socket to which the device's own software puts its users.

use {
    super::{Provider, Seen},
    crate::{
        serving::serve,
        state::{self, StateError},
        Unknown,
    },
    async_trait::async_trait,
    axum::{
        extract::{rejection::JsonRejection, Path as InPath, State},
        http::StatusCode,
        response::{IntoResponse, Response},
        routing::{get, put},
        Json, Router,
    },
    ebb_folder::Folder,
    serde::Serialize,
    std::{
        collections::BTreeSet,
        fs::{self, Permissions},
        io,
        os::unix::{
            fs::{FileTypeExt, PermissionsExt},
            net::UnixStream as Probe,
        },
        path::{Path, PathBuf},
        sync::{Arc, Mutex, MutexGuard, PoisonError},
    },
    tokio::{net::UnixListener, task::JoinSet},
};

/// The file of the users that were put.
const FILE: &str = "sessions.json";
/// The longest text of a user, in bytes.
const MAX_LABEL_LEN: usize = 512;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// It cannot be made.
    #[error("{path}: {error}")]
    Listen {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process listens on it.
    #[error("{0}: another process listens on this socket")]
    InUse(PathBuf),
    /// Something else is there.
    #[error("{0}: there is something that is no socket")]
    NotASocket(PathBuf),
    /// What was put before cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The users that were put last, which outlive the agent. Until a whole list was put for the first time, nobody knows who is
/// connected.
#[derive(Debug)]
pub struct Api {
    users: SharedUsers,
    _server: JoinSet<()>,
}

impl Api {
    /// Listens on a socket, and keeps what is put there in a state folder.
    ///
    /// # Errors
    /// [`ApiError`]
    pub fn listen(socket: &Path, folder: Folder) -> Result<Self, ApiError> {
        let known = state::read(&folder, FILE)?;
        let users = SharedUsers(Arc::new(Mutex::new(Stored { folder, known })));
        let listener = bind(socket)?;
        let mut server = JoinSet::new();
        let router = router(users.clone());
        server.spawn(serve(listener, router));
        Ok(Self {
            users,
            _server: server,
        })
    }
}

/// Takes the place of a socket that nobody listens on any more.
fn bind(path: &Path) -> Result<UnixListener, ApiError> {
    let failed = |error| ApiError::Listen {
        path: path.to_owned(),
        error,
    };
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(ApiError::NotASocket(path.to_owned()));
        }
        Ok(_) if Probe::connect(path).is_ok() => return Err(ApiError::InUse(path.to_owned())),
        Ok(_) => fs::remove_file(path).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    // The device's software is in the agent's group.
    fs::set_permissions(path, Permissions::from_mode(0o660)).map_err(failed)?;
    Ok(listener)
}

#[async_trait]
impl Provider for Api {
    async fn look(&mut self) -> Result<Vec<Seen>, Unknown> {
        let stored = self.users.lock();
        let known = stored.known.as_ref().ok_or_else(|| {
            Unknown::because("the device's software has not put its list of sessions yet")
        })?;
        let users = known.iter().cloned().map(|label| Seen {
            label,
            connected: true,
        });
        Ok(users.collect())
    }
}

/// The users, as the handlers share them.
#[derive(Clone, Debug)]
struct SharedUsers(Arc<Mutex<Stored>>);

#[derive(Debug)]
struct Stored {
    folder: Folder,
    /// `None` until a whole list was put.
    known: Option<BTreeSet<String>>,
}

impl SharedUsers {
    fn lock(&self) -> MutexGuard<'_, Stored> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the list; it lasts when this returns.
    fn change(
        &self,
        change: impl FnOnce(Option<BTreeSet<String>>) -> Result<BTreeSet<String>, Refusal>,
    ) -> Result<StatusCode, Refusal> {
        let mut stored = self.lock();
        let changed = change(stored.known.clone())?;
        if stored.known.as_ref() != Some(&changed) {
            state::write(&stored.folder, FILE, &changed)
                .map_err(|error| Refusal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
            stored.known = Some(changed);
        }
        Ok(StatusCode::NO_CONTENT)
    }
}

/// The list as JSON.
#[derive(Serialize)]
struct List {
    sessions: BTreeSet<String>,
}

/// Why a request is refused.
#[derive(Debug)]
struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, error) = self;
        (status, Json(serde_json::json!({ "error": error }))).into_response()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an agent has no OpenAPI document"
)]
fn router(users: SharedUsers) -> Router {
    Router::new()
        .route("/sessions", get(list).put(replace))
        .route("/sessions/{user}", put(add).delete(remove))
        .with_state(users)
}

async fn list(State(users): State<SharedUsers>) -> Result<Json<List>, Refusal> {
    let known = users.lock().known.clone();
    let sessions = known.ok_or_else(not_yet)?;
    Ok(Json(List { sessions }))
}

async fn replace(
    State(users): State<SharedUsers>,
    list: Result<Json<BTreeSet<String>>, JsonRejection>,
) -> Result<StatusCode, Refusal> {
    let Json(list) = list.map_err(|error| {
        let problem = format!(
            "{}; right is, for example, [\"alice\", \"bob\"]",
            error.body_text()
        );
        Refusal(error.status(), problem)
    })?;
    list.iter().try_for_each(|user| check(user))?;
    users.change(|_| Ok(list))
}

async fn add(
    State(users): State<SharedUsers>,
    InPath(user): InPath<String>,
) -> Result<StatusCode, Refusal> {
    check(&user)?;
    users.change(|known| {
        let mut known = known.ok_or_else(not_yet)?;
        known.insert(user);
        Ok(known)
    })
}

async fn remove(
    State(users): State<SharedUsers>,
    InPath(user): InPath<String>,
) -> Result<StatusCode, Refusal> {
    users.change(|known| {
        let mut known = known.ok_or_else(not_yet)?;
        known.remove(&user);
        Ok(known)
    })
}

fn not_yet() -> Refusal {
    let problem = "there is no list yet: PUT /sessions with all users who are connected now";
    Refusal(StatusCode::CONFLICT, problem.to_owned())
}

fn check(user: &str) -> Result<(), Refusal> {
    if user.trim() == user && (1..=MAX_LABEL_LEN).contains(&user.len()) {
        Ok(())
    } else {
        Err(Refusal(
            StatusCode::BAD_REQUEST,
            format!("a user is 1 to {MAX_LABEL_LEN} bytes without blanks around it"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        ebb_folder::Access,
        std::io::{Read, Write},
        tempfile::TempDir,
    };

    fn folder(dir: &TempDir) -> Folder {
        let folder = Folder::new(dir.path().join("state"), Access::Private);
        folder.create().unwrap();
        folder
    }

    /// The status and the body that a request is answered with.
    async fn ask(socket: &Path, method: &str, path: &str, body: &str) -> (u16, String) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let socket = socket.to_owned();
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = Probe::connect(socket).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, body.to_owned())
    }

    fn labels(seen: &[Seen]) -> Vec<&str> {
        seen.iter().map(|seen| seen.label.as_str()).collect()
    }

    #[tokio::test]
    async fn users_are_put_and_deleted_and_outlive_the_agent() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("s");
        let mut api = Api::listen(&socket, folder(&dir)).unwrap();
        let not_yet = r#"{"error":"there is no list yet: PUT /sessions with all users who are connected now"}"#;
        for (method, path) in [
            ("GET", "/sessions"),
            ("PUT", "/sessions/bob"),
            ("DELETE", "/sessions/bob"),
        ] {
            assert_eq!(
                ask(&socket, method, path, "").await,
                (409, not_yet.to_owned())
            );
        }
        assert_eq!(
            api.look().await.unwrap_err().to_string(),
            "the device's software has not put its list of sessions yet"
        );
        assert_eq!(
            ask(&socket, "PUT", "/sessions", r#"["alice"]"#).await.0,
            204
        );
        assert_eq!(ask(&socket, "PUT", "/sessions/bob%20b", "").await.0, 204);
        assert_eq!(ask(&socket, "PUT", "/sessions/bob%20b", "").await.0, 204);
        assert_eq!(labels(&api.look().await.unwrap()), ["alice", "bob b"]);
        assert_eq!(ask(&socket, "DELETE", "/sessions/alice", "").await.0, 204);
        assert_eq!(ask(&socket, "DELETE", "/sessions/alice", "").await.0, 204);
        let listed = ask(&socket, "GET", "/sessions", "").await;
        assert_eq!(listed, (200, r#"{"sessions":["bob b"]}"#.to_owned()));

        drop(api);
        tokio::task::yield_now().await;
        let mut api = Api::listen(&socket, folder(&dir)).unwrap();
        assert_eq!(labels(&api.look().await.unwrap()), ["bob b"]);
    }

    #[tokio::test]
    async fn what_is_wrong_is_refused_and_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("s");
        let mut api = Api::listen(&socket, folder(&dir)).unwrap();
        assert_eq!(ask(&socket, "PUT", "/sessions", "[]").await.0, 204);
        for (path, body, status, problem) in [
            (
                "/sessions",
                "{}",
                422,
                "right is, for example, [\\\"alice\\\", \\\"bob\\\"]",
            ),
            ("/sessions", "[", 400, "right is, for example"),
            (
                "/sessions",
                "[\" a\"]",
                400,
                "1 to 512 bytes without blanks around it",
            ),
            (
                "/sessions/%20",
                "",
                400,
                "1 to 512 bytes without blanks around it",
            ),
        ] {
            let answer = ask(&socket, "PUT", path, body).await;
            assert_eq!(answer.0, status, "{path} {body}");
            assert!(answer.1.contains(problem), "{answer:?}");
        }
        assert_eq!(api.look().await, Ok(vec![]));
    }

    #[tokio::test]
    async fn only_a_socket_that_nobody_uses_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("s");
        let said = |error: ApiError| {
            error
                .to_string()
                .replace(&socket.display().to_string(), "S")
        };
        fs::write(&socket, "").unwrap();
        let error = Api::listen(&socket, folder(&dir)).unwrap_err();
        assert_eq!(said(error), "S: there is something that is no socket");
        fs::remove_file(&socket).unwrap();
        let _first = Api::listen(&socket, folder(&dir)).unwrap();
        let error = Api::listen(&socket, folder(&dir)).unwrap_err();
        assert_eq!(said(error), "S: another process listens on this socket");
    }
}
