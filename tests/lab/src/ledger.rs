//! The embedded ledger, through `ebb`.

use {
    crate::plan::Device,
    anyhow::{bail, Context, Result},
    ebb_sdk::embedded::{EmbeddedLedger, EmbeddedOptions},
    serde_json::Value,
    solana_sdk::{
        signature::{write_keypair_file, Keypair},
        signer::Signer,
    },
    std::{
        env, fs,
        path::{Path, PathBuf},
        process::Command,
    },
};

const MAX_SESSIONS: u32 = 1_000;

/// An embedded ledger with both devices on it.
pub struct Ledger {
    folder: PathBuf,
}

impl Ledger {
    /// Creates it, with both devices activated and a key for each one's agent.
    pub fn create(folder: &Path) -> Result<Self> {
        let ledger = Self {
            folder: folder.to_owned(),
        };
        ledger.run("init")?;
        let authority = folder.join("keys/default.json");
        ledger.run(&format!(
            "contributor create lab --authority {}",
            authority.display()
        ))?;
        ledger.run("location create lab --name Lab --country NL --lat 52.3 --lng 4.94")?;
        for device in Device::ALL {
            let key = Keypair::new();
            write_keypair_file(&key, ledger.agent_key(device))
                .map_err(|error| anyhow::anyhow!("the agent's key cannot be written: {error}"))?;
            let (code, agent) = (device.code(), key.pubkey());
            ledger.run(&format!("ledger airdrop 10 {agent}"))?;
            ledger.run(&format!(
                "device create {code} --contributor lab --location lab --type hybrid --public-ip {} \
                 --max-sessions {MAX_SESSIONS} --agent {agent}",
                device.public_ip(),
            ))?;
            ledger.run(&format!("device activate {code}"))?;
        }
        Ok(ledger)
    }

    pub fn url(&self) -> String {
        format!("embedded:{}", self.folder.display())
    }

    pub fn agent_key(&self, device: Device) -> PathBuf {
        self.folder.join(format!("keys/{}.json", device.code()))
    }

    /// `ebb` with a line of arguments, none of which holds a blank.
    pub fn command(&self, line: &str) -> Result<Command> {
        let mut command = Command::new(ebb()?);
        command
            .args(["-u", &self.url()])
            .args(line.split_whitespace());
        Ok(command)
    }

    /// Runs `ebb`, and returns what it prints.
    pub fn run(&self, line: &str) -> Result<String> {
        let output = self.command(line)?.output().context("ebb")?;
        if !output.status.success() {
            bail!("ebb {line}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// A device as `ebb device get` prints it.
    pub fn device(&self, device: Device) -> Result<Value> {
        let text = self.run(&format!(
            "device get {} --output json-compact",
            device.code()
        ))?;
        Ok(serde_json::from_str(&text)?)
    }

    pub fn sessions(&self, device: Device) -> Result<u64> {
        self.device(device)?["sessions"]
            .as_u64()
            .context("a number of sessions")
    }

    pub fn is_drained(&self, device: Device) -> Result<bool> {
        self.device(device)?["drained"]
            .as_bool()
            .context("whether it is drained")
    }

    /// The sessions of a device as `ebb session list` prints them.
    pub fn session_list(&self, device: Device) -> Result<Vec<Value>> {
        let text = self.run(&format!(
            "session list {} --output json-compact",
            device.code()
        ))?;
        let json: Value = serde_json::from_str(&text)?;
        Ok(json["sessions"].as_array().context("sessions")?.clone())
    }

    /// Makes it out of reach.
    pub fn take_away(&self) -> Result<()> {
        Ok(fs::rename(
            &self.folder,
            self.folder.with_extension("away"),
        )?)
    }

    /// Undoes that.
    pub fn bring_back(&self) -> Result<()> {
        Ok(fs::rename(
            self.folder.with_extension("away"),
            &self.folder,
        )?)
    }

    /// Sets the ledger's clock forward.
    pub fn advance(&self, seconds: u64) -> Result<()> {
        EmbeddedLedger::open(&self.folder, EmbeddedOptions::default())?.advance(seconds)?;
        Ok(())
    }
}

/// The `ebb` that was built with this program.
pub fn ebb() -> Result<PathBuf> {
    let ebb = env::current_exe()?.with_file_name("ebb");
    if !ebb.exists() {
        bail!(
            "there is no {}: run scripts/lab, which builds it",
            ebb.display()
        );
    }
    Ok(ebb)
}
