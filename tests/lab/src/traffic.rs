//! Numbered packets between the sites, and which of them arrived.
//!
//! Everything is judged by numbers, never by time: the host may stall for seconds.

use {
    crate::plan::{Family, Site},
    anyhow::{Context, Result},
    nix::sys::socket::{setsockopt, sockopt::RcvBufForce},
    std::{
        io::ErrorKind,
        net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
        ops::{AddAssign, Range},
        sync::{
            atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
            Arc, Mutex, PoisonError,
        },
        thread::{self, JoinHandle},
        time::{Duration, Instant},
    },
};

const PORT: u16 = 7_000;
/// A thousand packets a second.
const INTERVAL: Duration = Duration::from_millis(1);
/// Among how many prefixes of a site the packets are spread, where it has so many.
const FLOWS: u16 = 16;
/// Holds what arrives while the receiver does not run.
const BUFFER: usize = 64 << 20;
/// How long a packet is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Packets both ways, for as long as the value lives.
pub struct Traffic {
    directions: Vec<Direction>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// A moment: which packets of each direction were the next to be sent.
pub struct Mark {
    next: Vec<u64>,
    at: Instant,
}

impl Mark {
    pub fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }
}

/// What happened to the packets of one direction between two marks.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub sent: u64,
    pub lost: u64,
    pub duplicated: u64,
    /// Packets that arrived after a later one to the same prefix.
    pub reordered: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.reordered += other.reordered;
    }
}

struct Direction {
    from: Site,
    next: Arc<AtomicU64>,
    arrivals: Arc<Mutex<Arrivals>>,
}

struct Arrivals {
    /// How often each packet arrived, by its number.
    counts: Vec<u8>,
    reordered: Vec<u64>,
    /// The greatest number that arrived for each target.
    latest: Vec<u64>,
}

impl Arrivals {
    fn of(targets: usize) -> Self {
        Self {
            counts: vec![],
            reordered: vec![],
            latest: vec![0; targets],
        }
    }

    fn add(&mut self, number: u64) {
        let index = number as usize;
        if self.counts.len() <= index {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] = self.counts[index].saturating_add(1);
        let target = index % self.latest.len();
        let latest = &mut self.latest[target];
        if self.counts[index] == 1 && number < *latest {
            self.reordered.push(number);
        }
        *latest = number.max(*latest);
    }

    fn tally(&self, numbers: &Range<u64>) -> Tally {
        let count = |number: u64| self.counts.get(number as usize).copied().unwrap_or(0);
        let counts = || numbers.clone().map(count);
        Tally {
            sent: numbers.end - numbers.start,
            lost: counts().filter(|count| *count == 0).count() as u64,
            duplicated: counts().filter(|count| *count > 1).count() as u64,
            reordered: self
                .reordered
                .iter()
                .filter(|number| numbers.contains(number))
                .count() as u64,
        }
    }
}

impl Traffic {
    /// Starts to send from each site to the other's first prefixes, its last one, and some between.
    pub fn start(prefixes: u16, family: Family) -> Result<Self> {
        let mut traffic = Self {
            directions: vec![],
            stop: Arc::default(),
            threads: vec![],
        };
        for from in Site::ALL {
            traffic.open(from, prefixes, family)?;
        }
        Ok(traffic)
    }

    fn open(&mut self, from: Site, prefixes: u16, family: Family) -> Result<()> {
        let to = from.other();
        let any: IpAddr = match family {
            Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
            Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
        };
        let receiver = to.namespace().within(|| {
            let socket = UdpSocket::bind((any, PORT))?;
            setsockopt(&socket, RcvBufForce, &BUFFER).context("the receiver's buffer")?;
            socket.set_read_timeout(Some(Duration::from_millis(100)))?;
            Ok(socket)
        })?;
        let sender = from.namespace().within(|| {
            let socket = UdpSocket::bind((from.host(0, family), PORT + 1))?;
            socket.set_nonblocking(true)?;
            Ok(socket)
        })?;
        let targets = targets(to, prefixes, family);
        let direction = Direction {
            from,
            next: Arc::default(),
            arrivals: Arc::new(Mutex::new(Arrivals::of(targets.len()))),
        };
        let (stop, arrivals) = (Arc::clone(&self.stop), Arc::clone(&direction.arrivals));
        self.threads
            .push(thread::spawn(move || receive(&receiver, &arrivals, &stop)));
        let (stop, next) = (Arc::clone(&self.stop), Arc::clone(&direction.next));
        self.threads
            .push(thread::spawn(move || send(&sender, &targets, &next, &stop)));
        self.directions.push(direction);
        Ok(())
    }

    pub fn mark(&self) -> Mark {
        let next = self
            .directions
            .iter()
            .map(|direction| direction.next.load(SeqCst));
        Mark {
            next: next.collect(),
            at: Instant::now(),
        }
    }

