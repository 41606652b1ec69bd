//! A server that a test makes up.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// A status, lines of headers, and a body. A stream of events stays open behind those of the body.
pub type Answer = (u16, String, String);

/// Answers each path with what a function makes of it, until the test ends. Returns its URL.
pub fn stub(answer: impl Fn(&str) -> Answer + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut open = vec![];
        for stream in listener.incoming() {
            open.extend(respond(stream.unwrap(), &answer));
        }
    });
    url
}

/// Answers one request, and returns the connection if it stays open.
fn respond(mut stream: TcpStream, answer: &impl Fn(&str) -> Answer) -> Option<TcpStream> {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let path = first.split(' ').nth(1).unwrap().to_owned();
    let _ = lines.find(|line| line.as_ref().is_ok_and(String::is_empty));
    let (status, mut headers, body) = answer(&path);
    let is_stream = body.starts_with("event:");
    if !is_stream {
        headers.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    is_stream.then_some(stream)
}
