//! Network namespaces, and what the kernel reports of each.

use {
    crate::plan::Family,
    anyhow::{bail, Context, Result},
    nix::sched::{setns, CloneFlags},
    std::{
        collections::BTreeMap,
        fs::{self, File},
        io::Write,
        process::{Command, Stdio},
        thread,
    },
};

/// A network namespace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Namespace(pub &'static str);

impl Namespace {
    /// Creates it as a router: it forwards packets, whichever way they come.
    pub fn create(self) -> Result<()> {
        ip(&format!("netns add {}", self.0))?;
        ip(&format!("-n {} link set lo up", self.0))?;
        self.within(|| {
            for (key, value) in [
                ("ipv4/ip_forward", "1"),
                ("ipv4/conf/all/rp_filter", "0"),
                ("ipv4/conf/default/rp_filter", "0"),
                // A site takes every address of its prefixes, and a router sends nobody elsewhere.
                ("ipv4/conf/all/send_redirects", "0"),
                ("ipv4/conf/default/send_redirects", "0"),
                ("ipv6/conf/all/forwarding", "1"),
                ("ipv6/conf/default/accept_dad", "0"),
                // A site sends from every address of its prefixes.
                ("ipv6/ip_nonlocal_bind", "1"),
            ] {
                let file = format!("/proc/sys/net/{key}");
                fs::write(&file, value).with_context(|| file)?;
            }
            Ok(())
        })
    }

    pub fn delete(self) -> Result<()> {
        ip(&format!("netns delete {}", self.0))
    }

    /// Calls a function on a thread in the namespace, where the sockets that it opens stay.
    pub fn within<T: Send>(self, act: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let enter = || {
            let file = format!("/run/netns/{}", self.0);
            setns(File::open(&file).context(file)?, CloneFlags::CLONE_NEWNET)?;
            act()
        };
        thread::scope(|scope| scope.spawn(enter).join())
            .map_err(|_| anyhow::anyhow!("a thread in namespace {} panicked", self.0))?
    }

    /// A program to run in the namespace.
    pub fn command(self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", self.0, program]);
        command
    }

    /// Runs lines of `ip` in one process.
    pub fn ip_batch(self, lines: &[String]) -> Result<()> {
        let mut child = self
            .command("ip")
            .args(["-batch", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .context("ip")?;
        let mut stdin = child.stdin.take().context("ip takes no lines")?;
        stdin.write_all(lines.join("\n").as_bytes())?;
        drop(stdin);
        if !child.wait()?.success() {
            bail!("ip refused a line in {}", self.0);
        }
        Ok(())
    }

    /// How many packets it has forwarded, of both families.
    pub fn forwarded(self) -> Result<u64> {
        Ok(self.snmp("Ip", "ForwDatagrams")? + self.snmp6("Ip6OutForwDatagrams")?)
    }

    /// A counter of its kernel's IPv6.
    pub fn snmp6(self, counter: &str) -> Result<u64> {
        let text = self.read("snmp6")?;
        let value = text.lines().find_map(|line| line.strip_prefix(counter));
        let value = value.with_context(|| format!("the kernel does not count {counter}"))?;
        Ok(value.trim().parse()?)
    }

    /// A counter of its kernel.
    pub fn snmp(self, protocol: &str, counter: &str) -> Result<u64> {
        let text = self.read("snmp")?;
        let mut lines = text
            .lines()
            .filter_map(|line| line.strip_prefix(&format!("{protocol}: ")));
        let (Some(names), Some(values)) = (lines.next(), lines.next()) else {
            bail!("the kernel reports nothing of {protocol}");
        };
        let (_, value) = names
            .split(' ')
            .zip(values.split(' '))
            .find(|(name, _)| *name == counter)
            .with_context(|| format!("the kernel does not count {counter}"))?;
        Ok(value.parse()?)
    }

    /// How many routes its kernel has through a gateway, by interface.
    pub fn routes(self, family: Family) -> Result<BTreeMap<String, usize>> {
        let (file, heads, gateway_at, interface_at) = match family {
            Family::V4 => ("route", 1, 2, 0),
            Family::V6 => ("ipv6_route", 0, 4, 9),
        };
        let mut counts = BTreeMap::new();
        for line in self.read(file)?.lines().skip(heads) {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let (Some(gateway), Some(interface)) =
                (columns.get(gateway_at), columns.get(interface_at))
            else {
                bail!("a route without a gateway or an interface: {line}");
            };
            if gateway.contains(|digit| digit != '0') {
                *counts.entry((*interface).to_owned()).or_default() += 1;
            }
        }
        Ok(counts)
    }

    fn read(self, file: &str) -> Result<String> {
        let file = format!("/proc/thread-self/net/{file}");
        self.within(|| fs::read_to_string(&file).context(file))
    }
}

/// Runs `ip` with arguments that hold no blanks.
pub fn ip(arguments: &str) -> Result<()> {
    let output = Command::new("ip")
        .args(arguments.split(' '))
        .output()
        .context("ip")?;
    if !output.status.success() {
        bail!(
            "ip {arguments}: {}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        );
    }
    Ok(())
}

/// Runs `ip` once for each line.
pub fn ip_each(lines: &[String]) -> Result<()> {
    lines.iter().try_for_each(|line| ip(line))
}
