//! `ebb device import`

use {
    crate::support::Lab,
    serde_json::{json, Value},
};

const HEADER: &str = "code,contributor,location,device_type,public_ip,max_sessions";

fn results(run: &crate::support::Run) -> Vec<Value> {
    run.json()["results"].as_array().unwrap().clone()
}

#[test]
fn importing_twice_changes_nothing() {
    let (lab, owner, _) = Lab::in_service();
    let lines: Vec<String> = (10..30)
        .map(|n| format!("ams-dz0{n},co01,ams,hybrid,195.219.138.{n},128"))
        .collect();
    let file = lab.file("devices.csv", &format!("{HEADER}\n{}\n", lines.join("\n")));
    let import = ["device", "import", &file, "--output", "json"];

    let first = results(&lab.ebb_as(&owner, &import).exits(0));
    assert_eq!(first.len(), 20);
    assert!(first
        .iter()
        .all(|item| item["changed"] == true && item["to"] == "pending"));
    let mut transactions: Vec<&str> = first
        .iter()
        .map(|item| item["signature"].as_str().unwrap())
        .collect();
    transactions.dedup();
    assert!(
        transactions.len() < 10,
        "{} transactions for 20 devices",
        transactions.len()
    );

    let second = results(&lab.ebb_as(&owner, &import).exits(0));
    assert!(second
        .iter()
        .all(|item| item["changed"] == false && item["error"] == json!(null)));
}

#[test]
fn a_bad_line_is_reported_and_the_others_go_on() {
    let (lab, owner, agent) = Lab::in_service();
    let file = lab.file(
        "devices.csv",
        &format!(
            "{HEADER},agent\n\
             AMS,co01,ams,hybrid,195.219.138.60,128,\n\
             ams-dz060,co01,ams,hybrid,195.219.138.60,128,{}\n\
             ams-dz061,co01,ams,hybrid,195.219.138,128,\n\
             ams-dz060,co01,ams,hybrid,195.219.138.60,128,\n\
             ams-dz062,co01,ams,hybrid\n",
            agent.pubkey
        ),
    );
    let run = lab
        .ebb_as(&owner, &["device", "import", &file, "--output", "json"])
        .exits(1);
    let items = results(&run);
    let message = |item: usize| items[item]["error"]["message"].as_str().unwrap().to_owned();
    assert!(
        message(0).starts_with("line 2: code `AMS`"),
        "{}",
        message(0)
    );
    assert_eq!(items[1]["changed"], true);
    assert!(message(2).starts_with("line 4: public_ip `195.219.138`"));
    assert!(message(3).starts_with("line 5: ams-dz060 stands on line 3"));
    assert!(message(4).starts_with("line 6: 4 fields"));
    let device = lab
        .ebb(&["device", "get", "ams-dz060", "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(device["agent"], agent.pubkey);
}

#[test]
fn what_is_refused_or_absent_is_reported_by_line() {
    let (lab, owner, _) = Lab::in_service();
    let file = lab.file(
        "devices.csv",
        &format!(
            "{HEADER}\n\
             ams-dz001,co01,ams,hybrid,195.219.138.50,3\n\
             ams-dz070,co09,ams,hybrid,195.219.138.70,8\n\
             ams-dz071,co01,ams,hybrid,195.219.138.71,8\n"
        ),
    );
    lab.ebb_as(&owner, &["device", "import", &file])
        .exits(4)
        .says("ams-dz071: pending")
        .warns("line 2: ams-dz001: an account with this code exists already: it differs in max_sessions")
        .warns("line 3: there is no contributor co09");
    let stranger = lab.key("stranger");
    let file = lab.file(
        "new.csv",
        &format!("{HEADER}\nams-dz072,co01,ams,hybrid,195.219.138.72,8\n"),
    );
    lab.ebb_as(&stranger, &["device", "import", &file])
        .exits(4)
        .warns("line 2")
        .warns(&owner.pubkey);
}

#[test]
fn a_file_that_is_none_is_a_usage_error() {
    let (lab, owner, _) = Lab::in_service();
    lab.ebb_as(&owner, &["device", "import", "absent.csv"])
        .exits(2)
        .warns("absent.csv");
    let file = lab.file("wrong.csv", "code,contributor\na,b\n");
    lab.ebb_as(&owner, &["device", "import", &file])
        .exits(2)
        .warns("the first line is code,contributor,");
}
