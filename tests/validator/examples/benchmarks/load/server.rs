//! The server under load.

use {
    crate::{
        fleet::Fleet,
        process::{bytes_in, mebibytes},
    },
    ebb_validator_tests::until,
    std::{
        io::{BufRead, BufReader},
        process::{Child, Stdio},
    },
    tempfile::TempDir,
};

/// A server, as long as this lives.
pub struct Server {
    pub url: String,
    process: Child,
    /// Where its history is.
    folder: TempDir,
}

impl Server {
    /// Starts one, and waits until it listens.
    pub fn spawn(fleet: &Fleet) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the history");
        let history = folder.path().join("history.sqlite");
        let mut command = fleet.ebb.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.arg("--history").arg(history);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = command.stderr(Stdio::piped()).spawn().expect("ebb starts");
        let mut stderr = BufReader::new(process.stderr.take().expect("it is piped"));
        let mut line = String::new();
        stderr.read_line(&mut line).expect("it writes UTF-8");
        // What else it writes is passed on.
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                eprintln!("{line}");
            }
        });
        let url = line.trim().strip_prefix("serving on ");
        Self {
            url: url.expect("it serves").to_owned(),
            process,
            folder,
        }
    }

    /// How many bytes its history takes.
    pub fn history_bytes(&self) -> u64 {
        bytes_in(self.folder.path())
    }

    /// Starts one, and waits until it serves the fleet and has its history up to what happened last, to this device.
    pub async fn start(fleet: &Fleet, last: &str) -> Self {
        let server = Self::spawn(fleet);
        let path = format!("{}/api/v1/devices/{last}/history?limit=1", server.url);
        until("the server has the history", || async {
            let history = reqwest::get(&path).await.expect("the server answers");
            let json: serde_json::Value = history.json().await.expect("it is JSON");
            json["complete"] == true
        })
        .await;
        server
    }

    /// Its resident memory now.
    pub fn memory(&self) -> String {
        format!("{} MiB", mebibytes(self.process.id(), "VmRSS"))
    }

    /// The most resident memory that it had.
    pub fn peak(&self) -> String {
        format!("{} MiB", mebibytes(self.process.id(), "VmHWM"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
