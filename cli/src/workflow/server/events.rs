//! Server-sent events.

use {
    super::{http::Server, problem},
    crate::error::CliError,
    reqwest::Response,
    serde::de::DeserializeOwned,
    std::{collections::VecDeque, time::Duration},
    tokio::time::timeout,
};

/// How long a stream may be silent: a server says every 15 seconds that it is there.
const SILENCE: Duration = Duration::from_secs(45);

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What it is; empty where it says only where the stream stands.
    pub name: String,
    /// Where the stream stands behind it, if that is said.
    pub id: Option<String>,
    data: String,
}

impl Event {
    /// Reads its JSON.
    ///
    /// # Errors
    /// It is not what this version understands.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CliError> {
        serde_json::from_str(&self.data).map_err(|error| problem::not_understood(&error))
    }
}

/// A stream that is open.
pub struct Events<'a> {
    server: &'a Server,
    response: Response,
    decoder: Decoder,
}

impl<'a> Events<'a> {
    /// The events of an answer.
    pub fn new(server: &'a Server, response: Response) -> Self {
        Self {
            server,
            response,
            decoder: Decoder::default(),
        }
    }

    /// The next event; `None` once the server has ended the stream.
    ///
    /// # Errors
    /// The connection was cut, or is silent.
    pub async fn next(&mut self) -> Result<Option<Event>, CliError> {
        loop {
            if let Some(event) = self.decoder.events.pop_front() {
                return Ok(Some(event));
            }
            let chunk = timeout(SILENCE, self.response.chunk()).await;
            let chunk = chunk.map_err(|_| self.server.is_silent())?;
            match chunk.map_err(|error| self.server.unreachable(error))? {
                Some(bytes) => self.decoder.push(&bytes),
                None => return Ok(None),
            }
        }
    }
}

/// Makes events of bytes, wherever these were cut.
#[derive(Default)]
struct Decoder {
    line: Vec<u8>,
    event: Event,
    events: VecDeque<Event>,
}

impl Decoder {
    fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' => self.end_line(),
                byte => self.line.push(*byte),
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if event != Event::default() {
                self.events.push_back(event);
            }
            return;
        }
        // A line without a colon, or with nothing before it, is a comment to us.
        let Some((field, value)) = line.split_once(':') else {
            return;
        };
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "id" => self.event.id = Some(value.to_owned()),
            "data" => {
                if !self.event.data.is_empty() {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, id: Option<&str>, data: &str) -> Event {
        Event {
            name: name.to_owned(),
            id: id.map(str::to_owned),
            data: data.to_owned(),
        }
    }

    #[test]
    fn events_are_the_same_wherever_bytes_are_cut() {
        let text = ": hello\n\nevent: device\ndata: {\"code\":\"é\"}\n\nid: 0a-2\n\nevent:removed\r\ndata:{}\r\nid: 0a-3\r\n\r\nevent: cut";
        for size in 1..text.len() {
            let mut decoder = Decoder::default();
            for chunk in text.as_bytes().chunks(size) {
                decoder.push(chunk);
            }
            assert_eq!(
                Vec::from(decoder.events),
                [
                    event("device", None, "{\"code\":\"é\"}"),
                    event("", Some("0a-2"), ""),
                    event("removed", Some("0a-3"), "{}"),
                ],
                "{size}"
            );
        }
    }

    #[test]
    fn data_may_have_several_lines() {
        let mut decoder = Decoder::default();
        decoder.push(b"data: [1,\ndata: 2]\n\n");
        let event = decoder.events.pop_front().unwrap();
        assert_eq!(event.json::<Vec<u32>>(), Ok(vec![1, 2]));
    }
}
