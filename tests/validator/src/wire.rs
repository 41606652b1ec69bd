use {
    std::{
        io,
        sync::{
            atomic::{AtomicUsize, Ordering},
            Arc,
        },
    },
    tokio::{
        io::{copy, copy_bidirectional, AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        sync::watch,
    },
};

/// Stands between a client and a validator, with a port for requests and the next one for subscriptions. What the validator
/// reports may be held back, as in a network that drops a quiet connection.
pub struct Wire {
    port: u16,
    is_mute: watch::Sender<bool>,
    passed: Arc<AtomicUsize>,
    held_back: Arc<AtomicUsize>,
}

impl Wire {
    /// Before the validator at a URL.
    pub async fn to(validator: &str) -> Self {
        let port = validator.rsplit(':').next().and_then(|it| it.parse().ok());
        let validator: u16 = port.expect("a URL with a port");
        let (requests, subscriptions) = listeners().await;
        let wire = Self {
            port: requests.local_addr().expect("it is bound").port(),
            is_mute: watch::Sender::new(false),
            passed: Arc::default(),
            held_back: Arc::default(),
        };
        tokio::spawn(async move {
            while let Ok((mut client, _)) = requests.accept().await {
                tokio::spawn(async move {
                    let mut server = connect(validator).await?;
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        let (is_mute, passed, held_back) = (
            wire.is_mute.subscribe(),
            Arc::clone(&wire.passed),
            Arc::clone(&wire.held_back),
        );
        tokio::spawn(async move {
            while let Ok((client, _)) = subscriptions.accept().await {
                let reports = Reports {
                    is_mute: is_mute.clone(),
                    passed: Arc::clone(&passed),
                    held_back: Arc::clone(&held_back),
                };
                tokio::spawn(reports.pass(client, validator + 1));
            }
        });
        wire
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lets nothing more through that the validator reports. Connections stay.
    pub fn mute(&self) {
        self.is_mute.send_replace(true);
    }

    /// How many bytes of reports went through, and how many were held back.
    pub fn reported(&self) -> (usize, usize) {
        let count = |it: &AtomicUsize| it.load(Ordering::SeqCst);
        (count(&self.passed), count(&self.held_back))
    }
}

/// What a validator reports on a connection.
struct Reports {
    is_mute: watch::Receiver<bool>,
    passed: Arc<AtomicUsize>,
    held_back: Arc<AtomicUsize>,
}

impl Reports {
    async fn pass(self, client: TcpStream, validator: u16) -> io::Result<()> {
        let (mut asks, mut hears) = client.into_split();
        let (mut reports, mut takes) = connect(validator).await?.into_split();
        tokio::spawn(async move { copy(&mut asks, &mut takes).await });
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let len = reports.read(&mut buffer).await?;
            if len == 0 {
                return Ok(());
            }
            if *self.is_mute.borrow() {
                self.held_back.fetch_add(len, Ordering::SeqCst);
                continue;
            }
            hears.write_all(&buffer[..len]).await?;
            self.passed.fetch_add(len, Ordering::SeqCst);
        }
    }
}

/// Two ports, one after the other.
async fn listeners() -> (TcpListener, TcpListener) {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = first.local_addr().expect("it is bound").port();
        let next = TcpListener::bind(("127.0.0.1", port.saturating_add(1))).await;
        if let Ok(next) = next {
            return (first, next);
        }
    }
}

/// A connection to a port of this machine.
async fn connect(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect(("127.0.0.1", port)).await
}
