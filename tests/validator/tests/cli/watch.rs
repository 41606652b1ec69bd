//! `ebb device watch` across restarts of the validator and of a server, and that `ebb top` takes a terminal.

use {
    crate::following::Following,
    ebb_validator_tests::{ebb_binary, preloaded, Ebb, Network, Running, Validator},
    serde_json::Value,
    solana_sdk::signer::Signer,
    std::process::Command,
};

pub const VERBS: [&str; 2] = ["device-watch", "top"];

const DEVICE: &str = "ams-dz001";
const WATCH: [&str; 4] = ["device", "watch", "--output", "json-lines"];

/// An activated device on a validator, and who acts on it.
struct Scene {
    validator: Validator,
    owner: Ebb,
    agent: Ebb,
}

impl Scene {
    async fn new() -> Self {
        let (validator, authority) = preloaded(&ebb_sdk::ID);
        let network = Network::found(&validator, &ebb_sdk::ID, &authority).await;
        let device = network.device(DEVICE).await;
        for key in [&device.owner, &device.agent] {
            validator.fund(&key.pubkey()).await;
        }
        Self {
            owner: Ebb::new(&validator, &ebb_sdk::ID, &device.owner),
            agent: Ebb::new(&validator, &ebb_sdk::ID, &device.agent),
            validator,
        }
    }

    async fn report(&self, health: &str) {
        let verb = ["device", "report-health", DEVICE, health];
        self.agent.json(&verb).await;
    }

    async fn drain(&self) {
        let verb = ["device", "drain", DEVICE, "--detach", "--yes"];
        self.owner.json(&verb).await;
    }

    async fn undrain(&self) {
        self.owner.json(&["device", "undrain", DEVICE]).await;
    }

    /// A server of the cluster, and its URL.
    async fn serve(&self, listen: &str) -> (Running, String) {
        let mut server = self.owner.start(&["serve", "--listen", listen]);
        server.says("serving on ").await;
        let said = server.said().lines().next().unwrap_or_default();
        let url = said.replace("serving on ", "");
        (server, url)
    }
}

/// Reads lines until one has come to a sequence: each goes on where the one before ended.
fn reaches(watching: &mut Following, mut after: u64, sequence: u64) {
    while after < sequence {
        let line = watching.line();
        assert_eq!(line["change"], "changed", "{line}");
        assert_eq!(line["after"], after, "{line}");
        after = line["sequence"].as_u64().expect("a number");
    }
    assert_eq!(after, sequence);
}

fn is_present(watching: &mut Following) {
    let first = watching.line();
    assert_eq!(
        (&first["change"], &first["code"], &first["sequence"]),
        (
            &Value::from("present"),
            &Value::from(DEVICE),
            &Value::from(2)
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_was_away_loses_and_repeats_nothing() {
    let mut scene = Scene::new().await;
    let mut watching = Following::start(scene.owner.command(&WATCH));
    is_present(&mut watching);
    scene.report("unhealthy").await;
    reaches(&mut watching, 2, 3);
    scene.validator.until_final().await;
    scene.validator.kill();
    watching.says("trying again");
    scene.validator.restart();
    for health in ["unknown", "healthy"] {
        scene.report(health).await;
    }
    scene.drain().await;
    reaches(&mut watching, 3, 6);
    assert_eq!(watching.end(), Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_screen_takes_a_terminal() {
    let scene = Scene::new().await;
    let run = scene.owner.run(&["top"]).await;
    assert_eq!(run.code, Some(2), "{run:#?}");
    let refusal = "error: `ebb top` fills the screen of a terminal, and stdin or stdout is none\n";
    assert!(run.stderr.starts_with(refusal), "{run:#?}");
    assert_eq!(run.stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_away_loses_and_repeats_nothing() {
    let mut scene = Scene::new().await;
    let (server, url) = scene.serve("127.0.0.1:0").await;
    let mut command = Command::new(ebb_binary());
    command.args(WATCH).args(["--server", &url]);
    let mut watching = Following::start(command);
    is_present(&mut watching);
    scene.report("unhealthy").await;
    reaches(&mut watching, 2, 3);

    server.signal("KILL");
    server.end().await;
    watching.says("trying again");
    for health in ["unknown", "healthy"] {
        scene.report(health).await;
    }
    let listen = url.replace("http://", "");
    let (mut server, _) = scene.serve(&listen).await;
    reaches(&mut watching, 3, 5);

    // The cluster behind it, and then the server too.
    scene.validator.until_final().await;
    scene.validator.kill();
    server.says("serving what was read before").await;
    scene.validator.restart();
    scene.drain().await;
    reaches(&mut watching, 5, 6);
    server.signal("TERM");
    assert_eq!(server.end().await.code, Some(143));
    scene.undrain().await;
    let (_server, _) = scene.serve(&listen).await;
    reaches(&mut watching, 6, 7);
    assert_eq!(watching.end(), Some(130));
}
