//! The CLI on a validator.

mod agent;
mod behind;
mod contributor;
mod contributors;
mod controller;
mod cut_short;
mod device;
mod disk_key;
mod elsewhere;
mod failures;
mod history;
mod lab;
mod location;
mod offline;
mod program;
mod public;
mod registry;
mod serve;
mod session;
mod start;
mod store;
mod verbs;
mod wait;
