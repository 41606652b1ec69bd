//! A made-up router.

use {
    super::USERS,
    crate::{
        actuator::{Actuator, Managed, Preference},
        provider::{Provider, Seen},
        Unknown,
    },
    async_trait::async_trait,
    std::{
        collections::BTreeSet,
        sync::{Arc, Mutex, MutexGuard},
    },
};

/// A router with two peers, and what was done to it.
#[derive(Clone, Default)]
pub struct Router(Arc<Mutex<Inside>>);

#[derive(Default)]
pub struct Inside {
    pub is_lowered: bool,
    pub shut: BTreeSet<String>,
    pub ignores: bool,
    pub is_silent: bool,
    pub forwarded: u64,
    pub done: Vec<String>,
}

impl Router {
    pub fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    /// The router, unless it does not answer.
    fn ask(&self) -> Result<MutexGuard<'_, Inside>, Unknown> {
        let inside = self.inside();
        if inside.is_silent {
            Err(Unknown::because("the router is silent"))
        } else {
            Ok(inside)
        }
    }

    pub fn done(&self) -> Vec<String> {
        self.inside().done.clone()
    }
}

#[async_trait]
impl Provider for Router {
    async fn look(&mut self) -> Result<Vec<Seen>, Unknown> {
        let inside = self.ask()?;
        let seen = USERS.map(|user| Seen {
            label: user.to_owned(),
            connected: !inside.shut.contains(user),
        });
        Ok(seen.to_vec())
    }
}

#[async_trait]
impl Actuator for Router {
    async fn managed(&mut self) -> Result<Managed, Unknown> {
        let inside = self.ask()?;
        Ok(Managed {
            preference: if inside.is_lowered {
                Preference::LoweredByAgent
            } else {
                Preference::Normal
            },
            shut: inside.shut.clone(),
        })
    }

    async fn de_prefer(&mut self) -> Result<(), Unknown> {
        let mut inside = self.ask()?;
        inside.is_lowered = true;
        inside.done.push("de-prefer".to_owned());
        Ok(())
    }

    async fn prefer(&mut self) -> Result<(), Unknown> {
        let mut inside = self.ask()?;
        inside.is_lowered = false;
        inside.done.push("prefer".to_owned());
        Ok(())
    }

    async fn shut(&mut self, label: &str) -> Result<(), Unknown> {
        let mut inside = self.ask()?;
        inside.shut.insert(label.to_owned());
        inside.done.push(format!("shut {label}"));
        Ok(())
    }

    async fn open(&mut self, label: &str) -> Result<(), Unknown> {
        let mut inside = self.ask()?;
        inside.shut.remove(label);
        inside.done.push(format!("open {label}"));
        Ok(())
    }

    async fn forwarded(&mut self) -> Result<u64, Unknown> {
        let mut inside = self.ask()?;
        let is_used = inside.shut.len() < USERS.len();
        if is_used && (!inside.is_lowered || inside.ignores) {
            inside.forwarded += 1_000;
        }
        Ok(inside.forwarded)
    }

    async fn can_forward(&mut self) -> Result<bool, Unknown> {
        Ok(self.ask()?.shut.is_empty())
    }
}
