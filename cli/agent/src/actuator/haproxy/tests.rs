use {
    super::*,
    ebb_folder::{Access, Folder},
    std::sync::{Arc, Mutex},
    tempfile::TempDir,
    tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::UnixListener,
    },
};

/// What a made-up HAProxy with the server `web/s1` has.
#[derive(Default)]
struct State {
    connections: u64,
    is_draining: bool,
    commands: Vec<String>,
}

struct FakeHaproxy {
    folder: TempDir,
    state: Arc<Mutex<State>>,
}

impl FakeHaproxy {
    fn start(connections: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("haproxy.sock")).unwrap();
        let state = Arc::new(Mutex::new(State {
            connections,
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut line = String::new();
                BufReader::new(&mut stream)
                    .read_line(&mut line)
                    .await
                    .unwrap();
                let answer = answer(&mut shared.lock().unwrap(), line.trim_end());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { folder, state }
    }

    fn actuator(&self) -> HaproxyActuator {
        let state = Folder::new(self.folder.path().join("state"), Access::Private);
        state.create().unwrap();
        let haproxy = Haproxy::new(
            self.folder.path().join("haproxy.sock"),
            vec!["web/s1".into()],
        );
        HaproxyActuator::new(haproxy, Marks::open(state).unwrap())
    }

    fn commands(&self) -> Vec<String> {
        self.state.lock().unwrap().commands.clone()
    }
}

fn answer(state: &mut State, command: &str) -> String {
    let admin = if state.is_draining { 8 } else { 0 };
    match command {
        "show stat" => {
            return format!(
                "# pxname,svname,scur,stot,bin,bout,\nweb,s1,{},10,200,3000,\n",
                state.connections
            );
        }
        "show servers state" => {
            return format!("1\n# be_id be_name srv_id srv_name srv_op_state srv_admin_state\n3 web 1 s1 2 {admin}\n");
        }
        "shutdown sessions server web/s1" => state.connections = 0,
        _ => state.is_draining = command.ends_with("drain"),
    }
    state.commands.push(command.to_owned());
    "\n".to_owned()
}

#[tokio::test]
async fn a_drain_is_marked_and_lifted_after_a_restart_of_the_agent_too() {
    let haproxy = FakeHaproxy::start(0);
    haproxy.actuator().de_prefer().await.unwrap();
    let mut actuator = haproxy.actuator();
    assert_eq!(
        actuator.managed().await.unwrap().preference,
        Preference::LoweredByAgent
    );
    actuator.prefer().await.unwrap();
    assert_eq!(
        haproxy.commands(),
        [
            "set server web/s1 state drain",
            "set server web/s1 state ready"
        ]
    );
    assert_eq!(actuator.managed().await, Ok(Managed::default()));
}

#[tokio::test]
async fn a_drain_of_somebody_else_is_left() {
    let haproxy = FakeHaproxy::start(0);
    haproxy.state.lock().unwrap().is_draining = true;
    let mut actuator = haproxy.actuator();
    assert_eq!(
        actuator.managed().await.unwrap().preference,
        Preference::LoweredByOther
    );
    actuator.de_prefer().await.unwrap();
    actuator.prefer().await.unwrap();
    assert_eq!(haproxy.commands(), Vec::<String>::new());
}

#[tokio::test]
async fn a_drain_after_a_restart_of_haproxy_is_not_the_agents() {
    let haproxy = FakeHaproxy::start(0);
    let mut actuator = haproxy.actuator();
    actuator.de_prefer().await.unwrap();
    haproxy.state.lock().unwrap().is_draining = false;
    assert_eq!(actuator.managed().await, Ok(Managed::default()));
    haproxy.state.lock().unwrap().is_draining = true;
    assert_eq!(
        actuator.managed().await.unwrap().preference,
        Preference::LoweredByOther
    );
}

#[tokio::test]
async fn the_counter_is_not_flat_while_there_are_connections() {
    let haproxy = FakeHaproxy::start(2);
    let mut actuator = haproxy.actuator();
    assert_eq!(actuator.forwarded().await, Ok(3_212));
    assert_eq!(actuator.forwarded().await, Ok(3_214));
    haproxy.state.lock().unwrap().connections = 0;
    assert_eq!(actuator.forwarded().await, Ok(3_214));
}

#[tokio::test]
async fn connections_are_ended_only_if_all_of_them_are_to_end() {
    let haproxy = FakeHaproxy::start(2);
    let mut actuator = haproxy.actuator();
    let problem = "HAProxy does not know which of 2 connections is web/s1#1: `shutdown sessions server web/s1` ends all";
    assert_eq!(
        actuator.shut("web/s1#1").await,
        Err(Unknown::because(problem))
    );
    // What was asked for before the last reading counts no more.
    actuator.managed().await.unwrap();
    let problem = problem.replace("#1", "#2");
    assert_eq!(
        actuator.shut("web/s1#2").await,
        Err(Unknown::because(problem))
    );
    assert_eq!(haproxy.commands(), Vec::<String>::new());
    actuator.shut("web/s1#1").await.unwrap();
    assert_eq!(haproxy.commands(), ["shutdown sessions server web/s1"]);
}
