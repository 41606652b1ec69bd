//! The story of `ebb demo`, played on an embedded ledger.

use {
    crate::{
        error::{CliError, Exit},
        terminal::line,
    },
    ebb_folder::{Access, FileError, Folder},
    solana_sdk::{
        pubkey::Pubkey,
        signature::{read_keypair, write_keypair, Keypair},
        signer::Signer,
    },
    std::path::PathBuf,
};

const DEVICES: &str = include_str!("../../data/devices.csv");
const LOCATIONS: &str = include_str!("../../data/locations.csv");
/// The device that is drained.
const DEVICE: &str = "ams-dz001";
/// Where it stands.
const LOCATION: &str = "ams";
/// The device that leaves for good.
const LEAVING: &str = "pit-dzd01";
/// How many users the drained device has.
const USERS: usize = 4;
/// The exit code of a refusal.
const REFUSED: u8 = 4;

/// The demonstration, and its folder.
pub struct Demo<F> {
    pub run_line: F,
    pub dir: PathBuf,
    pub program_id: Pubkey,
}

impl<F: AsyncFn(Vec<String>) -> Result<Exit, CliError>> Demo<F> {
    /// Plays all of it.
    pub async fn play(&self) -> Result<(), CliError> {
        self.set_up().await?;
        self.put_into_service().await?;
        self.drain().await?;
        self.empty().await?;
        self.bring_back().await?;
        self.hold().await?;
        self.keep_budget().await?;
        self.roll().await?;
        self.retire().await?;
        say(&format!(
            "That was it. The ledger and its keys stay in {}; to explore:",
            self.dir.display()
        ))?;
        line(format_args!("  {}", self.shown(None, &["device", "list"])))?;
        say(
            "That no packet is lost is shown with real routers, in a checkout of Ebb and as root:",
        )?;
        line("  scripts/lab")
    }

    async fn set_up(&self) -> Result<(), CliError> {
        say("The authority sets up a registry and admits two contributors.")?;
        self.ebb(None, &["init"]).await?;
        for code in ["co01", "co02"] {
            let key = self.key(code)?.pubkey().to_string();
            self.ebb(None, &["contributor", "create", code, "--authority", &key])
                .await?;
        }
        let locations = self.file("locations.csv", LOCATIONS)?;
        self.ebb(None, &["location", "import", &locations]).await
    }

    async fn put_into_service(&self) -> Result<(), CliError> {
        say("co01 registers its eight devices, and the authority puts them into service.")?;
        let devices = self.file("devices.csv", DEVICES)?;
        self.ebb(Some("co01"), &["device", "import", &devices])
            .await?;
        let mut activate = vec!["device", "activate"];
        activate.extend(codes());
        self.ebb(None, &activate).await?;

        say("A controller, the device's agent, opens the sessions of four users.")?;
        let agent = self.key("agent")?.pubkey().to_string();
        self.ebb(Some("co01"), &["device", "set-agent", DEVICE, &agent])
            .await?;
        for user in self.users()? {
            self.ebb(Some("agent"), &["session", "open", DEVICE, "--user", &user])
                .await?;
        }
        Ok(())
    }

    async fn drain(&self) -> Result<(), CliError> {
        say("co01 takes the device out of service for maintenance. Nobody is cut off.")?;
        let drain = [
            "device",
            "drain",
            DEVICE,
            "--reason",
            "rack power",
            "--deadline",
            "30m",
        ];
        self.ebb(
            Some("co01"),
            &[&drain[..], &["--until", "2h", "--detach", "--yes"]].concat(),
        )
        .await?;
        say("Another contributor cannot interfere.")?;
        self.ebb_ends(Some("co02"), &["device", "undrain", DEVICE], REFUSED)
            .await
    }

    async fn empty(&self) -> Result<(), CliError> {
        say("The users leave, one by one. What is left is there for all to see.")?;
        for (gone, user) in self.users()?.iter().enumerate() {
            self.ebb(Some("agent"), &["session", "close", DEVICE, "--user", user])
                .await?;
            if gone == 1 {
                self.ebb(None, &["device", "get", DEVICE]).await?;
            } else {
                self.ebb(None, &["device", "list", "--status", "draining"])
                    .await?;
            }
        }
        say("No session is left: the device is drained, and its rack may be powered off.")?;
        self.ebb(
            None,
            &["device", "drain", DEVICE, "--wait", "--timeout", "10s"],
        )
        .await
    }

    async fn bring_back(&self) -> Result<(), CliError> {
        say("The work is done. co01 brings the device back into service.")?;
        self.ebb(Some("co01"), &["device", "undrain", DEVICE])
            .await?;
        self.ebb(None, &["device", "list"]).await
    }

    async fn hold(&self) -> Result<(), CliError> {
        say("A hold keeps a device with critical traffic in service.")?;
        let hold = ["device", "hold", DEVICE, "--kind", "critical-traffic"];
        let reason = ["--for", "2h", "--reason", "live broadcast"];
        self.ebb(Some("co01"), &[&hold[..], &reason].concat())
            .await?;
        self.refused_drain().await?;
        self.ebb(Some("co01"), &["device", "release", DEVICE]).await
    }

    async fn keep_budget(&self) -> Result<(), CliError> {
        say("A disruption budget keeps a location from losing too many devices at a time.")?;
        let set = ["location", "set-budget", LOCATION, "--min-activated"];
        self.ebb(None, &[&set[..], &["1"]].concat()).await?;
        self.refused_drain().await?;
        self.ebb(None, &[&set[..], &["0"]].concat()).await
    }

