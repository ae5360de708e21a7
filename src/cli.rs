//! The command line: arguments → a plan → stages.
//!
//! Results go to standard output, progress to standard error if that is a terminal, errors to
//! standard error as one line. Exit codes: 0 done, 1 a failure, 2 input or options that cannot be
//! used, 130 and 143 interrupted.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};

use crate::dataset::{Dataset, Metric, ReadOptions, read, read_bytes};
use crate::error::{Error, Result, printable};

mod advanced;
mod compare;
mod config;
mod destination;
mod diagnose;
mod doctor;
mod embed;
mod errors;
mod live;
mod map;
mod pictures;
mod sets;
mod stability;
mod study_file;
mod summary;
mod suspects;
mod threads;
mod thresholds;
mod transform;
mod watch;

use diagnose::Diagnose;
use doctor::{Doctor, run_doctor};
use embed::Embed;
use errors::{exit_code, message};
use live::{Screen, open};
use pictures::{Draw, run_draw};
use sets::{Sets, Shown, one_set};

/// The demo's features, in the binary itself.
const DEMO: &[u8] = include_bytes!("../fixtures/digits_cnn.npz");
/// The perplexity to begin with.
const PERPLEXITY: f64 = 30.0;
/// Columns of text reports where standard output has no width.
const WIDTH: usize = 100;

/// See how well a classifier's features separate the classes: a live t-SNE map in the terminal,
/// with per-class statistics from the feature space beside it.
#[derive(Debug, Parser)]
#[command(
    name = "disentangle",
    version,
    about,
    args_conflicts_with_subcommands = true,
    arg_required_else_help = true
)]
#[command(after_help = "Examples:\n  \
    disentangle demo\n  \
    disentangle features.npy --labels labels.npy\n  \
    disentangle layers.npz:penultimate --perplexity 5,30,100\n  \
    disentangle A=feat_a.npy B=feat_b.npy --labels labels.npy\n  \
    disentangle compare study.toml\n  \
    disentangle diagnose features.npz --json > statistics.json")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    data: Option<Sets>,
    #[command(flatten)]
    screen: Screen,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the built-in example: a CNN's features of handwritten digits
    Demo(Screen),
    /// Compute a map without a screen
    Embed(Embed),
    /// Place new samples into a finished map
    Transform(transform::Transform),
    /// Draw a map that was computed before: as SVG, PNG or text
    Draw(Draw),
    /// Compute the statistics without a screen
    Diagnose(Diagnose),
    /// List the samples whose label is probably wrong, with the evidence
    Suspects(suspects::SuspectsArguments),
    /// Tell what maps of other seeds and perplexities have in common
    Stability(stability::StabilityArguments),
    /// Compare layers and models over the same samples, without a screen
    Compare(compare::Compare),
    /// Tell what files hold and what would be taken from them (exit code 2 if one is unusable)
    Inspect(Inspect),
    /// Tell what was found of the terminal and the machine
    Doctor(Doctor),
    /// Print a config file with all settings and keys of the screen, each with its default
    Config,
}

/// What to read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
struct Data {
    /// Features: .npy, .npz (or file.npz:member), CSV or TSV; one row per sample
    #[arg(help_heading = "Arguments")]
    features: PathBuf,
    /// Labels: an array, a text file with one label a line, or file.npz:member
    #[arg(short, long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// The label column of a table
    #[arg(long, value_name = "NAME")]
    label_column: Option<String>,
    /// Class names, one a line; name v stands for label v
    #[arg(long, value_name = "FILE")]
    class_names: Option<PathBuf>,
    /// Sample ids, one a line or an array
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// The classifier's predictions
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// The classifier's probabilities (n × classes)
    #[arg(long, value_name = "FILE")]
    probabilities: Option<PathBuf>,
    /// Distance between samples: euclidean, or cosine (of rows scaled to unit length)
    #[arg(long, value_name = "METRIC", default_value = "euclidean", value_parser = metric)]
    metric: Metric,
    /// Leave out samples with NaN or infinite values
    #[arg(long)]
    drop_invalid: bool,
}

