//! `disentangle completions` and `disentangle man`: what a shell and `man` need, made from the same definitions as
//! the help.

use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::Shell;

use super::output::{Force, print};
use crate::error::{Error, Result, printable};
use crate::export::Inputs;

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions for a shell.
pub(super) fn completions(args: &Completions, mut command: clap::Command) -> Result<()> {
    let mut script = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    print(&String::from_utf8_lossy(&script))
}

#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder; it is made if there is none
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    force: Force,
}

/// Writes a page for the program and one for each command, and says which.
pub(super) fn man(args: &Man, mut command: clap::Command) -> Result<()> {
    command.build();
    let folder = &args.folder;
    std::fs::create_dir_all(folder).map_err(|source| Error::io("create", folder, source))?;
    let name = command.get_name().to_owned();
    let mut pages = vec![page(folder, &name, &command)?];
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
    {
        pages.push(page(folder, &format!("{name}-{}", sub.get_name()), sub)?);
    }
    for (path, _) in &pages {
        args.force.check("DIR", path, &Inputs::default())?;
    }
    for (path, text) in &pages {
        args.force.write(path, text)?;
    }
    let folder = printable(&folder.display().to_string());
    print(&format!("{} pages in {folder}\n", pages.len()))
}

/// A page, and the file it belongs in.
fn page(folder: &Path, name: &str, command: &clap::Command) -> Result<(PathBuf, Vec<u8>)> {
    let path = folder.join(format!("{name}.1"));
    let mut text = Vec::new();
    let written = clap_mangen::Man::new(command.clone()).render(&mut text);
    written.map_err(|source| Error::io("write", &path, source))?;
    Ok((path, text))
}
