//! The device that an agent runs beside: what sees its users, and what changes it.

use {
    crate::{
        actuator::{bird::BirdActuator, frr::FrrActuator, haproxy::HaproxyActuator, Actuator},
        config::{Config, Sessions},
        marks::Marks,
        provider::{Api, ApiError, Exec, Provider},
        router::{bird::Bird, frr::Frr, haproxy::Haproxy},
        state::StateError,
    },
    ebb_folder::Folder,
};

/// A device.
pub struct Device {
    /// Sees its users.
    pub provider: Box<dyn Provider>,
    /// Changes it, if the agent manages it.
    pub actuator: Option<Box<dyn Actuator>>,
}

/// Why there is nothing that sees a device's users.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The socket of the device's own software.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// What the agent has set on the device is not known.
    #[error(transparent)]
    Marks(#[from] StateError),
}

impl Device {
    /// What an agent's set-up names; `folder` is its state folder.
    ///
    /// # Errors
    /// [`DeviceError`]
    pub fn open(config: &Config, folder: &Folder) -> Result<Self, DeviceError> {
        let (provider, actuator): (Box<dyn Provider>, Option<Box<dyn Actuator>>) =
            match &config.sessions {
                Sessions::Frr(sockets) => {
                    let frr = Frr::in_folder(sockets);
                    let actuator = FrrActuator::new(frr.clone());
                    (Box::new(frr), Some(Box::new(actuator)))
                }
                Sessions::Bird(socket) => {
                    let bird = Bird::new(socket.clone());
                    let actuator = BirdActuator::new(bird.clone(), config.bird_include.clone());
                    (Box::new(bird), Some(Box::new(actuator)))
                }
                Sessions::Haproxy(socket) => {
                    let servers = config.haproxy_servers.0.clone();
                    let haproxy = Haproxy::new(socket.clone(), servers);
                    let marks = Marks::open(folder.clone())?;
                    let actuator = HaproxyActuator::new(haproxy.clone(), marks);
                    (Box::new(haproxy), Some(Box::new(actuator)))
                }
                Sessions::Exec(program) => (Box::new(Exec::new(program.clone())), None),
                Sessions::Api(socket) => (Box::new(Api::listen(socket, folder.clone())?), None),
            };
        Ok(Self {
            provider,
            actuator: actuator.filter(|_| config.manage),
        })
    }
}
