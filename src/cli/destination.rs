//! Where a command's result goes, and as what.
//!
//! `compare`, `diagnose`, `stability` and `suspects` end with a text for people or with JSON for programs;
//! both go to standard output or to a file, and a file that is called `.json` is written as JSON without
//! being asked. The rule is here once, so that all four keep it. What is neither (a table of suspects as
//! CSV) comes as a finished text.

use std::path::PathBuf;

use clap::Args;

use super::{ends_in, print};
use crate::error::Result;
use crate::export::write_file;

#[derive(Debug, Args)]
pub(super) struct Destination {
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
    /// Write to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Destination {
    /// True if the file's name ends so.
    pub(super) fn ends_in(&self, ending: &str) -> bool {
        ends_in(self.output.as_deref(), ending)
    }

    /// True if JSON was asked for by the option.
    pub(super) fn asks_for_json(&self) -> bool {
        self.json
    }

    /// Writes the JSON or the text, of which only the one wanted is made.
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

    /// Writes a text that is finished.
    pub(super) fn write_text(&self, text: &str) -> Result<()> {
        match &self.output {
            Some(path) => write_file(path, text.as_bytes()),
            None => print(text),
        }
    }
}
