//! `disentangle init`: a study file from the files of a folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{Force, print};
use crate::error::{Error, Result, printable};
use crate::export::Inputs;
use crate::study::{find, study_file};
use crate::text::word;
use crate::words::count;

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Folder with features, labels and whatever else is known about the samples
    #[arg(default_value = ".")]
    folder: PathBuf,
    #[command(flatten)]
    force: Force,
}

/// Writes the study file, and says what was taken for what.
pub(super) fn run(args: &Init) -> Result<()> {
    let path = if args.folder == Path::new(".") {
        PathBuf::from("study.toml")
    } else {
        args.folder.join("study.toml")
    };
    let checked = args.force.check("FOLDER", &path, &Inputs::default());
    checked.map_err(|_| {
        let file = path.display().to_string();
        Error::input(file, "this file exists", "replace it with --force")
    })?;
    let found = find(&args.folder)?;
    args.force.write(&path, study_file(&found).as_bytes())?;
    let mut said = String::new();
    for (name, what) in &found.taken {
        let _ = writeln!(said, "  {}: {what}", printable(name));
    }
    if !found.left.is_empty() {
        said += "not used:\n";
    }
    for (name, why) in &found.left {
        let _ = writeln!(said, "  {}: {}", printable(name), printable(why));
    }
    let shown = printable(&path.display().to_string());
    let (samples, models) = (found.samples, found.options.models.len());
    let _ = writeln!(
        said,
        "wrote {shown}: {}, {}; open it with `disentangle {}`",
        count(models, "model", "models"),
        count(samples, "sample", "samples"),
        word(&path.display().to_string())
    );
    print(&said)
}
