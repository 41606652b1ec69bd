//! Running a command and measuring it.

use {
    ebb_validator_tests::Ebb,
    serde_json::Value,
    std::{
        fs,
        io::{BufRead, BufReader, Read},
        path::Path,
        process::{Child, Command, Stdio},
        thread,
        time::{Duration, Instant},
    },
};

/// Writes the greatest size of a command, in KiB, behind what it says on stderr.
const TIME: [&str; 3] = ["/usr/bin/time", "-f", "peak %M"];

/// A command that runs.
pub struct Started {
    child: Child,
    at: Instant,
}

/// A command that has ended.
pub struct Measured {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it wrote.
    pub stdout: String,
    /// What else it said.
    pub stderr: String,
    /// From its start to its end.
    pub wall: Duration,
    /// From its start until the second line of its result, which is the first below the head of a table.
    pub first_row: Option<Duration>,
    /// The most memory it had, in KiB.
    pub peak: u64,
}

impl Measured {
    /// The results of a mutation.
    pub fn results(&self) -> Vec<Value> {
        let json: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stderr));
        json["results"].as_array().cloned().unwrap_or_default()
    }
}

/// Starts a command on the validator.
pub fn start(ebb: &Ebb, arguments: &[&str]) -> Started {
    spawn(&ebb.command(arguments))
}

/// Starts a command.
fn spawn(ebb: &Command) -> Started {
    let [time, options @ ..] = TIME;
    let mut command = Command::new(time);
    command.args(options).arg(ebb.get_program());
    command.args(ebb.get_args());
    for (name, value) in ebb.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let at = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("/usr/bin/time starts");
    Started { child, at }
}

impl Started {
    /// Waits until it ends.
    pub fn end(mut self) -> Measured {
        let stdout = self.child.stdout.take().expect("it is piped");
        let mut stderr = self.child.stderr.take().expect("it is piped");
        let said = thread::spawn(move || {
            let mut said = String::new();
            stderr.read_to_string(&mut said).map(|_| said)
        });
        let mut stdout = BufReader::new(stdout);
        let mut written = String::new();
        stdout.read_line(&mut written).expect("it writes UTF-8");
        let second = stdout.read_line(&mut written).expect("it writes UTF-8");
        let first_row = (second > 0).then(|| self.at.elapsed());
        stdout
            .read_to_string(&mut written)
            .expect("it writes UTF-8");
        let status = self.child.wait().expect("it ends");
        let wall = self.at.elapsed();
        let said = said.join().expect("no panic").expect("it writes UTF-8");
        let peak = said.lines().rev().find_map(|line| {
            let peak = line.strip_prefix("peak ")?;
            peak.parse().ok()
        });
        Measured {
            code: status.code(),
            stdout: written,
            stderr: said,
            wall,
            first_row,
            peak: peak.expect("/usr/bin/time prints it"),
        }
    }
}

/// Runs a command on the validator that succeeds.
pub fn measure(ebb: &Ebb, arguments: &[&str]) -> Measured {
    measure_command(&ebb.command(arguments))
}

/// Runs a command that succeeds.
pub fn measure_command(command: &Command) -> Measured {
    let run = spawn(command).end();
    assert_eq!(run.code, Some(0), "{command:?}: {}", run.stderr);
    run
}

/// What Linux says of a process's memory in a field, as `VmRSS` now and `VmHWM` at most, in MiB.
pub fn mebibytes(process: u32, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let value = status.lines().find_map(|line| line.strip_prefix(field));
    let kibibytes = value.and_then(|value| value.strip_prefix(':')?.trim().strip_suffix(" kB"));
    let kibibytes: u64 = kibibytes
        .and_then(|value| value.parse().ok())
        .expect("Linux says");
    kibibytes.div_ceil(1024)
}

/// How many bytes the files in a folder have.
pub fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("the folder").flatten();
    let bytes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => bytes_in(&entry.path()),
        // It may just have been removed.
        _ => entry.metadata().map_or(0, |metadata| metadata.len()),
    });
    bytes.sum()
}

/// The median of many times, and the greatest but for a hundredth.
pub fn quantiles(times: Vec<Duration>) -> String {
    let (count, times) = (times.len(), sorted(&times, |time| *time));
    let at = |part: usize| times.get(count * part / 100).copied();
    match (at(50), at(99)) {
        (Some(median), Some(high)) => format!("p50 {median:.1?}, p99 {high:.1?} of {count}"),
        _ => "none".to_owned(),
    }
}

/// The median of many times.
pub fn median<T>(runs: &[T], time: impl Fn(&T) -> Duration) -> Duration {
    let times = sorted(runs, time);
    times[times.len() / 2]
}

/// The median of many times, and the least and the greatest.
pub fn spread<T>(runs: &[T], time: impl Fn(&T) -> Duration) -> String {
    let times = sorted(runs, time);
    let [least, .., greatest] = &times[..] else {
        panic!("there are several");
    };
    let median = times[times.len() / 2];
    format!("{median:.1?} ({least:.1?} to {greatest:.1?})")
}

fn sorted<T>(runs: &[T], time: impl Fn(&T) -> Duration) -> Vec<Duration> {
    let mut times: Vec<Duration> = runs.iter().map(time).collect();
    times.sort_unstable();
    times
}
