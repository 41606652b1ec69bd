//! What accepts connections.

use {
    std::{future::Future, io, net::IpAddr},
    tokio::{
        io::{AsyncRead, AsyncWrite},
        net::{TcpListener, TcpStream},
    },
};

/// How long a client may leave what was sent to it unread.
#[cfg(target_os = "linux")]
const UNREAD_FOR: std::time::Duration = std::time::Duration::from_secs(60);

/// A connection.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// Accepts connections.
pub trait Accept: Sync {
    /// What it accepts.
    type Stream: Stream;

    /// The next connection, and its client's address if it has one.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, Option<IpAddr>)>> + Send;
}

impl Accept for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Option<IpAddr>)> {
        let (stream, peer) = TcpListener::accept(self).await?;
        set_up(&stream);
        Ok((stream, Some(peer.ip())))
    }
}

#[cfg(unix)]
impl Accept for tokio::net::UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn accept(&self) -> io::Result<(Self::Stream, Option<IpAddr>)> {
        let (stream, _) = tokio::net::UnixListener::accept(self).await?;
        Ok((stream, None))
    }
}

/// Where a connection cannot be set up so, it is served all the same.
fn set_up(stream: &TcpStream) {
    // Events are small, and are not to wait for more.
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(UNREAD_FOR));
}
