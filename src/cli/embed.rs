//! `disentangle embed`: computes a map and writes it to files.

use std::path::{Path, PathBuf};

use clap::Args;

use super::checkpoints::CheckpointOptions;
use super::data::Data;
use super::map::Map;
use super::output::{Force, print};
use super::pictures::{PictureOptions, Recorder, check_coloring, picture};
use super::summary::{small_print, summary_of_map};
use super::threads::Threads;
use super::watch::Watch;
use super::{PERPLEXITY, advanced, in_file};
use crate::dataset::Dataset;
use crate::diagnosis::{Diagnosis, usual_neighbors};
use crate::error::{Error, Result};
use crate::export::{Inputs, MapFormat, check_map_path, map_to_bytes};
use crate::report::Report;
use crate::run::{DAMPED, RunOptions, capped_perplexity, embed_from, validate};
use crate::text::{any_number, whole};
use crate::tsne::Embedding;

/// Features, and how a map of them is made.
#[derive(Debug, Args)]
pub(super) struct Source {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    how: How,
}

impl Source {
    /// The files that are read.
    pub(super) fn inputs(&self) -> Inputs {
        let mut inputs = self.data.inputs();
        inputs.add(Path::new(&self.how.map.init));
        inputs
    }

    pub(super) fn read(self) -> Result<(Dataset, How)> {
        Ok((self.data.read()?, self.how))
    }
}

/// How a map is made.
#[derive(Debug, Args)]
pub(super) struct How {
    /// Perplexity: roughly how many neighbors each sample is placed close to
    #[arg(long, help_heading = "t-SNE", value_name = "P", default_value_t = PERPLEXITY, allow_negative_numbers = true, value_parser = any_number)]
    perplexity: f64,
    #[command(flatten)]
    map: Map,
}

impl How {
    pub(super) fn threads(&self) -> Threads {
        self.map.threads
    }

    /// The options for these data, checked. What is unusual about them is noted with the data.
    pub(super) fn options(self, data: &mut Dataset) -> Result<RunOptions> {
        let samples = data.samples();
        let options = self.map.options(self.perplexity, samples)?;
        validate(data, &options).map_err(|error| in_file(error, data))?;
        let (_, capped) = capped_perplexity(self.perplexity, samples);
        for note in advanced::notes(&options, samples).into_iter().chain(capped) {
            data.add_note(note);
        }
        Ok(options)
    }
}

#[derive(Debug, Args)]
pub(super) struct Embed {
    #[command(flatten)]
    source: Source,
    /// File for the map: .npy (n × 2, float32), .csv or .parquet; or for a picture of it: .svg, .png, .ans
    /// or .txt. Repeat the option for several files
    #[arg(
        short,
        long,
        value_name = "FILE",
        required = true,
        help_heading = "Results"
    )]
    output: Vec<PathBuf>,
    /// Record the optimization as an asciicast (.cast)
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    record: Option<PathBuf>,
    #[command(flatten)]
    checkpoint: CheckpointOptions,
    #[command(flatten, next_help_heading = "Results")]
    force: Force,
    #[command(flatten)]
    picture: PictureOptions,
    /// Print settings, divergence, fidelity and, if there are labels, all other statistics as JSON
    #[arg(long, help_heading = "Results")]
    json: bool,
    /// Neighbors per sample in the statistics of --json [default: 10, or as many as the smallest
    /// class allows]
    #[arg(long, help_heading = "Results", value_name = "K", value_parser = whole(1_u64..=1_000))]
    k: Option<u64>,
}

pub(super) fn run(mut args: Embed) -> Result<()> {
    let inputs = args.source.inputs();
    for output in &args.output {
        check_output(output)?;
        args.force.check("--output", output, &inputs)?;
    }
    if let Some(record) = &args.record {
        args.force.check("--record", record, &inputs)?;
    }
    args.checkpoint.check(&inputs, &args.output)?;
    let (mut data, how) = args.source.read()?;
    check_coloring(&data, &args.picture)?;
    let threads = how.threads();
    let options = how.options(&mut data)?;
    let record = |path| Recorder::new(path, &data, &args.picture, options.iterations);
    let mut recorder = args.record.map(record).transpose()?;
    let watch = Watch::new()?;
    let execution = watch.execution(threads);
    watch.notes(data.notes());
    let opened = args.checkpoint.open(&data, &options, &watch)?;
    let (mut checkpoints, from) = opened.map_or((None, None), |(c, from)| (Some(c), from));
    let mut look = |map: &Embedding, divergences: &[(usize, f64)]| {
        if let Some(recorder) = &mut recorder {
            recorder.watch(map);
        }
        if let Some(checkpoints) = &mut checkpoints {
            checkpoints.take(map, divergences);
        }
    };
    let outcome = watch.outcome(embed_from(&data, &options, from, &mut look, &execution));
    if let Some(checkpoints) = &mut checkpoints {
        match &outcome {
            Ok(map) => checkpoints.write(map),
            Err(Error::Interrupted | Error::Terminated) => checkpoints.interrupted(),
            Err(_) => {}
        }
    }
    drop(checkpoints);
    let map = outcome?;
    if let Some(recorder) = recorder {
        recorder.finish(&map, args.force)?;
    }
    if map.damping() < 1.0 {
        data.add_note(DAMPED);
        watch.notes(&[DAMPED.to_owned()]);
    }
    let positions = map.positions();
    let usual = || usual_neighbors(data.labels());
    let k = args.k.map_or_else(usual, |k| k as usize);
    let diagnosis = if args.json {
        watch.outcome(Diagnosis::of(&data, Some(&positions), k, &execution))?
    } else {
        None
    };
    watch.finish();
    let tsne = summary_of_map(&data, &options, &map);
    let small_print = small_print(&data, &tsne);
    for output in &args.output {
        match MapFormat::of_path(output)? {
            format if format.is_data() => {
                let bytes = map_to_bytes(output, &positions, &data)?;
                args.force.write(output, &bytes)?;
            }
            _ => {
                let bytes = picture(output, &positions, &data, &args.picture, &small_print)?;
                args.force.write(output, &bytes)?;
            }
        }
    }
    if args.json {
        let report = Report::new(&data, diagnosis.as_ref(), k, tsne);
        print(&report.to_json()?)?;
    }
    Ok(())
}

/// Refuses an output that could not be written, before the work begins.
fn check_output(output: &Path) -> Result<()> {
    if output.extension().is_some_and(|e| e == "cast") {
        return Err(Error::option(
            "--output",
            output.display(),
            "is a recording: use --record",
        ));
    }
    check_map_path(output)
}
