use {
    super::*,
    axum::{http::StatusCode, response::IntoResponse, routing::get},
    std::net::SocketAddr,
    tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream, UnixListener, UnixStream},
    },
};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

fn too_many() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "too many").into_response()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's route is in no document"
)]
fn connections(max: usize) -> (Connections, watch::Sender<bool>) {
    let (closing, is_closing) = watch::channel(false);
    let router = Router::new().route("/", get(|| async { "ok" }));
    (Connections::new(router, max, too_many, is_closing), closing)
}

/// A server with room for so many connections.
async fn serve(max: usize) -> (SocketAddr, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (mut connections, closing) = connections(max);
    tokio::spawn(async move { connections.accept_from(&listener).await });
    (address, closing)
}

/// The first line that a server sends.
async fn answer(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut answer = vec![0; 1_000];
    let len = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..len]).into_owned();
    answer.lines().next().unwrap_or_default().to_owned()
}

async fn ask(address: SocketAddr) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    let answer = answer(&mut stream).await;
    (stream, answer)
}

#[tokio::test]
async fn one_too_many_is_refused_until_another_ends() {
    let (address, _closing) = serve(2).await;
    let (first, answer) = ask(address).await;
    assert_eq!(answer, "HTTP/1.1 200 OK");
    let (_second, answer) = ask(address).await;
    assert_eq!(answer, "HTTP/1.1 200 OK");
    let (_third, answer) = ask(address).await;
    assert_eq!(answer, "HTTP/1.1 503 Service Unavailable");
    drop(first);
    while ask(address).await.1 != "HTTP/1.1 200 OK" {
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let (address, _closing) = serve(1).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nA: {}\r\n",
        "a".repeat(MAX_HEAD_LEN)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let expected = "HTTP/1.1 431 Request Header Fields Too Large";
    assert_eq!(answer(&mut stream).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_takes_too_long_ends_the_connection() {
    let (address, _closing) = serve(1).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    // The clock goes on by itself while all wait.
    let mut rest = vec![];
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn a_silent_connection_ends_when_the_server_closes() {
    let (address, closing) = serve(1).await;
    let (mut stream, _) = ask(address).await;
    closing.send_replace(true);
    let mut rest = vec![];
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn a_socket_of_this_machine_has_the_same_limits() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let (mut connections, _closing) = connections(1);
    tokio::spawn(async move { connections.accept_from(&listener).await });
    let mut streams = vec![];
    for expected in ["HTTP/1.1 200 OK", "HTTP/1.1 503 Service Unavailable"] {
        let mut stream = UnixStream::connect(&path).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        assert_eq!(answer(&mut stream).await, expected);
        streams.push(stream);
    }
}
