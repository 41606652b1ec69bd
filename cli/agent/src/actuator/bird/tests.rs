use {
    super::*,
    std::sync::{Arc, Mutex},
    tempfile::TempDir,
    tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::UnixListener,
    },
};

/// What a made-up BIRD with one user has: the constant, and the message that the user's protocol is disabled with.
#[derive(Default)]
struct State {
    is_de_preferred: bool,
    disabled: Option<String>,
    /// How many looks still show a disabled protocol that ends.
    ending: u32,
    commands: Vec<String>,
}

struct FakeBird {
    folder: TempDir,
    state: Arc<Mutex<State>>,
}

impl FakeBird {
    /// It includes the file only if `includes`.
    fn start(disabled: Option<&str>, includes: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("bird.ctl")).unwrap();
        let state = Arc::new(Mutex::new(State {
            disabled: disabled.map(str::to_owned),
            ..State::default()
        }));
        let (shared, file) = (Arc::clone(&state), folder.path().join("ebb.conf"));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                stream
                    .write_all(b"0001 BIRD 2.0.12 ready.\n")
                    .await
                    .unwrap();
                let mut line = String::new();
                BufReader::new(&mut stream)
                    .read_line(&mut line)
                    .await
                    .unwrap();
                let read = || includes.then(|| fs::read_to_string(&file).unwrap());
                let answer = answer(&mut shared.lock().unwrap(), line.trim_end(), read);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { folder, state }
    }

    fn actuator(&self) -> BirdActuator {
        let bird = Bird::new(self.folder.path().join("bird.ctl"));
        BirdActuator::new(bird, self.folder.path().join("ebb.conf"))
    }

    fn disabled(&self) -> Option<String> {
        self.state.lock().unwrap().disabled.clone()
    }

    fn commands(&self) -> Vec<String> {
        self.state.lock().unwrap().commands.clone()
    }
}

fn answer(state: &mut State, command: &str, included: impl FnOnce() -> Option<String>) -> String {
    match command {
        "eval EBB_DE_PREFERRED" => {
            return format!(
                "0023 {}\n",
                state.is_de_preferred.to_string().to_uppercase()
            )
        }
        "show protocols all" => {
            let is_ending = state.disabled.is_some() && state.ending > 0;
            state.ending = state.ending.saturating_sub(u32::from(is_ending));
            return protocols(state.disabled.as_deref(), is_ending);
        }
        _ => state.commands.push(command.to_owned()),
    }
    match command.split(' ').next().unwrap() {
        // As BIRD does, it enables what was disabled at run time.
        "configure" => {
            state.disabled = None;
            state.is_de_preferred =
                included().map_or(state.is_de_preferred, |text| text.contains("true"));
            "0003 Reconfigured\n".to_owned()
        }
        "disable" => {
            state.disabled = Some(command.split('"').nth(1).unwrap_or_default().to_owned());
            "0009-user_1: disabled\n0000 \n".to_owned()
        }
        _ => {
            state.disabled = None;
            "0011-user_1: enabled\n0000 \n".to_owned()
        }
    }
}

fn protocols(disabled: Option<&str>, is_ending: bool) -> String {
    let (state, message) = match disabled {
        Some(message) => (
            if is_ending { "stop" } else { "down" },
            format!("   Message:        {message}\n"),
        ),
        None => ("up", "   BGP state:          Established\n".to_owned()),
    };
    format!(
        "2002-Name       Proto      Table      State  Since         Info\n\
         1002-user_1     BGP        ---        {state}     17:42:07.289  \n1006-  Description:    user-1\n{message} \n0000 \n"
    )
}

#[tokio::test]
async fn what_somebody_has_disabled_stays_so_when_the_routes_are_lowered() {
    let bird = FakeBird::start(Some("cabling"), true);
    let mut actuator = bird.actuator();
    actuator.de_prefer().await.unwrap();
    assert_eq!(bird.commands(), ["configure", "disable user_1 \"cabling\""]);
    assert_eq!(bird.disabled().as_deref(), Some("cabling"));
    let file = fs::metadata(bird.folder.path().join("ebb.conf")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o644);
    let managed = actuator.managed().await.unwrap();
    assert_eq!(managed.preference, Preference::LoweredByAgent);
    assert!(managed.shut.is_empty());
    actuator.open("user-1").await.unwrap();
    assert_eq!(bird.disabled().as_deref(), Some("cabling"));
}

#[tokio::test]
async fn what_the_agent_has_shut_is_marked_and_opened() {
    let bird = FakeBird::start(None, true);
    let mut actuator = bird.actuator();
    actuator.shut("user-1").await.unwrap();
    assert_eq!(bird.disabled().as_deref(), Some(MESSAGE));
    assert_eq!(
        actuator.managed().await.unwrap().shut,
        ["user-1".to_owned()].into()
    );
    actuator.shut("user-1").await.unwrap();
    actuator.open("user-1").await.unwrap();
    assert_eq!(
        bird.commands(),
        [
            "disable user_1 \"ebb: device out of service\"",
            "enable user_1"
        ]
    );
    assert_eq!(actuator.managed().await.unwrap(), Managed::default());
}

#[tokio::test]
async fn a_configuration_that_does_not_include_the_file_is_named() {
    let bird = FakeBird::start(None, false);
    let file = bird.folder.path().join("ebb.conf");
    let problem = format!(
        "BIRD was configured and its EBB_DE_PREFERRED is not true: its configuration does not include {}",
        file.display()
    );
    assert_eq!(
        bird.actuator().de_prefer().await,
        Err(Unknown::because(problem))
    );
}

#[tokio::test]
async fn a_session_that_ends_is_waited_for() {
    let bird = FakeBird::start(None, true);
    bird.state.lock().unwrap().ending = 3;
    bird.actuator().shut("user-1").await.unwrap();
    assert_eq!(bird.state.lock().unwrap().ending, 0);
}
