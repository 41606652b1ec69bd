//! A server, and who asks it.

use {
    ebb_validator_tests::{until, Ebb, Run, Running},
    serde_json::Value,
    std::cell::RefCell,
};

/// A running `ebb serve`.
pub struct Server {
    running: Running,
    url: String,
}

impl Server {
    /// Starts one at a free port.
    pub async fn start(ebb: &Ebb, options: &[&str]) -> Self {
        let serve = ["serve", "--listen", "127.0.0.1:0"];
        let mut running = ebb.start(&[&serve, options].concat());
        running.says("serving on ").await;
        let url = running.said().trim().replace("serving on ", "");
        Self { running, url }
    }

    /// Where it serves.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the series of a metric whose labels contain this count together.
    pub async fn counted(&self, metric: &str, labels: &str) -> u64 {
        let text = self.metrics().await;
        let lines = text.lines().filter_map(|line| line.rsplit_once(' '));
        let series = lines.filter(|(name, _)| name.starts_with(metric) && name.contains(labels));
        series
            .map(|(_, value)| value.parse::<u64>().expect("a count"))
            .sum()
    }

    /// Waits until it has said this on stderr.
    pub async fn says(&mut self, text: &str) {
        self.running.says(text).await;
    }

    /// Sends it a signal, as `TERM`.
    pub fn signal(&self, signal: &str) {
        self.running.signal(signal);
    }

    /// Waits until it ends.
    pub async fn end(self) -> Run {
        self.running.end().await
    }

    /// Status and JSON of a path.
    pub async fn ask(&self, path: &str) -> (u16, Value) {
        let response = reqwest::get(format!("{}{path}", self.url)).await;
        let response = response.expect("the server answers");
        let status = response.status().as_u16();
        (status, response.json().await.expect("it is JSON"))
    }

    /// The JSON of a path that answers 200.
    pub async fn get(&self, path: &str) -> Value {
        let (status, json) = self.ask(path).await;
        assert_eq!(status, 200, "{path}: {json}");
        json
    }

    /// Waits until its metrics have this line.
    pub async fn until_metric(&self, line: &str) {
        let what = format!("the metrics have {line}");
        until(&what, || async {
            self.metrics().await.lines().any(|it| it == line)
        })
        .await;
    }

    /// The text of its metrics.
    pub async fn metrics(&self) -> String {
        let response = reqwest::get(format!("{}/metrics", self.url)).await;
        let text = response.expect("the server answers").text().await;
        text.expect("it is text")
    }

    /// The JSON of a path, once it has something to it.
    pub async fn until(
        &self,
        what: &str,
        path: &str,
        is_so: impl Fn(u16, &Value) -> bool,
    ) -> Value {
        let last = RefCell::new(Value::Null);
        until(what, || async {
            let (status, json) = self.ask(path).await;
            let is_so = is_so(status, &json);
            last.replace(json);
            is_so
        })
        .await;
        last.into_inner()
    }

    /// The JSON of a path, once it answers with a status.
    pub async fn until_status(&self, path: &str, expected: u16) -> Value {
        let what = format!("{path} answers {expected}");
        self.until(&what, path, |status, _| status == expected)
            .await
    }

    /// A device's history, once it has so many events and lacks none.
    pub async fn until_complete(&self, path: &str, events: usize) -> Value {
        self.until("the history is complete", path, |_, history| {
            let there = history["events"].as_array().map(Vec::len);
            history["complete"] == true && there == Some(events)
        })
        .await
    }
}

/// Server-sent events.
pub struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    /// Those of a stream of a server.
    pub async fn of(server: &Server, path: &str) -> Self {
        let response = reqwest::get(format!("{}{path}", server.url)).await;
        let response = response.expect("the server answers");
        assert_eq!(response.status(), 200, "{path}");
        Self {
            response,
            text: String::new(),
        }
    }

    /// The data of the next event that is of a device.
    pub async fn next(&mut self) -> Value {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name| event.lines().find_map(|line| line.strip_prefix(name));
                let is_of_device = !matches!(
                    field("event: "),
                    Some("location" | "contributor" | "registry")
                );
                let data = field("data: ").filter(|_| is_of_device);
                let data = data.map(|data| serde_json::from_str(data).expect("JSON"));
                self.text = rest.to_owned();
                if let Some(data) = data {
                    return data;
                }
            }
            let chunk = self.response.chunk().await.expect("the stream goes on");
            let chunk = chunk.expect("there is more");
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}
