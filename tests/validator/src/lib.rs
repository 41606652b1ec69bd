//! The harness of the tests that run on a real `solana-test-validator`.
//!
//! A [`Validator`] is a process with its own ledger folder and its own ports; it ends with the test
//! program, however that ends. All test programs together run only so many at once. Tests share one where they can:
//! [`Deployments`] has a deployment of the program on it for each of them. A [`Network`] is one deployment, with its
//! registry and everyone who signs. A [`Relay`] stands between a client and
//! the validator and loses, repeats or delays transactions. [`Ebb`] runs the CLI; a [`Tap`] notes what that asks
//! the validator for.

mod balancer;
mod cli;
mod deployments;
mod network;
mod newer;
mod permit;
mod ports;
mod relay;
mod scheduler;
mod tap;
mod validator;
mod wire;

pub use {
    balancer::{balancer, Behind},
    cli::{ebb_binary, Ebb, Run, Running},
    deployments::Deployments,
    network::{Device, Network},
    newer::write_newer_device,
    permit::Permit,
    relay::{Act, Relay},
    tap::{Exchange, Tap},
    validator::{preloaded, until, validator_binary, Options, Validator},
    wire::Wire,
};

/// The program as it is deployed.
pub use ebb_sdk::elf::PROGRAM_ELF as PROGRAM;
