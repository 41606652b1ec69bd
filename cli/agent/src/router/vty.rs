//! The socket on which a daemon of FRR takes the commands of its command line.
//!
//! A command ends with a zero byte, its answer with three of them and a byte of status.

use {
    super::{failed, within, LIMIT},
    crate::Unknown,
    std::{path::PathBuf, time::Duration},
    tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixStream,
    },
};

/// The status of a command that did what it says.
const DONE: u8 = 0;
/// Zero bytes before the status.
const END: [u8; 3] = [0; 3];

/// The socket of one daemon.
#[derive(Clone, Debug)]
pub struct Vty {
    socket: PathBuf,
    limit: Duration,
}

impl Vty {
    /// The daemon that listens on this socket.
    pub fn new(socket: PathBuf) -> Self {
        Self {
            socket,
            limit: LIMIT,
        }
    }

    /// The same with another limit of time.
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Runs commands in one session, and returns what each printed.
    ///
    /// # Errors
    /// The daemon is not there, does not answer in time, or refuses one of them; those after it are not run.
    pub async fn run<C: AsRef<str>>(&self, commands: &[C]) -> Result<Vec<String>, Unknown> {
        within(self.limit, &self.socket, self.converse(commands)).await
    }

    async fn converse<C: AsRef<str>>(&self, commands: &[C]) -> Result<Vec<String>, Unknown> {
        let failed = failed(&self.socket);
        let mut stream = UnixStream::connect(&self.socket).await.map_err(&failed)?;
        let mut answers = vec![];
        for command in ["enable"]
            .into_iter()
            .chain(commands.iter().map(AsRef::as_ref))
        {
            stream
                .write_all(command.as_bytes())
                .await
                .map_err(&failed)?;
            stream.write_all(&[0]).await.map_err(&failed)?;
            answers.push(self.answer(&mut stream, command).await?);
        }
        Ok(answers.split_off(1))
    }

    async fn answer(&self, stream: &mut UnixStream, command: &str) -> Result<String, Unknown> {
        let mut bytes = vec![];
        loop {
            if let [text @ .., a, b, c, status] = bytes.as_slice() {
                if [*a, *b, *c] == END {
                    let text = String::from_utf8_lossy(text).into_owned();
                    return match *status {
                        DONE => Ok(text),
                        status => Err(self.refused(command, status, &text)),
                    };
                }
            }
            let read = stream
                .read_buf(&mut bytes)
                .await
                .map_err(failed(&self.socket))?;
            if read == 0 {
                let socket = self.socket.display();
                return Err(Unknown::because(format!(
                    "{socket}: closed before the answer to `{command}`"
                )));
            }
        }
    }

    fn refused(&self, command: &str, status: u8, text: &str) -> Unknown {
        let socket = self.socket.display();
        Unknown::because(format!(
            "{socket}: `{command}` was refused ({status}): {}",
            text.trim()
        ))
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        tokio::{net::UnixListener, task::JoinHandle},
    };

    /// A daemon that gives these answers, in pieces, and returns what it was sent.
    async fn daemon(
        folder: &tempfile::TempDir,
        answers: &'static [&'static [&'static [u8]]],
    ) -> (Vty, JoinHandle<String>) {
        let socket = folder.path().join("bgpd.vty");
        let listener = UnixListener::bind(&socket).unwrap();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = vec![];
            for answer in answers {
                while stream.read_buf(&mut heard).await.unwrap() > 0 && heard.last() != Some(&0) {}
                for piece in *answer {
                    stream.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
            while stream.read_buf(&mut heard).await.unwrap() > 0 {}
            String::from_utf8(heard).unwrap()
        });
        (Vty::new(socket), served)
    }

    #[tokio::test]
    async fn answers_come_in_pieces_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let (vty, served) = daemon(
            &folder,
            &[
                &[b"\0\0\0\0"],
                &[b"one\nt", b"wo\n\0", b"\0\0\0"],
                &[b"\0\0\0", b"\0"],
            ],
        )
        .await;
        assert_eq!(
            vty.run(&["show a", "show b"]).await,
            Ok(vec!["one\ntwo\n".to_owned(), String::new()])
        );
        assert_eq!(served.await.unwrap(), "enable\0show a\0show b\0");
    }

    #[tokio::test]
    async fn what_is_refused_ends_the_session() {
        let folder = tempfile::tempdir().unwrap();
        let (vty, served) = daemon(
            &folder,
            &[&[b"\0\0\0\0"], &[b"% Unknown command\n\0\0\0\x02"]],
        )
        .await;
        let socket = folder.path().join("bgpd.vty");
        let refusal = format!(
            "{}: `foo` was refused (2): % Unknown command",
            socket.display()
        );
        assert_eq!(
            vty.run(&["foo", "bar"]).await,
            Err(Unknown::because(refusal))
        );
        assert_eq!(served.await.unwrap(), "enable\0foo\0");
    }

    #[tokio::test]
    async fn a_daemon_that_hangs_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("bgpd.vty");
        let _listener = UnixListener::bind(&socket).unwrap();
        let vty = Vty::new(socket.clone()).with_limit(Duration::from_millis(50));
        let problem = format!("{}: no answer within 0.05 s", socket.display());
        assert_eq!(vty.run(&["show a"]).await, Err(Unknown::because(problem)));
    }

    #[tokio::test]
    async fn a_daemon_that_ends_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("bgpd.vty");
        let listener = UnixListener::bind(&socket).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_buf(&mut vec![]).await.unwrap();
            stream.write_all(b"half").await.unwrap();
        });
        let problem = format!("{}: closed before the answer to `enable`", socket.display());
        assert_eq!(
            Vty::new(socket).run(&["show a"]).await,
            Err(Unknown::because(problem))
        );
    }
}
