//! Steps of devices.

pub mod step;
pub mod subject;
pub mod targets;
