//! The hook: a program of the operator's that hears how the device is on the ledger.
//!
//! One runs at a time, in order, and hears the latest state: what changes while one runs or fails is one event. An event is
//! written down before its program runs and crossed out after it has ended with 0, so that each is delivered at least once,
//! and again under the same id where the agent was killed in between. The program's stdin is a locked file, which it keeps open as long as
//! it runs: what an agent that was killed has left running is waited for.

use {
    crate::{
        chain::{Chain, Reading},
        program,
        state::{self, StateError},
        Unknown,
    },
    ebb_folder::Folder,
    serde::{Deserialize, Serialize},
    std::{
        fs::{File, TryLockError},
        path::PathBuf,
        time::{Duration, Instant},
    },
    tokio::{sync::watch, time::sleep},
};

/// The file of the events.
const FILE: &str = "hook.json";
/// The file that the program has on stdin.
const INPUT: &str = "hook-input.json";
/// How often it is tried whether an earlier run has ended.
const RETRY: Duration = Duration::from_millis(200);
/// How long the program may take.
const WITHIN: Duration = Duration::from_secs(300);
/// How long after a failure the program runs again; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What a hook hears of a device: any change of this is an event. Users who come and go are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Face {
    created_slot: u64,
    state: String,
    health: String,
    deadline: i64,
    planned_return: i64,
    reason: String,
}

impl Face {
    fn of(chain: &Chain) -> Self {
        let head = chain.head();
        let state = if head.is_drained() {
            "drained"
        } else {
            head.provisioning_status.as_str()
        };
        Self {
            created_slot: head.created_slot,
            state: state.to_owned(),
            health: head.health.as_str().to_owned(),
            deadline: head.drain.deadline,
            planned_return: head.drain.planned_return,
            reason: head.drain.reason.as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// An event that is to be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Event {
    id: String,
    name: String,
    code: String,
    json: String,
}

impl Event {
    fn new(chain: &Chain, last: Option<&Face>, face: &Face) -> Result<Self, Unknown> {
        let is_same = last
            .is_some_and(|last| last.state == face.state && last.created_slot == face.created_slot);
        let (address, sequence) = (chain.device.address, chain.head().sequence);
        Ok(Self {
            id: format!("{address}-{}-{sequence}", face.created_slot),
            name: if is_same {
                "updated".to_owned()
            } else {
                face.state.clone()
            },
            code: chain.device.account.code.clone(),
            json: serde_json::to_string(&chain.json()).map_err(Unknown::because)?,
        })
    }

    /// The last event of a registration, with the device as it was before it was removed.
    fn removal(last: &Delivered, face: &Face) -> Option<Self> {
        let event = last.event.as_ref()?;
        let id = event
            .id
            .rsplit_once('-')
            .map_or(event.id.as_str(), |(id, _)| id);
        Some(Self {
            id: format!("{id}-removed"),
            name: face.state.clone(),
            ..event.clone()
        })
    }
}

/// What was delivered, and what is being.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Delivered {
    /// What the last event was about.
    face: Option<Face>,
    /// The last event.
    event: Option<Event>,
    /// Whether it was delivered.
    done: bool,
}

/// Delivers events.
pub struct Hook {
    program: PathBuf,
    folder: Folder,
    delivered: Delivered,
    first_pause: Duration,
}

impl Hook {
    /// Goes on where the state folder says.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub fn open(program: PathBuf, folder: Folder) -> Result<Self, StateError> {
        let delivered = state::read(&folder, FILE)?;
        Ok(Self {
            program,
            delivered: delivered.unwrap_or(Delivered {
                done: true,
                ..Delivered::default()
            }),
            folder,
            first_pause: FIRST_PAUSE,
        })
    }

