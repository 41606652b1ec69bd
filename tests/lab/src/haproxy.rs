//! HAProxy with two servers and HTTP clients that keep their connections.

use {
    crate::{
        agent::{Agent, Place, Setup},
        daemon::Daemon,
        docs,
        ledger::Ledger,
        namespace::Namespace,
        plan::Device,
        wait::until,
    },
    anyhow::{ensure, Context, Result},
    std::{
        fs,
        io::{BufRead, BufReader, Read, Write},
        net::{Shutdown, TcpListener, TcpStream},
        os::unix::net::UnixStream,
        path::{Path, PathBuf},
        sync::{
            atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
            Arc, Mutex, PoisonError,
        },
        thread,
        time::Duration,
    },
};

const BALANCER: Namespace = Namespace("balancer");
const FRONTEND: &str = "127.0.0.1:8000";
const STICKY: &str = "127.0.0.1:8010";
const TCP: &str = "127.0.0.1:8020";
const CLIENTS: usize = 20;
/// How long a server takes for a request.
const WORK: Duration = Duration::from_millis(100);

/// The socket in the documentation.
const DOCUMENTED_SOCKET: &str = "/run/haproxy/admin.sock";
/// Follows what the documentation says of the socket.
const CONFIG: &str = "
defaults
  mode http
  retries 3
  option redispatch
  timeout connect 1s
  timeout client 30s
  timeout server 30s
frontend clients
  bind 127.0.0.1:8000
  default_backend web
backend web
  balance roundrobin
  server s1 127.0.0.1:8001
  server s2 127.0.0.1:8002
listen sticky
  bind 127.0.0.1:8010
  cookie SERVER insert indirect nocache
  server s1 127.0.0.1:8001 cookie s1
  server s2 127.0.0.1:8002 cookie s2
listen tcp
  mode tcp
  bind 127.0.0.1:8020
  server s1 127.0.0.1:8001
";

/// Draining a server, taking it away and bringing it back fails no request; taking it away at once does.
pub fn run(folder: &Path) -> Result<()> {
    BALANCER.create()?;
    let ledger = Ledger::create(&folder.join("ledger"))?;
    let mut s1 = Server::start(8_001)?;
    let _s2 = Server::start(8_002)?;
    let balancer = Balancer::start(folder)?;
    let _agents = [
        balancer.agent(&ledger, Device::A, "web/s1", folder, "127.0.0.1:9101")?,
        balancer.agent(&ledger, Device::B, "web/s2", folder, "127.0.0.1:9102")?,
    ];
    let clients = Clients::start(FRONTEND, "");
    for device in Device::ALL {
        until("requests have sessions on the ledger", || {
            Ok(ledger.sessions(device)? > 0)
        })?;
    }

    let code = Device::A.code();
    ledger.run(&format!("device drain {code} --wait --timeout 1m --yes"))?;
    ensure!(
        balancer.current("s1")? == 0,
        "requests are left on a drained server"
    );
    ensure!(
        ledger.sessions(Device::A)? == 0,
        "sessions are left of a drained server"
    );
    clients.ensure_all_served("drain of a server")?;
    s1.kill();
    clients.ensure_all_served("the server is off")?;
    s1 = Server::start(8_001)?;
    ledger.run(&format!("device undrain {code} --yes"))?;
    until("the server takes requests again", || {
        Ok(ledger.sessions(Device::A)? > 0)
    })?;
    clients.ensure_all_served("the server is on again, undrain")?;

    s1.kill();
    until("a server that is taken away at once fails requests", || {
        Ok(clients.failed() > 0)
    })?;
    println!(
        "without a drain: {} of {} requests failed",
        clients.failed(),
        clients.served()
    );
    Ok(())
}

/// Sticky clients and TCP connections do not leave a server that drains: nothing is ended, and the agent says so. The drain
/// is over when they have left by themselves.
pub fn stay(folder: &Path) -> Result<()> {
    BALANCER.create()?;
    let ledger = Ledger::create(&folder.join("ledger"))?;
    let _servers = [Server::start(8_001)?, Server::start(8_002)?];
    let balancer = Balancer::start(folder)?;
    let sticky = Clients::start(STICKY, "Cookie: SERVER=s1\r\n");
    let connections: Vec<TcpStream> = (0..3)
        .map(|_| BALANCER.within(|| Ok(TcpStream::connect(TCP)?)))
        .collect::<Result<_>>()?;
    let (a, b) = (Device::A, Device::B);
    let agents = [
        balancer.agent(&ledger, a, "sticky/s1", folder, "127.0.0.1:9101")?,
        balancer.agent(&ledger, b, "tcp/s1", folder, "127.0.0.1:9102")?,
    ];
    until(
        "requests and connections have sessions on the ledger",
        || Ok(ledger.sessions(a)? > 0 && ledger.sessions(b)? == 3),
    )?;
    for device in Device::ALL {
        ledger.run(&format!("device drain {} --detach --yes", device.code()))?;
    }
    for agent in &agents {
        until("the agent says that traffic stays", || {
            Ok(agent.metric("ebb_agent_traffic_stays")? == 1.0)
        })?;
    }
    sticky.ensure_all_served("sticky clients stay on a server that drains")?;
    ensure!(
        ledger.sessions(b)? == 3,
        "a session of a TCP connection was closed"
    );
    println!("3 TCP connections stay on a server that drains");
    drop((sticky, connections));
    for device in Device::ALL {
        until("the server is drained when they have left", || {
            ledger.is_drained(device)
        })?;
    }
    Ok(())
}

struct Balancer {
    socket: PathBuf,
    _process: Daemon,
}