impl Data {
    fn read(self) -> Result<Dataset> {
        one_set("FEATURES", Some(&self.features))?;
        one_set("--predictions", self.predictions.as_ref())?;
        one_set("--probabilities", self.probabilities.as_ref())?;
        let options = ReadOptions {
            labels: self.labels,
            label_column: self.label_column,
            class_names: self.class_names,
            ids: self.ids,
            predictions: self.predictions,
            probabilities: self.probabilities,
            metric: self.metric,
            drop_invalid: self.drop_invalid,
        };
        read(&self.features, &options)
    }
}

/// The metric of a name.
fn metric(name: &str) -> std::result::Result<Metric, String> {
    name.parse::<Metric>()
        .map_err(|_| "euclidean or cosine is expected".into())
}

#[derive(Debug, Args)]
struct Inspect {
    /// Files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Runs the program with the process's arguments and returns its exit code.
pub fn main() -> i32 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(problem) => {
            // Help and version go to standard output, complaints to standard error.
            let _ = problem.print();
            return problem.exit_code();
        }
    };
    match dispatch(cli) {
        Ok(code) => code,
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {}", message(&error));
            exit_code(&error)
        }
    }
}

fn dispatch(cli: Cli) -> Result<i32> {
    match (cli.command, cli.data) {
        (Some(Command::Demo(screen)), _) => {
            let options = ReadOptions::default();
            let data = read_bytes("digits_cnn (demo)", DEMO, &options)?;
            open(Shown::One(Arc::new(data)), screen)
        }
        (Some(Command::Embed(args)), _) => embed::run(args).map(|()| 0),
        (Some(Command::Transform(args)), _) => transform::run(&args).map(|()| 0),
        (Some(Command::Draw(args)), _) => run_draw(args).map(|()| 0),
        (Some(Command::Diagnose(args)), _) => diagnose::run(args).map(|()| 0),
        (Some(Command::Suspects(args)), _) => suspects::run(args).map(|()| 0),
        (Some(Command::Stability(args)), _) => stability::run(args).map(|()| 0),
        (Some(Command::Compare(args)), _) => compare::run(args).map(|()| 0),
        (Some(Command::Inspect(args)), _) => run_inspect(&args),
        (Some(Command::Doctor(args)), _) => run_doctor(&args).map(|()| 0),
        (Some(Command::Config), _) => print(&config::defaults()).map(|()| 0),
        (None, Some(sets)) => open(sets.shown()?, cli.screen),
        (None, None) => Err(Error::option(
            "FEATURES",
            "(none)",
            "name a features file, or try `disentangle demo`; `disentangle --help` tells more",
        )),
    }
}

/// The file that the features came from, or the name of what came from none.
fn file_of(data: &Dataset) -> &str {
    let mut sources = data.sources().iter();
    let features = sources.find(|source| source.role.starts_with("features"));
    features.map_or_else(|| data.name(), |source| source.path.as_str())
}

/// The complaint about too few samples with the file that holds them; other errors as they are.
fn in_file(error: Error, data: &Dataset) -> Error {
    if matches!(error, Error::TooFewSamples { .. }) {
        let problem = error.to_string();
        return Error::input(file_of(data), problem, "name a file of more samples");
    }
    error
}

/// Whether a file's name asks for a format by its ending.
fn ends_in(path: Option<&Path>, ending: &str) -> bool {
    path.and_then(Path::extension)
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// Whether two paths lead to one file that exists.
fn same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b && a.is_file(),
        _ => false,
    }
}

fn run_inspect(args: &Inspect) -> Result<i32> {
    let mut code = 0;
    let mut all = Vec::new();
    for file in &args.files {
        match study_file::look(file) {
            Ok(mut inspection) => {
                if let Some(problem) = &inspection.problem {
                    let _ = writeln!(std::io::stderr(), "error: {}", message(problem));
                    code = 2;
                }
                if args.json {
                    all.push(inspection);
                } else {
                    // What stands on standard error need not be said twice.
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
        let text = serde_json::to_string_pretty(&all)
            .map_err(|e| Error::input("inspection", e.to_string(), "please report this"))?;
        print(&(text + "\n"))?;
    }
    Ok(code)
}

/// Writes results to standard output.
fn print(text: &str) -> Result<()> {
    if !std::io::stdout().is_terminal() {
        return print_as_it_is(text);
    }
    // Names and ids come from files: exact for other programs, harmless on a terminal.
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    print_as_it_is(&lines.join("\n"))
}

/// Writes a text that may hold escape sequences of our own to standard output.
fn print_as_it_is(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|source| Error::io("write", printable("standard output"), source))
}
