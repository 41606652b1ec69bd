//! The harness of the tests that run on a real `solana-test-validator`.
//!
//! A [`Validator`] is a process with its own ledger folder and its own ports; it ends with the test
//! program, however that ends. A [`Network`] is one deployment of the program on it, with its
//! registry and everyone who signs; most tests share one. A [`Relay`] stands between a client and
//! the validator and loses, repeats or delays transactions. [`Ebb`] runs the CLI; a [`Tap`] tells what that asks
//! the validator for.

mod balancer;
mod cli;
mod network;
mod newer;
mod ports;
mod relay;
mod tap;
mod validator;

pub use {
    balancer::{balancer, Behind},
    cli::{ebb_binary, Ebb, Run, Running},
    network::{Device, Network},
    newer::write_newer_device,
    relay::{Act, Relay},
    tap::{Exchange, Tap},
    validator::{preloaded, until, validator_binary, Options, Validator},
};

/// The program as it is deployed.
pub use ebb_sdk::elf::PROGRAM_ELF as PROGRAM;
