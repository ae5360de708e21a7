//! Readers that are not public, for the fuzz targets in `fuzz/`. Compiled only for these.

use std::ffi::OsString;
use std::path::Path;

use clap::Parser as _;

use super::config::Config;
use super::{Cli, Command, inspect};
use crate::dataset::Dataset;
use crate::decisions::kept_decisions;
use crate::error::Result;
use crate::tui::Settings;
use crate::{journal, session};

/// `disentangle inspect` with these arguments.
///
/// # Errors
/// As the command.
pub fn inspect(arguments: &[OsString]) -> Result<()> {
    let program = ["disentangle", "inspect"].map(OsString::from);
    match Cli::try_parse_from(program.iter().chain(arguments)) {
        Ok(Cli {
            command: Some(Command::Inspect(args)),
            ..
        }) => inspect::run(&args).map(drop),
        Ok(_) => Ok(()),
        // What the command line says of the problem.
        Err(problem) => {
            drop(problem.to_string());
            Ok(())
        }
    }
}

/// A config file.
///
/// # Errors
/// As opening the screen with it.
pub fn config(path: &Path) -> Result<()> {
    let given = super::config::options().get_matches_from([""; 0]);
    Config::load(Some(path))?.apply(&mut Settings::default(), &given)
}

/// How many decisions are found beside the data.
pub fn decisions(data: &Dataset) -> usize {
    kept_decisions(data).decisions.len()
}

/// A journal, and the words for its entries.
///
/// # Errors
/// As replaying it.
pub fn journal(path: &Path) -> Result<usize> {
    let read = journal::Read::file(path)?;
    Ok(read.entries.iter().map(|entry| entry.text().len()).sum())
}

/// A session: its maps, and what to say about it.
///
/// # Errors
/// As going on with it.
pub fn session(path: &Path) -> Result<(Vec<crate::run::RunState>, Vec<String>)> {
    let found = session::read(path)?;
    let runs = found.session.sets.into_iter().map(|set| set.run);
    Ok((runs.collect(), found.notes))
}
