//! The control socket of BIRD: a line in, lines with four-digit codes out.

use {
    super::{failed, within, LIMIT},
    crate::Unknown,
    std::{path::PathBuf, time::Duration},
    tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::UnixStream,
    },
};

/// A running BIRD.
#[derive(Clone, Debug)]
pub struct Bird {
    socket: PathBuf,
    limit: Duration,
}

/// A protocol, as `show protocols all` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protocol {
    /// Its name in the configuration.
    pub name: String,
    /// What kind it is, as `BGP`.
    pub kind: String,
    /// Its description.
    pub description: Option<String>,
    /// What it was disabled with.
    pub message: Option<String>,
    /// Whether it is down, as a disabled one is.
    pub is_down: bool,
    /// Of BGP, whether its session is established.
    pub is_established: bool,
    /// How many routes it has taken in.
    pub imported: u64,
    /// How many routes it was given.
    pub exported: u64,
}

impl Bird {
    /// The BIRD that listens on this control socket.
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

    /// Runs a command, and returns what it printed, without codes.
    ///
    /// # Errors
    /// BIRD is not there, does not answer in time, or refuses it.
    pub async fn run(&self, command: &str) -> Result<String, Unknown> {
        within(self.limit, &self.socket, self.converse(command)).await
    }

    /// All protocols.
    ///
    /// # Errors
    /// BIRD did not say.
    pub async fn protocols(&self) -> Result<Vec<Protocol>, Unknown> {
        Ok(parse(&self.run("show protocols all").await?))
    }

    async fn converse(&self, command: &str) -> Result<String, Unknown> {
        let failed = failed(&self.socket);
        let stream = UnixStream::connect(&self.socket).await.map_err(&failed)?;
        let mut stream = BufReader::new(stream);
        self.answer(&mut stream, "the connection").await?;
        stream
            .write_all(format!("{command}\n").as_bytes())
            .await
            .map_err(&failed)?;
        self.answer(&mut stream, command).await
    }

    /// Reads until the line that ends an answer: one with a blank after its code.
    async fn answer(
        &self,
        stream: &mut BufReader<UnixStream>,
        command: &str,
    ) -> Result<String, Unknown> {
        let mut text = String::new();
        loop {
            let mut line = vec![];
            stream
                .read_until(b'\n', &mut line)
                .await
                .map_err(failed(&self.socket))?;
            let line = String::from_utf8_lossy(&line);
            let Some(line) = line.strip_suffix('\n') else {
                return Err(self.because(&format!("closed before the answer to `{command}`")));
            };
            // What has no code of its own has a blank in its place, and belongs to the code before.
            let Some((code, rest)) = coded(line) else {
                text.push_str(line.strip_prefix(' ').unwrap_or(line));
                text.push('\n');
                continue;
            };
            if code.starts_with(['8', '9']) {
                return Err(self.because(&format!(
                    "`{command}` was refused ({code}): {}",
                    rest.trim()
                )));
            }
            text.push_str(&rest[1..]);
            text.push('\n');
            if rest.starts_with(' ') {
                return Ok(text);
            }
        }
    }

    fn because(&self, reason: &str) -> Unknown {
        Unknown::because(format!("{}: {reason}", self.socket.display()))
    }
}

/// The code of a line, and what follows it: a blank in the last line of an answer, a dash in the others.
fn coded(line: &str) -> Option<(&str, &str)> {
    let (code, rest) = line.split_at_checked(4)?;
    let is_code = code.bytes().all(|byte| byte.is_ascii_digit()) && rest.starts_with([' ', '-']);
    is_code.then_some((code, rest))
}

/// Protocols are paragraphs: a line with name, kind, table, state and time, then lines with more.
fn parse(text: &str) -> Vec<Protocol> {
    let mut protocols: Vec<Protocol> = vec![];
    for line in text.lines().skip(1) {
        if !line.starts_with(' ') {
            protocols.extend(first_line(line));
        } else if let Some(protocol) = protocols.last_mut() {
            protocol.read(line.trim());
        }
    }
    protocols
}

fn first_line(line: &str) -> Option<Protocol> {
    let mut words = line.split_whitespace();
    let (name, kind, _table, state) = (words.next()?, words.next()?, words.next()?, words.next()?);
    Some(Protocol {
        name: name.to_owned(),
        kind: kind.to_owned(),
        is_down: state == "down",
        ..Protocol::default()
    })
}

