//! What an agent changes on a router that runs BIRD.
//!
//! Its marks are a constant in a file that the router's configuration includes, and the message with which it disables a
//! protocol.

use {
    super::{absence::Absence, forwarded, stable::Stable, Actuator, Managed, Preference},
    crate::{
        router::bird::{Bird, Protocol},
        Unknown,
    },
    async_trait::async_trait,
    std::{
        fs, io,
        os::unix::fs::PermissionsExt,
        path::{Path, PathBuf},
        time::{Duration, Instant},
    },
    tokio::time::sleep,
};

/// The constant on which the operator's filters put the community of a graceful shutdown.
const CONSTANT: &str = "EBB_DE_PREFERRED";
/// What the agent disables a protocol with.
const MESSAGE: &str = "ebb: device out of service";

/// How long routes must be as they are until all are taken to be there.
const CALM: Duration = Duration::from_secs(2);
/// How often it is seen whether a protocol is down.
const LOOKS: u32 = 20;
/// How long in between.
const PAUSE: Duration = Duration::from_millis(100);

/// Changes a router that runs BIRD.
#[derive(Debug)]
pub struct BirdActuator {
    bird: Bird,
    /// The file with the constant, which the agent writes.
    included: PathBuf,
    /// Routes imported from all, and exported to the kernel.
    routes: Stable<(u64, u64)>,
    absence: Absence,
}

impl BirdActuator {
    /// Changes this router, whose configuration includes a file.
    pub fn new(bird: Bird, included: PathBuf) -> Self {
        Self {
            bird,
            included,
            routes: Stable::new(),
            absence: Absence::default(),
        }
    }

    /// Whether the running configuration has the constant set.
    async fn is_de_preferred(&self) -> Result<bool, Unknown> {
        match self.bird.run(&format!("eval {CONSTANT}")).await?.trim() {
            "TRUE" => Ok(true),
            "FALSE" => Ok(false),
            other => Err(Unknown::because(format!(
                "BIRD says that {CONSTANT} is {other}"
            ))),
        }
    }

    /// Sets the constant, in the file and in the running BIRD. What was disabled at run time is enabled by that, so it is
    /// disabled again at once.
    async fn set(&self, de_preferred: bool) -> Result<(), Unknown> {
        write(
            &self.included,
            &format!("define {CONSTANT} = {de_preferred};\n"),
        )
        .map_err(|error| Unknown::because(format!("{}: {error}", self.included.display())))?;
        if self.is_de_preferred().await? == de_preferred {
            return Ok(());
        }
        let shut: Vec<Protocol> = self
            .bird
            .protocols()
            .await?
            .into_iter()
            .filter(is_disabled)
            .collect();
        self.bird.run("configure").await?;
        for protocol in shut {
            self.disable(&protocol.name, protocol.message.as_deref())
                .await?;
        }
        if self.is_de_preferred().await? == de_preferred {
            Ok(())
        } else {
            Err(Unknown::because(format!(
                "BIRD was configured and its {CONSTANT} is not {de_preferred}: its configuration does not include {}",
                self.included.display()
            )))
        }
    }

    async fn disable(&self, name: &str, message: Option<&str>) -> Result<(), Unknown> {
        let message = message
            .map(|message| format!(" \"{message}\""))
            .unwrap_or_default();
        self.bird
            .run(&format!("disable {name}{message}"))
            .await
            .map(drop)
    }

    async fn protocols_of(&self, label: &str) -> Result<Vec<Protocol>, Unknown> {
        let mut protocols = self.bird.protocols().await?;
        protocols
            .retain(|protocol| is_bgp(protocol) && protocol.description.as_deref() == Some(label));
        Ok(protocols)
    }
}

fn is_bgp(protocol: &Protocol) -> bool {
    protocol.kind == "BGP"
}

/// Whether somebody has disabled it. One that waits for its neighbor is not down but starts.
fn is_disabled(protocol: &Protocol) -> bool {
    protocol.is_down
}

fn is_agents(protocol: &Protocol) -> bool {
    is_disabled(protocol) && protocol.message.as_deref() == Some(MESSAGE)
}

/// Replaces a file in one step, if it has other content. BIRD may read it, whatever the agent's umask is.
fn write(file: &Path, content: &str) -> io::Result<()> {
    if fs::read_to_string(file).is_ok_and(|now| now == content) {
        return Ok(());
    }
    let new = file.with_extension("new");
    fs::write(&new, content)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o644))?;
    fs::rename(&new, file)
}

#[async_trait]
impl Actuator for BirdActuator {
    async fn managed(&mut self) -> Result<Managed, Unknown> {
        let protocols = self.bird.protocols().await?;
        Ok(Managed {
            preference: if self.is_de_preferred().await? {
                Preference::LoweredByAgent
            } else {
                Preference::Normal
            },
            shut: protocols
                .into_iter()
                .filter(|protocol| is_bgp(protocol) && is_agents(protocol))
                .filter_map(|protocol| protocol.description)
                .collect(),
        })
    }

    async fn de_prefer(&mut self) -> Result<(), Unknown> {
        self.set(true).await
    }

    async fn prefer(&mut self) -> Result<(), Unknown> {
        self.routes.forget();
        self.absence = Absence::default();
        self.set(false).await
    }

    async fn shut(&mut self, label: &str) -> Result<(), Unknown> {
        for protocol in self.protocols_of(label).await? {
            if !is_disabled(&protocol) {
                self.disable(&protocol.name, Some(MESSAGE)).await?;
            }
        }
        // A session that ends is not down at once.
        for _ in 0..LOOKS {
            if self.protocols_of(label).await?.iter().all(is_disabled) {
                return Ok(());
            }
            sleep(PAUSE).await;
        }
        Err(Unknown::because(format!(
            "BIRD disabled {label} and does not show it"
        )))
    }

    async fn open(&mut self, label: &str) -> Result<(), Unknown> {
        for protocol in self
            .protocols_of(label)
            .await?
            .iter()
            .filter(|protocol| is_agents(protocol))
        {
            self.bird.run(&format!("enable {}", protocol.name)).await?;
        }
        if self.protocols_of(label).await?.iter().any(is_agents) {
            Err(Unknown::because(format!(
                "BIRD enabled {label} and does not show it"
            )))
        } else {
            Ok(())
        }
    }

    async fn forwarded(&mut self) -> Result<u64, Unknown> {
        forwarded::by_kernel()
    }

    /// Everybody is back, and for a while nothing has changed. BIRD has put a route into the kernel when it counts it as
    /// exported there.
    async fn can_forward(&mut self) -> Result<bool, Unknown> {
        let mut protocols = self.bird.protocols().await?;
        let kernel = protocols
            .iter()
            .filter(|protocol| protocol.kind == "Kernel")
            .map(|protocol| protocol.exported)
            .sum();
        protocols.retain(is_bgp);
        let imported = protocols.iter().map(|protocol| protocol.imported).sum();
        let is_calm = self.routes.since((imported, kernel), Instant::now()) >= CALM;
        let absent = protocols
            .iter()
            .filter(|protocol| !protocol.is_established && !is_disabled(protocol))
            .map(|protocol| (protocol.name.as_str(), protocol.description.is_some()));
        Ok(self.absence.is_over(absent) && is_calm)
    }
}

#[cfg(test)]
mod tests;
