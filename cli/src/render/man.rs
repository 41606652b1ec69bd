//! The manual: a page for each command.

use {clap_mangen::Man, std::io};

/// The manual of a command and those below it.
///
/// # Errors
/// A page cannot be made.
pub fn manual(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut pages = Vec::new();
    render(command, &mut pages)?;
    Ok(pages)
}

fn render(command: &clap::Command, pages: &mut Vec<u8>) -> io::Result<()> {
    Man::new(command.clone()).render(pages)?;
    command
        .get_subcommands()
        .try_for_each(|verb| render(verb, pages))
}
