//! `ebb location`

use {
    crate::lab::{json, Lab},
    serde_json::json,
};

pub const VERBS: [&str; 5] = [
    "location-create",
    "location-import",
    "location-list",
    "location-get",
    "location-set-budget",
];

/// The last line names a country that is none.
const FILE: &str = "\
code,name,country,lat,lng,min_activated
ams,Amsterdam,NL,52.3,4.94,0
fra,Frankfurt,DE,50.121536,8.642047,2
nyc,New York,US,40.780298,-74.07203,
ld,London,England,51.514,-0.120148,
";

#[tokio::test(flavor = "multi_thread")]
async fn locations_are_created_imported_and_get_budgets() {
    let (lab, owner) = Lab::with_contributor().await;
    let network = &lab.authority;
    network.ebb.file("locations.csv", FILE);
    owner.ebb.file("locations.csv", FILE);

    let import = network.run("location import locations.csv").await;
    assert_eq!(import.code, Some(1), "{import:#?}");
    let results = json(&import)["results"].clone();
    let changed: Vec<bool> = (0..4)
        .map(|line| results[line]["changed"] == true)
        .collect();
    assert_eq!(changed, [false, true, true, false], "{results}");
    assert_eq!(results[0]["error"], json!(null));
    assert_eq!(results[3]["error"]["kind"], "usage");
    // What is there already is reported as that; the wrong line stays wrong.
    let again = owner.run("location import locations.csv").await;
    assert_eq!(again.code, Some(1), "{again:#?}");
    assert_eq!(json(&again)["results"][1]["error"], json!(null));

    let fra = owner.json("location get fra").await;
    assert_eq!(
        (&fra["name"], &fra["country"]),
        (&json!("Frankfurt"), &json!("DE"))
    );
    assert_eq!(
        (&fra["lat"], &fra["lng"]),
        (&json!(50.121536), &json!(8.642047))
    );
    assert_eq!(fra["min_activated"], 2);

    lab.device(&owner, "co01", "ams-dz001").await;
    let set_budget = "location set-budget ams --min-activated 1";
    owner.is_refused(set_budget, "Unauthorized").await;
    let budget = network.changes(set_budget).await;
    assert_eq!((&budget["from"], &budget["to"]), (&json!("0"), &json!("1")));
    network.changes_nothing(set_budget).await;

    let list = owner.json("location list").await;
    let list = list["locations"].as_array().expect("a list");
    let codes: Vec<&str> = list.iter().filter_map(|it| it["code"].as_str()).collect();
    assert_eq!(codes, ["ams", "fra", "nyc"]);
    assert_eq!(list[0]["min_activated"], 1);
    assert_eq!(
        (&list[0]["devices"], &list[0]["activated"]),
        (&json!(1), &json!(1))
    );
    lab.ran(&VERBS).await;
}