    async fn refused_drain(&self) -> Result<(), CliError> {
        self.ebb_ends(Some("co01"), &["device", "drain", DEVICE, "--yes"], REFUSED)
            .await
    }

    async fn roll(&self) -> Result<(), CliError> {
        say("For a maintenance window co01 drains all eight devices, one after another.")?;
        let drain = ["device", "drain", "--all", "--contributor", "co01"];
        let rolling = ["--rolling", "--reason", "maintenance window", "--yes"];
        self.ebb(Some("co01"), &[&drain[..], &rolling].concat())
            .await?;
        say("And brings them back.")?;
        let mut undrain = vec!["device", "undrain"];
        undrain.extend(codes());
        self.ebb(Some("co01"), &undrain).await?;
        self.ebb(None, &["device", "list"]).await
    }

    async fn retire(&self) -> Result<(), CliError> {
        say("One device leaves for good. The key of its disk lies encrypted in a custodian's store, its SHA-256 on chain.")?;
        let store = self.dir.join("key-store").display().to_string();
        let passphrase = self.file("passphrase.txt", "only for the demo\n")?;
        let register = ["disk-key", "register", LEAVING, "/dev/nvme0n1"];
        let secret = ["--passphrase-file", &passphrase];
        let store = ["--store", &store];
        let made = [&register[..], &["--generate"], &secret, &store].concat();
        self.ebb(Some("co01"), &made).await?;
        for step in ["drain", "retire"] {
            self.ebb(Some("co01"), &["device", step, LEAVING, "--yes"])
                .await?;
        }
        say("It retires once nothing of its users can be read from it.")?;
        let list = ["disk-key", "list", LEAVING];
        self.ebb(None, &[&list[..], &store].concat()).await?;
        let destroy = ["disk-key", "destroy", LEAVING, "--all", "--yes"];
        let destroy = [&destroy[..], &secret, &store].concat();
        self.ebb(Some("co01"), &destroy).await?;
        self.ebb(Some("co01"), &["device", "remove", LEAVING, "--yes"])
            .await?;
        self.ebb(None, &["device", "list"]).await
    }

    /// Runs a command of which no failure is expected.
    async fn ebb(&self, key: Option<&str>, verb: &[&str]) -> Result<(), CliError> {
        self.ebb_ends(key, verb, 0).await
    }

    /// Shows a command, runs it and checks its exit code.
    async fn ebb_ends(
        &self,
        key: Option<&str>,
        verb: &[&str],
        expected: u8,
    ) -> Result<(), CliError> {
        say(&format!("$ {}", self.shown(key, verb)))?;
        let Exit(code) = (self.run_line)(self.arguments(key, verb)).await?;
        if code == expected {
            return Ok(());
        }
        Err(CliError::other(format!(
            "the demo stops: exit code {code} where {expected} was expected"
        )))
    }

    /// The arguments of a command, its program's name included. Without a key the ledger's own signs.
    fn arguments(&self, key: Option<&str>, verb: &[&str]) -> Vec<String> {
        let mut words = vec!["ebb".to_owned(), "--url".to_owned()];
        words.push(format!("embedded:{}", self.dir.display()));
        if let Some(name) = key {
            words.extend([
                "--keypair".to_owned(),
                self.key_file(name).display().to_string(),
            ]);
        }
        if self.program_id != ebb_sdk::ID {
            words.extend(["--program-id".to_owned(), self.program_id.to_string()]);
        }
        words.extend(verb.iter().map(ToString::to_string));
        words
    }

    fn shown(&self, key: Option<&str>, verb: &[&str]) -> String {
        shell_words::join(self.arguments(key, verb))
    }

    /// The folder of the keys, beside the ledger's own.
    fn keys(&self) -> Folder {
        Folder::new(self.dir.join("keys"), Access::Private)
    }

    fn key_file(&self, name: &str) -> PathBuf {
        self.keys().path_of(key_name(name))
    }

    /// A key of the demonstration, made when it is first asked for.
    fn key(&self, name: &str) -> Result<Keypair, CliError> {
        let (keys, file) = (self.keys(), key_name(name));
        let failed = |error: Box<dyn std::error::Error>| {
            CliError::other(format!(
                "cannot use {}: {error}",
                keys.path_of(&file).display()
            ))
        };
        if let Some(mut found) = keys.open(&file).map_err(unusable)? {
            return read_keypair(&mut found).map_err(failed);
        }
        let key = Keypair::new();
        let mut json = vec![];
        write_keypair(&key, &mut json).map_err(failed)?;
        keys.write(&file, &[&json]).map_err(unusable)?;
        Ok(key)
    }

    fn users(&self) -> Result<Vec<String>, CliError> {
        (1..=USERS)
            .map(|user| Ok(self.key(&format!("user{user}"))?.pubkey().to_string()))
            .collect()
    }

    /// Puts a file beside the ledger.
    fn file(&self, name: &str, text: &str) -> Result<String, CliError> {
        let folder = Folder::new(&self.dir, Access::Private);
        folder.write(name, &[text.as_bytes()]).map_err(unusable)?;
        Ok(folder.path_of(name).display().to_string())
    }
}

fn key_name(name: &str) -> String {
    format!("{name}.json")
}

fn unusable(error: FileError) -> CliError {
    CliError::other(error.to_string())
}

/// The codes of all devices.
fn codes() -> impl Iterator<Item = &'static str> {
    let lines = DEVICES.lines().skip(1);
    lines.filter_map(|line| line.split(',').next())
}

fn say(text: &str) -> Result<(), CliError> {
    line("")?;
    line(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drained_device_is_in_the_fleet() {
        assert!(DEVICES.lines().any(|line| line.starts_with("ams-dz001,")));
    }
}
