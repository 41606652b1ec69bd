//! The runtime socket of HAProxy: a line in, text out, and the end of the connection.

use {
    super::{failed, within, LIMIT},
    crate::Unknown,
    std::{path::PathBuf, time::Duration},
    tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixStream,
    },
};

/// The bit of a server's administrative state that says: somebody has set it to drain.
const DRAIN: u32 = 8;
/// The operational state of a server that runs.
const RUNNING: &str = "2";

/// Servers behind an HAProxy, each of a backend.
#[derive(Clone, Debug)]
pub struct Haproxy {
    socket: PathBuf,
    servers: Vec<String>,
    limit: Duration,
}

/// How a server stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// `BACKEND/SERVER`.
    pub name: String,
    /// Connections, or of HTTP requests, that it has now.
    pub current: u64,
    /// All of them so far, and the bytes both ways.
    pub total: u64,
    /// Whether it is set to drain.
    pub is_draining: bool,
    /// Whether it runs.
    pub is_running: bool,
}

impl Haproxy {
    /// The servers `BACKEND/SERVER` of the HAProxy that listens on this runtime socket.
    pub fn new(socket: PathBuf, servers: Vec<String>) -> Self {
        Self {
            socket,
            servers,
            limit: LIMIT,
        }
    }

    /// Runs a command, and returns what it printed.
    ///
    /// # Errors
    /// HAProxy is not there, or does not answer in time.
    pub async fn run(&self, command: &str) -> Result<String, Unknown> {
        within(self.limit, &self.socket, self.converse(command)).await
    }

    /// Runs a command that prints nothing.
    ///
    /// # Errors
    /// It printed something, which is why it was refused.
    pub async fn set(&self, command: &str) -> Result<(), Unknown> {
        match self.run(command).await?.trim() {
            "" => Ok(()),
            refusal => Err(Unknown::because(format!(
                "`{command}` was refused: {refusal}"
            ))),
        }
    }

    /// How each of the servers stands.
    ///
    /// # Errors
    /// HAProxy did not say, or has no such server.
    pub async fn servers(&self) -> Result<Vec<Server>, Unknown> {
        let (stat, state) = (
            self.run("show stat").await?,
            self.run("show servers state").await?,
        );
        let (stat, state) = (Table::parse(&stat), Table::parse(&state));
        let server = |name: &String| {
            server(name, &stat, &state)
                .ok_or_else(|| Unknown::because(format!("HAProxy has no server {name}")))
        };
        self.servers.iter().map(server).collect()
    }

    async fn converse(&self, command: &str) -> Result<String, Unknown> {
        let failed = failed(&self.socket);
        let mut stream = UnixStream::connect(&self.socket).await.map_err(&failed)?;
        stream
            .write_all(format!("{command}\n").as_bytes())
            .await
            .map_err(&failed)?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.map_err(&failed)?;
        Ok(text)
    }
}

fn server(name: &str, stat: &Table<'_>, state: &Table<'_>) -> Option<Server> {
    let (backend, server) = name.split_once('/')?;
    let stat_row = stat.row(&[("pxname", backend), ("svname", server)])?;
    let state_row = state.row(&[("be_name", backend), ("srv_name", server)])?;
    let number = |column: &str| stat.value(stat_row, column)?.parse::<u64>().ok();
    let admin: u32 = state.value(state_row, "srv_admin_state")?.parse().ok()?;
    Some(Server {
        name: name.to_owned(),
        current: number("scur")?,
        total: number("stot")? + number("bin")? + number("bout")?,
        is_draining: admin & DRAIN != 0,
        is_running: state.value(state_row, "srv_op_state")? == RUNNING,
    })
}

/// Rows under a line of names that begins with a hash sign.
struct Table<'a> {
    names: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
}

impl<'a> Table<'a> {
    fn parse(text: &'a str) -> Self {
        let mut lines = text.lines().skip_while(|line| !line.starts_with("# "));
        let head = lines
            .next()
            .and_then(|line| line.strip_prefix("# "))
            .unwrap_or_default();
        let separator = if head.contains(',') { ',' } else { ' ' };
        let cells = |line: &'a str| line.split(separator).collect();
        Self {
            names: cells(head),
            rows: lines.filter(|line| !line.is_empty()).map(cells).collect(),
        }
    }

    fn row(&self, with: &[(&str, &str)]) -> Option<&Vec<&'a str>> {
        let fits = |row: &&Vec<&'a str>| {
            with.iter()
                .all(|(column, value)| self.value(row, column) == Some(*value))
        };
        self.rows.iter().find(fits)
    }

    fn value(&self, row: &[&'a str], column: &str) -> Option<&'a str> {
        let index = self.names.iter().position(|name| *name == column)?;
        row.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        tokio::{
            io::{AsyncBufReadExt, BufReader},
            net::UnixListener,
        },
    };

    const STAT: &str = "# pxname,svname,qcur,scur,stot,bin,bout,
web,FRONTEND,,9,9,9,9,
web,s1,0,3,10,200,4000,
web,s2,0,0,1,2,3,

";
    const STATE: &str = "1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state
3 web 1 s1 127.0.0.1 2 8
3 web 2 s2 127.0.0.1 0 0

";

    /// An HAProxy that answers to each connection in turn.
    fn answering(
        folder: &tempfile::TempDir,
        answers: &'static [&'static str],
        servers: &[&str],
    ) -> Haproxy {
        let socket = folder.path().join("haproxy.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        tokio::spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut line = String::new();
                BufReader::new(&mut stream)
                    .read_line(&mut line)
                    .await
                    .unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Haproxy::new(
            socket,
            servers.iter().map(|name| (*name).to_owned()).collect(),
        )
    }

    #[tokio::test]
    async fn servers_are_read_from_two_tables() {
        let folder = tempfile::tempdir().unwrap();
        let haproxy = answering(&folder, &[STAT, STATE], &["web/s1", "web/s2"]);
        let expected = vec![
            Server {
                name: "web/s1".into(),
                current: 3,
                total: 4_210,
                is_draining: true,
                is_running: true,
            },
            Server {
                name: "web/s2".into(),
                total: 6,
                ..Server::default()
            },
        ];
        assert_eq!(haproxy.servers().await, Ok(expected));
    }

    #[tokio::test]
    async fn a_server_that_there_is_not_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let haproxy = answering(&folder, &[STAT, STATE, "No such server.\n\n"], &["web/s3"]);
        assert_eq!(
            haproxy.servers().await,
            Err(Unknown::because("HAProxy has no server web/s3"))
        );
        assert_eq!(
            haproxy.set("set server web/s3 state drain").await,
            Err(Unknown::because(
                "`set server web/s3 state drain` was refused: No such server."
            ))
        );
    }
}
