//! The server under load.

use {
    crate::fleet::Fleet,
    ebb_validator_tests::until,
    std::{
        fs,
        io::{BufRead, BufReader},
        process::{Child, Stdio},
    },
};

/// A server, as long as this lives.
pub struct Server {
    pub url: String,
    process: Child,
}

impl Server {
    /// Starts one, and waits until it serves the fleet and has its history up to what happened last, to this device.
    pub async fn start(fleet: &Fleet, last: &str) -> Self {
        let mut command = fleet.ebb.command(&["serve", "--listen", "127.0.0.1:0"]);
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
        let server = Self {
            url: url.expect("it serves").to_owned(),
            process,
        };
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
        self.status("VmRSS:")
    }

    /// The most resident memory that it had.
    pub fn peak(&self) -> String {
        self.status("VmHWM:")
    }

    fn status(&self, field: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.expect("it runs");
        let value = status.lines().find_map(|line| line.strip_prefix(field));
        let kibibytes: Option<f64> = value
            .and_then(|value| value.trim().strip_suffix(" kB"))
            .and_then(|value| value.parse().ok());
        format!("{:.0} MiB", kibibytes.expect("Linux says") / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