impl Balancer {
    fn start(folder: &Path) -> Result<Self> {
        let (socket, config) = (folder.join("haproxy.sock"), folder.join("haproxy.cfg"));
        let documented = docs::block("### HAProxy", "text")?;
        let documented = documented.replace(DOCUMENTED_SOCKET, &socket.to_string_lossy());
        fs::write(&config, format!("{documented}\n{CONFIG}"))?;
        let mut command = BALANCER.command("haproxy");
        command.arg("-f").arg(&config);
        let process = Daemon::spawn(command, &folder.join("haproxy.log"))?;
        until("HAProxy listens", || Ok(socket.exists()))?;
        Ok(Self {
            socket,
            _process: process,
        })
    }

    fn agent(
        &self,
        ledger: &Ledger,
        device: Device,
        server: &str,
        folder: &Path,
        address: &'static str,
    ) -> Result<Agent> {
        let place = Place {
            namespace: BALANCER,
            folder: folder.join(device.namespace().0),
            address,
        };
        fs::create_dir_all(&place.folder)?;
        let sessions = format!("haproxy:{}", self.socket.display());
        Agent::start_at(
            place,
            ledger,
            device,
            &sessions,
            Setup::default(),
            |command| {
                command.args(["--haproxy-servers", server]);
            },
        )
    }

    /// How many requests a server has now.
    fn current(&self, server: &str) -> Result<u64> {
        let mut stream = UnixStream::connect(&self.socket)?;
        stream.write_all(b"show stat\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("web,{server},")))
            .context(server.to_owned())?;
        Ok(line.split(',').nth(4).context("scur")?.parse()?)
    }
}

/// An HTTP server that keeps connections.
struct Server {
    stop: Arc<AtomicBool>,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl Server {
    fn start(port: u16) -> Result<Self> {
        let listener = BALANCER.within(|| Ok(TcpListener::bind(("127.0.0.1", port))?))?;
        listener.set_nonblocking(true)?;
        let server = Self {
            stop: Arc::default(),
            connections: Arc::default(),
        };
        let (stop, connections) = (Arc::clone(&server.stop), Arc::clone(&server.connections));
        thread::spawn(move || {
            while !stop.load(SeqCst) {
                match listener.accept() {
                    Ok((stream, _)) => serve(stream, &connections),
                    Err(_) => thread::sleep(Duration::from_millis(2)),
                }
            }
        });
        Ok(server)
    }

    /// Ends it at once, with all of its connections.
    fn kill(&mut self) {
        self.stop.store(true, SeqCst);
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for connection in connections.drain(..) {
            // One that the balancer has closed is closed.
            let _ = connection.shutdown(Shutdown::Both);
        }
        // The listener ends with its thread.
        thread::sleep(Duration::from_millis(20));
    }
}

fn serve(stream: TcpStream, connections: &Mutex<Vec<TcpStream>>) {
    let Ok(kept) = stream
        .set_nonblocking(false)
        .and_then(|()| stream.try_clone())
    else {
        return;
    };
    connections
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(kept);
    thread::spawn(move || {
        let mut stream = stream;
        while read_head(&mut stream).is_some() {
            thread::sleep(WORK);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
}

/// The first line of a request or an answer, and the length of its body.
fn read_head(stream: &mut TcpStream) -> Option<(String, usize)> {
    let mut reader = BufReader::with_capacity(1, stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().ok()?,
            Some(_) => {}
            None => return Some((first, length)),
        }
    }
}

/// Clients that ask one request after another, each over one connection.
struct Clients {
    stop: Arc<AtomicBool>,
    served: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
}

impl Clients {
    /// They send a header, which ends its line.
    fn start(address: &'static str, header: &'static str) -> Self {
        let clients = Self {
            stop: Arc::default(),
            served: Arc::default(),
            failed: Arc::default(),
        };
        for _ in 0..CLIENTS {
            let (stop, served, failed) = (
                Arc::clone(&clients.stop),
                Arc::clone(&clients.served),
                Arc::clone(&clients.failed),
            );
            thread::spawn(move || {
                while !stop.load(SeqCst) {
                    // It connects anew after a failure only.
                    let _ = BALANCER
                        .within(|| Ok(TcpStream::connect(address)?))
                        .map(|stream| ask(stream, header, &stop, &served));
                    if !stop.load(SeqCst) {
                        failed.fetch_add(1, SeqCst);
                    }
                }
            });
        }
        clients
    }

    fn served(&self) -> u64 {
        self.served.load(SeqCst)
    }

    fn failed(&self) -> u64 {
        self.failed.load(SeqCst)
    }

    /// Fails if a request has failed so far, or if none is served any more.
    fn ensure_all_served(&self, step: &str) -> Result<()> {
        let before = self.served();
        until("requests are served", || {
            Ok(self.served() > before + CLIENTS as u64 * 5)
        })?;
        let (served, failed) = (self.served(), self.failed());
        println!("{step}: {served} requests served so far, {failed} failed");
        ensure!(failed == 0, "{step}: {failed} requests failed");
        Ok(())
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
    }
}

/// Asks until something fails or it is to stop.
fn ask(mut stream: TcpStream, header: &str, stop: &AtomicBool, served: &AtomicU64) {
    while !stop.load(SeqCst) {
        let request = format!("GET / HTTP/1.1\r\nHost: lab\r\n{header}\r\n");
        if stream.write_all(request.as_bytes()).is_err() {
            return;
        }
        let Some((first, length)) = read_head(&mut stream) else {
            return;
        };
        let mut body = vec![0; length];
        if !first.starts_with("HTTP/1.1 200 ") || stream.read_exact(&mut body).is_err() {
            return;
        }
        served.fetch_add(1, SeqCst);
    }
}
