//! The CLI behind a load balancer, one of whose nodes is some thirty slots behind.

use {
    crate::{
        lab::{validator, Lab, User},
        verbs,
    },
    ebb_validator_tests::{balancer, Behind},
    serde_json::json,
    solana_sdk::pubkey::Pubkey,
};

/// The verbs that change nothing on a cluster, and the agent, which runs until it is ended and has tests of its own.
const OTHERS: [&str; 26] = [
    "agent",
    "completions",
    "contributor-get",
    "contributor-list",
    "demo",
    "device-get",
    "device-history",
    "device-list",
    "device-watch",
    "disk-key-get",
    "disk-key-list",
    "history-export",
    "history-import",
    "history-verify",
    "ledger-airdrop",
    "ledger-info",
    "ledger-reset",
    "lifecycle",
    "location-get",
    "location-list",
    "man",
    "program-show",
    "registry-get",
    "serve",
    "session-list",
    "top",
];
const DEVICES: &str = "\
code,contributor,location,device_type,public_ip,max_sessions
ams-dz002,co01,ams,edge,195.219.138.51,64
";
const LOCATIONS: &str = "\
code,name,country,lat,lng
fra,Frankfurt,DE,50.121536,8.642047
";
const PLACE: &str = "--name Amsterdam --country NL --lat 52.3 --lng 4.94";
const STORE: &str = "--store keys --passphrase-file passphrase.txt";

/// Everybody who runs a verb in the story, behind one balancer.
struct Story {
    lab: Lab,
    network: User,
    /// The contributor's authority and the device's agent.
    owner: User,
    next: User,
}

impl Story {
    async fn new(behind: Behind) -> Self {
        let lab = Lab::new().await;
        // While a validator starts, its finalized state may be older than the CLI waits for.
        validator().await.until_final().await;
        let url = balancer(validator().await.url(), behind).await.url();
        let network = lab.network().await.through(url.clone());
        let owner = lab.user().await.through(url.clone());
        let next = lab.user().await.through(url);
        Self {
            lab,
            network,
            owner,
            next,
        }
    }

    /// Where [`Self::set_up`] has led to, without the balancer.
    async fn with_contributor(behind: Behind) -> Self {
        let story = Self::new(behind).await;
        let authority = &story.lab.authority;
        let (owner, next) = (&story.owner.key, &story.next.key);
        for line in [
            format!("init --require-healthy --health-oracle {next}"),
            format!("contributor create co01 --authority {owner}"),
            format!("location create ams {PLACE}"),
        ] {
            authority.changes(&line).await;
        }
        story
    }

    /// Does what was not done yet: the result says so, and from what to what. Done again, it changes nothing.
    async fn changes(&self, user: &User, line: &str, from: Option<&str>, to: Option<&str>) {
        let result = user.changes(line).await;
        assert_eq!(
            (&result["from"], &result["to"]),
            (&json!(from), &json!(to)),
            "{line}: {result}"
        );
        user.changes_nothing(line).await;
    }

    async fn set_up(behind: Behind) -> Self {
        let story = Self::new(behind).await;
        let Self {
            network,
            owner,
            next,
            ..
        } = &story;
        network.changes_nothing("program deploy").await;
        network.changes("init").await;
        network.changes_nothing("init").await;
        let set_policy = "registry set-policy --require-healthy true";
        story
            .changes(network, set_policy, Some("false"), Some("true"))
            .await;
        let set_oracle = format!("registry set-oracle {}", next.key);
        let (first, second) = (network.key.as_str(), next.key.as_str());
        story
            .changes(network, &set_oracle, Some(first), Some(second))
            .await;
        let create = format!("contributor create co01 --authority {}", owner.key);
        network.changes(&create).await;
        network.changes_nothing(&create).await;
        network
            .changes(&format!("location create ams {PLACE}"))
            .await;
        network.ebb.file("locations.csv", LOCATIONS);
        network.changes("location import locations.csv").await;
        network
            .changes_nothing("location import locations.csv")
            .await;
        let set_budget = "location set-budget fra --min-activated 2";
        story
            .changes(network, set_budget, Some("0"), Some("2"))
            .await;
        story
            .changes(
                network,
                "contributor suspend co01 --yes",
                Some("active"),
                Some("suspended"),
            )
            .await;
        story
            .changes(
                network,
                "contributor resume co01",
                Some("suspended"),
                Some("active"),
            )
            .await;
        let set_operator = format!("contributor set-operator co01 {}", next.key);
        story
            .changes(owner, &set_operator, None, Some(second))
            .await;
        story
    }

