//! `ebb location`

use {crate::support::Lab, serde_json::json};

const HEADER: &str = "code,name,country,lat,lng,min_activated";

#[test]
fn create_is_idempotent_and_reports_differences() {
    let lab = Lab::initialized();
    lab.create_location("ams").exits(0).says("ams: created");
    lab.create_location("ams").exits(0).says("exists already");
    let create = [
        "location",
        "create",
        "ams",
        "--name",
        "Amsterdam",
        "--country",
        "NL",
        "--lng",
        "4.94",
    ];
    lab.ebb(&[&create[..], &["--lat", "52.3", "--min-activated", "1"]].concat())
        .exits(4)
        .warns("ams has min_activated 0")
        .warns("ebb location set-budget ams --min-activated 1");
    let item = lab
        .ebb(&[&create[..], &["--lat", "-33", "--output", "json"]].concat())
        .exits(4)
        .item();
    assert_eq!(item["error"]["name"], "AlreadyExists");
    assert!(item["error"]["message"]
        .as_str()
        .unwrap()
        .ends_with("ams has lat 52.3"));
    let json = ["--lat", "1", "--output", "json"];
    let rotterdam = [&create[..2], &["rtm"], &create[3..], &json].concat();
    for (from, changed) in [(json!(null), true), (json!("created"), false)] {
        let item = lab.ebb(&rotterdam).exits(0).item();
        assert_eq!(
            (&item["from"], &item["to"], &item["changed"]),
            (&from, &json!("created"), &json!(changed))
        );
    }
}

#[test]
fn bad_values_name_the_field_and_a_right_example() {
    let lab = Lab::initialized();
    for (field, value, right) in [
        ("--name", "", "as in Amsterdam"),
        ("--country", "nl", "as in NL"),
        ("--country", "UK", "knows no country UK"),
        ("--lat", "91", "as in 52.3"),
        ("--lng", "east", "as in 4.94"),
        ("--min-activated", "-1", "--min-activated"),
        ("--min-activated", "x", "as in 1"),
    ] {
        let mut args = vec!["location", "create", "x"];
        for (name, good) in [
            ("--name", "X"),
            ("--country", "NL"),
            ("--lat", "1"),
            ("--lng", "1"),
        ] {
            args.extend(if name == field {
                [field, value]
            } else {
                [name, good]
            });
        }
        if field == "--min-activated" {
            args.extend([field, value]);
        }
        lab.ebb(&args)
            .exits(2)
            .says_nothing()
            .warns(field)
            .warns(right);
    }
    lab.ebb(&["location", "create", "X"]).exits(2);
}

#[test]
fn only_the_authority_creates() {
    let lab = Lab::initialized();
    let other = lab.key("other");
    lab.ebb_as(
        &other,
        &[
            "location",
            "create",
            "x",
            "--name",
            "X",
            "--country",
            "NL",
            "--lat",
            "-1",
            "--lng",
            "-1",
        ],
    )
    .exits(4)
    .warns("requires the authority");
    lab.ebb(&["location", "get", "x"]).exits(3);
}

#[test]
fn get_and_list_show_what_can_be_spared() {
    let (lab, ..) = Lab::in_service();
    lab.ebb(&["location", "get", "ams"])
        .exits(0)
        .says("1 more may drain");
    let location = lab
        .ebb(&["location", "show", "ams", "--output", "json"])
        .exits(0)
        .json();
    assert_eq!(location["lat"], json!(52.3));
    assert_eq!(location["lng"], json!(4.94));
    assert_eq!(location["country"], "NL");
    assert_eq!(
        (&location["devices"], &location["activated"]),
        (&json!(1), &json!(1))
    );
    let list = lab
        .ebb(&["location", "ls", "--output", "json"])
        .exits(0)
        .json();
    let mut alone = location.clone();
    alone.as_object_mut().unwrap().remove("schema_version");
    assert_eq!(list["locations"], json!([alone]));
    lab.ebb(&["location", "list"])
        .exits(0)
        .says("SPARE")
        .says("Amsterdam");
    lab.ebb(&["location", "get", "amz"])
        .exits(3)
        .warns("there is ams");
}

