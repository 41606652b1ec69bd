//! Drains real routers in network namespaces while numbered packets flow.

mod agent;
mod bird;
mod crowd;
mod daemon;
mod docs;
mod faults;
mod frr;
mod haproxy;
mod lab;
mod ledger;
mod maintenance;
mod namespace;
mod plan;
mod report;
mod sandbox;
mod scenario;
mod shell;
mod traffic;
mod wait;

use {clap::Parser, scenario::Scenario, std::process::ExitCode};

/// Drain real routers in network namespaces while numbered packets flow
#[derive(Parser)]
struct Args {
    /// What is run; all of them if none is named
    #[arg(value_enum)]
    scenarios: Vec<Scenario>,

    /// How many are run at a time; mostly they wait
    #[arg(long, default_value_t = 6)]
    parallel: usize,

    /// Print the names of the scenarios
    #[arg(long)]
    list: bool,

    /// Start the lab, and a shell in it
    #[arg(long, conflicts_with = "scenarios")]
    shell: bool,

    /// Run the shell here, in the namespaces of this process
    #[arg(long, hide = true)]
    shell_here: bool,

    /// Run one here, in the namespaces of this process
    #[arg(long, hide = true, value_enum)]
    here: Option<Scenario>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.here {
        Some(scenario) => scenario.run(),
        None if args.shell_here => shell::run(),
        None if args.shell => sandbox::shell(),
        None if args.list => {
            scenario::list();
            Ok(())
        }
        None => sandbox::run(&args.scenarios, args.parallel),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lab: {error:#}");
            ExitCode::FAILURE
        }
    }
}
