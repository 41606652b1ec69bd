//! The embedded ledger.

use {
    super::{shown, REPEATS},
    crate::{
        drains, figure,
        process::{self, bytes_in, Measured},
    },
    ebb_validator_tests::ebb_binary,
    serde_json::Value,
    std::{fs, path::Path, process::Command},
    tempfile::TempDir,
};

/// Measures an import of so many devices, and a list of them.
pub fn measure(devices: usize) {
    let home = tempfile::tempdir().expect("a folder for the ledger");
    let ebb = Embedded { home };
    ebb.found();
    let csv = ebb.write_csv(devices);
    let import = ["device", "import", &csv, "--output", "json"];
    for what in ["ebb device import, embedded", "  the same file again"] {
        let run = process::measure_command(&ebb.command(&import));
        let results = run.results();
        assert_eq!(results.len(), devices);
        drains::rate(what, &run, &results);
    }
    let list = ebb.command(&["device", "list"]);
    let runs: Vec<Measured> = (0..REPEATS)
        .map(|_| process::measure_command(&list))
        .collect();
    shown("ebb device list, embedded", &runs);
    let bytes = bytes_in(&ebb.ledger());
    figure("embedded ledger", &format!("{:.0} MB", bytes as f64 / 1e6));
}

/// `ebb` on an embedded ledger.
struct Embedded {
    home: TempDir,
}

impl Embedded {
    fn ledger(&self) -> std::path::PathBuf {
        self.home.path().join("ledger")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(ebb_binary());
        let url = format!("embedded:{}", self.ledger().display());
        command.args(arguments).args(["--url", &url]);
        command
            .current_dir(self.home.path())
            .env("HOME", self.home.path());
        for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "EBB_PROGRAM_ID"] {
            command.env_remove(variable);
        }
        command
    }

    /// A registry, a contributor and a location.
    fn found(&self) {
        let run = |arguments: &[&str]| process::measure_command(&self.command(arguments));
        run(&["init"]);
        let info = run(&["ledger", "info", "--output", "json"]);
        let info: Value = serde_json::from_str(&info.stdout).expect("it is JSON");
        let key = info["default_key"].as_str().expect("it has a key");
        run(&["contributor", "create", "co01", "--authority", key]);
        let location = "location create ams --name Amsterdam --country NL --lat 52.3 --lng 4.94";
        run(&location.split(' ').collect::<Vec<_>>());
    }

    fn write_csv(&self, devices: usize) -> String {
        let head = "code,contributor,location,device_type,public_ip,max_sessions";
        let rows = (0..devices).map(|n| format!("dz{n:06},co01,ams,hybrid,195.219.138.50,128"));
        let lines: Vec<String> = [head.to_owned()].into_iter().chain(rows).collect();
        let file: &Path = &self.home.path().join("devices.csv");
        fs::write(file, lines.join("\n")).expect("the csv is written");
        file.to_str().expect("the path is UTF-8").to_owned()
    }
}
