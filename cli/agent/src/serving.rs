//! How the agent serves HTTP: within limits, whoever asks.

use {
    axum::{
        extract::Request,
        http::StatusCode,
        middleware::{from_fn, Next},
        response::{IntoResponse, Response},
        Router,
    },
    ebb_connections::{Accept, Connections},
    std::time::Duration,
    tokio::{sync::watch, time::timeout},
};

/// How many connections may be open: those who scrape and probe, and some to spare.
const MAX_CONNECTIONS: usize = 100;
/// How long an answer may take, the request's body included.
const LONGEST: Duration = Duration::from_secs(30);

/// Serves for ever.
pub async fn serve(listener: impl Accept, router: Router) {
    let (_closing, is_closing) = watch::channel(false);
    let router = router.layer(from_fn(in_time));
    let mut connections = Connections::new(router, MAX_CONNECTIONS, too_many, is_closing);
    connections.accept_from(&listener).await;
}

fn too_many() -> Response {
    let text = format!("more than {MAX_CONNECTIONS} connections are open\n");
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

async fn in_time(request: Request, next: Next) -> Response {
    match timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let text = format!("the request took longer than {} s\n", LONGEST.as_secs());
            (StatusCode::REQUEST_TIMEOUT, text).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        axum::routing::put,
        std::net::SocketAddr,
        tokio::{
            io::{AsyncReadExt, AsyncWriteExt},
            net::{TcpListener, TcpStream},
        },
    };

    #[expect(
        clippy::disallowed_methods,
        reason = "a test's route is in no document"
    )]
    async fn started() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", put(|body: String| async { body }));
        tokio::spawn(serve(listener, router));
        address
    }

    async fn send(address: SocketAddr, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut answer = vec![0; 1_000];
        let len = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..len]).into_owned()
    }

    #[tokio::test]
    async fn the_hundred_and_first_connection_is_refused() {
        let address = started().await;
        let request = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok";
        let mut open = vec![];
        for _ in 0..MAX_CONNECTIONS {
            let mut stream = send(address, request).await;
            assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200 OK\r\n"));
            open.push(stream);
        }
        let refused = answer(&mut send(address, request).await).await;
        assert!(refused.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
        assert!(refused.ends_with("\r\n\r\nmore than 100 connections are open\n"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let address = started().await;
        let head = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
        let answer = answer(&mut send(address, head).await).await;
        assert!(
            answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
            "{answer}"
        );
        assert!(answer.ends_with("\r\n\r\nthe request took longer than 30 s\n"));
    }
}
