use {
    super::*,
    std::sync::{Arc, Mutex},
    tempfile::TempDir,
    tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixListener,
    },
};

/// A bgpd that shows these configurations one after another, and what it was sent beside that.
struct Bgpd {
    folder: TempDir,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Bgpd {
    fn showing(configs: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("bgpd.vty")).unwrap();
        let mut configs: Vec<String> = configs
            .iter()
            .rev()
            .map(|config| config.to_string())
            .collect();
        let sent = Arc::new(Mutex::new(vec![]));
        let noted = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut command = vec![];
                while let Ok(byte) = stream.read_u8().await {
                    if byte != 0 {
                        command.push(byte);
                        continue;
                    }
                    let answer = match String::from_utf8(std::mem::take(&mut command))
                        .unwrap()
                        .as_str()
                    {
                        "enable" => String::new(),
                        "show running-config" => configs.pop().unwrap(),
                        other => {
                            noted.lock().unwrap().push(other.to_owned());
                            String::new()
                        }
                    };
                    stream
                        .write_all(format!("{answer}\0\0\0\0").as_bytes())
                        .await
                        .unwrap();
                }
            }
        });
        Self { folder, sent }
    }

    fn actuator(&self) -> FrrActuator {
        FrrActuator::new(Frr::in_folder(self.folder.path()))
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }
}

/// A configuration with these lines below `router bgp`, and these after it.
fn config(within: &[&str], after: &[&str]) -> String {
    let within: String = within.iter().map(|line| format!(" {line}\n")).collect();
    format!(
        "router bgp 65010\n neighbor 172.31.1.1 description user-1\n neighbor fd00::1 description user-1\n \
         neighbor 172.31.1.2 description user-2\n{within}exit\n!\n{}\nend\n",
        after.join("\n")
    )
}

const SHUT_1: &str = "neighbor 172.31.1.1 shutdown message ebb: device out of service";
const SHUT_2: &str = "neighbor fd00::1 shutdown message ebb: device out of service";

#[tokio::test]
async fn the_mark_is_set_before_the_graceful_shutdown_and_removed_after_it() {
    let (plain, lowered) = (config(&[], &[]), config(&[DE_PREFERRED], &[MARK]));
    let bgpd = Bgpd::showing(&[&plain, &lowered, &lowered, &plain]);
    let mut actuator = bgpd.actuator();
    actuator.de_prefer().await.unwrap();
    let set = [
        "configure terminal",
        MARK,
        "router bgp 65010",
        "bgp graceful-shutdown",
        "exit",
        "end",
    ];
    assert_eq!(bgpd.sent(), set);
    actuator.prefer().await.unwrap();
    let unmark = format!("no {MARK}");
    let lifted = [
        "configure terminal",
        "router bgp 65010",
        "no bgp graceful-shutdown",
        "exit",
        &unmark,
        "end",
    ];
    assert_eq!(bgpd.sent()[set.len()..], lifted);
}

#[tokio::test]
async fn a_graceful_shutdown_of_somebody_else_is_left() {
    let others = config(&[DE_PREFERRED], &[]);
    let bgpd = Bgpd::showing(&[&others, &others]);
    let mut actuator = bgpd.actuator();
    actuator.de_prefer().await.unwrap();
    actuator.prefer().await.unwrap();
    assert_eq!(bgpd.sent(), Vec::<String>::new());
}

#[tokio::test]
async fn all_neighbors_of_a_label_are_shut_and_opened_together() {
    let (open, shut) = (config(&[], &[]), config(&[SHUT_1, SHUT_2], &[]));
    let bgpd = Bgpd::showing(&[&open, &shut, &shut, &open]);
    let mut actuator = bgpd.actuator();
    actuator.shut("user-1").await.unwrap();
    let sent = [
        "configure terminal",
        "router bgp 65010",
        SHUT_1,
        SHUT_2,
        "exit",
        "end",
    ];
    assert_eq!(bgpd.sent(), sent);
    actuator.open("user-1").await.unwrap();
    let opened = [
        "no neighbor 172.31.1.1 shutdown",
        "no neighbor fd00::1 shutdown",
    ];
    assert_eq!(bgpd.sent()[sent.len() + 2..sent.len() + 4], opened);
}

#[tokio::test]
async fn what_somebody_else_has_shut_is_neither_marked_nor_opened() {
    let others = config(&[SHUT_1, "neighbor fd00::1 shutdown message cabling"], &[]);
    let bgpd = Bgpd::showing(&[
        &others,
        &others,
        &config(&["neighbor fd00::1 shutdown message cabling"], &[]),
    ]);
    let mut actuator = bgpd.actuator();
    actuator.shut("user-1").await.unwrap();
    assert_eq!(bgpd.sent(), Vec::<String>::new());
    actuator.open("user-1").await.unwrap();
    let opened = [
        "configure terminal",
        "router bgp 65010",
        "no neighbor 172.31.1.1 shutdown",
        "exit",
        "end",
    ];
    assert_eq!(bgpd.sent(), opened);
}

#[tokio::test]
async fn what_bgpd_does_not_show_afterwards_has_failed() {
    let open = config(&[], &[]);
    let bgpd = Bgpd::showing(&[&open, &open, &open, &open, &open]);
    let mut actuator = bgpd.actuator();
    assert_eq!(
        actuator.shut("user-2").await,
        Err(Unknown::because(
            "bgpd took the shutdown of user-2 and does not show it"
        ))
    );
    assert_eq!(
        actuator.de_prefer().await,
        Err(Unknown::because(
            "bgpd took the graceful shutdown and does not show it"
        ))
    );
}
