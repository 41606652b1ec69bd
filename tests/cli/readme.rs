//! The rules in README and design are the code's, printed, and the README's tour of the embedded ledger works as written.

use {
    crate::{server::PATIENCE, support::Lab},
    std::{
        io::{BufRead, BufReader, Read},
        net::TcpListener,
        process::{Child, Stdio},
        thread,
        time::{Duration, Instant},
    },
};

const README: &str = include_str!("../../README.md");
const DESIGN: &str = include_str!("../../docs/design.md");

/// What stands between two texts of a page.
pub fn between(page: &'static str, begin: &str, end: &str) -> &'static str {
    let (_, rest) = page.split_once(begin).unwrap();
    rest.split_once(end).unwrap().0
}

/// The rules that a page lists.
fn rules(page: &'static str) -> &'static str {
    between(page, "<!-- lifecycle:begin -->", "<!-- lifecycle:end -->")
}

/// The blocks of one language in a part of a page.
pub fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    text.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split_once("```").unwrap().0)
        .collect()
}

/// The commands of a part of a page, without their prompts.
pub fn commands(text: &str) -> Vec<String> {
    blocks(text, "console")
        .join("")
        .replace("\\\n", "")
        .lines()
        .map(|line| line.strip_prefix("$ ").unwrap().to_owned())
        .collect()
}

#[test]
fn the_rules_are_printed_from_the_code() {
    let lab = Lab::new();
    let table = lab.bare(&["lifecycle"]).exits(0);
    for page in [README, DESIGN] {
        assert_eq!(blocks(rules(page), "text"), [table.stdout.as_str()]);
    }
    let mermaid = lab.bare(&["lifecycle", "--output", "mermaid"]).exits(0);
    assert_eq!(blocks(rules(README), "mermaid"), [mermaid.stdout]);
}

/// Follows the tour of the embedded ledger.
fn tour(lab: &Lab) {
    let tour = commands(between(README, "on the embedded ledger\n", "\n## "));
    assert!(tour.len() >= 10, "{tour:#?}");
    for line in &tour {
        // The tour's reader answers the question at a terminal.
        let asks = line.contains(" device drain ") && !line.contains("--dry-run");
        let answered = if asks { " --yes" } else { "" };
        lab.shell(&format!("{line}{answered}")).exits(0);
    }
}

#[test]
fn the_tour_of_the_embedded_ledger_works_as_written() {
    let lab = Lab::new();
    tour(&lab);
    let device = "ebb -u embedded:tour device get ams-dz001 --output json-compact";
    lab.shell(device)
        .exits(0)
        .says(r#""provisioning_status":"activated""#)
        .says(r#""sessions":0"#);
}

/// A command in another terminal, as long as the test holds it, and the stream of it that is read.
struct Terminal<R> {
    child: Child,
    out: BufReader<R>,
}

impl<R: Read> Terminal<R> {
    fn open(lab: &Lab, line: &str, stream: impl Fn(&mut Child) -> Option<R>) -> Self {
        // Not through the shell, which would outlive it.
        let mut command = lab.shell_command(&format!("exec {line}"));
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(stream(&mut child).unwrap());
        Self { child, out }
    }

    /// Waits until it writes a line with this.
    fn says(&mut self, text: &str) {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert_ne!(self.out.read_line(&mut line).unwrap(), 0, "it ended");
        }
    }
}

impl<R> Drop for Terminal<R> {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a line again and again until it prints this.
fn prints(lab: &Lab, line: &str, text: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let run = lab.shell(line).exits(0);
        if run.stdout.contains(text) {
            return;
        }
        assert!(Instant::now() < deadline, "{line}: {}", run.stdout);
        thread::sleep(Duration::from_millis(50));
    }
}

/// The command of a verb as the device's page has it to copy, once it has one.
fn copied(lab: &Lab, address: &str, verb: &str) -> String {
    let fetch = format!("curl -s http://{address}/devices/ams-dz001");
    let end = format!(" device {verb} ams-dz001");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let page = lab.shell(&fetch).exits(0).stdout;
        let mut commands = page
            .split("<code>")
            .filter_map(|it| it.split("</code>").next());
        if let Some(command) = commands.find(|it| it.ends_with(&end)) {
            return command.replace("&#39;", "'");
        }
        assert!(Instant::now() < deadline, "{verb}: {page}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_tour_of_the_service_works_as_written() {
    let lab = Lab::new();
    tour(&lab);
    let section = between(README, "on the same ledger\n", "\n## ");
    let terminals: Vec<Vec<String>> = blocks(section, "console")
        .iter()
        .map(|block| commands(&format!("```console\n{block}```")))
        .collect();
    let [serve, watch, here] = terminals.as_slice() else {
        panic!("three terminals: {terminals:#?}");
    };
    // The usual port may be taken where tests run.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let serve = format!("{} --listen {address}", serve[0]);
    let elsewhere = |line: &String| line.replace("127.0.0.1:8080", &address);

    let mut server = Terminal::open(&lab, &serve, |child| child.stderr.take());
    server.says("serving on");
    let mut watch = Terminal::open(&lab, &elsewhere(&watch[0]), |child| child.stdout.take());
    watch.says("event: listed");
    let expected = [
        r#""code":"ams-dz001""#,
        "",
        r#""provisioning_status":"draining""#,
        r#""reason":"replace line card""#,
        r#"ebb_transitions_total{from="activated",to="draining""#,
        "",
    ];
    assert_eq!(here.len(), expected.len(), "{here:#?}");
    for (line, expected) in here.iter().zip(expected) {
        let line = elsewhere(line);
        match expected {
            "" => drop(lab.shell(&line).exits(0)),
            _ => prints(&lab, &line, expected),
        }
    }
    for status in ["draining", "activated"] {
        watch.says(&format!(r#""provisioning_status":"{status}""#));
    }
    for (verb, status) in [("drain", "draining"), ("undrain", "activated")] {
        let command = copied(&lab, &address, verb);
        // A reader may be in any folder, and answers the question.
        lab.shell(&format!("cd / && {command} --yes")).exits(0);
        watch.says(&format!(r#""provisioning_status":"{status}""#));
    }
}
