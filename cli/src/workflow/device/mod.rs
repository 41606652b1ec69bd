//! Steps of devices.

pub mod select;
pub mod step;
pub mod targets;
