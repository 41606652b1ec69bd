//! Writes the ELF that the loader takes from an object that `llc` wrote: `sbf-elf IN.o OUT.so v0|v3`.

use {
    sbpf_linker::{link_program, OptimizationConfig, ProgramOptions, SbpfArch, SbpfLinkerError},
    std::{env, fs, process::ExitCode},
};

/// The most bytes that a function's frame may take.
const STACK_FRAME: i32 = 4_096;

fn main() -> ExitCode {
    match run(&env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sbf-elf: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let [input, output, arch] = arguments else {
        return Err("the arguments are IN.o OUT.so v0|v3".into());
    };
    let arch = match arch.as_str() {
        "v0" => SbpfArch::V0,
        "v3" => SbpfArch::V3,
        _ => return Err(format!("there is no SBPF {arch}: v0 or v3")),
    };
    let object = fs::read(input).map_err(|error| format!("{input}: {error}"))?;
    let options = ProgramOptions::new(OptimizationConfig::disabled(), arch, STACK_FRAME);
    let elf = link_program(&object, options)
        .map_err(|errors| SbpfLinkerError::format_errors(&errors).to_string())?;
    fs::write(output, elf).map_err(|error| format!("{output}: {error}"))
}
