//! Where results go: to standard output or a file, as text or JSON.
//!
//! A file whose name ends in `.json` gets JSON without `--json`.

use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::{Error, Result, printable};
use crate::export::{Inputs, write_file, write_new_file};

#[derive(Debug, Args)]
pub(super) struct Destination {
    /// Write JSON instead of text
    #[arg(long)]
    json: bool,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) force: Force,
}

impl Destination {
    /// Refuses a file that may not be written, before the work begins.
    pub(super) fn check(&self, inputs: &Inputs) -> Result<()> {
        let output = self.output.as_deref();
        output.map_or(Ok(()), |path| self.force.check("--output", path, inputs))
    }

    /// True if the file's name has this ending.
    pub(super) fn ends_in(&self, ending: &str) -> bool {
        ends_in(self.output.as_deref(), ending)
    }

    /// True if JSON was asked for by the option.
    pub(super) fn asks_for_json(&self) -> bool {
        self.json
    }

    /// Writes the JSON or the text; only that one is made.
    pub(super) fn write(
        &self,
        json: impl FnOnce() -> Result<String>,
        text: impl FnOnce() -> String,
    ) -> Result<()> {
        let text = if self.json || self.ends_in("json") {
            json()?
        } else {
            text()
        };
        self.write_text(&text)
    }

    /// Writes what is not text.
    #[cfg(feature = "parquet")]
    pub(super) fn write_bytes(&self, bytes: &[u8]) -> Result<()> {
        self.output
            .as_deref()
            .map_or(Ok(()), |path| self.force.write(path, bytes))
    }

    /// Writes a text.
    pub(super) fn write_text(&self, text: &str) -> Result<()> {
        match &self.output {
            Some(path) => self.force.write(path, text.as_bytes()),
            None => print(text),
        }
    }
}

/// Whether files that exist may be replaced.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Force {
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

impl Force {
    /// Refuses to write over a file that is read; over another one that exists, unless that was asked
    /// for.
    pub(super) fn check(self, option: &'static str, path: &Path, inputs: &Inputs) -> Result<()> {
        let problem = if let Some(input) = inputs.at(path) {
            let input = printable(&input.display().to_string());
            format!("is {input}, which this command reads; name another file")
        } else if path.is_file() && !self.force {
            "exists; name another file, or replace this one with --force".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::option(option, path.display(), problem))
    }

    /// Writes a file. One that appeared since [`Self::check`] is kept: the content is written beside
    /// it, and the error says where.
    pub(super) fn write(self, path: &Path, content: &[u8]) -> Result<()> {
        let is_special = path.metadata().is_ok_and(|m| !m.is_file());
        if self.force || is_special {
            return write_file(path, content);
        }
        match write_new_file(path, content) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let file = printable(&write_beside(path, content)?.display().to_string());
                let problem = format!("it appeared during the run; the results are in {file}");
                Err(Error::io("replace", path, std::io::Error::other(problem)))
            }
            // Not every file system can do it in one step.
            Err(_) if !path.exists() => write_file(path, content),
            Err(error) => Err(error),
        }
    }
}

/// Writes a file of a similar name that does not exist yet: `map-1.npy` for `map.npy`.
fn write_beside(path: &Path, content: &[u8]) -> Result<PathBuf> {
    let mut number = 1;
    loop {
        let mut name = path.file_stem().unwrap_or_default().to_owned();
        name.push(format!("-{number}"));
        let mut beside = path.with_file_name(name);
        if let Some(ending) = path.extension() {
            beside.as_mut_os_string().push(".");
            beside.as_mut_os_string().push(ending);
        }
        if write_new_file(&beside, content)? {
            return Ok(beside);
        }
        number += 1;
    }
}

/// True if a file's name has this ending.
pub(super) fn ends_in(path: Option<&Path>, ending: &str) -> bool {
    path.and_then(Path::extension)
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// Writes results to standard output.
pub(super) fn print(text: &str) -> Result<()> {
    if !std::io::stdout().is_terminal() {
        return print_as_it_is(text);
    }
    // Names and ids come from files: a terminal gets them escaped, other programs as they are.
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    print_as_it_is(&lines.join("\n"))
}

/// Writes a text with escape sequences of our own to standard output.
pub(super) fn print_as_it_is(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| Error::io("write", printable("standard output"), source))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in a long run, during which another program wrote the file.
    #[test]
    fn a_file_that_appears_during_the_run_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.csv");
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let force = Force { force: false };
        force.write(&path, b"first").unwrap();
        for (content, name) in [("second", "map-1.csv"), ("third", "map-2.csv")] {
            let error = force.write(&path, content.as_bytes()).unwrap_err();
            let said = error.to_string();
            assert!(said.contains("it appeared during the run"), "{said}");
            assert!(said.contains(name), "{said}");
            assert_eq!(
                (read("map.csv"), read(name)),
                ("first".into(), content.into())
            );
        }
        let force = Force { force: true };
        force.write(&path, b"fourth").unwrap();
        assert_eq!(read("map.csv"), "fourth");
    }
}
