//! What is wrong with a request, or with serving it, as the command line reports it.

use {
    crate::error::CliError,
    ebb_sdk::{rpc::SecretUrl, EbbError},
    reqwest::StatusCode,
    serde::Deserialize,
    std::error::Error,
};

/// A problem document (RFC 9457).
#[derive(Deserialize)]
struct ProblemDocument {
    detail: String,
    /// The number of the program's error.
    code: Option<u32>,
}

/// Explains an answer that is none.
pub fn explain(server: &SecretUrl, status: StatusCode, body: &[u8]) -> CliError {
    let Ok(problem) = serde_json::from_slice::<ProblemDocument>(body) else {
        return no_problem(server, status);
    };
    let detail = server.redact(&problem.detail);
    match status {
        // It is there and cannot be read.
        StatusCode::NOT_FOUND if problem.code.is_some() => {
            let rule = problem.code.and_then(EbbError::from_number);
            CliError::unreadable(detail, rule)
        }
        StatusCode::NOT_FOUND => CliError::not_found(detail),
        StatusCode::GONE => CliError::gone(format!("{server}: {detail}"))
            .hint("the server keeps another history now: try again"),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            CliError::denied(format!("{server} refuses access: {detail}"))
                .hint("name the file of its token with --server-token-file")
        }
        StatusCode::BAD_REQUEST => CliError::usage(detail),
        _ if is_passing(status) => CliError::unreachable(format!("{server}: {detail}")),
        _ => CliError::other(format!("{server}: {detail}")),
    }
}

/// An answer that Ebb's server does not give.
fn no_problem(server: &SecretUrl, status: StatusCode) -> CliError {
    let text = format!("{server} answers {status}");
    if is_passing(status) {
        CliError::unreachable(text)
    } else {
        CliError::other(format!("{text}, as no server of Ebb does"))
            .hint("right is the URL that `ebb serve` prints, or that of a proxy before it")
    }
}

/// Whether waiting may help.
fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// That a server cannot be reached, and why.
pub fn unreachable(server: &SecretUrl, error: &reqwest::Error) -> CliError {
    let reason = if error.is_timeout() {
        "it does not answer in time".to_owned()
    } else {
        server.redact(&innermost(error))
    };
    CliError::unreachable(format!("cannot reach {server}: {reason}"))
        .hint("check --server and the network")
}

/// The cause that names no URL.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// That an answer is not what this version understands.
pub fn not_understood(error: &serde_json::Error) -> CliError {
    CliError::other(format!("the server's answer cannot be read: {error}"))
        .hint("is it a server of Ebb? One of a newer version takes a newer ebb")
}

#[cfg(test)]
mod tests {
    use {super::*, crate::error::Kind};

    fn explained(status: u16, body: &str) -> (Kind, String) {
        let server = SecretUrl::new("https://me:password@ebb.example.com/secret-path");
        let status = StatusCode::from_u16(status).unwrap();
        let error = explain(&server, status, body.as_bytes());
        (error.kind(), error.to_string())
    }

    #[test]
    fn a_problem_decides_the_exit_code() {
        let problem =
            r#"{"type":"about:blank","title":"x","status":0,"detail":"what of secret-path"}"#;
        let at = "https://ebb.example.com/…: what of …";
        for (status, kind, text) in [
            (400, Kind::Usage, "what of …"),
            (
                401,
                Kind::Other,
                "https://ebb.example.com/… refuses access: what of …",
            ),
            (404, Kind::NotFound, "what of …"),
            (410, Kind::Other, at),
            (429, Kind::Unreachable, at),
            (500, Kind::Other, at),
            (503, Kind::Unreachable, at),
        ] {
            assert_eq!(explained(status, problem), (kind, text.to_owned()));
        }
        let newer = r#"{"detail":"a newer version","code":6006,"name":"UnsupportedVersion"}"#;
        assert_eq!(
            explained(404, newer),
            (Kind::Other, "a newer version".to_owned())
        );
    }

    #[test]
    fn an_answer_of_another_server_is_named() {
        assert_eq!(
            explained(404, "<html>"),
            (
                Kind::Other,
                "https://ebb.example.com/… answers 404 Not Found, as no server of Ebb does"
                    .to_owned()
            )
        );
        assert_eq!(
            explained(502, ""),
            (
                Kind::Unreachable,
                "https://ebb.example.com/… answers 502 Bad Gateway".to_owned()
            )
        );
    }
}