    /// Delivers for ever. `ended` is called with how each run ended.
    pub async fn follow(
        mut self,
        mut readings: watch::Receiver<Reading>,
        ended: impl Fn(Result<(), &Unknown>) + Send,
    ) {
        let mut pause = self.first_pause;
        self.await_earlier_run(&ended).await;
        loop {
            // What was begun before the agent was killed goes first, under its id.
            match self.deliver().await {
                Ok(false) => pause = self.first_pause,
                Ok(true) => {
                    pause = self.first_pause;
                    ended(Ok(()));
                }
                Err(reason) => {
                    ended(Err(&reason));
                    sleep(pause).await;
                    pause = LONGEST_PAUSE.min(pause.saturating_mul(2));
                }
            }
            let reading = readings.borrow_and_update().clone();
            if let Err(reason) = self.note(&reading) {
                ended(Err(&reason));
                sleep(pause).await;
                continue;
            }
            if self.delivered.done && readings.changed().await.is_err() {
                return;
            }
        }
    }

    /// Runs the program for the event that is to be delivered, if there is one.
    async fn deliver(&mut self) -> Result<bool, Unknown> {
        let Some(event) = self
            .delivered
            .event
            .as_ref()
            .filter(|_| !self.delivered.done)
        else {
            return Ok(false);
        };
        let environment = [
            ("EBB_EVENT", event.name.as_str()),
            ("EBB_EVENT_ID", &event.id),
            ("EBB_DEVICE", &event.code),
        ];
        let input = self.input(&event.json)?;
        tracing::info!(event = event.name, id = event.id, "running the hook");
        let ended = program::run(&self.program, &environment, input.into(), WITHIN).await?;
        if ended.code != Some(0) {
            let program = self.program.display();
            return Err(Unknown::because(match ended.code {
                Some(code) => format!("{program}: ended with exit code {code}"),
                None => format!("{program}: ended with a signal"),
            }));
        }
        self.keep(Delivered {
            done: true,
            ..self.delivered.clone()
        })?;
        Ok(true)
    }

    /// The program's stdin. Whoever has it open keeps it locked.
    fn input(&self, json: &str) -> Result<File, Unknown> {
        self.folder
            .write(INPUT, &[json.as_bytes()])
            .map_err(Unknown::because)?;
        let input = self.folder.open(INPUT).map_err(Unknown::because)?;
        let input = input.ok_or_else(|| Unknown::because(format!("{INPUT} is gone")))?;
        input.lock_shared().map_err(Unknown::because)?;
        Ok(input)
    }

    /// Waits until a run that an earlier agent has begun is over, for as long as a run may take.
    async fn await_earlier_run(&self, ended: &(impl Fn(Result<(), &Unknown>) + Send)) {
        let (program, began) = (self.program.display(), Instant::now());
        let waits = format!(
            "{program}: an earlier agent was killed and has left it running; it is waited for"
        );
        let mut is_said = false;
        while began.elapsed() < WITHIN {
            let problem = match self.earlier_run() {
                Ok(false) => return,
                Ok(true) => Unknown::because(&waits),
                Err(reason) => reason,
            };
            if !is_said {
                ended(Err(&problem));
            }
            is_said = true;
            sleep(RETRY).await;
        }
    }

    /// Whether somebody has the last input open.
    fn earlier_run(&self) -> Result<bool, Unknown> {
        let Some(input) = self.folder.open(INPUT).map_err(Unknown::because)? else {
            return Ok(false);
        };
        match input.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(Unknown::because(error)),
        }
    }

    /// Writes down the event that a reading makes, if it makes one. It takes the place of one that is not delivered.
    fn note(&mut self, reading: &Reading) -> Result<(), Unknown> {
        let last = self.delivered.face.as_ref();
        let (face, event) = match &reading.chain {
            Some(chain) => {
                let face = Face::of(chain);
                if last == Some(&face) {
                    return Ok(());
                }
                let event = Event::new(chain, last, &face)?;
                (face, event)
            }
            None if reading.is_gone() && last.is_some_and(|last| last.state != "removed") => {
                let Some(last) = last.cloned() else {
                    return Ok(());
                };
                let face = Face {
                    state: "removed".to_owned(),
                    ..last
                };
                match Event::removal(&self.delivered, &face) {
                    Some(event) => (face, event),
                    None => return Ok(()),
                }
            }
            None => return Ok(()),
        };
        self.keep(Delivered {
            face: Some(face),
            event: Some(event),
            done: false,
        })
    }

    fn keep(&mut self, delivered: Delivered) -> Result<(), Unknown> {
        state::write(&self.folder, FILE, &delivered)?;
        self.delivered = delivered;
        Ok(())
    }
}
