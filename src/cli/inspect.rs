//! `disentangle inspect`: what files hold, and what would be read from them.
//!
//! Files of data are inspected by their reader. The sets of a study file are read, so that one that
//! does not fit the others is found.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::data::Input;
use super::errors::{exit_code, message};
use super::output::{ends_in, print};
use crate::dataset::{Inspection, inspect};
use crate::encode::json;
use crate::error::Result;
use crate::study::{Study, set_name};
use crate::words::count;

#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// Files of data, or study files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    input: Input,
}

/// Prints what the files hold, and returns the exit code.
pub(super) fn run(args: &Inspect) -> Result<i32> {
    let mut code = 0;
    let mut all = Vec::new();
    for file in &args.files {
        match look(file, args.input.clone()) {
            Ok(mut inspection) => {
                if let Some(problem) = &inspection.problem {
                    let _ = writeln!(std::io::stderr(), "error: {}", message(problem));
                    code = 2;
                }
                if args.json {
                    all.push(inspection);
                } else {
                    // It is on standard error already.
                    inspection.problem = None;
                    print(&inspection.to_string())?;
                }
            }
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "error: {}", message(&error));
                code = exit_code(&error);
            }
        }
    }
    if args.json {
        print(&json("inspection", &all)?)?;
    }
    Ok(code)
}

/// Looks at a file of data or a study file.
fn look(path: &Path, input: Input) -> Result<Inspection> {
    if !ends_in(Some(path), "toml") || !path.is_file() {
        return inspect(path, &input.of_one()?);
    }
    let options = input.of_study(&[path.to_path_buf()])?;
    let mut inspection = Inspection {
        file: path.display().to_string(),
        format: "study".into(),
        members: Vec::new(),
        takes: Vec::new(),
        notes: vec![
            "this is a study file: open it with `disentangle`, or compare its sets with \
             `disentangle compare`"
                .into(),
        ],
        problem: None,
    };
    match Study::read(&options) {
        Ok(study) => describe(&study, &mut inspection),
        Err(error) => {
            for model in &options.models {
                for layer in &model.layers {
                    let file = layer.features.display().to_string();
                    let name = set_name(&model.name, &layer.name);
                    inspection.members.push((name, file));
                }
            }
            inspection.problem = Some(error);
        }
    }
    Ok(inspection)
}

/// The sets of a study, and what is known about the samples.
fn describe(study: &Study, inspection: &mut Inspection) {
    for model in study.models() {
        for layer in model.layers() {
            let name = set_name(model.name(), layer.name());
            let width = count(layer.dimensions(), "feature", "features");
            inspection.members.push((name, width));
        }
    }
    inspection.takes.push(format!(
        "{} of {}: {}",
        count(study.sets().count(), "feature set", "feature sets"),
        count(study.models().len(), "model", "models"),
        count(study.samples(), "sample", "samples")
    ));
    if let Some(labels) = study.labels() {
        let classes = count(labels.classes(), "class", "classes");
        inspection.takes.push(format!("labels of {classes}"));
    }
    inspection.notes.extend(study.notes().iter().cloned());
}