impl Protocol {
    fn read(&mut self, line: &str) {
        let Some((key, value)) = line.split_once(':') else {
            return;
        };
        let value = value.trim();
        match key {
            "Description" => self.description = Some(value.to_owned()),
            "Message" => self.message = Some(value.to_owned()),
            "BGP state" => self.is_established = value == "Established",
            "Routes" => {
                self.imported += count(value, "imported");
                self.exported += count(value, "exported");
            }
            _ => {}
        }
    }
}

/// The number before a word in `2 imported, 1 exported, 1 preferred`.
fn count(text: &str, what: &str) -> u64 {
    text.split(", ")
        .find_map(|part| part.strip_suffix(what)?.trim().parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use {super::*, tokio::net::UnixListener};

    const PROTOCOLS: &[u8] = b"2002-Name       Proto      Table      State  Since         Info
1002-kernel1    Kernel     master4    up     17:42:02.203  
1006-  Channel ipv4
     State:          UP
     Routes:         0 imported, 2 exported, 0 preferred
 
1002-user_1     BGP        ---        up     17:42:07.289  Established   
1006-  Description:    user 1, port 7
   BGP state:          Established
     Neighbor address: 172.31.2.1
   Channel ipv4
     Routes:         2 imported, 1 exported, 1 preferred
   Channel ipv6
     Routes:         3 imported, 4 exported, 1 preferred
 
1002-user_2     BGP        ---        down   17:42:06.325  
1006-  Description:    user-2
   Message:        ebb: device out of service
   BGP state:          Down
 
1002-uplink     BGP        ---        start  17:42:06.325  Connect       
1006-  BGP state:          Connect
 
0000 
";

    /// A BIRD that gives one answer.
    fn answering(folder: &tempfile::TempDir, answer: &'static [u8]) -> Bird {
        let socket = folder.path().join("bird.ctl");
        let listener = UnixListener::bind(&socket).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream
                .write_all(b"0001 BIRD 2.0.12 ready.\n")
                .await
                .unwrap();
            let mut line = String::new();
            BufReader::new(&mut stream)
                .read_line(&mut line)
                .await
                .unwrap();
            stream.write_all(answer).await.unwrap();
        });
        Bird::new(socket)
    }

    fn bgp(name: &str) -> Protocol {
        Protocol {
            name: name.into(),
            kind: "BGP".into(),
            ..Protocol::default()
        }
    }

    #[tokio::test]
    async fn protocols_are_read_with_what_is_below_each() {
        let folder = tempfile::tempdir().unwrap();
        let expected = vec![
            Protocol {
                kind: "Kernel".into(),
                exported: 2,
                ..bgp("kernel1")
            },
            Protocol {
                description: Some("user 1, port 7".into()),
                is_established: true,
                imported: 5,
                exported: 5,
                ..bgp("user_1")
            },
            Protocol {
                description: Some("user-2".into()),
                message: Some("ebb: device out of service".into()),
                is_down: true,
                ..bgp("user_2")
            },
            bgp("uplink"),
        ];
        assert_eq!(
            answering(&folder, PROTOCOLS).protocols().await,
            Ok(expected)
        );
    }

    #[tokio::test]
    async fn what_is_refused_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let bird = answering(&folder, b"9001 syntax error, unexpected CF_SYM_UNDEFINED\n");
        let socket = folder.path().join("bird.ctl");
        let refusal = format!(
            "{}: `eval X` was refused (9001): syntax error, unexpected CF_SYM_UNDEFINED",
            socket.display()
        );
        assert_eq!(bird.run("eval X").await, Err(Unknown::because(refusal)));
    }

    #[tokio::test]
    async fn a_bird_that_hangs_or_ends_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("bird.ctl");
        let ended = answering(&folder, b"1002-half");
        let problem = format!(
            "{}: closed before the answer to `show status`",
            socket.display()
        );
        assert_eq!(
            ended.run("show status").await,
            Err(Unknown::because(problem))
        );
        std::fs::remove_file(&socket).unwrap();
        let _listener = UnixListener::bind(&socket).unwrap();
        let hanging = Bird::new(socket.clone()).with_limit(Duration::from_millis(50));
        let problem = format!("{}: no answer within 0.05 s", socket.display());
        assert_eq!(
            hanging.run("show status").await,
            Err(Unknown::because(problem))
        );
    }
}
