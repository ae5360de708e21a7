//! The command line: one file per command, and one per group of options that commands share.
//!
//! Results go to standard output, progress to standard error if that is a terminal, and an error as
//! one line to standard error. Exit codes are in `errors.rs`.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::dataset::{Dataset, ReadOptions, keep_streams, read_bytes};
use crate::error::{Error, Result};
use crate::export::Inputs;
use crate::text;

mod advanced;
mod allocator;
mod checkpoints;
mod clusters;
mod compare;
mod config;
mod data;
mod diagnose;
mod doctor;
mod draw;
mod embed;
mod errors;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod init;
mod inspect;
mod journal;
mod limits;
mod map;
mod output;
mod pictures;
mod replay;
mod report;
mod resume;
mod screen;
mod session;
mod shell;
mod stability;
mod summary;
mod suspects;
mod threads;
mod thresholds;
mod transform;
mod watch;

use data::{Origin, Sets, Shown};
use errors::{exit_code, message};
use screen::ScreenArguments;

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
    subcommand_negates_reqs = true,
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
    sets: Sets,
    #[command(flatten)]
    screen: ScreenArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the built-in example: a CNN's features of handwritten digits
    Demo(ScreenArguments),
    /// Go on with a session: maps, view and selection as they were when the screen was closed
    Resume(resume::Resume),
    /// Compute a map without a screen
    Embed(embed::Embed),
    /// Place new samples into a finished map
    Transform(transform::Transform),
    /// Draw a map as SVG, PNG or text: a finished one, or one that is computed first
    Draw(draw::Draw),
    /// Compute the statistics of the features, and of a map, without a screen
    Diagnose(diagnose::Diagnose),
    /// List the most suspicious labels, with the evidence and a verdict on each
    Suspects(suspects::SuspectsArguments),
    /// Compare maps of several seeds and perplexities: what do they have in common?
    Stability(stability::StabilityArguments),
    /// Compare layers and models on the same samples, without a screen
    Compare(compare::Compare),
    /// Write a report as HTML or Markdown: the results in sentences, maps, tables, suspects
    Report(report::WriteReport),
    /// Write a study file from the files of a folder, and say what each file is used for
    Init(init::Init),
    /// Compute the maps of a journal again, and say which numbers differ (exit code 1 if any does)
    Replay(replay::Replay),
    /// Show what files hold and what would be read from them (exit code 2 if one cannot be used)
    Inspect(inspect::Inspect),
    /// Show what the program detects about the terminal and the machine
    Doctor(doctor::Doctor),
    /// Print a config file with the default settings and keys of the screen
    Config,
    /// Print the completions of commands and options for a shell
    Completions(shell::Completions),
    /// Write the manual pages to a folder
    Man(shell::Man),
}

/// Runs the program with the process's arguments and returns its exit code.
pub fn main() -> i32 {
    allocator::give_back_large_arrays();
    limits::prepare();
    match of_arguments() {
        Ok(code) => code,
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {}", message(&error));
            exit_code(&error)
        }
    }
}

/// Does what the process's arguments say.
fn of_arguments() -> Result<i32> {
    let command = Cli::command();
    if let Some(first) = std::env::args_os().nth(1) {
        no_misspelled_command(&command, &first.to_string_lossy())?;
    }
    let parsed = command
        .try_get_matches()
        .and_then(|given| Ok((Cli::from_arg_matches(&given)?, given)));
    let (cli, given) = match parsed {
        Ok(parsed) => parsed,
        Err(problem) => {
            // Help and version go to standard output, errors to standard error.
            let printed = problem.print();
            return match problem.exit_code() {
                0 => printed
                    .map(|()| 0)
                    .map_err(|source| Error::io("write", "standard output", source)),
                code => Ok(code),
            };
        }
    };
    keep_streams();
    one_standard_input(std::env::args_os().skip(1))?;
    dispatch(cli, &given)
}

/// Refuses what is nearly the name of a command, unless it is a file.
fn no_misspelled_command(command: &clap::Command, first: &str) -> Result<()> {
    let names = || command.get_subcommands().map(clap::Command::get_name);
    let is_plain = !first.contains(['.', '=', '/', ':']) && !first.starts_with('-');
    if !is_plain || names().any(|name| name == first) || Path::new(first).exists() {
        return Ok(());
    }
    match text::did_you_mean(first, names()) {
        meant if meant.is_empty() => Ok(()),
        meant => {
            let problem = format!("there is no such command, and no such file{meant}");
            Err(Error::option("COMMAND", first, problem))
        }
    }
}

/// Refuses arguments that name standard input more than once: what comes from it is one file.
fn one_standard_input(arguments: impl Iterator<Item = OsString>) -> Result<()> {
    let named = arguments.filter(|argument| {
        let argument = argument.to_string_lossy();
        argument == "-" || argument.ends_with("=-")
    });
    match named.count() {
        0 | 1 => Ok(()),
        several => Err(Error::input(
            "-",
            format!("standard input can be read only once, but it is named {several} times"),
            "name files, or pipes as <(command)",
        )),
    }
}

fn dispatch(cli: Cli, given: &ArgMatches) -> Result<i32> {
    let Some(command) = cli.command else {
        let inputs = cli.sets.inputs();
        let origin = cli.sets.origin();
        return screen::open(cli.sets.shown()?, inputs, &origin, cli.screen, given, None);
    };
    match command {
        Command::Demo(screen) => {
            let options = ReadOptions::default();
            let data = read_bytes("digits_cnn (demo)", DEMO, &options)?;
            let given = given.subcommand_matches("demo").unwrap_or(given);
            let inputs = Inputs::default();
            let shown = Shown::One(Arc::new(data));
            screen::open(shown, inputs, &Origin::default(), screen, given, None)
        }
        Command::Resume(args) => resume::run(&args),
        Command::Embed(args) => embed::run(args).map(|()| 0),
        Command::Transform(args) => transform::run(&args).map(|()| 0),
        Command::Draw(args) => {
            let given = given.subcommand_matches("draw").unwrap_or(given);
            draw::run(args, given).map(|()| 0)
        }
        Command::Diagnose(args) => diagnose::run(args).map(|()| 0),
        Command::Suspects(args) => suspects::run(args).map(|()| 0),
        Command::Stability(args) => stability::run(args).map(|()| 0),
        Command::Compare(args) => compare::run(args).map(|()| 0),
        Command::Report(args) => report::run(args).map(|()| 0),
        Command::Init(args) => init::run(&args).map(|()| 0),
        Command::Replay(args) => replay::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Doctor(args) => doctor::run(&args).map(|()| 0),
        Command::Config => output::print(&config::defaults()).map(|()| 0),
        Command::Completions(args) => shell::completions(&args, Cli::command()).map(|()| 0),
        Command::Man(args) => shell::man(&args, Cli::command()).map(|()| 0),
    }
}

/// The file that the features came from, or the name of the data if there is no file.
fn file_of(data: &Dataset) -> &str {
    let mut sources = data.sources().iter();
    let features = sources.find(|source| source.role.starts_with("features"));
    features.map_or_else(|| data.name(), |source| source.path.as_str())
}

/// An error about too few samples, with the file that holds them; other errors as they are.
fn in_file(error: Error, data: &Dataset) -> Error {
    if matches!(error, Error::TooFewSamples { .. }) {
        let problem = error.to_string();
        return Error::input(file_of(data), problem, "name a file with more samples");
    }
    error
}
