//! Where results go: to standard output or a file, as text or JSON.
//!
//! A file whose name ends in `.json` gets JSON without `--json`.

use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::error::{Error, Result, printable};
use crate::export::write_file;

#[derive(Debug, Args)]
pub(super) struct Destination {
    /// Write JSON instead of text
    #[arg(long)]
    json: bool,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Destination {
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
            .map_or(Ok(()), |path| write_file(path, bytes))
    }

    /// Writes a text.
    pub(super) fn write_text(&self, text: &str) -> Result<()> {
        match &self.output {
            Some(path) => write_file(path, text.as_bytes()),
            None => print(text),
        }
    }
}

/// True if a file's name has this ending.
pub(super) fn ends_in(path: Option<&Path>, ending: &str) -> bool {
    path.and_then(Path::extension)
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// True if both paths lead to one file that exists.
pub(super) fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b && a.is_file(),
        _ => false,
    }
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
