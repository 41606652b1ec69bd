//! Importing many devices: several transactions at a time, and each device once.

use {
    crate::fleet::{results, Fleet},
    ebb_sdk::client::DeviceFilter,
    ebb_validator_tests::{Ebb, Run, Tap},
    serde_json::Value,
    solana_sdk::signer::Signer,
    std::{collections::BTreeMap, fs, sync::Arc},
    tempfile::TempDir,
    tokio::sync::OnceCell,
};

const DEVICES: usize = 40;

/// A file of devices, and the folder that it is in.
fn csv(agent: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder for the file");
    let head = "code,contributor,location,device_type,public_ip,max_sessions,agent".to_owned();
    let row = |number| format!("new-{number:02},co01,ams,hybrid,195.219.138.50,16,{agent}");
    let lines: Vec<String> = [head].into_iter().chain((0..DEVICES).map(row)).collect();
    let file = folder.path().join("devices.csv");
    fs::write(&file, lines.join("\n")).expect("the file is written");
    let file = file.to_str().expect("the path is UTF-8").to_owned();
    (folder, file)
}

async fn import(ebb: &Ebb, file: &str, parallel: &str) -> Run {
    let arguments = ["device", "import", file, "--parallel", parallel];
    ebb.run(&[&arguments[..], &["--output", "json"]].concat())
        .await
}

/// The codes of the results, in their order.
fn order(run: &Run) -> Vec<String> {
    let json: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let results = json["results"].as_array().expect("there are results");
    let codes = results.iter().map(|item| item["code"].as_str());
    codes.map(|it| it.expect("a code").to_owned()).collect()
}

fn codes() -> Vec<String> {
    (0..DEVICES)
        .map(|number| format!("new-{number:02}"))
        .collect()
}

/// How often each device was written.
async fn sequences(fleet: &Fleet) -> BTreeMap<String, u64> {
    let client = fleet.network.client();
    let found = client.devices(&DeviceFilter::default()).await;
    let devices = found.expect("the validator lists").items.into_iter();
    devices
        .map(|device| (device.account.code, device.account.head.sequence))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_device_takes_only_itself_out() {
    let fleet = Arc::new(Fleet::new(0).await);
    let (_folder, file) = csv(&fleet.network.payer.pubkey().to_string());
    // Registered by another once the file's devices were looked for.
    let (other, registered) = (fleet.clone(), Arc::new(OnceCell::new()));
    let tap = Tap::new(fleet.validator.url(), move |method, _| {
        let (other, registered) = (other.clone(), registered.clone());
        let is_first_step = method == "simulateTransaction";
        async move {
            if is_first_step {
                registered.get_or_init(|| other.register("new-13")).await;
            }
            true
        }
    })
    .await;
    let run = import(&fleet.through(tap.url()), &file, "3").await;
    assert_eq!(run.code, Some(4), "{run:#?}");
    assert_eq!(order(&run), codes());
    for (code, (error, changed)) in results(&run) {
        let refused = code == "new-13";
        let expected = if refused { "AlreadyExists" } else { "" };
        assert_eq!((error.as_str(), changed), (expected, !refused), "{code}");
    }
    let sequences = sequences(&fleet).await;
    assert_eq!(
        sequences.keys().collect::<Vec<_>>(),
        codes().iter().collect::<Vec<_>>()
    );
    assert!(
        sequences.values().all(|written| *written == 1),
        "{sequences:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_out_of_reach_stops_what_is_not_sent() {
    let fleet = Fleet::new(0).await;
    let (_folder, file) = csv(&fleet.network.payer.pubkey().to_string());
    let tap = Tap::new(fleet.validator.url(), |method, number| {
        let goes = method != "simulateTransaction" || number < 2;
        async move { goes }
    })
    .await;
    let run = import(&fleet.through(tap.url()), &file, "2").await;
    assert_eq!(run.code, Some(6), "{run:#?}");
    assert_eq!(order(&run), codes());
    let reported = results(&run);
    let written = sequences(&fleet).await;
    assert!((2..DEVICES).contains(&written.len()), "{written:?}");
    for (code, (_, changed)) in &reported {
        assert_eq!(*changed, written.contains_key(code), "{code}");
    }

    // Run again it goes on where it was.
    let again = import(&fleet.owner, &file, "2").await;
    assert_eq!(again.code, Some(0), "{again:#?}");
    for (code, (_, changed)) in results(&again) {
        assert_ne!(changed, written.contains_key(&code), "{code}");
    }
    let written = sequences(&fleet).await;
    assert_eq!(written.len(), DEVICES);
    assert!(written.values().all(|times| *times == 1), "{written:?}");
}