    /// What happened to the packets since a mark, by direction. Waits for those that are under way.
    pub fn since(&self, mark: &Mark) -> [(Site, Tally); 2] {
        let end = self.mark();
        let tally = |index: usize| {
            let direction = &self.directions[index];
            let numbers = mark.next[index]..end.next[index];
            let asked = Instant::now();
            loop {
                let tally = lock(&direction.arrivals).tally(&numbers);
                if tally.lost == 0 || asked.elapsed() > PATIENCE {
                    return (direction.from, tally);
                }
                thread::sleep(Duration::from_millis(20));
            }
        };
        [tally(0), tally(1)]
    }

    /// How many packets the receivers themselves dropped, as their buffers were full.
    pub fn overruns() -> Result<u64> {
        let mut dropped = 0;
        for site in Site::ALL {
            dropped += site.namespace().snmp("Udp", "RcvbufErrors")?;
            dropped += site.namespace().snmp6("Udp6RcvbufErrors")?;
        }
        Ok(dropped)
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

/// Where packets go in turn.
fn targets(to: Site, prefixes: u16, family: Family) -> Vec<SocketAddr> {
    let flows = FLOWS.min(prefixes);
    let spread =
        |flow: u16| u32::from(prefixes - 1) * u32::from(flow) / u32::from((flows - 1).max(1));
    (0..flows)
        .map(|flow| SocketAddr::new(to.host(spread(flow) as u16, family), PORT))
        .collect()
}

/// Sends a packet each millisecond. What a stall of the host left out is not made up for: a burst would overrun queues.
fn send(socket: &UdpSocket, targets: &[SocketAddr], next: &AtomicU64, stop: &AtomicBool) {
    let mut due = Instant::now();
    while !stop.load(SeqCst) {
        let number = next.load(SeqCst);
        let target = targets[number as usize % targets.len()];
        // A site that has no route loses the packet, which is why it is counted first.
        next.store(number + 1, SeqCst);
        let _ = socket.send_to(&number.to_le_bytes(), target);
        due = (due + INTERVAL).max(Instant::now());
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

fn receive(socket: &UdpSocket, arrivals: &Mutex<Arrivals>, stop: &AtomicBool) {
    let mut packet = [0; 8];
    while !stop.load(SeqCst) {
        match socket.recv(&mut packet) {
            Ok(8) => lock(arrivals).add(u64::from_le_bytes(packet)),
            Err(error)
                if !matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                return
            }
            _ => {}
        }
    }
}

fn lock(arrivals: &Mutex<Arrivals>) -> std::sync::MutexGuard<'_, Arrivals> {
    arrivals.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(targets: usize, numbers: &[u64]) -> Arrivals {
        let mut arrivals = Arrivals::of(targets);
        numbers.iter().for_each(|number| arrivals.add(*number));
        arrivals
    }

    #[test]
    fn what_did_not_arrive_is_lost() {
        let arrivals = arrived(1, &[0, 1, 3, 4]);
        let expected = |sent, lost| Tally {
            sent,
            lost,
            ..Tally::default()
        };
        assert!(arrivals.tally(&(0..5)) == expected(5, 1));
        assert!(arrivals.tally(&(0..7)) == expected(7, 3));
        assert!(arrivals.tally(&(3..5)) == expected(2, 0));
    }

    #[test]
    fn what_arrived_twice_is_duplicated_and_not_reordered() {
        let tally = arrived(1, &[0, 1, 2, 1]).tally(&(0..3));
        let Tally {
            lost,
            duplicated,
            reordered,
            ..
        } = tally;
        assert_eq!((lost, duplicated, reordered), (0, 1, 0));
    }

    #[test]
    fn order_counts_among_packets_to_one_target() {
        // Of two targets, the even numbers go to one and the odd to the other.
        let reordered = |numbers: &[u64]| arrived(2, numbers).tally(&(0..6)).reordered;
        assert_eq!(reordered(&[1, 0, 3, 2, 5, 4]), 0);
        assert_eq!(reordered(&[0, 1, 4, 3, 2, 5]), 1);
        assert_eq!(arrived(1, &[1, 0, 3, 2, 5, 4]).tally(&(0..6)).reordered, 3);
    }

    #[test]
    fn packets_go_to_the_first_and_the_last_prefix() {
        let hosts: Vec<IpAddr> = targets(Site::Service, 20_000, Family::V4)
            .iter()
            .map(SocketAddr::ip)
            .collect();
        assert_eq!(hosts.len(), 16);
        assert_eq!(hosts[0], Ipv4Addr::new(10, 128, 0, 1));
        assert_eq!(hosts[15], Ipv4Addr::new(10, 128 + 78, 31, 1));
        assert_eq!(
            targets(Site::User, 1, Family::V4),
            [SocketAddr::new(Ipv4Addr::new(10, 0, 0, 1).into(), PORT)]
        );
        let last = targets(Site::Service, 3, Family::V6)[2].to_string();
        assert_eq!(last, "[fd10:80:2::1]:7000");
    }
}
