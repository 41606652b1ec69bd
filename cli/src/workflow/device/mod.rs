//! Steps of devices.

pub mod history;
pub mod select;
pub mod step;
pub mod targets;