#[test]
fn the_budget_is_set_once() {
    let lab = Lab::initialized();
    lab.create_location("ams").exits(0);
    let set = [
        "location",
        "set-budget",
        "ams",
        "--min-activated",
        "3",
        "--output",
        "json",
    ];
    let item = lab.ebb(&set).exits(0).item();
    assert_eq!(
        (&item["from"], &item["to"], &item["changed"]),
        (&json!("0"), &json!("3"), &json!(true))
    );
    assert_eq!(lab.ebb(&set).exits(0).item()["changed"], false);
    lab.ebb(&["location", "set-budget", "ams"])
        .exits(2)
        .warns("--min-activated");
    lab.ebb(&["location", "set-budget", "fra", "--min-activated", "1"])
        .exits(3);
    let other = lab.key("other");
    lab.ebb_as(
        &other,
        &["location", "set-budget", "ams", "--min-activated", "1"],
    )
    .exits(4);
}

#[test]
fn import_goes_on_after_a_wrong_line() {
    let lab = Lab::initialized();
    let file = lab.file(
        "locations.csv",
        &format!("{HEADER}\nams,Amsterdam,NL,52.3,4.94,1\nFRA,Frankfurt,DE,50,8,0\nnyc,New York,US,40.7,-74,\nams,Again,NL,1,1,0\nx,X,XX\n"),
    );
    lab.ebb(&["location", "import", &file])
        .exits(1)
        .says("ams: created")
        .says("nyc: created")
        .warns("line 3: code `FRA`")
        .warns("line 5: ams stands on line 2 already")
        .warns("line 6: 3 fields");
    let list = lab.ebb(&["location", "list", "--output", "json"]).json();
    assert_eq!(list["locations"].as_array().unwrap().len(), 2);
}

#[test]
fn importing_twice_changes_nothing() {
    let lab = Lab::initialized();
    let file = lab.file(
        "locations.csv",
        "name,code,country,lng,lat\nAmsterdam,ams,NL,4.94,52.3\nOslo,osl,NO,10,59\n",
    );
    let import = ["location", "import", &file, "--output", "json"];
    let first = lab.ebb(&import).exits(0).json();
    assert!(first["results"]
        .as_array()
        .unwrap()
        .iter()
        .all(|item| item["changed"] == true));
    let second = lab.ebb(&import).exits(0).json();
    assert!(second["results"]
        .as_array()
        .unwrap()
        .iter()
        .all(|item| item["changed"] == false));
}

#[test]
fn import_reports_what_the_program_refuses() {
    let lab = Lab::initialized();
    lab.create_location("ams").exits(0);
    let file = lab.file(
        "locations.csv",
        &format!("{HEADER}\nams,Amsterdam,NL,52.3,4.94,9\nosl,Oslo,NO,59,10,0\n"),
    );
    let results = lab
        .ebb(&["location", "import", &file, "--output", "json"])
        .exits(4)
        .json();
    assert_eq!(results["results"][0]["error"]["name"], "AlreadyExists");
    assert!(results["results"][0]["error"]["message"]
        .as_str()
        .unwrap()
        .starts_with("line 2: "));
    assert_eq!(results["results"][1]["changed"], true);
}

#[test]
fn a_wrong_file_is_a_usage_error() {
    let lab = Lab::initialized();
    let missing = lab.file("missing.csv", "code,name\nams,Amsterdam\n");
    lab.ebb(&["location", "import", &missing])
        .exits(2)
        .says_nothing()
        .warns("`country`")
        .warns("code,name,country,lat,lng[,min_activated]");
    let unknown = lab.file("unknown.csv", &format!("{HEADER},size\n"));
    lab.ebb(&["location", "import", &unknown])
        .exits(2)
        .warns("`size`");
    lab.ebb(&["location", "import", "absent.csv"])
        .exits(2)
        .warns("absent.csv");
}

#[test]
fn import_reads_stdin() {
    let lab = Lab::initialized();
    let url = lab.url();
    lab.with(|command| {
        command
            .args(["--url", &url, "location", "import", "-"])
            .write_stdin(format!("{HEADER}\nams,Amsterdam,NL,52.3,4.94,1\n"))
    })
    .exits(0)
    .says("ams: created");
}