    async fn service(behind: Behind) -> Self {
        let story = Self::with_contributor(behind).await;
        let Self {
            network,
            owner,
            next,
            ..
        } = &story;
        owner.registers("ams-dz001", "co01").await;
        owner.ebb.file("devices.csv", DEVICES);
        owner.changes("device import devices.csv").await;
        owner.changes_nothing("device import devices.csv").await;
        owner
            .changes("device update ams-dz002 --max-sessions 48")
            .await;
        let set_agent = format!("device set-agent ams-dz002 {}", next.key);
        story
            .changes(owner, &set_agent, None, Some(next.key.as_str()))
            .await;
        // A report counts anew each time.
        let healthy = next.changes("device report-health ams-dz001 healthy").await;
        assert_eq!(healthy["from"], "unknown", "{healthy}");
        let activate = "device activate ams-dz001";
        story
            .changes(network, activate, Some("pending"), Some("activated"))
            .await;
        let user = Pubkey::new_unique();
        let open = format!("session open ams-dz001 --user {user}");
        story.changes(owner, &open, None, Some("open")).await;
        owner
            .changes("device hold ams-dz001 --kind critical-traffic --for 1h")
            .await;
        owner.changes("device release ams-dz001").await;

        let drain = "device drain ams-dz001 --deadline 2h --detach --yes";
        story
            .changes(owner, drain, Some("activated"), Some("draining"))
            .await;
        let update = "device drain ams-dz001 --update --reason 'rack power' --detach --yes";
        story
            .changes(owner, update, Some("draining"), Some("draining"))
            .await;
        let healthy = "device report-health ams-dz001 unknown";
        next.changes(healthy).await;
        next.changes("device report-health ams-dz001 healthy").await;
        story
            .changes(
                owner,
                "device undrain ams-dz001",
                Some("draining"),
                Some("activated"),
            )
            .await;
        // The wait begins with what was just written, and ends when the user has left.
        let mut waiting = owner.start("device drain ams-dz001 --wait --yes");
        waiting.says("Watching ams-dz001").await;
        let close = format!("session close ams-dz001 --user {user}");
        owner.changes(&close).await;
        owner.changes_nothing(&close).await;
        let waited = waiting.end().await;
        assert_eq!(waited.code, Some(0), "{waited:#?}");
        let drained = crate::lab::result(&crate::lab::json(&waited));
        assert_eq!(
            (&drained["from"], &drained["to"], &drained["changed"]),
            (&json!("activated"), &json!("draining"), &json!(true))
        );
        assert_eq!(drained["drain"]["drained"], true);
        assert!(!waited.stderr.contains("another party"), "{waited:#?}");
        story
    }

    async fn retirement(behind: Behind) -> Self {
        let story = Self::with_contributor(behind).await;
        let Self {
            lab,
            network,
            owner,
            next,
        } = &story;
        owner.registers("ams-dz001", "co01").await;
        let healthy = "device report-health ams-dz001 healthy";
        lab.authority.changes(healthy).await;
        lab.authority.changes("device activate ams-dz001").await;
        owner.changes("device drain ams-dz001 --detach --yes").await;
        for custodian in [owner, next] {
            custodian.ebb.file("passphrase.txt", "correct horse\n");
        }
        let register = format!("disk-key register ams-dz001 data --generate {STORE}");
        owner.changes(&register).await;
        owner.changes_nothing(&register).await;
        let reassign = format!("disk-key reassign ams-dz001 data --custodian {}", next.key);
        let custodians = (Some(owner.key.as_str()), Some(next.key.as_str()));
        story
            .changes(network, &reassign, custodians.0, custodians.1)
            .await;
        let retire = "device retire ams-dz001 --yes";
        let retiring = owner.changes(retire).await;
        assert_eq!(retiring["to"], "retiring");
        let destroy =
            format!("disk-key destroy ams-dz001 data --destroyed-elsewhere {STORE} --yes");
        let destroyed = next.json(&destroy).await;
        assert_eq!(destroyed["results"][0]["to"], "destroyed", "{destroyed}");
        assert_eq!(destroyed["results"][1]["to"], "retired", "{destroyed}");
        owner.changes_nothing(retire).await;
        story
            .changes_to_nothing(owner, "device remove ams-dz001 --yes")
            .await;

        let nominate = format!("contributor nominate co01 {}", next.key);
        story
            .changes(owner, &nominate, None, Some(next.key.as_str()))
            .await;
        next.changes("contributor accept co01").await;
        next.changes_nothing("contributor accept co01").await;
        let nominate = format!("registry nominate {}", next.key);
        story
            .changes(network, &nominate, None, Some(next.key.as_str()))
            .await;
        next.changes("registry accept").await;
        next.changes_nothing("registry accept").await;
        story
    }

    async fn changes_to_nothing(&self, user: &User, line: &str) {
        let result = user.changes(line).await;
        assert_eq!(result["to"], json!(null), "{line}: {result}");
        let again = user.run(line).await;
        assert_eq!(again.code, Some(3), "{line}: {again:#?}");
    }
}

/// Runs every mutating verb, each right after what it depends on. The parts of the story run at the same time, each on a
/// deployment of its own.
async fn run_story(behind: Behind) {
    let (set_up, service, retirement) = tokio::join!(
        Story::set_up(behind),
        Story::service(behind),
        Story::retirement(behind)
    );
    let documented = verbs::documented();
    let mutating: Vec<&str> = documented
        .iter()
        .map(String::as_str)
        .filter(|verb| !OTHERS.contains(verb))
        .collect();
    assert!(mutating.len() > 25, "{mutating:?}");
    let labs = [&set_up.lab, &service.lab, &retirement.lab];
    Lab::all_ran(&labs, &mutating);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_reports_what_holds_where_every_second_answer_is_old() {
    run_story(Behind::EverySecond).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_reports_what_holds_where_every_answer_is_old() {
    run_story(Behind::Always).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_shown_says_how_far_it_is_behind() {
    let lab = Lab::initialized().await;
    validator().await.until_final().await;
    let url = balancer(validator().await.url(), Behind::Always)
        .await
        .url();
    let user = lab.user().await;
    let shown = user.run("location list").await;
    assert_eq!(shown.code, Some(0), "{shown:#?}");
    assert!(!shown.stderr.contains("behind"), "{shown:#?}");
    let shown = user.through(url).run("location list").await;
    assert_eq!(shown.code, Some(0), "{shown:#?}");
    assert!(
        shown.stderr.contains("warning: the node that answered is")
            && shown.stderr.contains("behind the cluster"),
        "{shown:#?}"
    );
}
